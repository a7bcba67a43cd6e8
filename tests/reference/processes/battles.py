"""A band strikes a garrison or column in its cell; losses are heavy-tailed on both sides; shared warnings spoil some.

A band of the jihadist families, or of the signatories before the accord of June 2015, strikes forces in its cell at
rate ``battle_rate`` x min(1, forces / ``garrison_full``) x size x weight of forces x tempo; partner forces count
``partner_appeal``, signatories by ``signatory_war_will``.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial, chance, heavy_tailed
from tests.reference.draws import stream_of
from tests.reference.violence import COMPANY, PLATOON, lose_forces

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel

STREAM = stream_of("battles")


def battles(model: "ReferenceModel") -> None:
    """Every band that is at war and has forces in its cell may strike them."""
    for band in model.bands:
        if band.organisation.fights_state(model.day) and band.cell.national + band.cell.partner > 0:
            band.strike_forces()


class Battling:
    """A band beside a garrison or column."""

    def strike_forces(self: "ArmedGroup") -> None:
        """Strike, if it comes to that today."""
        model, p, cell = self.model, self.model.p, self.cell
        present = cell.national + cell.partner
        on_partner = p.partner_appeal * cell.partner
        will = 1.0 if self.organisation.insurgent else p.signatory_war_will
        worth = min(1.0, (cell.national + on_partner) / p.garrison_full) * will
        size = self.strength / PLATOON
        rate = p.battle_rate * worth * size * self.weight["forces"] * cell.region.tempo
        u_strike, u_killed, u_lost, u_whom = self.draw(STREAM)
        if u_strike >= chance(rate):
            return
        spoiled = p.spoil_probability * cell.region.level("coordination") if cell.tip else 0.0
        if u_whom < spoiled:
            self.gain["forces"] -= p.learning_spoiled
            return
        u_whom = (u_whom - spoiled) / (1.0 - spoiled)
        on_malian = not u_whom > 1.0 - on_partner / (cell.national + on_partner)
        killed = lose_forces(cell, heavy_tailed(u_killed, p.battle_scale * math.sqrt(size), p.battle_spread), on_malian)
        risk = min(p.battle_loss_cap, p.battle_fighter_ratio * math.sqrt(present / COMPANY) / size)
        lost = binomial(u_lost, self.strength, risk)
        event = model.record(cell, "state_based", "battle", "garrison", self.organisation, self.key)
        if on_malian:
            event.malian_forces_killed = killed
        else:
            event.partner_forces_killed = killed
        event.fighters_killed = self.lose(lost)
        self.gain["forces"] += (1.0 if killed > 0 else -p.learning_failure) - p.learning_loss * lost
