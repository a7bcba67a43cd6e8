"""From hit to outcome: some wounds kill at once, others unless help comes in time."""

import math

from sim.model.conflict import cause_of, trend
from sim.model.kernels import binomial_inverse, distance_km, kernel, normal_inverse
from sim.model.recorder import (
    A_CAMP,
    E_ACTIVITY,
    E_CELL,
    E_REGION,
    E_TACTIC,
    E_UN_HIT,
    E_UN_KILLED,
    E_UN_WOUNDED,
    E_UNIT,
    L_ALERT,
    L_EVACUATION,
    L_FLIGHT_HOURS,
    L_TREATMENT,
    T_COMPLEX,
    T_IED,
    T_IED_AMBUSH,
    T_INDIRECT,
)
from sim.model.streams import child_key, pair_key, uniforms
from sim.model.tables import B_TROOPS_KILLED


@kernel
def casualties(daily, cells, bases, units, levers, recorder, p, key, stream, day):
    """A hit is deadly with a share by tactic, vehicle and attack; a deadly wound kills within hours unless treated.

    Source: time to death of 448 UK dead in Afghanistan (57 % at once, 68 % by 10, 91 % by 60, 99 % by 120 minutes).
    """
    fading = math.exp(-1.0 / p.caution_memory)
    worse = trend(p.deadly_trend, daily.trend_days[day])
    for b in range(bases.caution.shape[0]):
        bases.caution[b] *= fading
        if bases.strength[b] > 0:
            ready = p.alert_minutes / max(p.alert_minutes, levers.medevac[day, b])
            recorder.ledger[day, bases.region[b], L_ALERT] += 24.0 * ready
    for row in range(recorder.event_today[0], recorder.event_count[0]):
        hits = recorder.events[row, E_UN_HIT]
        if hits == 0:
            continue
        unit = recorder.events[row, E_UNIT]
        if unit < 0:
            recorder.events[row, E_UN_HIT] = 0
            continue
        b = units.base[unit]
        hits = min(hits, units.strength[unit])
        deadly = _deadly(recorder.events[row, E_TACTIC], units.protection[unit], p)
        attack = pair_key(cells.key[recorder.events[row, E_CELL]], cause_of(row, stream, recorder))
        u, v, _, _ = uniforms(key, child_key(attack, stream, recorder.events[row, E_TACTIC]), day, stream)
        deadly = min(1.0, deadly * worse * severity(v, p.severity_spread))
        r = recorder.events[row, E_REGION]
        in_camp = recorder.events[row, E_ACTIVITY] == A_CAMP
        way = _way_to_help(recorder.events[row, E_CELL], in_camp, b, cells, bases)
        by_air = levers.medevac[day, b] + 60.0 * way / p.helicopter_kmh
        by_road = 60.0 * way / p.road_kmh + p.road_departure_minutes
        minutes = minutes_to_help(by_air, by_road, daily.flights[day, r])
        recorder.ledger[day, r, L_TREATMENT] += minutes * hits
        if by_air < by_road:
            sorties = math.ceil(hits / math.floor(p.evacuation_seats))
            flown = daily.flights[day, r] * sorties * 2.0 * way / p.helicopter_kmh
            recorder.ledger[day, r, L_FLIGHT_HOURS] += flown
            recorder.ledger[day, r, L_EVACUATION] += flown
        aid = p.first_aid_minutes / (1.0 + p.first_aid_training_gain * units.training[unit])
        before_aid = dead_by(aid, p.dead_at_once, p.dead_by_10, p.dead_by_60, p.dead_by_120, p.dead_last_minutes)
        before_surgery = dead_by(
            minutes, p.dead_at_once, p.dead_by_10, p.dead_by_60, p.dead_by_120, p.dead_last_minutes
        )
        dying = deadly * (
            before_aid
            + (before_surgery - before_aid) * (1.0 - p.en_route_care * p.saved_if_in_time)
            + (1.0 - before_surgery) * (1.0 - p.saved_if_in_time)
        )
        killed = binomial_inverse(u, hits, dying)
        recorder.events[row, E_UN_HIT] = hits
        recorder.events[row, E_UN_KILLED] = killed
        recorder.events[row, E_UN_WOUNDED] = hits - killed
        units.strength[unit] -= killed
        units.escorting[unit] = min(units.escorting[unit], units.strength[unit])
        units.clearing[unit] = min(units.clearing[unit], units.strength[unit] - units.escorting[unit])
        bases.strength[b] -= killed
        bases.caution[b] += killed
        recorder.balance[B_TROOPS_KILLED] += killed


@kernel
def severity(u, spread):
    """How much deadlier than its kind an attack is, for all its hits: a hull holds or is breached for all inside.

    Lognormal with mean 1 and log standard deviation ``spread``.
    """
    return math.exp(spread * normal_inverse(u) - spread * spread / 2.0)


@kernel
def dead_by(minutes, at_once, by_10, by_60, by_120, last_minutes):
    """Share of the deadly wounded who are dead after so many minutes without care: published shares at once and by
    10, 60 and 120 minutes, linear between; the last dies at ``last_minutes``."""
    if minutes <= 10.0:
        return at_once + (by_10 - at_once) * minutes / 10.0
    if minutes <= 60.0:
        return by_10 + (by_60 - by_10) * (minutes - 10.0) / 50.0
    if minutes <= 120.0:
        return by_60 + (by_120 - by_60) * (minutes - 60.0) / 60.0
    return by_120 + (1.0 - by_120) * min(1.0, (minutes - 120.0) / (last_minutes - 120.0))


@kernel
def _deadly(tactic, protection, p):
    if tactic == T_IED:
        return p.deadly_share_ied * (1.0 - p.deadly_protection_effect * protection)
    if tactic == T_IED_AMBUSH:
        return p.deadly_share_direct * (1.0 - p.followup_protection * p.deadly_protection_effect * protection)
    if tactic == T_INDIRECT:
        return p.deadly_share_indirect
    return p.deadly_share_complex if tactic == T_COMPLEX else p.deadly_share_direct


@kernel
def _way_to_help(cell, in_camp, b, cells, bases):
    """Kilometres from the place of the attack by the base to the hospital."""
    home = bases.cell[b]
    out = 0.0 if in_camp else distance_km(cells.lat[cell], cells.lon[cell], cells.lat[home], cells.lon[home])
    return bases.rescue_km[b] + out


@kernel
def minutes_to_help(by_air, by_road, allowed):
    """Minutes to surgery: the faster way where flights are allowed, else the road."""
    return allowed * min(by_air, by_road) + (1.0 - allowed) * by_road
