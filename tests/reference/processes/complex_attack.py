"""Rare and large: a strong band storms a camp, or a cell strikes in a town; checks on roads and vehicles stop some.

A band in or beside a camp's cell storms it at rate ``complex_rate`` x intent x weight of camps x size x tempo x
exp(-``checkpoint_effect`` x checks); a warning spoils some, and hits fall with hardening, drill and standby.  In every
base's town a cell strikes civilians at rate ``urban_rate`` x root of (town / ``urban_people``) x all jihadist strength
x tempo, more in election windows, less by checks, joint patrols and troops who secure a vote; it is counted for the
strongest band.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial, chance, heavy_tailed
from tests.reference.draws import stream_of
from tests.reference.violence import PLATOON, kill_civilians, standby, trend, unit_struck

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup, Base
    from tests.reference.model import ReferenceModel

STREAM = stream_of("complex_attack")


def complex_attack(model: "ReferenceModel") -> None:
    """Camps first, then towns."""
    reach = 0.0  # strength of all jihadist bands, in platoons
    strongest: ArmedGroup | None = None
    for band in model.bands:
        if band.organisation.insurgent:
            reach += band.strength / PLATOON
            if strongest is None or band.strength > strongest.strength:
                strongest = band
        base = band.cell.near_base
        if base is not None and base.strength > 0:
            band.storm(base)
    if strongest is not None:
        for base in model.bases:
            base.struck_in_town(reach, strongest)


class Storming:
    """A band near a camp."""

    def storm(self: "ArmedGroup", base: "Base") -> None:
        """Storm the camp, if it comes to that today."""
        model, p = self.model, self.model.p
        size = self.strength / PLATOON
        rate = p.complex_rate * self.will * self.weight["camps"] * size * self.cell.region.tempo
        rate *= math.exp(-p.checkpoint_effect * base.checkpoints)
        u_storm, u_spoiled, u_hits, u_unit = self.draw(STREAM)
        if u_storm >= chance(rate):
            return
        if self.cell.tip and u_spoiled < p.spoil_probability:
            self.gain["camps"] -= p.learning_spoiled_complex
            return
        unit = unit_struck(u_unit, base)
        scale = p.complex_scale * math.sqrt(size) * (1.0 - p.hardening_effect * base.level("base_protection"))
        scale *= math.exp(-p.drill_effect * unit.drill) * (1.0 - p.reaction_effect * standby(base))
        hits = min(base.strength, heavy_tailed(u_hits, scale * trend(p.hit_trend, model.trend_days), p.complex_spread))
        lost = self.lose(int(p.complex_attackers_lost * (1.0 + standby(base))))
        model.record(
            base.cell, "mission", "complex_attack", "camp", self.organisation, self.key,
            base=base, unit=unit, peacekeepers_hit=hits, fighters_killed=lost,
        )  # fmt: skip
        self.gain["camps"] += (1.0 if hits > 0 else -p.learning_failure_complex) - p.learning_loss * lost


class Town:
    """The town of a base."""

    def struck_in_town(self: "Base", reach: float, strongest: "ArmedGroup") -> None:
        """An attack on civilians of the town, if it comes to that today."""
        p, region = self.model.p, self.region
        size = math.sqrt(self.cell.town / p.urban_people)
        election = 1.0 + (p.election_tempo - 1.0) * region.today("election")
        rate = p.urban_rate * size * reach * region.tempo * election
        rate *= math.exp(
            -p.checkpoint_effect * self.checkpoints
            - p.joint_check_effect * self.operations * self.level("joint_patrols")
            - p.securing_effect * self.guards / 100.0
        )
        u_strike, u_hits, u_dead, u_who = self.draw(STREAM + 1)
        if u_strike >= chance(rate):
            return
        hits = heavy_tailed(u_hits, p.urban_scale, p.urban_spread)
        dead = kill_civilians(self.cell, binomial(u_dead, hits, p.civilian_death_share), u_who)
        self.model.record(
            self.cell, "one_sided", "complex_attack", "settlement", strongest.organisation, self.key,
            base=self, civilians_killed=dead, civilians_wounded=hits - dead,
        )  # fmt: skip
