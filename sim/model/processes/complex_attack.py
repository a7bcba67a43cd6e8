"""Complex and suicide attacks on camps and in towns."""

import math

from sim.model.conflict import (
    BAND_UNIT,
    CAMPS,
    kill_civilians,
    lose_fighters,
    rows_in_use,
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
    daily, cells, regions, bases, units, organisations, bands, communities, levers, recorder, p, key, stream, day
):
    """Rare and large: a strong band storms a camp, or a cell strikes in a town; checks on roads and vehicles stop some.

    Source: 0 to 5 reported attacks on the mission a year 2015-18, mean 2.0 killed and 8.2 wounded; Bamako attacks of
    2015.
    """
    jihadist_will = trend(p.intent_trend, daily.trend_days[day])
    worse = trend(p.hit_trend, daily.trend_days[day])
    reach = 0.0
    strongest = -1
    used = rows_in_use(bands.strength)
    first_uniforms(key, bands.key[:used], day, stream, bands.chance)
    for g in range(used):
        if bands.strength[g] == 0:
            continue
        family = organisations.family[bands.organisation[g]]
        cell = bands.cell[g]
        if family == JIHADIST or family == ISLAMIC_STATE:
            reach += bands.strength[g] / BAND_UNIT
            if strongest < 0 or bands.strength[g] > bands.strength[strongest]:
                strongest = g
        b = cells.near_base[cell]
        if b < 0 or bases.strength[b] == 0:
            continue
        size = bands.strength[g] / BAND_UNIT
        will = will_to_attack_mission(family, jihadist_will, p.islamic_state_will, p.other_will)
        rate = p.complex_rate * will * bands.weight[g, CAMPS] * size * regions.tempo[cells.region[cell]]
        if p.checkpoint_effect >= 0.0 and not could_happen(bands.chance[g], rate):
            continue
        if not happens(bands.chance[g], rate * math.exp(-p.checkpoint_effect * bases.checkpoints[b])):
            continue
        _, u1, u2, u3 = uniforms(key, bands.key[g], day, stream)
        if cells.tip[cell] == 1 and u1 < p.spoil_probability:
            bands.gain[g, CAMPS] -= p.learning_spoiled_complex
            continue
        unit = unit_struck(u3, b, bases.strength[b], units)
        ready = min(1.0, bases.standby[b] / p.reaction_persons)
        scale = p.complex_scale * math.sqrt(size) * (1.0 - p.hardening_effect * levers.base_protection[day, b])
        scale *= math.exp(-p.drill_effect * units.drill[unit]) * (1.0 - p.reaction_effect * ready)
        hits = min(bases.strength[b], heavy_tailed_count(u2, scale * worse, p.complex_spread))
        row = record(
            recorder,
            day,
            bases.cell[b],
            bases.region[b],
            K_MISSION,
            T_COMPLEX,
            A_CAMP,
            bands.organisation[g],
            bands.key[g],
        )
        recorder.events[row, E_UN_HIT] = hits
        recorder.events[row, E_BASE] = b
        recorder.events[row, E_UNIT] = unit
        lost = lose_fighters(g, int(p.complex_attackers_lost * (1.0 + ready)), bands, recorder)
        recorder.events[row, E_FIGHTERS] = lost
        bands.gain[g, CAMPS] += (1.0 if hits > 0 else -p.learning_failure_complex) - p.learning_loss * lost
    for b in range(bases.key.shape[0]):
        r = bases.region[b]
        size = math.sqrt(cells.town[bases.cell[b]] / p.urban_people)
        rate = (
            p.urban_rate * size * reach * regions.tempo[r] * (1.0 + (p.election_tempo - 1.0) * daily.election[day, r])
        )
        rate *= math.exp(
            -p.checkpoint_effect * bases.checkpoints[b]
            - p.joint_check_effect * daily.operations[day, b] * levers.joint_patrols[day, b]
            - p.securing_effect * bases.guards[b] / 100.0
        )
        u0, u1, u2, u3 = uniforms(key, bases.key[b], day, stream + 1)
        if not happens(u0, rate):
            continue
        cell = bases.cell[b]
        hits = heavy_tailed_count(u1, p.urban_scale, p.urban_spread)
        dead = kill_civilians(
            cell, binomial_inverse(u2, hits, p.civilian_death_share), u3, cells, communities, recorder
        )
        by = bands.organisation[strongest]
        row = record(recorder, day, cell, r, K_ONE_SIDED, T_COMPLEX, A_SETTLEMENT, by, bases.key[b])
        recorder.events[row, E_CIVILIANS] = dead
        recorder.events[row, E_CIVILIANS_WOUNDED] = hits - dead
        recorder.events[row, E_BASE] = b
