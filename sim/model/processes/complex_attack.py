"""Complex and suicide attacks on camps and in towns."""

import math

from sim.model.conflict import (
    BAND_UNIT,
    CAMPS,
    kill_civilians,
    lose_fighters,
    trend,
    unit_struck,
    will_to_attack_mission,
)
from sim.model.kernels import binomial_inverse, could_happen, happens, heavy_tailed_count, kernel
from sim.model.recorder import (
    A_CAMP,
    A_SETTLEMENT,
    E_BASE,
    E_CIVILIANS,
    E_CIVILIANS_WOUNDED,
    E_FIGHTERS,
    E_UN_HIT,
    E_UNIT,
    K_MISSION,
    K_ONE_SIDED,
    T_COMPLEX,
    record,
)
from sim.model.streams import first_uniforms, uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST


@kernel
def complex_attack(
    cell_region, cell_town, cell_near_base, cell_tip, cell_first, cell_last, region_tempo, base_key, base_cell,
    base_region, base_strength, base_standby, base_checkpoints, base_guards, band_key, band_organisation,
    band_strength, band_cell, band_weight, band_gain, band_chance, unit_base, unit_strength, unit_drill,
    organisation_family, community_population, community_displaced, community_losses, events, event_count, balance,
    operations, election, trend_days, lever_base_protection, lever_joint_patrols,
    complex_rate, complex_scale, complex_spread, hardening_effect, checkpoint_effect, joint_check_effect, drill_effect,
    reaction_effect, reaction_persons, spoil_probability, complex_attackers_lost, islamic_state_will, other_will,
    urban_rate, urban_scale, urban_spread, civilian_death_share, election_tempo, securing_effect,
    urban_people, learning_spoiled_complex, learning_failure_complex, learning_loss, intent_trend, hit_trend,
    key, stream, day,
):  # fmt: skip
    """Rare and large: a strong band storms a camp, or a cell strikes in a town; checks on roads and vehicles stop some.

    Source: 0 to 5 reported attacks on the mission a year 2015-18, mean 2.0 killed and 8.2 wounded; Bamako attacks of
    2015.
    """
    jihadist_will = trend(intent_trend, trend_days[day])
    worse = trend(hit_trend, trend_days[day])
    reach = 0.0
    strongest = -1
    first_uniforms(key, band_key, day, stream, band_chance)
    for g in range(band_key.shape[0]):
        if band_strength[g] == 0:
            continue
        family = organisation_family[band_organisation[g]]
        cell = band_cell[g]
        if family == JIHADIST or family == ISLAMIC_STATE:
            reach += band_strength[g] / BAND_UNIT
            if strongest < 0 or band_strength[g] > band_strength[strongest]:
                strongest = g
        b = cell_near_base[cell]
        if b < 0 or base_strength[b] == 0:
            continue
        size = band_strength[g] / BAND_UNIT
        will = will_to_attack_mission(family, jihadist_will, islamic_state_will, other_will)
        rate = complex_rate * will * band_weight[g, CAMPS] * size * region_tempo[cell_region[cell]]
        if checkpoint_effect >= 0.0 and not could_happen(band_chance[g], rate):
            continue
        if not happens(band_chance[g], rate * math.exp(-checkpoint_effect * base_checkpoints[b])):
            continue
        _, u1, u2, u3 = uniforms(key, band_key[g], day, stream)
        if cell_tip[cell] == 1 and u1 < spoil_probability:
            band_gain[g, CAMPS] -= learning_spoiled_complex
            continue
        unit = unit_struck(u3, b, base_strength[b], unit_base, unit_strength)
        ready = min(1.0, base_standby[b] / reaction_persons)
        scale = complex_scale * math.sqrt(size) * (1.0 - hardening_effect * lever_base_protection[day, b])
        scale *= math.exp(-drill_effect * unit_drill[unit]) * (1.0 - reaction_effect * ready)
        hits = min(base_strength[b], heavy_tailed_count(u2, scale * worse, complex_spread))
        row = record(
            events, event_count, day, base_cell[b], base_region[b], K_MISSION, T_COMPLEX, A_CAMP, band_organisation[g],
            band_key[g],
        )  # fmt: skip
        events[row, E_UN_HIT] = hits
        events[row, E_BASE] = b
        events[row, E_UNIT] = unit
        lost = lose_fighters(g, int(complex_attackers_lost * (1.0 + ready)), band_strength, balance)
        events[row, E_FIGHTERS] = lost
        band_gain[g, CAMPS] += (1.0 if hits > 0 else -learning_failure_complex) - learning_loss * lost
    for b in range(base_key.shape[0]):
        r = base_region[b]
        size = math.sqrt(cell_town[base_cell[b]] / urban_people)
        rate = urban_rate * size * reach * region_tempo[r] * (1.0 + (election_tempo - 1.0) * election[day, r])
        rate *= math.exp(
            -checkpoint_effect * base_checkpoints[b]
            - joint_check_effect * operations[day, b] * lever_joint_patrols[day, b]
            - securing_effect * base_guards[b] / 100.0
        )
        u0, u1, u2, u3 = uniforms(key, base_key[b], day, stream + 1)
        if not happens(u0, rate):
            continue
        cell = base_cell[b]
        hits = heavy_tailed_count(u1, urban_scale, urban_spread)
        dead = kill_civilians(
            cell, binomial_inverse(u2, hits, civilian_death_share), u3, cell_first, cell_last, community_population,
            community_displaced, community_losses, balance,
        )  # fmt: skip
        by = band_organisation[strongest]
        row = record(events, event_count, day, cell, r, K_ONE_SIDED, T_COMPLEX, A_SETTLEMENT, by, base_key[b])
        events[row, E_CIVILIANS] = dead
        events[row, E_CIVILIANS_WOUNDED] = hits - dead
        events[row, E_BASE] = b
