"""Bases live on what convoys bring; convoys need escorts and search teams, which other tasks then lack."""

import math

from sim.model.kernels import clamp, distance_km, inlined_kernel, kernel
from sim.model.recorder import L_EFFORT_SHORT, L_ESCORTS, L_FLIGHT_HOURS, L_SUPPLY_SHORT
from sim.model.streams import child_key, uniforms
from sim.model.tables import COMBAT_CONVOY, ENGINEERS, INFANTRY, POLICE, RECONNAISSANCE

CLOSING_CONVOY = 1_000_000  # child number of the first convoy that empties a base, out of reach of ordinary ones
ROOT_STOCK = 1.0e9


@kernel
def supply(daily, cells, bases, routes, convoys, units, levers, recorder, p, key, stream, day):
    """A base that runs low calls a convoy from its hub; aircraft carry a small share; a shortfall is recorded.

    Source: convoy lengths and frequencies of the record (facts parameters); consumption per person is assumed.
    """
    _sum_demand(bases)
    for b in range(bases.key.shape[0]):
        hub = bases.hub[b]
        while hub >= 0 and bases.open[day, hub] == 0 and bases.hub[hub] >= 0:
            hub = bases.hub[hub]  # behind a closed hub its own hub supplies
        r = bases.region[b]
        if bases.open[day, b] == 1:
            bases.evacuated[b] = 0
        if hub < 0:
            bases.stock[b] = ROOT_STOCK
        if hub < 0 or bases.strength[b] == 0:
            continue
        row = _free_row(convoys)
        if bases.open[day, b] == 0:
            if bases.evacuated[b] == 0 and row >= 0:
                bases.evacuated[b] = 1
                number = CLOSING_CONVOY + _closings_before(b, day, bases)
                _start(row, b, child_key(bases.key[b], stream, number), day, convoys)
                _evacuate(row, b, routes.last[b] - 1, int(p.most_trucks), convoys, units)
                convoys.cell[row] = routes.cell[convoys.position[row]]
            continue
        at, store = bases.cell[b], bases.cell[hub]
        apart = distance_km(cells.lat[at], cells.lon[at], cells.lat[store], cells.lon[store])
        flown = _consume(b, r, day, daily, bases, recorder, p)
        recorder.ledger[day, r, L_FLIGHT_HOURS] += flown / p.airlift_person_days * 2.0 * apart / p.airlift_kmh
        trucks = int(
            clamp(math.ceil(bases.demand[b] * p.dispatch_days / p.truck_person_days), p.least_trucks, p.most_trucks)
        )
        cargo = trucks * p.truck_person_days
        if bases.stock[b] + bases.in_transit[b] > p.stock_days * bases.demand[b] or bases.stock[hub] < cargo or row < 0:
            continue
        u0, u1, _, _ = uniforms(key, bases.key[b], day, stream)
        if u0 > daily.movement[day, r]:
            continue
        bases.convoys[b] += 1
        _start(row, b, child_key(bases.key[b], stream, bases.convoys[b]), day, convoys)
        convoys.withdrawal[row] = 0
        convoys.position[row] = routes.first[b]
        convoys.cell[row] = routes.cell[routes.first[b]]
        convoys.direction[row] = 1
        convoys.trucks[row] = trucks
        convoys.cargo[row] = cargo
        bases.in_transit[b] += cargo
        bases.stock[hub] -= cargo
        _detail_escort(row, b, hub, r, day, convoys, units, levers, recorder, p)
        wanted = int(p.search_persons) if u1 < levers.route_clearance[day, b] else 0
        _detail_searchers(row, b, hub, r, day, wanted, convoys, units, recorder, p)


@kernel
def _closings_before(b, day, bases):
    """How often a base that is closed had closed and opened again before."""
    closed = 0
    for d in range(1, day + 1):
        if bases.open[d, b] < bases.open[d - 1, b]:
            closed += 1
    return max(0, closed - 1)


@inlined_kernel
def _sum_demand(bases):
    """Persons whom a base feeds: its own and those of every base behind it."""
    bases.demand[:] = 0.0
    for b in range(bases.hub.shape[0]):
        at = b
        while at >= 0:
            bases.demand[at] += bases.strength[b]
            at = bases.hub[at]


@inlined_kernel
def _consume(b, r, day, daily, bases, recorder, p):
    """Supplies used up and flown in today; returns the person-days that came by air."""
    used = float(bases.strength[b])
    flown = p.airlift_share * daily.flights[day, r] * used
    bases.stock[b] += flown - used
    if bases.stock[b] < 0.0:
        recorder.ledger[day, r, L_SUPPLY_SHORT] -= bases.stock[b]
        bases.stock[b] = 0.0
    return flown


@kernel
def _evacuate(row, b, last, trucks, convoys, units):
    """A closing base leaves by road with everybody on board who is not on the road already."""
    carried = 0
    convoys.unit[row] = -1
    for u in range(units.base.shape[0]):
        if units.base[u] == b and units.strength[u] > 0:
            boarding = units.strength[u] - units.clearing[u] - units.escorting[u]
            units.escorting[u] += boarding
            units.free[u] = 0.0  # no patrol goes out on the day
            carried += boarding
            convoys.unit[row] = u
    convoys.clearing_unit[row] = -1
    convoys.searchers[row] = 0
    convoys.position[row] = last
    convoys.direction[row] = -1
    convoys.trucks[row] = trucks
    convoys.cargo[row] = 0.0
    convoys.escort[row] = carried
    convoys.withdrawal[row] = 1


@kernel
def _detail_escort(row, b, hub, r, day, convoys, units, levers, recorder, p):
    wanted = int(math.floor(levers.convoy_escort[day, b] * p.persons_per_escort_vehicle + 0.5))
    unit = _draw_unit(b, hub, True, units, p)
    given = min(wanted, int(units.free[unit])) if unit >= 0 else 0
    convoys.unit[row] = unit if given > 0 else -1
    convoys.escort[row] = given
    recorder.ledger[day, r, L_EFFORT_SHORT] += wanted - given
    if given > 0:
        units.escorting[unit] += given
        units.free[unit] -= given
        recorder.ledger[day, r, L_ESCORTS] += 1.0


@kernel
def _detail_searchers(row, b, hub, r, day, wanted, convoys, units, recorder, p):
    """A search team is whole or it does not go."""
    unit = -1
    if wanted > 0:
        unit = _draw_unit(b, hub, False, units, p)
    given = wanted if unit >= 0 and units.free[unit] >= wanted else 0
    convoys.clearing_unit[row] = unit if given > 0 else -1
    convoys.searchers[row] = given
    recorder.ledger[day, r, L_EFFORT_SHORT] += wanted - given
    if given > 0:
        units.clearing[unit] += given
        units.free[unit] -= given


@inlined_kernel
def _free_row(convoys):
    for row in range(convoys.active.shape[0]):
        if convoys.active[row] == 0:
            return row
    return -1


@kernel
def _start(row, base, identity, day, convoys):
    convoys.key[row] = identity
    convoys.active[row] = 1
    convoys.base[row] = base
    convoys.born[row] = day
    convoys.km[row] = 0.0
    convoys.wait[row] = 0


@kernel
def _draw_unit(base, hub, for_escort, units, p):
    """The unit at hub or base with the most people to spare; specialists first, then the smaller key."""
    best = -1
    best_score = 0.0
    for u in range(units.base.shape[0]):
        if units.base[u] != base and units.base[u] != hub:
            continue
        score = units.free[u] * _suitability(units.kind[u], for_escort, p)
        if score > best_score or (score == best_score and best >= 0 and units.key[u] < units.key[best]):
            best = u
            best_score = score
    return best


@kernel
def _suitability(kind, for_escort, p):
    if for_escort:
        if kind == COMBAT_CONVOY:
            return p.specialist_preference
        return 1.0 if kind == INFANTRY or kind == RECONNAISSANCE or kind == POLICE else 0.0
    if kind == ENGINEERS:
        return p.specialist_preference
    return 1.0 if kind == INFANTRY or kind == COMBAT_CONVOY else 0.0
