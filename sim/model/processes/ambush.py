"""Direct fire on patrols and convoys."""

import math

from sim.model.conflict import (
    BAND_UNIT,
    DRILL_CURRENT,
    TRAFFIC,
    lose_fighters,
    provocation,
    trend,
    will_to_attack_mission,
)
from sim.model.kernels import binomial_inverse, could_happen, happens, heavy_tailed_count, inlined_kernel, kernel
from sim.model.recorder import (
    A_CONVOY,
    E_CLEARED,
    E_CONTRACTORS,
    E_DRILLED,
    E_ESCORTED,
    E_FIGHTERS,
    E_JOINT,
    E_UN_HIT,
    E_UNIT,
    K_MISSION,
    T_DIRECT,
    record,
)
from sim.model.streams import first_uniforms_of_trips, uniforms


@kernel
def ambush(daily, cells, regions, bases, trips, units, organisations, bands, levers, recorder, p, key, stream, day):
    """A band attacks a party in its cell if it dares to; drills and quick reaction shorten the fight.  What it does not
    dare it learns from, and may turn on others (displacement).

    Source: 4 to 15 reported direct-fire attacks a year 2015-18, 0.31 with casualties; deterrence and drill effects
    assumed.
    """
    jihadist_will = trend(p.intent_trend, daily.trend_days[day])
    worse = trend(p.hit_trend, daily.trend_days[day])
    most_provoked = max(1.0, math.exp(p.police_provocation * p.police_limit))
    first_uniforms_of_trips(key, trips.key, trips.clock, stream, trips.count, trips.chance)
    for t in range(trips.count[0]):
        cell = trips.cell[t]
        g = cells.band[cell]
        if g < 0:
            continue
        r = cells.region[cell]
        convoy = trips.activity[t] == A_CONVOY
        # an escort is spread over its trucks; a lone patrol is judged by its own vehicles
        spread_over = max(p.escort_trucks, float(trips.trucks[t]))
        guarded = p.escort_trucks * trips.vehicles[t] / spread_over if convoy else trips.vehicles[t]
        common = p.ambush_rate * regions.tempo[r] * trips.groups[t]
        total = 0.0
        while g >= 0:
            total += _pressure(g, jihadist_will, organisations, bands, p)
            g = bands.next[g]
        shared = levers.coordination[day, r]
        most = common * most_provoked * (1.0 + p.impartiality_cost * shared) * (1.0 + max(0.0, p.joint_exposure))
        if total <= 0.0 or (p.escort_deterrence >= 0.0 and not could_happen(trips.chance[t], most * total)):
            continue
        common *= provocation(p.police_provocation, cells.police[cell], p.police_limit, p.impartiality_cost, shared)
        if trips.joint[t] == 1:
            common *= 1.0 + p.joint_exposure
        if p.escort_deterrence >= 0.0 and not could_happen(trips.chance[t], common * total):
            continue
        u0, u1, u2, u3 = uniforms(key, trips.key[t], trips.clock[t], stream)
        dared = common * math.exp(-p.escort_deterrence * guarded)
        if not happens(u0, max(common, dared) * total):
            continue
        attacker = _pick(u1 * total, cells.band[cell], jihadist_will, organisations, bands, p)
        if u0 >= 1.0 - math.exp(-dared * total):
            bands.gain[attacker, TRAFFIC] -= p.learning_deterred
            bands.deterred[attacker] += 1
            continue
        v0, v1, _, _ = uniforms(key, trips.key[t], trips.clock[t], stream + 1)
        if cells.tip[cell] == 1 and v0 < p.spoil_probability:
            bands.gain[attacker, TRAFFIC] -= p.learning_spoiled
            continue
        unit = trips.unit[t]
        training = units.training[unit] if unit >= 0 else 0.0
        drill = units.drill[unit] if unit >= 0 else 0.0
        b = cells.near_base[cell]
        help_near = min(1.0, bases.standby[b] / p.reaction_persons) if b >= 0 and bases.strength[b] > 0 else 0.0
        scale = p.ambush_scale * math.sqrt(bands.strength[attacker] / BAND_UNIT)
        scale *= math.exp(-p.drill_effect * drill - p.training_effect * training) * (
            1.0 - p.reaction_effect * help_near
        )
        hits = heavy_tailed_count(u2, scale * worse, p.ambush_spread)
        row = record(
            recorder, day, cell, r, K_MISSION, T_DIRECT, trips.activity[t], bands.organisation[attacker], trips.key[t]
        )
        on_trucks = convoy and v1 < trips.trucks[t] / max(
            1.0, trips.trucks[t] + p.escort_target_weight * trips.vehicles[t]
        )
        if on_trucks:
            hurt = min(hits, int(p.truck_crew * trips.trucks[t]))
            recorder.events[row, E_CONTRACTORS] = binomial_inverse(u3, hurt, p.contractor_death_share)
        else:
            recorder.events[row, E_UN_HIT] = min(hits, trips.persons[t])
        risk = min(p.ambusher_loss_cap, (p.ambusher_loss + p.ambusher_loss_escort * guarded) * (1.0 + drill))
        losses = binomial_inverse(u3, bands.strength[attacker], risk)
        recorder.events[row, E_FIGHTERS] = lose_fighters(attacker, losses, bands, recorder)
        recorder.events[row, E_UNIT] = unit
        recorder.events[row, E_ESCORTED] = 1 if convoy and trips.persons[t] > 0 else 0
        recorder.events[row, E_CLEARED] = trips.cleared[t]
        recorder.events[row, E_DRILLED] = 1 if drill > DRILL_CURRENT else 0
        recorder.events[row, E_JOINT] = trips.joint[t]
        bands.gain[attacker, TRAFFIC] += (1.0 if hits > 0 else -p.learning_failure) - p.learning_loss_ambush * losses


@inlined_kernel
def _pressure(g, jihadist_will, organisations, bands, p):
    family = organisations.family[bands.organisation[g]]
    will = will_to_attack_mission(family, jihadist_will, p.islamic_state_will, p.other_will)
    return will * bands.weight[g, TRAFFIC] * bands.strength[g] / BAND_UNIT


@kernel
def _pick(goal, head, jihadist_will, organisations, bands, p):
    reached = 0.0
    g = head
    last = head
    while g >= 0:
        reached += _pressure(g, jihadist_will, organisations, bands, p)
        last = g
        if reached >= goal:
            return g
        g = bands.next[g]
    return last
