"""Patrols go out from the bases, are seen, and are exposed."""

import math

from sim.model.kernels import inlined_kernel, kernel
from sim.model.recorder import A_PATROL, L_PATROL_DAYS, L_PATROLS, L_PROTECTED_VEHICLES, L_VEHICLES
from sim.model.streams import uniforms
from sim.model.tables import POLICE

PEOPLE = 10_000.0  # persons; the appeal of a settlement is counted per this many


@kernel
def patrols(daily, cells, bases, rings, trips, units, levers, recorder, p, key, stream, day):
    """A patrol goes where people live, where harm was, and not far; where it was seen its presence is remembered.

    Source: 45 to 73 patrols a day in the record; the choice of place is assumed, with mapping of incidents sharpening
    it.
    """
    fading = math.exp(-1.0 / p.presence_memory)
    for c in range(cells.presence.shape[0]):
        cells.presence[c] *= fading
        cells.police[c] *= fading
    for i in range(rings.km.shape[0]):
        rings.near[i] = math.exp(-rings.km[i] / p.patrol_range_decay)
    appealing = 0.0
    summed = -1  # the base and manner of patrolling whose area stands in rings.reached
    for u in range(units.key.shape[0]):
        units.patrols[u] = 0
        b = units.base[u]
        r = bases.region[b]
        if units.strength[u] == 0 or units.planned[u] <= 0.0 or daily.movement[day, r] <= 0.0:
            continue
        units.credit[u] = min(p.patrol_backlog, units.credit[u] + units.planned[u] * daily.movement[day, r])
        number = min(int(units.credit[u]), int(units.free[u] / p.patrol_persons))
        if number <= 0:
            continue
        units.credit[u] -= number
        u0, u1, u2, _ = uniforms(key, units.key[u], day, stream)
        protecting = u2 < levers.protection_of_civilians[day, b]
        manner = 2 * b + (1 if protecting else 0)
        if manner != summed:
            appealing = _sum_appeal(b, protecting, bases.analysis[b], cells, rings, p)
            summed = manner
        row = _choose(u0 * appealing, b, rings)
        cell = rings.cell[row]
        units.patrols[u] = number
        units.cell[u] = cell
        party = int(p.patrol_persons * (1.0 + p.protection_extra)) if protecting else int(p.patrol_persons)
        units.free[u] = max(0.0, units.free[u] - number * party)
        cells.presence[cell] += number * (p.protection_presence if protecting else 1.0)
        if units.kind[u] == POLICE:
            cells.police[cell] += number
        there = cells.region[cell]
        recorder.ledger[day, there, L_PATROLS] += number
        recorder.ledger[day, there, L_PATROL_DAYS] += number * party
        vehicles = p.patrol_persons / p.persons_per_escort_vehicle
        recorder.ledger[day, there, L_VEHICLES] += number * vehicles
        recorder.ledger[day, there, L_PROTECTED_VEHICLES] += number * vehicles * units.protection[u]
        t = trips.count[0]
        if t >= trips.cell.shape[0]:
            return
        trips.count[0] = t + 1
        trips.activity[t] = A_PATROL
        trips.owner[t] = u
        trips.unit[t] = u
        trips.cell[t] = cell
        trips.km[t] = p.patrol_km
        trips.groups[t] = number
        trips.persons[t] = party
        trips.vehicles[t] = vehicles
        trips.trucks[t] = 0
        trips.cleared[t] = 0
        partners = cells.national[bases.cell[b]] > 0
        trips.joint[t] = 1 if partners and u1 < levers.joint_patrols[day, b] else 0
        trips.key[t] = units.key[u]
        trips.clock[t] = day


@inlined_kernel
def _sum_appeal(b, protecting, mapping, cells, rings, p):
    """Add up the appeal of a base's patrol area cell by cell into ``rings.reached``; returns the total."""
    total = 0.0
    for i in range(rings.first[b], rings.last[b]):
        total += _appeal(rings.cell[i], rings.near[i], protecting, mapping, cells, p)
        rings.reached[i] = total
    return total


@inlined_kernel
def _choose(goal, b, rings):
    for i in range(rings.first[b], rings.last[b]):
        if rings.reached[i] >= goal:
            return i
    return rings.last[b] - 1


@inlined_kernel
def _appeal(c, near, protecting, mapping, cells, p):
    if protecting:
        return (
            (cells.population[c] / PEOPLE + p.protection_floor)
            * (p.protection_fear_floor + cells.fear[c])
            * math.sqrt(near)
        )
    known_harm = p.harm_attraction * mapping * cells.harm[c]
    return near * (1.0 + cells.town[c] / p.patrol_town_people + known_harm)
