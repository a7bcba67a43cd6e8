"""National and partner forces hunt armed groups; some operations of national forces harm civilians."""

import math

from sim.model.conflict import BAND_UNIT, COMPANY, FORCES, kill_civilians, lose_fighters, lose_forces
from sim.model.kernels import binomial_inverse, could_happen, happens, heavy_tailed_count, inlined_kernel, kernel
from sim.model.recorder import (
    A_SETTLEMENT,
    E_CIVILIANS,
    E_FIGHTERS,
    E_JOINT,
    E_MALIAN,
    E_PARTNER,
    K_ONE_SIDED,
    K_STATE,
    T_KILLING,
    T_RAID,
    record,
)
from sim.model.streams import uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST


@kernel
def offensives(
    cell_region, cell_neighbour, cell_band, cell_informed, cell_first, cell_last, cell_presence, cell_population,
    cell_harm,
    band_organisation, band_strength, band_next, band_gain, organisation_family, organisation_against_state,
    national_key,
    national_kind, national_cell, national_strength, national_activity, community_population, community_displaced,
    community_losses, events, event_count, balance, lever_coordination,
    raid_rate, partner_raid_rate, raid_tip_gain, raid_scale, partner_raid_scale, raid_spread, raid_own_loss,
    abuse_probability, abuse_scale, abuse_spread, abuse_wagner_factor, witness_effect, abuse_harm_gain,
    raid_home_share, raid_party, raid_tips, witness_limit, harm_limit, abuse_cap, learning_loss,
    key, stream, day,
):  # fmt: skip
    """A unit raids a band in its own or a neighbouring cell; shared information helps it find one; abuse follows some
    raids.

    Source: UCDP state-based and one-sided violence by the government 2014-20; rates assumed, spikes are real.
    """
    for n in range(national_key.shape[0]):
        if national_strength[n] == 0:
            continue
        home = national_cell[n]
        r = cell_region[home]
        partner = national_kind[n] == 1
        rate = (partner_raid_rate if partner else raid_rate) * national_strength[n] / COMPANY
        shared = raid_tip_gain * lever_coordination[day, r]
        best = rate * (1.0 + shared) * national_activity[day, r]
        u0, u1, u2, u3 = uniforms(key, national_key[n], day, stream)
        if shared >= 0.0 and not could_happen(u0, best):
            continue
        beyond = int((u1 - raid_home_share) / (1.0 - raid_home_share) * 8.0)
        cell = home if u1 < raid_home_share else cell_neighbour[home, min(7, beyond)]
        if cell < 0:
            continue
        g = _enemy(cell_band[cell], day, band_organisation, band_strength, band_next, organisation_family,
                   organisation_against_state)  # fmt: skip
        if g < 0:
            continue
        told = shared * min(1.0, cell_informed[cell] / raid_tips)
        rate *= 1.0 + told
        rate *= national_activity[day, r]
        if not happens(u0, rate):
            continue
        size = math.sqrt(band_strength[g] / BAND_UNIT)
        killed = heavy_tailed_count(u2, (partner_raid_scale if partner else raid_scale) * size, raid_spread)
        row = record(
            events, event_count, day, cell, cell_region[cell], K_STATE, T_RAID, A_SETTLEMENT, band_organisation[g],
            national_key[n],
        )  # fmt: skip
        killed = lose_fighters(g, killed, band_strength, balance)
        events[row, E_FIGHTERS] = killed
        lost = binomial_inverse(u3, min(int(raid_party), national_strength[n]), raid_own_loss)
        lost = lose_forces(home, lost, national_kind, national_cell, national_strength, not partner)
        events[row, E_PARTNER if partner else E_MALIAN] = lost
        events[row, E_JOINT] = 1 if told > 0.0 else 0
        band_gain[g, FORCES] -= learning_loss * killed
        if partner:
            continue
        v0, v1, v2, _ = uniforms(key, national_key[n], day, stream + 1)
        seen = math.exp(-witness_effect * min(witness_limit, cell_presence[cell]))
        chance = abuse_probability * seen * (1.0 + abuse_harm_gain * min(harm_limit, cell_harm[home]))
        if national_kind[n] == 2:
            chance *= abuse_wagner_factor
        if v0 >= min(abuse_cap, chance) or cell_population[cell] == 0:
            continue
        dead = kill_civilians(
            cell, 1 + heavy_tailed_count(v1, abuse_scale, abuse_spread), v2, cell_first, cell_last,
            community_population,
            community_displaced, community_losses, balance,
        )  # fmt: skip
        row = record(
            events, event_count, day, cell, cell_region[cell], K_ONE_SIDED, T_KILLING, A_SETTLEMENT,
            organisation_family.shape[0], national_key[n],
        )  # fmt: skip
        events[row, E_CIVILIANS] = dead


@inlined_kernel
def _enemy(head, day, band_organisation, band_strength, band_next, organisation_family, organisation_against_state):
    """The strongest living band in the list that the state fights; ties go to the first in the list."""
    best = -1
    g = head
    while g >= 0:
        organisation = band_organisation[g]
        family = organisation_family[organisation]
        hunted = family == JIHADIST or family == ISLAMIC_STATE or day <= organisation_against_state[organisation]
        if hunted and band_strength[g] > (band_strength[best] if best >= 0 else 0):
            best = g
        g = band_next[g]
    return best
