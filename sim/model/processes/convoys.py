"""Convoys drive their corridor out and back, cell by cell."""

from sim.model.kernels import kernel
from sim.model.recorder import A_CONVOY, L_CONVOY_KM, L_CONVOYS, L_PROTECTED_VEHICLES, L_VEHICLES


@kernel
def convoys(
    route_first, route_last, route_cell, route_km, route_paved, cell_region, base_stock, base_in_transit, unit_base,
    unit_escorting, unit_clearing, unit_protection, convoy_key, convoy_active, convoy_base, convoy_unit,
    convoy_clearing_unit, convoy_born,
    convoy_position, convoy_km, convoy_direction, convoy_wait, convoy_trucks, convoy_cargo, convoy_escort,
    convoy_searchers, convoy_withdrawal, convoy_cell, trip_count, trip_activity, trip_owner, trip_unit, trip_cell,
    trip_km, trip_groups, trip_persons, trip_vehicles, trip_trucks, trip_cleared, trip_joint, trip_key, trip_clock,
    movement, ledger,
    paved_speed, track_speed, search_slowdown, persons_per_escort_vehicle, unloading_days,
    day,
):  # fmt: skip
    """Every cell on the way is a trip of the day, exposed to mines and ambush; searching the road costs time.

    Source: convoy speeds of the record (44 to over 350 km a day); a trip is the unit of exposure.
    """
    trip_count[0] = 0
    for c in range(convoy_active.shape[0]):
        if convoy_active[c] == 0:
            continue
        b = convoy_base[c]
        r = cell_region[convoy_cell[c]]
        _count_vehicles(day, r, convoy_unit[c], convoy_escort[c] / persons_per_escort_vehicle, unit_protection, ledger)
        searching = convoy_searchers[c] / persons_per_escort_vehicle
        _count_vehicles(day, r, convoy_clearing_unit[c], searching, unit_protection, ledger)
        if convoy_wait[c] > 0:
            convoy_wait[c] -= 1
            continue
        left = movement[day, r]
        if convoy_searchers[c] > 0:
            left /= 1.0 + search_slowdown
        passes = 0
        while left > 1.0e-9 and convoy_active[c] == 1 and convoy_wait[c] == 0:
            p = convoy_position[c]
            speed = route_paved[p] * paved_speed + (1.0 - route_paved[p]) * track_speed
            rest = route_km[p] - convoy_km[c]
            step = min(rest, left * speed)
            left -= step / speed
            convoy_km[c] += step
            convoy_cell[c] = route_cell[p]
            t = trip_count[0]
            if t >= trip_cell.shape[0]:
                return
            trip_count[0] = t + 1
            trip_activity[t] = A_CONVOY
            trip_owner[t] = c
            trip_unit[t] = convoy_unit[c] if convoy_unit[c] >= 0 else convoy_clearing_unit[c]
            trip_cell[t] = route_cell[p]
            trip_km[t] = step
            trip_groups[t] = 1
            trip_persons[t] = convoy_escort[c] + convoy_searchers[c]
            trip_vehicles[t] = trip_persons[t] / persons_per_escort_vehicle
            trip_trucks[t] = convoy_trucks[c]
            trip_cleared[t] = 1 if convoy_searchers[c] > 0 else 0
            trip_joint[t] = 0
            trip_key[t] = convoy_key[c]
            trip_clock[t] = (day - convoy_born[c]) * 64 + passes
            ledger[day, cell_region[route_cell[p]], L_CONVOY_KM] += step
            passes += 1
            if convoy_km[c] >= route_km[p] - 1.0e-9:
                convoy_km[c] = 0.0
                convoy_position[c] += convoy_direction[c]
                _at_the_end(
                    c, b, route_first, route_last, cell_region, base_stock, base_in_transit, unit_base, unit_escorting,
                    unit_clearing, convoy_active, convoy_unit, convoy_clearing_unit, convoy_position, convoy_direction,
                    convoy_wait, convoy_cargo, convoy_escort, convoy_searchers, convoy_withdrawal, convoy_cell, ledger,
                    unloading_days, day,
                )  # fmt: skip


@kernel
def _count_vehicles(day, r, unit, vehicles, unit_protection, ledger):
    """The mission's vehicles on the road with a convoy today, on the move or waiting."""
    ledger[day, r, L_VEHICLES] += vehicles
    if unit >= 0:
        ledger[day, r, L_PROTECTED_VEHICLES] += vehicles * unit_protection[unit]


@kernel
def _at_the_end(
    c, b, route_first, route_last, cell_region, base_stock, base_in_transit, unit_base, unit_escorting, unit_clearing,
    convoy_active, convoy_unit, convoy_clearing_unit, convoy_position, convoy_direction, convoy_wait, convoy_cargo,
    convoy_escort, convoy_searchers, convoy_withdrawal, convoy_cell, ledger, unloading_days, day,
):  # fmt: skip
    if convoy_position[c] >= route_last[b]:
        convoy_position[c] = route_last[b] - 1
        convoy_direction[c] = -1
        convoy_wait[c] = int(unloading_days)
        base_stock[b] += convoy_cargo[c]
        base_in_transit[b] = max(0.0, base_in_transit[b] - convoy_cargo[c])
        convoy_cargo[c] = 0.0
        ledger[day, cell_region[convoy_cell[c]], L_CONVOYS] += 1.0
        return
    if convoy_position[c] >= route_first[b]:
        return
    convoy_active[c] = 0
    convoy_position[c] = route_first[b]
    if convoy_withdrawal[c] == 1:
        for u in range(unit_base.shape[0]):
            if unit_base[u] == b:
                unit_escorting[u] = min(unit_escorting[u], _escorting(u, convoy_active, convoy_unit, convoy_escort))
        return
    if convoy_unit[c] >= 0:
        unit_escorting[convoy_unit[c]] = max(0, unit_escorting[convoy_unit[c]] - convoy_escort[c])
    if convoy_clearing_unit[c] >= 0:
        unit_clearing[convoy_clearing_unit[c]] = max(0, unit_clearing[convoy_clearing_unit[c]] - convoy_searchers[c])


@kernel
def _escorting(u, convoy_active, convoy_unit, convoy_escort):
    """Persons of a unit who are out with convoys."""
    persons = 0
    for c in range(convoy_active.shape[0]):
        if convoy_active[c] == 1 and convoy_unit[c] == u:
            persons += convoy_escort[c]
    return persons
