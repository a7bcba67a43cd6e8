"""Bases live on what convoys bring; convoys need escorts and search teams, which other tasks then lack."""

import math

from numba import njit

from sim.recorder import L_EFFORT, L_EFFORT_SHORT, L_ESCORTS, L_SUPPLY_SHORT
from sim.streams import child_key, uniforms
from sim.tables import COMBAT_CONVOY, ENGINEERS, INFANTRY, POLICE, RECONNAISSANCE


@njit
def supply(
    base_key, base_region, base_hub, base_strength, base_stock, base_in_transit, base_convoys, base_evacuated, base_open,
    route_first, route_last, route_cell, unit_key, unit_base, unit_kind, unit_strength, unit_escorting, unit_clearing,
    unit_free, convoy_key, convoy_active, convoy_base, convoy_unit, convoy_clearing_unit, convoy_born, convoy_position,
    convoy_km, convoy_direction, convoy_wait, convoy_trucks, convoy_cargo, convoy_escort, convoy_searchers,
    convoy_withdrawal, convoy_cell, movement, flights, ledger, lever_convoy_escort, lever_route_clearance,
    truck_person_days, trucks_per_convoy, stock_days, airlift_share, persons_per_escort_vehicle, search_persons,
    key, stream, day,
):  # fmt: skip
    """A base that runs low calls a convoy from its hub; aircraft carry a small share; a shortfall is recorded.

    Source: convoy lengths and frequencies of the record (facts parameters); consumption per person is assumed.
    """
    for b in range(base_key.shape[0]):
        r = base_region[b]
        hub = base_hub[b]
        if hub < 0:
            base_stock[b] = 1.0e9
            continue
        if base_strength[b] == 0:
            continue
        if base_open[day, b] == 0:
            if base_evacuated[b] == 0:
                row = _free_row(convoy_active)
                if row >= 0:
                    base_evacuated[b] = 1
                    _start(row, b, child_key(base_key[b], stream, 1_000_000), day, convoy_key, convoy_active, convoy_base,
                           convoy_born, convoy_km, convoy_wait, convoy_withdrawal, 1)  # fmt: skip
                    carried = 0
                    for u in range(unit_base.shape[0]):
                        if unit_base[u] == b:
                            unit_escorting[u] = unit_strength[u] - unit_clearing[u]
                            carried += unit_escorting[u]
                            if unit_strength[u] > 0:
                                convoy_unit[row] = u
                    convoy_clearing_unit[row] = -1
                    convoy_searchers[row] = 0
                    convoy_position[row] = route_last[b] - 1
                    convoy_direction[row] = -1
                    convoy_trucks[row] = 4 * int(trucks_per_convoy)
                    convoy_cargo[row] = 0.0
                    convoy_escort[row] = carried
                    convoy_cell[row] = route_cell[route_last[b] - 1]
            continue
        used = float(base_strength[b])
        base_stock[b] += airlift_share * flights[day, r] * used - used
        if base_stock[b] < 0.0:
            ledger[day, r, L_SUPPLY_SHORT] -= base_stock[b]
            base_stock[b] = 0.0
        cargo = trucks_per_convoy * truck_person_days
        if base_stock[b] + base_in_transit[b] > stock_days * used or base_stock[hub] < cargo:
            continue
        u0, u1, _, _ = uniforms(key, base_key[b], day, stream)
        if u0 > movement[day, r]:
            continue
        row = _free_row(convoy_active)
        if row < 0:
            continue
        base_convoys[b] += 1
        _start(row, b, child_key(base_key[b], stream, base_convoys[b]), day, convoy_key, convoy_active, convoy_base,
               convoy_born, convoy_km, convoy_wait, convoy_withdrawal, 0)  # fmt: skip
        convoy_position[row] = route_first[b]
        convoy_cell[row] = route_cell[route_first[b]]
        convoy_direction[row] = 1
        convoy_trucks[row] = int(trucks_per_convoy)
        convoy_cargo[row] = cargo
        base_in_transit[b] += cargo
        base_stock[hub] -= cargo
        wanted = int(math.floor(lever_convoy_escort[day, b] * persons_per_escort_vehicle + 0.5))
        escort = _draw_unit(b, hub, True, unit_key, unit_base, unit_kind, unit_free)
        given = min(wanted, int(unit_free[escort])) if escort >= 0 else 0
        convoy_unit[row] = escort if given > 0 else -1
        convoy_escort[row] = given
        if given > 0:
            unit_escorting[escort] += given
            unit_free[escort] -= given
            ledger[day, r, L_ESCORTS] += 1.0
        searchers = 0
        searching = -1
        asked = 0
        if u1 < lever_route_clearance[day, b]:
            asked = int(search_persons)
            searching = _draw_unit(b, hub, False, unit_key, unit_base, unit_kind, unit_free)
            if searching >= 0 and unit_free[searching] >= asked:
                searchers = asked
                unit_clearing[searching] += searchers
                unit_free[searching] -= searchers
        convoy_clearing_unit[row] = searching if searchers > 0 else -1
        convoy_searchers[row] = searchers
        ledger[day, r, L_EFFORT] += given + searchers
        ledger[day, r, L_EFFORT_SHORT] += wanted - given + asked - searchers


@njit
def _free_row(convoy_active):
    for row in range(convoy_active.shape[0]):
        if convoy_active[row] == 0:
            return row
    return -1


@njit
def _start(
    row, base, identity, day, convoy_key, convoy_active, convoy_base, convoy_born, convoy_km, convoy_wait,
    convoy_withdrawal, withdrawal,
):  # fmt: skip
    convoy_key[row] = identity
    convoy_active[row] = 1
    convoy_base[row] = base
    convoy_born[row] = day
    convoy_km[row] = 0.0
    convoy_wait[row] = 0
    convoy_withdrawal[row] = withdrawal


@njit
def _draw_unit(base, hub, for_escort, unit_key, unit_base, unit_kind, unit_free):
    """The unit at hub or base with the most people to spare; specialists first, then the smaller key."""
    best = -1
    best_score = 0.0
    for u in range(unit_base.shape[0]):
        if unit_base[u] != base and unit_base[u] != hub:
            continue
        score = unit_free[u] * _suitability(unit_kind[u], for_escort)
        if score > best_score or (score == best_score and best >= 0 and unit_key[u] < unit_key[best]):
            best = u
            best_score = score
    return best


@njit
def _suitability(kind, for_escort):
    if for_escort:
        if kind == COMBAT_CONVOY:
            return 10.0
        return 1.0 if kind == INFANTRY or kind == RECONNAISSANCE or kind == POLICE else 0.0
    if kind == ENGINEERS:
        return 10.0
    return 1.0 if kind == INFANTRY or kind == COMBAT_CONVOY else 0.0
