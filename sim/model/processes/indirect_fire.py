"""Mortars and rockets on camps."""

import math

from sim.model.conflict import BAND_UNIT, CAMP, CAMPS, provocation, trend, unit_struck, will_to_attack_mission
from sim.model.kernels import could_happen, happens, heavy_tailed_count, kernel
from sim.model.recorder import A_CAMP, E_BASE, E_UN_HIT, E_UNIT, K_MISSION, T_INDIRECT, record
from sim.model.streams import first_uniforms, uniforms


@kernel
def indirect_fire(
    cell_region, cell_near_base, cell_tip, cell_police, region_tempo, base_cell, base_strength, band_key,
    band_organisation, band_strength, band_cell, band_weight, band_gain, band_chance, unit_base, unit_strength,
    organisation_family, trend_days, events, event_count, lever_base_protection, lever_coordination,
    shelling_rate, shelling_scale, shelling_spread, hardening_effect, spoil_probability, islamic_state_will, other_will,
    police_provocation, police_limit, impartiality_cost, learning_spoiled, learning_failure_shelling, intent_trend,
    hit_trend,
    key, stream, day,
):  # fmt: skip
    """A band near a camp fires at it from afar at little risk; overhead cover and early warning lower the hits.

    Source: 11 to 15 reported attacks a year 2015-18, 0.20 with casualties; the effect of hardening is assumed.
    """
    jihadist_will = trend(intent_trend, trend_days[day])
    worse = trend(hit_trend, trend_days[day])
    most_provoked = max(1.0, math.exp(police_provocation * police_limit))
    first_uniforms(key, band_key, day, stream, band_chance)
    for g in range(band_key.shape[0]):
        if band_strength[g] == 0:
            continue
        cell = band_cell[g]
        b = cell_near_base[cell]
        if b < 0 or base_strength[b] == 0:
            continue
        family = organisation_family[band_organisation[g]]
        will = will_to_attack_mission(family, jihadist_will, islamic_state_will, other_will)
        r = cell_region[cell]
        rate = shelling_rate * will * band_weight[g, CAMPS] * math.sqrt(band_strength[g] / BAND_UNIT) * region_tempo[r]
        shared = lever_coordination[day, r]
        if not could_happen(band_chance[g], rate * most_provoked * (1.0 + impartiality_cost * shared)):
            continue
        rate *= provocation(police_provocation, cell_police[cell], police_limit, impartiality_cost, shared)
        if not happens(band_chance[g], rate):
            continue
        _, u1, u2, u3 = uniforms(key, band_key[g], day, stream)
        if cell_tip[cell] == 1 and u1 < spoil_probability:
            band_gain[g, CAMPS] -= learning_spoiled
            continue
        crowded = math.sqrt(base_strength[b] / CAMP)
        scale = shelling_scale * crowded * (1.0 - hardening_effect * lever_base_protection[day, b])
        hits = min(base_strength[b], heavy_tailed_count(u2, scale * worse, shelling_spread))
        camp = base_cell[b]
        row = record(
            events, event_count, day, camp, cell_region[camp], K_MISSION, T_INDIRECT, A_CAMP, band_organisation[g],
            band_key[g],
        )  # fmt: skip
        events[row, E_UN_HIT] = hits
        events[row, E_BASE] = b
        events[row, E_UNIT] = unit_struck(u3, b, base_strength[b], unit_base, unit_strength)
        band_gain[g, CAMPS] += 1.0 if hits > 0 else -learning_failure_shelling
