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
def casualties(
    cell_key, cell_lat, cell_lon, base_cell, base_region, base_strength, base_caution, base_rescue_km,
    unit_base, unit_strength, unit_escorting, unit_clearing, unit_protection, unit_training, flights, trend_days,
    events, event_count, event_today, balance, ledger, lever_medevac,
    deadly_share_ied, deadly_share_direct, deadly_share_indirect, deadly_share_complex, deadly_protection_effect,
    first_aid_minutes, first_aid_training_gain, helicopter_kmh, road_kmh, road_departure_minutes, evacuation_seats,
    saved_if_in_time, en_route_care, followup_protection, caution_memory, dead_at_once, dead_by_10, dead_by_60,
    dead_by_120, dead_last_minutes, alert_minutes,
    deadly_trend, severity_spread,
    key, stream, day,
):  # fmt: skip
    """A hit is deadly with a share by tactic, vehicle and attack; a deadly wound kills within hours unless treated.

    Source: time to death of 448 UK dead in Afghanistan (57 % at once, 68 % by 10, 91 % by 60, 99 % by 120 minutes).
    """
    fading = math.exp(-1.0 / caution_memory)
    worse = trend(deadly_trend, trend_days[day])
    for b in range(base_caution.shape[0]):
        base_caution[b] *= fading
        if base_strength[b] > 0:
            ready = alert_minutes / max(alert_minutes, lever_medevac[day, b])
            ledger[day, base_region[b], L_ALERT] += 24.0 * ready
    for row in range(event_today[0], event_count[0]):
        hits = events[row, E_UN_HIT]
        if hits == 0:
            continue
        unit = events[row, E_UNIT]
        if unit < 0:
            events[row, E_UN_HIT] = 0
            continue
        b = unit_base[unit]
        hits = min(hits, unit_strength[unit])
        deadly = _deadly(
            events[row, E_TACTIC], unit_protection[unit], deadly_share_ied, deadly_share_direct, deadly_share_indirect,
            deadly_share_complex, deadly_protection_effect, followup_protection,
        )  # fmt: skip
        attack = pair_key(cell_key[events[row, E_CELL]], cause_of(row, event_today[0], events, stream))
        u, v, _, _ = uniforms(key, child_key(attack, stream, events[row, E_TACTIC]), day, stream)
        deadly = min(1.0, deadly * worse * severity(v, severity_spread))
        r = events[row, E_REGION]
        in_camp = events[row, E_ACTIVITY] == A_CAMP
        way = _way_to_help(events[row, E_CELL], in_camp, b, cell_lat, cell_lon, base_cell, base_rescue_km)
        by_air = lever_medevac[day, b] + 60.0 * way / helicopter_kmh
        by_road = 60.0 * way / road_kmh + road_departure_minutes
        minutes = minutes_to_help(by_air, by_road, flights[day, r])
        ledger[day, r, L_TREATMENT] += minutes * hits
        if by_air < by_road:
            sorties = math.ceil(hits / math.floor(evacuation_seats))
            flown = flights[day, r] * sorties * 2.0 * way / helicopter_kmh
            ledger[day, r, L_FLIGHT_HOURS] += flown
            ledger[day, r, L_EVACUATION] += flown
        aid = first_aid_minutes / (1.0 + first_aid_training_gain * unit_training[unit])
        before_aid = dead_by(aid, dead_at_once, dead_by_10, dead_by_60, dead_by_120, dead_last_minutes)
        before_surgery = dead_by(minutes, dead_at_once, dead_by_10, dead_by_60, dead_by_120, dead_last_minutes)
        dying = deadly * (
            before_aid
            + (before_surgery - before_aid) * (1.0 - en_route_care * saved_if_in_time)
            + (1.0 - before_surgery) * (1.0 - saved_if_in_time)
        )
        killed = binomial_inverse(u, hits, dying)
        events[row, E_UN_HIT] = hits
        events[row, E_UN_KILLED] = killed
        events[row, E_UN_WOUNDED] = hits - killed
        unit_strength[unit] -= killed
        unit_escorting[unit] = min(unit_escorting[unit], unit_strength[unit])
        unit_clearing[unit] = min(unit_clearing[unit], unit_strength[unit] - unit_escorting[unit])
        base_strength[b] -= killed
        base_caution[b] += killed
        balance[B_TROOPS_KILLED] += killed


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
def _deadly(tactic, protection, ied, direct, indirect, complex_, protection_effect, followup_protection):
    if tactic == T_IED:
        return ied * (1.0 - protection_effect * protection)
    if tactic == T_IED_AMBUSH:
        return direct * (1.0 - followup_protection * protection_effect * protection)
    if tactic == T_INDIRECT:
        return indirect
    return complex_ if tactic == T_COMPLEX else direct


@kernel
def _way_to_help(cell, in_camp, b, cell_lat, cell_lon, base_cell, base_rescue_km):
    """Kilometres from the place of the attack by the base to the hospital."""
    home = base_cell[b]
    out = 0.0 if in_camp else distance_km(cell_lat[cell], cell_lon[cell], cell_lat[home], cell_lon[home])
    return base_rescue_km[b] + out


@kernel
def minutes_to_help(by_air, by_road, allowed):
    """Minutes to surgery: the faster way where flights are allowed, else the road."""
    return allowed * min(by_air, by_road) + (1.0 - allowed) * by_road
