"""A unit raids a band in its cell or one beside it; shared information helps it find one; abuse follows some raids.

A national unit finds the strongest band it fights in its own cell (``raid_home_share``) or one beside it, at rate
``raid_rate`` or ``partner_raid_rate`` x strength / 150 x (1 + ``raid_tip_gain`` x coordination x remembered warnings) x
``national_activity``.  A Malian or Wagner raid is followed by killing of civilians with a probability that seen patrols
lower and harm near its own place raises.  Losses of a Wagner raid are taken from Malian units in its cell.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial, chance, heavy_tailed
from tests.reference.draws import stream_of
from tests.reference.events import MALIAN_FORCES
from tests.reference.violence import COMPANY, PLATOON, kill_civilians, lose_forces

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup, NationalUnit
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("offensives")


def offensives(model: "ReferenceModel") -> None:
    """Every national unit may raid a band that it finds."""
    for unit in model.national_units:
        if unit.strength > 0:
            unit.pursue()


class Raiding:
    """A national unit hunts armed groups."""

    def pursue(self: "NationalUnit") -> None:
        """Look in one cell, and raid whom it finds."""
        u_raid, u_where, u_killed, u_lost = self.draw(STREAM)
        cell = self.search_area(u_where)
        band = _strongest_enemy(cell) if cell is not None else None
        if cell is None or band is None:
            return
        p, region = self.model.p, self.cell.region
        told = p.raid_tip_gain * region.level("coordination") * min(1.0, cell.informed / p.raid_tips)
        usual = p.partner_raid_rate if self.kind == "partner" else p.raid_rate
        rate = usual * self.strength / COMPANY * (1.0 + told)
        rate *= region.today("national_activity")
        if u_raid < chance(rate):
            self.raid(band, cell, u_killed, u_lost, told > 0.0)
            if self.kind != "partner":
                self.abuse(cell)

    def search_area(self: "NationalUnit", u: float) -> "Cell | None":
        """Its own cell or one of the eight around it; None beyond the border."""
        share = self.model.p.raid_home_share
        if u < share:
            return self.cell
        return self.cell.neighbours[min(7, int((u - share) / (1.0 - share) * 8.0))]

    def raid(
        self: "NationalUnit", band: "ArmedGroup", cell: "Cell", u_killed: float, u_lost: float, informed: bool
    ) -> None:
        """Losses on both sides are drawn, heavy-tailed for the band."""
        p = self.model.p
        scale = p.partner_raid_scale if self.kind == "partner" else p.raid_scale
        killed = band.lose(heavy_tailed(u_killed, scale * math.sqrt(band.strength / PLATOON), p.raid_spread))
        event = self.model.record(
            cell, "state_based", "raid", "settlement", band.organisation, self.key,
            fighters_killed=killed, joint=informed,
        )  # fmt: skip
        lost = binomial(u_lost, min(int(p.raid_party), self.strength), p.raid_own_loss)
        lost = lose_forces(self.cell, lost, malian=self.kind != "partner")
        if self.kind == "partner":
            event.partner_forces_killed = lost
        else:
            event.malian_forces_killed = lost
        band.gain["forces"] -= p.learning_loss * killed

    def abuse(self: "NationalUnit", cell: "Cell") -> None:
        """Civilians of the place of a raid are killed after some."""
        p = self.model.p
        u_abuse, u_dead, u_who, _ = self.draw(STREAM + 1)
        witnessed = math.exp(-p.witness_effect * min(p.witness_limit, cell.presence))
        probability = p.abuse_probability * witnessed
        probability *= 1.0 + p.abuse_harm_gain * min(p.harm_limit, self.cell.harm)
        if self.kind == "wagner":
            probability *= p.abuse_wagner_factor
        if u_abuse >= min(p.abuse_cap, probability) or cell.population == 0:
            return
        dead = kill_civilians(cell, 1 + heavy_tailed(u_dead, p.abuse_scale, p.abuse_spread), u_who)
        self.model.record(cell, "one_sided", "killing", "settlement", MALIAN_FORCES, self.key, civilians_killed=dead)


def _strongest_enemy(cell: "Cell") -> "ArmedGroup | None":
    """The strongest band of the cell that the state fights, of those who still have fighters; ties go to the first."""
    pursued = [band for band in cell.bands if band.strength > 0 and band.organisation.fights_state(cell.model.day)]
    return max(pursued, key=lambda band: band.strength, default=None)
