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
def ambush(
    cell_region, cell_band, cell_tip, cell_police, cell_near_base, region_tempo, base_strength, base_standby,
    trip_count, trip_activity, trip_unit, trip_cell, trip_groups, trip_persons, trip_vehicles, trip_trucks,
    trip_cleared,
    trip_joint, trip_key, trip_clock, trip_chance, unit_training, unit_drill, band_organisation, band_strength,
    band_next, band_weight, band_gain, band_deterred, organisation_family, events, event_count, balance,
    trend_days, lever_coordination,
    ambush_rate, joint_exposure, escort_deterrence, ambush_scale, ambush_spread, drill_effect, training_effect,
    reaction_effect, reaction_persons, spoil_probability, contractor_death_share, ambusher_loss, ambusher_loss_escort,
    ambusher_loss_cap, escort_trucks, escort_target_weight, truck_crew, islamic_state_will, other_will,
    police_provocation, police_limit, impartiality_cost, learning_spoiled, learning_failure, learning_loss_ambush,
    learning_deterred,
    intent_trend, hit_trend,
    key, stream, day,
):  # fmt: skip
    """A band attacks a party in its cell if it dares to; drills and quick reaction shorten the fight.  What it does not
    dare it learns from, and may turn on others (displacement).

    Source: 4 to 15 reported direct-fire attacks a year 2015-18, 0.31 with casualties; deterrence and drill effects
    assumed.
    """
    jihadist_will = trend(intent_trend, trend_days[day])
    worse = trend(hit_trend, trend_days[day])
    first_uniforms_of_trips(key, trip_key, trip_clock, stream, trip_count, trip_chance)
    for t in range(trip_count[0]):
        cell = trip_cell[t]
        g = cell_band[cell]
        if g < 0:
            continue
        r = cell_region[cell]
        convoy = trip_activity[t] == A_CONVOY
        # an escort is spread over its trucks; a lone patrol is judged by its own vehicles
        spread_over = max(escort_trucks, float(trip_trucks[t]))
        guarded = escort_trucks * trip_vehicles[t] / spread_over if convoy else trip_vehicles[t]
        common = ambush_rate * region_tempo[r] * trip_groups[t]
        shared = lever_coordination[day, r]
        common *= provocation(police_provocation, cell_police[cell], police_limit, impartiality_cost, shared)
        if trip_joint[t] == 1:
            common *= 1.0 + joint_exposure
        total = 0.0
        while g >= 0:
            total += _pressure(g, band_organisation, band_strength, band_weight, organisation_family,
                               jihadist_will, islamic_state_will, other_will)  # fmt: skip
            g = band_next[g]
        if total <= 0.0 or (escort_deterrence >= 0.0 and not could_happen(trip_chance[t], common * total)):
            continue
        u0, u1, u2, u3 = uniforms(key, trip_key[t], trip_clock[t], stream)
        dared = common * math.exp(-escort_deterrence * guarded)
        if not happens(u0, max(common, dared) * total):
            continue
        attacker = _pick(u1 * total, cell_band[cell], band_organisation, band_strength, band_next, band_weight,
                         organisation_family, jihadist_will, islamic_state_will, other_will)  # fmt: skip
        if u0 >= 1.0 - math.exp(-dared * total):
            band_gain[attacker, TRAFFIC] -= learning_deterred
            band_deterred[attacker] += 1
            continue
        v0, v1, _, _ = uniforms(key, trip_key[t], trip_clock[t], stream + 1)
        if cell_tip[cell] == 1 and v0 < spoil_probability:
            band_gain[attacker, TRAFFIC] -= learning_spoiled
            continue
        unit = trip_unit[t]
        training = unit_training[unit] if unit >= 0 else 0.0
        drill = unit_drill[unit] if unit >= 0 else 0.0
        b = cell_near_base[cell]
        help_near = min(1.0, base_standby[b] / reaction_persons) if b >= 0 and base_strength[b] > 0 else 0.0
        scale = ambush_scale * math.sqrt(band_strength[attacker] / BAND_UNIT)
        scale *= math.exp(-drill_effect * drill - training_effect * training) * (1.0 - reaction_effect * help_near)
        hits = heavy_tailed_count(u2, scale * worse, ambush_spread)
        row = record(
            events, event_count, day, cell, r, K_MISSION, T_DIRECT, trip_activity[t], band_organisation[attacker],
            trip_key[t],
        )  # fmt: skip
        on_trucks = convoy and v1 < trip_trucks[t] / max(1.0, trip_trucks[t] + escort_target_weight * trip_vehicles[t])
        if on_trucks:
            hurt = min(hits, int(truck_crew * trip_trucks[t]))
            events[row, E_CONTRACTORS] = binomial_inverse(u3, hurt, contractor_death_share)
        else:
            events[row, E_UN_HIT] = min(hits, trip_persons[t])
        risk = min(ambusher_loss_cap, (ambusher_loss + ambusher_loss_escort * guarded) * (1.0 + drill))
        losses = binomial_inverse(u3, band_strength[attacker], risk)
        events[row, E_FIGHTERS] = lose_fighters(attacker, losses, band_strength, balance)
        events[row, E_UNIT] = unit
        events[row, E_ESCORTED] = 1 if convoy and trip_persons[t] > 0 else 0
        events[row, E_CLEARED] = trip_cleared[t]
        events[row, E_DRILLED] = 1 if drill > DRILL_CURRENT else 0
        events[row, E_JOINT] = trip_joint[t]
        band_gain[attacker, TRAFFIC] += (1.0 if hits > 0 else -learning_failure) - learning_loss_ambush * losses


@inlined_kernel
def _pressure(
    g, band_organisation, band_strength, band_weight, organisation_family, jihadist_will, islamic_state_will, other_will
):
    family = organisation_family[band_organisation[g]]
    will = will_to_attack_mission(family, jihadist_will, islamic_state_will, other_will)
    return will * band_weight[g, TRAFFIC] * band_strength[g] / BAND_UNIT


@kernel
def _pick(
    goal,
    head,
    band_organisation,
    band_strength,
    band_next,
    band_weight,
    organisation_family,
    jihadist_will,
    islamic_state_will,
    other_will,
):
    reached = 0.0
    g = head
    last = head
    while g >= 0:
        reached += _pressure(
            g, band_organisation, band_strength, band_weight, organisation_family, jihadist_will, islamic_state_will,
            other_will,
        )  # fmt: skip
        last = g
        if reached >= goal:
            return g
        g = band_next[g]
    return last
