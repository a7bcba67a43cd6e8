"""Bases live on what convoys bring; convoys need escorts and search teams, which other tasks then lack."""

import math

from sim.model.kernels import clamp, distance_km, kernel
from sim.model.recorder import L_EFFORT_SHORT, L_ESCORTS, L_FLIGHT_HOURS, L_SUPPLY_SHORT
from sim.model.streams import child_key, uniforms
from sim.model.tables import COMBAT_CONVOY, ENGINEERS, INFANTRY, POLICE, RECONNAISSANCE

CLOSING_CONVOY = 1_000_000  # child number of the first convoy that empties a base, out of reach of ordinary ones
ROOT_STOCK = 1.0e9


@kernel
def supply(
    cell_lat, cell_lon, base_key, base_cell, base_region,
    base_hub, base_strength, base_demand, base_stock, base_in_transit, base_convoys,
    base_evacuated, base_open, route_first, route_last, route_cell, unit_key, unit_base, unit_kind, unit_strength,
    unit_escorting, unit_clearing, unit_free, convoy_key, convoy_active, convoy_base, convoy_unit, convoy_clearing_unit,
    convoy_born, convoy_position, convoy_km, convoy_direction, convoy_wait, convoy_trucks, convoy_cargo, convoy_escort,
    convoy_searchers, convoy_withdrawal, convoy_cell, movement, flights, ledger, lever_convoy_escort,
    lever_route_clearance,
    truck_person_days, most_trucks, dispatch_days, stock_days, airlift_share, persons_per_escort_vehicle,
    search_persons, least_trucks, specialist_preference, airlift_person_days, airlift_kmh,
    key, stream, day,
):  # fmt: skip
    """A base that runs low calls a convoy from its hub; aircraft carry a small share; a shortfall is recorded.

    Source: convoy lengths and frequencies of the record (facts parameters); consumption per person is assumed.
    """
    _sum_demand(base_hub, base_strength, base_demand)
    for b in range(base_key.shape[0]):
        hub = base_hub[b]
        while hub >= 0 and base_open[day, hub] == 0 and base_hub[hub] >= 0:
            hub = base_hub[hub]  # behind a closed hub its own hub supplies
        r = base_region[b]
        if base_open[day, b] == 1:
            base_evacuated[b] = 0
        if hub < 0:
            base_stock[b] = ROOT_STOCK
        if hub < 0 or base_strength[b] == 0:
            continue
        row = _free_row(convoy_active)
        if base_open[day, b] == 0:
            if base_evacuated[b] == 0 and row >= 0:
                base_evacuated[b] = 1
                number = CLOSING_CONVOY + _closings_before(b, day, base_open)
                _start(row, b, child_key(base_key[b], stream, number), day, convoy_key, convoy_active, convoy_base,
                       convoy_born, convoy_km, convoy_wait)  # fmt: skip
                _evacuate(row, b, route_last[b] - 1, int(most_trucks), unit_base, unit_strength, unit_escorting,
                          unit_clearing, unit_free, convoy_unit, convoy_clearing_unit, convoy_position,
                          convoy_direction, convoy_trucks, convoy_cargo, convoy_escort, convoy_searchers,
                          convoy_withdrawal)  # fmt: skip
                convoy_cell[row] = route_cell[convoy_position[row]]
            continue
        at, store = base_cell[b], base_cell[hub]
        apart = distance_km(cell_lat[at], cell_lon[at], cell_lat[store], cell_lon[store])
        flown = _consume(b, r, day, base_strength, base_stock, flights, ledger, airlift_share)
        ledger[day, r, L_FLIGHT_HOURS] += flown / airlift_person_days * 2.0 * apart / airlift_kmh
        trucks = int(clamp(math.ceil(base_demand[b] * dispatch_days / truck_person_days), least_trucks, most_trucks))
        cargo = trucks * truck_person_days
        if base_stock[b] + base_in_transit[b] > stock_days * base_demand[b] or base_stock[hub] < cargo or row < 0:
            continue
        u0, u1, _, _ = uniforms(key, base_key[b], day, stream)
        if u0 > movement[day, r]:
            continue
        base_convoys[b] += 1
        _start(row, b, child_key(base_key[b], stream, base_convoys[b]), day, convoy_key, convoy_active, convoy_base,
               convoy_born, convoy_km, convoy_wait)  # fmt: skip
        convoy_withdrawal[row] = 0
        convoy_position[row] = route_first[b]
        convoy_cell[row] = route_cell[route_first[b]]
        convoy_direction[row] = 1
        convoy_trucks[row] = trucks
        convoy_cargo[row] = cargo
        base_in_transit[b] += cargo
        base_stock[hub] -= cargo
        _detail_escort(row, b, hub, r, day, unit_key, unit_base, unit_kind, unit_escorting, unit_free, convoy_unit,
                       convoy_escort, ledger, lever_convoy_escort, persons_per_escort_vehicle,
                       specialist_preference)  # fmt: skip
        wanted = int(search_persons) if u1 < lever_route_clearance[day, b] else 0
        _detail_searchers(row, b, hub, r, day, wanted, unit_key, unit_base, unit_kind, unit_clearing, unit_free,
                          convoy_clearing_unit, convoy_searchers, ledger, specialist_preference)  # fmt: skip


@kernel
def _closings_before(b, day, base_open):
    """How often a base that is closed had closed and opened again before."""
    closed = 0
    for d in range(1, day + 1):
        if base_open[d, b] < base_open[d - 1, b]:
            closed += 1
    return max(0, closed - 1)


@kernel
def _sum_demand(base_hub, base_strength, base_demand):
    """Persons whom a base feeds: its own and those of every base behind it."""
    base_demand[:] = 0.0
    for b in range(base_hub.shape[0]):
        at = b
        while at >= 0:
            base_demand[at] += base_strength[b]
            at = base_hub[at]


@kernel
def _consume(b, r, day, base_strength, base_stock, flights, ledger, airlift_share):
    """Supplies used up and flown in today; returns the person-days that came by air."""
    used = float(base_strength[b])
    flown = airlift_share * flights[day, r] * used
    base_stock[b] += flown - used
    if base_stock[b] < 0.0:
        ledger[day, r, L_SUPPLY_SHORT] -= base_stock[b]
        base_stock[b] = 0.0
    return flown


@kernel
def _evacuate(
    row, b, last, trucks, unit_base, unit_strength, unit_escorting, unit_clearing, unit_free, convoy_unit,
    convoy_clearing_unit, convoy_position, convoy_direction, convoy_trucks, convoy_cargo, convoy_escort,
    convoy_searchers, convoy_withdrawal,
):  # fmt: skip
    """A closing base leaves by road with everybody on board who is not on the road already."""
    carried = 0
    convoy_unit[row] = -1
    for u in range(unit_base.shape[0]):
        if unit_base[u] == b and unit_strength[u] > 0:
            boarding = unit_strength[u] - unit_clearing[u] - unit_escorting[u]
            unit_escorting[u] += boarding
            unit_free[u] = 0.0  # no patrol goes out on the day
            carried += boarding
            convoy_unit[row] = u
    convoy_clearing_unit[row] = -1
    convoy_searchers[row] = 0
    convoy_position[row] = last
    convoy_direction[row] = -1
    convoy_trucks[row] = trucks
    convoy_cargo[row] = 0.0
    convoy_escort[row] = carried
    convoy_withdrawal[row] = 1


@kernel
def _detail_escort(
    row, b, hub, r, day, unit_key, unit_base, unit_kind, unit_escorting, unit_free, convoy_unit, convoy_escort, ledger,
    lever_convoy_escort, persons_per_escort_vehicle, specialist_preference,
):  # fmt: skip
    wanted = int(math.floor(lever_convoy_escort[day, b] * persons_per_escort_vehicle + 0.5))
    unit = _draw_unit(b, hub, True, unit_key, unit_base, unit_kind, unit_free, specialist_preference)
    given = min(wanted, int(unit_free[unit])) if unit >= 0 else 0
    convoy_unit[row] = unit if given > 0 else -1
    convoy_escort[row] = given
    ledger[day, r, L_EFFORT_SHORT] += wanted - given
    if given > 0:
        unit_escorting[unit] += given
        unit_free[unit] -= given
        ledger[day, r, L_ESCORTS] += 1.0


@kernel
def _detail_searchers(
    row, b, hub, r, day, wanted, unit_key, unit_base, unit_kind, unit_clearing, unit_free, convoy_clearing_unit,
    convoy_searchers, ledger, specialist_preference,
):  # fmt: skip
    """A search team is whole or it does not go."""
    unit = -1
    if wanted > 0:
        unit = _draw_unit(b, hub, False, unit_key, unit_base, unit_kind, unit_free, specialist_preference)
    given = wanted if unit >= 0 and unit_free[unit] >= wanted else 0
    convoy_clearing_unit[row] = unit if given > 0 else -1
    convoy_searchers[row] = given
    ledger[day, r, L_EFFORT_SHORT] += wanted - given
    if given > 0:
        unit_clearing[unit] += given
        unit_free[unit] -= given


@kernel
def _free_row(convoy_active):
    for row in range(convoy_active.shape[0]):
        if convoy_active[row] == 0:
            return row
    return -1


@kernel
def _start(row, base, identity, day, convoy_key, convoy_active, convoy_base, convoy_born, convoy_km, convoy_wait):
    convoy_key[row] = identity
    convoy_active[row] = 1
    convoy_base[row] = base
    convoy_born[row] = day
    convoy_km[row] = 0.0
    convoy_wait[row] = 0


@kernel
def _draw_unit(base, hub, for_escort, unit_key, unit_base, unit_kind, unit_free, specialist_preference):
    """The unit at hub or base with the most people to spare; specialists first, then the smaller key."""
    best = -1
    best_score = 0.0
    for u in range(unit_base.shape[0]):
        if unit_base[u] != base and unit_base[u] != hub:
            continue
        score = unit_free[u] * _suitability(unit_kind[u], for_escort, specialist_preference)
        if score > best_score or (score == best_score and best >= 0 and unit_key[u] < unit_key[best]):
            best = u
            best_score = score
    return best


@kernel
def _suitability(kind, for_escort, specialist_preference):
    if for_escort:
        if kind == COMBAT_CONVOY:
            return specialist_preference
        return 1.0 if kind == INFANTRY or kind == RECONNAISSANCE or kind == POLICE else 0.0
    if kind == ENGINEERS:
        return specialist_preference
    return 1.0 if kind == INFANTRY or kind == COMBAT_CONVOY else 0.0
