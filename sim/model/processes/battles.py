"""Armed groups attack national and partner forces: the core of state-based violence."""

import math

from sim.model.conflict import BAND_UNIT, COMPANY, FORCES, lose_fighters, lose_forces, rows_in_use
from sim.model.kernels import binomial_inverse, happens, heavy_tailed_count, kernel
from sim.model.recorder import A_GARRISON, E_FIGHTERS, E_MALIAN, E_PARTNER, K_STATE, T_BATTLE, record
from sim.model.streams import first_uniforms, uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST


@kernel
def battles(cells, regions, nationals, organisations, bands, levers, recorder, p, key, stream, day):
    """A band strikes a garrison or column in its cell; losses are heavy-tailed on both sides; shared warnings spoil
    some.

    Source: 35 to 37 attacks on Malian forces a quarter in 2018; UCDP state-based deaths 2014-18.
    """
    used = rows_in_use(bands.strength)
    first_uniforms(key, bands.key[:used], day, stream, bands.chance)
    for g in range(used):
        if bands.strength[g] == 0:
            continue
        organisation = bands.organisation[g]
        family = organisations.family[organisation]
        insurgent = family == JIHADIST or family == ISLAMIC_STATE
        cell = bands.cell[g]
        present = cells.national[cell] + cells.partner[cell]
        if present == 0 or not (insurgent or day <= organisations.against_state[organisation]):
            continue
        on_partner = p.partner_appeal * cells.partner[cell]
        will = 1.0 if insurgent else p.signatory_war_will
        worth = min(1.0, (cells.national[cell] + on_partner) / p.garrison_full) * will
        r = cells.region[cell]
        size = bands.strength[g] / BAND_UNIT
        rate = p.battle_rate * worth * size * bands.weight[g, FORCES] * regions.tempo[r]
        if not happens(bands.chance[g], rate):
            continue
        _, u1, u2, u3 = uniforms(key, bands.key[g], day, stream)
        spoiled = p.spoil_probability * levers.coordination[day, r] if cells.tip[cell] == 1 else 0.0
        if u3 < spoiled:
            bands.gain[g, FORCES] -= p.learning_spoiled
            continue
        killed = heavy_tailed_count(u1, p.battle_scale * math.sqrt(size), p.battle_spread)
        whom = (u3 - spoiled) / (1.0 - spoiled)  # uniform again: a warning spares neither of the two more
        partner = whom > 1.0 - on_partner / (cells.national[cell] + on_partner)
        killed = lose_forces(cell, killed, not partner, nationals)
        risk = min(p.battle_loss_cap, p.battle_fighter_ratio * math.sqrt(present / COMPANY) / size)
        lost = binomial_inverse(u2, bands.strength[g], risk)
        row = record(recorder, day, cell, r, K_STATE, T_BATTLE, A_GARRISON, organisation, bands.key[g])
        recorder.events[row, E_PARTNER if partner else E_MALIAN] = killed
        recorder.events[row, E_FIGHTERS] = lose_fighters(g, lost, bands, recorder)
        bands.gain[g, FORCES] += (1.0 if killed > 0 else -p.learning_failure) - p.learning_loss * lost
