"""From hit to outcome: some wounds kill at once, others unless help comes in time."""

import math

import numpy as np

from sim.kernels import binomial_inverse, distance_km, kernel
from sim.recorder import (
    A_CAMP,
    E_ACTIVITY,
    E_CELL,
    E_KEY,
    E_REGION,
    E_TACTIC,
    E_UN_HIT,
    E_UN_KILLED,
    E_UN_WOUNDED,
    E_UNIT,
    T_COMPLEX,
    T_IED,
    T_IED_AMBUSH,
    T_INDIRECT,
)
from sim.streams import child_key, pair_key, uniforms
from sim.tables import B_TROOPS_KILLED


@kernel
def casualties(
    cell_key, cell_lat, cell_lon, base_cell, base_strength, base_caution, base_rescue_km, unit_base,
    unit_strength, unit_escorting, unit_clearing, unit_protection, unit_training, flights, events, event_count,
    event_today, balance, lever_medevac,
    deadly_share_ied, deadly_share_direct, deadly_share_indirect, deadly_share_complex, deadly_protection_effect,
    first_aid_minutes, first_aid_training_gain, helicopter_kmh, road_kmh, saved_if_in_time, caution_memory,
    key, stream, day,
):  # fmt: skip
    """A hit is deadly with a share by tactic and vehicle; a deadly wound kills within minutes to hours unless treated.

    Source: time to death of 448 UK dead in Afghanistan (57 % at once, 68 % by 10, 91 % by 60, 99 % by 120 minutes).
    """
    fading = math.exp(-1.0 / caution_memory)
    for b in range(base_caution.shape[0]):
        base_caution[b] *= fading
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
            deadly_share_complex, deadly_protection_effect,
        )  # fmt: skip
        minutes = _minutes_to_help(
            events[row, E_CELL], events[row, E_REGION], events[row, E_ACTIVITY] == A_CAMP, b, day, cell_lat, cell_lon,
            base_cell, base_rescue_km, flights, lever_medevac, helicopter_kmh, road_kmh,
        )  # fmt: skip
        aid = first_aid_minutes / (1.0 + first_aid_training_gain * unit_training[unit])
        dying = deadly * (
            dead_by(aid)
            + (dead_by(minutes) - dead_by(aid)) * (1.0 - 0.5 * saved_if_in_time)
            + (1.0 - dead_by(minutes)) * (1.0 - saved_if_in_time)
        )
        attack = pair_key(cell_key[events[row, E_CELL]], np.uint64(events[row, E_KEY]))
        u, _, _, _ = uniforms(key, child_key(attack, stream, events[row, E_TACTIC]), day, stream)
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
def dead_by(minutes):
    """Share of the deadly wounded who are dead after so many minutes without care (published points, linear
    between)."""
    if minutes <= 10.0:
        return 0.571 + (0.677 - 0.571) * minutes / 10.0
    if minutes <= 60.0:
        return 0.677 + (0.914 - 0.677) * (minutes - 10.0) / 50.0
    if minutes <= 120.0:
        return 0.914 + (0.990 - 0.914) * (minutes - 60.0) / 60.0
    return 0.990 + 0.010 * min(1.0, (minutes - 120.0) / 240.0)


@kernel
def _deadly(tactic, protection, ied, direct, indirect, complex_, protection_effect):
    if tactic == T_IED:
        return ied * (1.0 - protection_effect * protection)
    if tactic == T_IED_AMBUSH:
        return direct * (1.0 - 0.5 * protection_effect * protection)
    if tactic == T_INDIRECT:
        return indirect
    return complex_ if tactic == T_COMPLEX else direct


@kernel
def _minutes_to_help(
    cell, region, in_camp, b, day, cell_lat, cell_lon, base_cell, base_rescue_km, flights, lever_medevac,
    helicopter_kmh,
    road_kmh,
):  # fmt: skip
    """Minutes to surgery: launch delay and flight where flights are allowed, else the road."""
    home = base_cell[b]
    out = 0.0 if in_camp else distance_km(cell_lat[cell], cell_lon[cell], cell_lat[home], cell_lon[home])
    by_air = lever_medevac[day, b] + 60.0 * (base_rescue_km[b] + out) / helicopter_kmh
    by_road = 60.0 * (out + base_rescue_km[b]) / road_kmh + 30.0
    allowed = flights[day, region]
    return allowed * min(by_air, by_road) + (1.0 - allowed) * by_road
