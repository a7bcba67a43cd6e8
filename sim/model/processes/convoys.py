"""Convoys drive their corridor out and back, cell by cell."""

from sim.model.kernels import inlined_kernel, kernel
from sim.model.recorder import A_CONVOY, L_CONVOY_KM, L_CONVOYS, L_PROTECTED_VEHICLES, L_VEHICLES


@kernel
def convoys(daily, cells, bases, routes, trips, convoys, units, recorder, p, day):
    """Every cell on the way is a trip of the day, exposed to mines and ambush; searching the road costs time.

    Source: convoy speeds of the record (44 to over 350 km a day); a trip is the unit of exposure.
    """
    trips.count[0] = 0
    for c in range(convoys.active.shape[0]):
        if convoys.active[c] == 0:
            continue
        b = convoys.base[c]
        r = cells.region[convoys.cell[c]]
        _count_vehicles(day, r, convoys.unit[c], convoys.escort[c] / p.persons_per_escort_vehicle, units, recorder)
        searching = convoys.searchers[c] / p.persons_per_escort_vehicle
        _count_vehicles(day, r, convoys.clearing_unit[c], searching, units, recorder)
        if convoys.wait[c] > 0:
            convoys.wait[c] -= 1
            continue
        left = daily.movement[day, r]
        if convoys.searchers[c] > 0:
            left /= 1.0 + p.search_slowdown
        escort = convoys.escort[c] + convoys.searchers[c]
        vehicles = escort / p.persons_per_escort_vehicle
        cleared = 1 if convoys.searchers[c] > 0 else 0
        unit = convoys.unit[c] if convoys.unit[c] >= 0 else convoys.clearing_unit[c]
        passes = 0
        while left > 1.0e-9 and convoys.active[c] == 1 and convoys.wait[c] == 0:
            at = convoys.position[c]
            speed = routes.paved[at] * p.paved_speed + (1.0 - routes.paved[at]) * p.track_speed
            rest = routes.km[at] - convoys.km[c]
            step = min(rest, left * speed)
            left -= step / speed
            convoys.km[c] += step
            cell = routes.cell[at]
            convoys.cell[c] = cell
            t = trips.count[0]
            if t >= trips.cell.shape[0]:
                return
            trips.count[0] = t + 1
            trips.activity[t] = A_CONVOY
            trips.owner[t] = c
            trips.unit[t] = unit
            trips.cell[t] = cell
            trips.km[t] = step
            trips.groups[t] = 1
            trips.persons[t] = escort
            trips.vehicles[t] = vehicles
            trips.trucks[t] = convoys.trucks[c]
            trips.cleared[t] = cleared
            trips.joint[t] = 0
            trips.key[t] = convoys.key[c]
            trips.clock[t] = (day - convoys.born[c]) * 64 + passes
            recorder.ledger[day, cells.region[cell], L_CONVOY_KM] += step
            passes += 1
            if convoys.km[c] >= routes.km[at] - 1.0e-9:
                convoys.km[c] = 0.0
                convoys.position[c] += convoys.direction[c]
                if routes.first[b] <= convoys.position[c] < routes.last[b]:
                    continue
                _at_the_end(c, b, cells, bases, routes, convoys, units, recorder, p, day)


@inlined_kernel
def _count_vehicles(day, r, unit, vehicles, units, recorder):
    """The mission's vehicles on the road with a convoy today, on the move or waiting."""
    recorder.ledger[day, r, L_VEHICLES] += vehicles
    if unit >= 0:
        recorder.ledger[day, r, L_PROTECTED_VEHICLES] += vehicles * units.protection[unit]


@kernel
def _at_the_end(c, b, cells, bases, routes, convoys, units, recorder, p, day):
    if convoys.position[c] >= routes.last[b]:
        convoys.position[c] = routes.last[b] - 1
        convoys.direction[c] = -1
        convoys.wait[c] = int(p.unloading_days)
        bases.stock[b] += convoys.cargo[c]
        bases.in_transit[b] = max(0.0, bases.in_transit[b] - convoys.cargo[c])
        convoys.cargo[c] = 0.0
        recorder.ledger[day, cells.region[convoys.cell[c]], L_CONVOYS] += 1.0
        return
    if convoys.position[c] >= routes.first[b]:
        return
    convoys.active[c] = 0
    convoys.position[c] = routes.first[b]
    if convoys.withdrawal[c] == 1:
        for u in range(units.base.shape[0]):
            if units.base[u] == b:
                units.escorting[u] = min(units.escorting[u], _escorting(u, convoys))
        return
    if convoys.unit[c] >= 0:
        units.escorting[convoys.unit[c]] = max(0, units.escorting[convoys.unit[c]] - convoys.escort[c])
    if convoys.clearing_unit[c] >= 0:
        units.clearing[convoys.clearing_unit[c]] = max(
            0, units.clearing[convoys.clearing_unit[c]] - convoys.searchers[c]
        )


@kernel
def _escorting(u, convoys):
    """Persons of a unit who are out with convoys."""
    persons = 0
    for c in range(convoys.active.shape[0]):
        if convoys.active[c] == 1 and convoys.unit[c] == u:
            persons += convoys.escort[c]
    return persons
