"""A band near a camp fires at it from afar at little risk; overhead cover and early warning lower the hits.

A band in or beside a camp's cell fires at rate ``shelling_rate`` x intent x weight of camps x root of size x tempo x
provocation; a warning spoils some.  Hits: scale ``shelling_scale`` x root of (strength / 500) x (1 -
``hardening_effect`` x ``base_protection``).
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import chance, heavy_tailed
from tests.reference.draws import stream_of
from tests.reference.violence import CAMP, PLATOON, provocation, trend, unit_struck

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup, Base
    from tests.reference.model import ReferenceModel

STREAM = stream_of("indirect_fire")


def indirect_fire(model: "ReferenceModel") -> None:
    """Every band near a camp may fire at it."""
    for band in model.bands:
        base = band.cell.near_base
        if base is not None and base.strength > 0:
            band.shell(base)


class Shelling:
    """A band near a camp."""

    def shell(self: "ArmedGroup", base: "Base") -> None:
        """Fire at the camp, if it comes to that today."""
        model, p, cell = self.model, self.model.p, self.cell
        rate = p.shelling_rate * self.will * self.weight["camps"] * math.sqrt(self.strength / PLATOON)
        rate *= cell.region.tempo
        rate *= provocation(cell)
        u_fire, u_spoiled, u_hits, u_unit = self.draw(STREAM)
        if u_fire >= chance(rate):
            return
        if cell.tip and u_spoiled < p.spoil_probability:
            self.gain["camps"] -= p.learning_spoiled
            return
        crowded = math.sqrt(base.strength / CAMP)
        scale = p.shelling_scale * crowded * (1.0 - p.hardening_effect * base.level("base_protection"))
        hits = min(base.strength, heavy_tailed(u_hits, scale * trend(p.hit_trend, model.trend_days), p.shelling_spread))
        model.record(
            base.cell, "mission", "indirect_fire", "camp", self.organisation, self.key,
            base=base, unit=unit_struck(u_unit, base), peacekeepers_hit=hits,
        )  # fmt: skip
        self.gain["camps"] += 1.0 if hits > 0 else -p.learning_failure_shelling
