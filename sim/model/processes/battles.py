"""Armed groups attack national and partner forces: the core of state-based violence."""

import math

from sim.model.conflict import BAND_UNIT, COMPANY, FORCES, lose_fighters, lose_forces
from sim.model.kernels import binomial_inverse, happens, heavy_tailed_count, kernel
from sim.model.recorder import A_GARRISON, E_FIGHTERS, E_MALIAN, E_PARTNER, K_STATE, T_BATTLE, record
from sim.model.streams import first_uniforms, uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST


@kernel
def battles(
    cell_region, cell_tip, cell_national, cell_partner, region_tempo, band_key, band_organisation, band_strength,
    band_cell,
    band_weight, band_gain, band_chance, organisation_family, organisation_against_state, national_kind, national_cell,
    national_strength, events, event_count, balance, lever_coordination,
    battle_rate, signatory_war_will, partner_appeal, battle_scale, battle_spread, battle_fighter_ratio,
    spoil_probability, garrison_full, battle_loss_cap, learning_spoiled, learning_failure, learning_loss,
    key, stream, day,
):  # fmt: skip
    """A band strikes a garrison or column in its cell; losses are heavy-tailed on both sides; shared warnings spoil
    some.

    Source: 35 to 37 attacks on Malian forces a quarter in 2018; UCDP state-based deaths 2014-18.
    """
    first_uniforms(key, band_key, day, stream, band_chance)
    for g in range(band_key.shape[0]):
        if band_strength[g] == 0:
            continue
        organisation = band_organisation[g]
        family = organisation_family[organisation]
        insurgent = family == JIHADIST or family == ISLAMIC_STATE
        cell = band_cell[g]
        present = cell_national[cell] + cell_partner[cell]
        if present == 0 or not (insurgent or day <= organisation_against_state[organisation]):
            continue
        on_partner = partner_appeal * cell_partner[cell]
        will = 1.0 if insurgent else signatory_war_will
        worth = min(1.0, (cell_national[cell] + on_partner) / garrison_full) * will
        r = cell_region[cell]
        size = band_strength[g] / BAND_UNIT
        rate = battle_rate * worth * size * band_weight[g, FORCES] * region_tempo[r]
        if not happens(band_chance[g], rate):
            continue
        _, u1, u2, u3 = uniforms(key, band_key[g], day, stream)
        spoiled = spoil_probability * lever_coordination[day, r] if cell_tip[cell] == 1 else 0.0
        if u3 < spoiled:
            band_gain[g, FORCES] -= learning_spoiled
            continue
        killed = heavy_tailed_count(u1, battle_scale * math.sqrt(size), battle_spread)
        whom = (u3 - spoiled) / (1.0 - spoiled)  # uniform again: a warning spares neither of the two more
        partner = whom > 1.0 - on_partner / (cell_national[cell] + on_partner)
        killed = lose_forces(cell, killed, national_kind, national_cell, national_strength, not partner)
        risk = min(battle_loss_cap, battle_fighter_ratio * math.sqrt(present / COMPANY) / size)
        lost = binomial_inverse(u2, band_strength[g], risk)
        row = record(events, event_count, day, cell, r, K_STATE, T_BATTLE, A_GARRISON, organisation, band_key[g])
        events[row, E_PARTNER if partner else E_MALIAN] = killed
        events[row, E_FIGHTERS] = lose_fighters(g, lost, band_strength, balance)
        band_gain[g, FORCES] += (1.0 if killed > 0 else -learning_failure) - learning_loss * lost
