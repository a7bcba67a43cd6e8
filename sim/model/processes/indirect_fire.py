"""Mortars and rockets on camps."""

import math

from sim.model.conflict import (
    BAND_UNIT,
    CAMP,
    CAMPS,
    provocation,
    rows_in_use,
    trend,
    unit_struck,
    will_to_attack_mission,
)
from sim.model.kernels import could_happen, happens, heavy_tailed_count, kernel
from sim.model.recorder import A_CAMP, E_BASE, E_UN_HIT, E_UNIT, K_MISSION, T_INDIRECT, record
from sim.model.streams import first_uniforms, uniforms


@kernel
def indirect_fire(daily, cells, regions, bases, units, organisations, bands, levers, recorder, p, key, stream, day):
    """A band near a camp fires at it from afar at little risk; overhead cover and early warning lower the hits.

    Source: 11 to 15 reported attacks a year 2015-18, 0.20 with casualties; the effect of hardening is assumed.
    """
    jihadist_will = trend(p.intent_trend, daily.trend_days[day])
    worse = trend(p.hit_trend, daily.trend_days[day])
    most_provoked = max(1.0, math.exp(p.police_provocation * p.police_limit))
    used = rows_in_use(bands.strength)
    first_uniforms(key, bands.key[:used], day, stream, bands.chance)
    for g in range(used):
        if bands.strength[g] == 0:
            continue
        cell = bands.cell[g]
        b = cells.near_base[cell]
        if b < 0 or bases.strength[b] == 0:
            continue
        family = organisations.family[bands.organisation[g]]
        will = will_to_attack_mission(family, jihadist_will, p.islamic_state_will, p.other_will)
        r = cells.region[cell]
        rate = (
            p.shelling_rate
            * will
            * bands.weight[g, CAMPS]
            * math.sqrt(bands.strength[g] / BAND_UNIT)
            * regions.tempo[r]
        )
        shared = levers.coordination[day, r]
        if not could_happen(bands.chance[g], rate * most_provoked * (1.0 + p.impartiality_cost * shared)):
            continue
        rate *= provocation(p.police_provocation, cells.police[cell], p.police_limit, p.impartiality_cost, shared)
        if not happens(bands.chance[g], rate):
            continue
        _, u1, u2, u3 = uniforms(key, bands.key[g], day, stream)
        if cells.tip[cell] == 1 and u1 < p.spoil_probability:
            bands.gain[g, CAMPS] -= p.learning_spoiled
            continue
        crowded = math.sqrt(bases.strength[b] / CAMP)
        scale = p.shelling_scale * crowded * (1.0 - p.hardening_effect * levers.base_protection[day, b])
        hits = min(bases.strength[b], heavy_tailed_count(u2, scale * worse, p.shelling_spread))
        camp = bases.cell[b]
        row = record(
            recorder, day, camp, cells.region[camp], K_MISSION, T_INDIRECT, A_CAMP, bands.organisation[g], bands.key[g]
        )
        recorder.events[row, E_UN_HIT] = hits
        recorder.events[row, E_BASE] = b
        recorder.events[row, E_UNIT] = unit_struck(u3, b, bases.strength[b], units)
        bands.gain[g, CAMPS] += 1.0 if hits > 0 else -p.learning_failure_shelling
