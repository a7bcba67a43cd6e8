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
def explosives(daily, cells, trips, units, nationals, organisations, bands, communities, recorder, p, key, stream, day):
    """A device goes off at a rate per vehicle and kilometre; protection and spacing lower the hits, trained eyes
    notice some.

    Source: 0.44 of reported IED attacks hurt the mission, mean 1.5 hit; protected vehicles cut casualties by 30 %.
    """
    worse = trend(p.hit_trend, daily.trend_days[day])
    for t in range(trips.count[0]):
        cell = trips.cell[t]
        if cells.devices[cell] == 0:
            continue
        vehicles = trips.groups[t] * (trips.vehicles[t] + trips.trucks[t])
        # vehicles follow in a track: the first ones meet most of what lies there
        rate = p.trigger_rate * math.sqrt(vehicles) * trips.km[t] / max(p.road_km_floor, cells.road_km[cell])
        u0, u1, u2, u3 = uniforms(key, trips.key[t], trips.clock[t], stream)
        met = binomial_inverse(u0, cells.devices[cell], 1.0 - math.exp(-rate))
        if met == 0:
            continue
        cells.devices[cell] -= met
        unit = trips.unit[t]
        training = units.training[unit] if unit >= 0 else 0.0
        drill = units.drill[unit] if unit >= 0 else 0.0
        protection = units.protection[unit] if unit >= 0 else 0.0
        owner = cells.owner_organisation[cell]
        g = cells.owner[cell]
        known = g >= 0 and bands.key[g] == cells.owner_key[cell]
        if u1 < min(p.notice_cap, p.notice_probability * (1.0 + p.notice_training_gain * training)):
            # seen in time: marked and disposed of; this is a find without a search team
            _found(day, cell, met, owner, trips.activity[t], trips.key[t], unit, cells, recorder)
            device_found(cell, met, cells, bands)
            if known:
                bands.gain[g, TRAFFIC] -= met
            continue
        organisations.seen[owner] += p.seen_pace * (protection - organisations.seen[owner])
        trucks = float(trips.trucks[t])
        on_trucks = min(p.truck_share_cap, trucks / max(1.0, trucks + trips.vehicles[t]))
        ambushed = cells.band[cell] >= 0 and u3 < p.followup_probability
        scale = p.device_scale * organisations.charge[owner] * (1.0 - p.protection_effect * protection)
        scale *= math.exp(-p.training_effect * training)
        if ambushed:
            scale += p.followup_scale * math.exp(-p.drill_effect * drill - p.training_effect * training)
        v0, v1, _, _ = uniforms(key, trips.key[t], trips.clock[t], stream + 1)
        hits = heavy_tailed_count(u2, scale * worse, p.device_spread)
        row = record(
            recorder,
            day,
            cell,
            cells.region[cell],
            K_MISSION,
            T_IED_AMBUSH if ambushed else T_IED,
            trips.activity[t],
            owner,
            trips.key[t],
        )
        if v0 < on_trucks or trips.persons[t] == 0:
            hurt = min(hits, int(p.truck_crew * trips.trucks[t]))
            recorder.events[row, E_CONTRACTORS] = binomial_inverse(v1, hurt, p.contractor_death_share)
        else:
            recorder.events[row, E_UN_HIT] = min(hits, trips.persons[t])
        recorder.events[row, E_UNIT] = unit
        recorder.events[row, E_ESCORTED] = 1 if trips.trucks[t] > 0 and trips.persons[t] > 0 else 0
        recorder.events[row, E_CLEARED] = trips.cleared[t]
        recorder.events[row, E_DRILLED] = 1 if drill > DRILL_CURRENT else 0
        recorder.events[row, E_JOINT] = trips.joint[t]
        if known:
            bands.gain[g, TRAFFIC] += 1.0 if hits > 0 else -p.learning_failure
    _national_victims(cells, nationals, bands, recorder, p, key, stream + 2, day)
    _civilian_victims(cells, bands, communities, recorder, p, key, stream + 3, day)


@kernel
def _found(day, cell, met, owner, activity, entity, unit, cells, recorder):
    row = record(recorder, day, cell, cells.region[cell], K_FIND, T_FIND, activity, owner, entity)
    recorder.events[row, E_FOUND] = met
    recorder.events[row, E_UNIT] = unit


@kernel
def _national_victims(cells, nationals, bands, recorder, p, key, stream, day):
    for n in range(nationals.key.shape[0]):
        cell = nationals.cell[n]
        if nationals.strength[n] == 0 or cells.devices[cell] == 0:
            continue
        u0, u1, u2, _ = uniforms(key, nationals.key[n], day, stream)
        rate = p.national_trigger_rate * nationals.strength[n] / 100.0
        if nationals.kind[n] == 1:
            rate *= p.partner_exposure
        met = binomial_inverse(u0, cells.devices[cell], 1.0 - math.exp(-rate))
        if met == 0:
            continue
        cells.devices[cell] -= met
        hits = min(nationals.strength[n], heavy_tailed_count(u1, p.national_device_scale * met, p.device_spread))
        dead = binomial_inverse(u2, hits, p.national_death_share)
        nationals.strength[n] -= dead
        row = record(
            recorder,
            day,
            cell,
            cells.region[cell],
            K_STATE,
            T_IED,
            A_GARRISON,
            cells.owner_organisation[cell],
            nationals.key[n],
        )
        recorder.events[row, E_MALIAN if nationals.kind[n] == 0 else E_PARTNER] = dead
        g = cells.owner[cell]
        if g >= 0 and bands.key[g] == cells.owner_key[cell]:
            bands.gain[g, FORCES] += 1.0 if hits > 0 else -p.learning_failure


@kernel
def _civilian_victims(cells, bands, communities, recorder, p, key, stream, day):
    for cell in range(cells.key.shape[0]):
        if cells.devices[cell] == 0:
            continue
        u0, u1, u2, u3 = uniforms(key, cells.key[cell], day, stream)
        people = min(p.civilian_traffic_limit, cells.population[cell] / p.civilian_traffic_people)
        rate = p.civilian_trigger_rate * (p.civilian_traffic_floor + people)
        met = binomial_inverse(u0, cells.devices[cell], 1.0 - math.exp(-rate))
        if met == 0:
            continue
        cells.devices[cell] -= met
        hits = heavy_tailed_count(u1, p.civilian_device_scale * met, p.device_spread)
        dead = kill_civilians(
            cell, binomial_inverse(u2, hits, p.civilian_death_share), u3, cells, communities, recorder
        )
        row = record(
            recorder,
            day,
            cell,
            cells.region[cell],
            K_STATE,
            T_IED,
            A_ROAD,
            cells.owner_organisation[cell],
            cells.key[cell],
        )
        recorder.events[row, E_CIVILIANS] = dead
        recorder.events[row, E_CIVILIANS_WOUNDED] = hits - dead
        g = cells.owner[cell]
        if g >= 0 and bands.key[g] == cells.owner_key[cell]:
            bands.gain[g, CIVILIANS] -= p.learning_civilian_device
