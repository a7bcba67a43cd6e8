"""Whoever passes may set off a device: the mission, national forces, civilians."""

import math

from sim.model.conflict import CIVILIANS, DRILL_CURRENT, FORCES, TRAFFIC, device_found, kill_civilians, trend
from sim.model.kernels import binomial_inverse, heavy_tailed_count, kernel
from sim.model.recorder import (
    A_GARRISON,
    A_ROAD,
    E_CIVILIANS,
    E_CIVILIANS_WOUNDED,
    E_CLEARED,
    E_CONTRACTORS,
    E_DRILLED,
    E_ESCORTED,
    E_FOUND,
    E_JOINT,
    E_MALIAN,
    E_PARTNER,
    E_UN_HIT,
    E_UNIT,
    K_FIND,
    K_MISSION,
    K_STATE,
    T_FIND,
    T_IED,
    T_IED_AMBUSH,
    record,
)
from sim.model.streams import uniforms


@kernel
def explosives(
    cell_key, cell_region, cell_road_km, cell_population, cell_devices, cell_owner, cell_owner_key,
    cell_owner_organisation, cell_band, cell_first, cell_last, trip_count, trip_activity,
    trip_unit, trip_cell, trip_km, trip_groups, trip_persons, trip_vehicles, trip_trucks, trip_cleared, trip_joint,
    trip_key, trip_clock, unit_training, unit_drill, unit_protection, band_key, band_gain, band_found,
    organisation_charge, organisation_seen, national_key, national_cell, national_kind, national_strength,
    community_population, community_displaced, community_losses, trend_days, events, event_count, balance,
    trigger_rate, national_trigger_rate, partner_exposure, civilian_trigger_rate, notice_probability,
    notice_training_gain,
    device_scale, device_spread, protection_effect, followup_probability, followup_scale, drill_effect,
    training_effect, national_device_scale, civilian_device_scale, truck_share_cap, contractor_death_share,
    civilian_death_share, national_death_share, road_km_floor, notice_cap, seen_pace, truck_crew,
    civilian_traffic_floor, civilian_traffic_people, civilian_traffic_limit, learning_failure,
    learning_civilian_device, hit_trend,
    key, stream, day,
):  # fmt: skip
    """A device goes off at a rate per vehicle and kilometre; protection and spacing lower the hits, trained eyes
    notice some.

    Source: 0.44 of reported IED attacks hurt the mission, mean 1.5 hit; protected vehicles cut casualties by 30 %.
    """
    worse = trend(hit_trend, trend_days[day])
    for t in range(trip_count[0]):
        cell = trip_cell[t]
        if cell_devices[cell] == 0:
            continue
        vehicles = trip_groups[t] * (trip_vehicles[t] + trip_trucks[t])
        # vehicles follow in a track: the first ones meet most of what lies there
        rate = trigger_rate * math.sqrt(vehicles) * trip_km[t] / max(road_km_floor, cell_road_km[cell])
        u0, u1, u2, u3 = uniforms(key, trip_key[t], trip_clock[t], stream)
        met = binomial_inverse(u0, cell_devices[cell], 1.0 - math.exp(-rate))
        if met == 0:
            continue
        cell_devices[cell] -= met
        unit = trip_unit[t]
        training = unit_training[unit] if unit >= 0 else 0.0
        drill = unit_drill[unit] if unit >= 0 else 0.0
        protection = unit_protection[unit] if unit >= 0 else 0.0
        owner = cell_owner_organisation[cell]
        g = cell_owner[cell]
        known = g >= 0 and band_key[g] == cell_owner_key[cell]
        if u1 < min(notice_cap, notice_probability * (1.0 + notice_training_gain * training)):
            # seen in time: marked and disposed of; this is a find without a search team
            _found(day, cell, cell_region, met, owner, trip_activity[t], trip_key[t], unit, events, event_count)
            device_found(cell, met, cell_owner, cell_owner_key, band_key, band_found)
            if known:
                band_gain[g, TRAFFIC] -= met
            continue
        organisation_seen[owner] += seen_pace * (protection - organisation_seen[owner])
        trucks = float(trip_trucks[t])
        on_trucks = min(truck_share_cap, trucks / max(1.0, trucks + trip_vehicles[t]))
        ambushed = cell_band[cell] >= 0 and u3 < followup_probability
        scale = device_scale * organisation_charge[owner] * (1.0 - protection_effect * protection)
        scale *= math.exp(-training_effect * training)
        if ambushed:
            scale += followup_scale * math.exp(-drill_effect * drill - training_effect * training)
        v0, v1, _, _ = uniforms(key, trip_key[t], trip_clock[t], stream + 1)
        hits = heavy_tailed_count(u2, scale * worse, device_spread)
        row = record(
            events, event_count, day, cell, cell_region[cell], K_MISSION, T_IED_AMBUSH if ambushed else T_IED,
            trip_activity[t], owner, trip_key[t],
        )  # fmt: skip
        if v0 < on_trucks or trip_persons[t] == 0:
            hurt = min(hits, int(truck_crew * trip_trucks[t]))
            events[row, E_CONTRACTORS] = binomial_inverse(v1, hurt, contractor_death_share)
        else:
            events[row, E_UN_HIT] = min(hits, trip_persons[t])
        events[row, E_UNIT] = unit
        events[row, E_ESCORTED] = 1 if trip_trucks[t] > 0 and trip_persons[t] > 0 else 0
        events[row, E_CLEARED] = trip_cleared[t]
        events[row, E_DRILLED] = 1 if drill > DRILL_CURRENT else 0
        events[row, E_JOINT] = trip_joint[t]
        if known:
            band_gain[g, TRAFFIC] += 1.0 if hits > 0 else -learning_failure
    _national_victims(
        cell_region, cell_devices, cell_owner, cell_owner_key, cell_owner_organisation, national_key, national_cell,
        national_kind, national_strength, band_key, band_gain, events, event_count, national_trigger_rate,
        partner_exposure,
        national_device_scale, device_spread, national_death_share, learning_failure, key, stream + 2, day,
    )  # fmt: skip
    _civilian_victims(
        cell_key, cell_region, cell_population, cell_devices, cell_owner, cell_owner_key, cell_owner_organisation,
        cell_first, cell_last, band_key, band_gain, community_population, community_displaced, community_losses, events,
        event_count, balance, civilian_trigger_rate, civilian_device_scale, device_spread, civilian_death_share,
        civilian_traffic_floor, civilian_traffic_people, civilian_traffic_limit, learning_civilian_device,
        key, stream + 3, day,
    )  # fmt: skip


@kernel
def _found(day, cell, cell_region, met, owner, activity, entity, unit, events, event_count):
    row = record(events, event_count, day, cell, cell_region[cell], K_FIND, T_FIND, activity, owner, entity)
    events[row, E_FOUND] = met
    events[row, E_UNIT] = unit


@kernel
def _national_victims(
    cell_region, cell_devices, cell_owner, cell_owner_key, cell_owner_organisation, national_key, national_cell,
    national_kind, national_strength, band_key, band_gain, events, event_count, national_trigger_rate, partner_exposure,
    national_device_scale, device_spread, national_death_share, learning_failure, key, stream, day,
):  # fmt: skip
    for n in range(national_key.shape[0]):
        cell = national_cell[n]
        if national_strength[n] == 0 or cell_devices[cell] == 0:
            continue
        u0, u1, u2, _ = uniforms(key, national_key[n], day, stream)
        rate = national_trigger_rate * national_strength[n] / 100.0
        if national_kind[n] == 1:
            rate *= partner_exposure
        met = binomial_inverse(u0, cell_devices[cell], 1.0 - math.exp(-rate))
        if met == 0:
            continue
        cell_devices[cell] -= met
        hits = min(national_strength[n], heavy_tailed_count(u1, national_device_scale * met, device_spread))
        dead = binomial_inverse(u2, hits, national_death_share)
        national_strength[n] -= dead
        row = record(
            events, event_count, day, cell, cell_region[cell], K_STATE, T_IED, A_GARRISON,
            cell_owner_organisation[cell], national_key[n],
        )  # fmt: skip
        events[row, E_MALIAN if national_kind[n] == 0 else E_PARTNER] = dead
        g = cell_owner[cell]
        if g >= 0 and band_key[g] == cell_owner_key[cell]:
            band_gain[g, FORCES] += 1.0 if hits > 0 else -learning_failure


@kernel
def _civilian_victims(
    cell_key, cell_region, cell_population, cell_devices, cell_owner, cell_owner_key, cell_owner_organisation,
    cell_first,
    cell_last, band_key, band_gain, community_population, community_displaced, community_losses, events, event_count,
    balance, civilian_trigger_rate, civilian_device_scale, device_spread, civilian_death_share,
    civilian_traffic_floor, civilian_traffic_people, civilian_traffic_limit, learning_civilian_device, key, stream, day,
):  # fmt: skip
    for cell in range(cell_key.shape[0]):
        if cell_devices[cell] == 0:
            continue
        u0, u1, u2, u3 = uniforms(key, cell_key[cell], day, stream)
        people = min(civilian_traffic_limit, cell_population[cell] / civilian_traffic_people)
        rate = civilian_trigger_rate * (civilian_traffic_floor + people)
        met = binomial_inverse(u0, cell_devices[cell], 1.0 - math.exp(-rate))
        if met == 0:
            continue
        cell_devices[cell] -= met
        hits = heavy_tailed_count(u1, civilian_device_scale * met, device_spread)
        dead = kill_civilians(
            cell, binomial_inverse(u2, hits, civilian_death_share), u3, cell_first, cell_last, community_population,
            community_displaced, community_losses, balance,
        )  # fmt: skip
        row = record(
            events, event_count, day, cell, cell_region[cell], K_STATE, T_IED, A_ROAD, cell_owner_organisation[cell],
            cell_key[cell],
        )  # fmt: skip
        events[row, E_CIVILIANS] = dead
        events[row, E_CIVILIANS_WOUNDED] = hits - dead
        g = cell_owner[cell]
        if g >= 0 and band_key[g] == cell_owner_key[cell]:
            band_gain[g, CIVILIANS] -= learning_civilian_device
