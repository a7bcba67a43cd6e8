"""Patrols go out from the bases, are seen, and are exposed."""

import math

from sim.model.kernels import inlined_kernel, kernel
from sim.model.recorder import A_PATROL, L_PATROL_DAYS, L_PATROLS, L_PROTECTED_VEHICLES, L_VEHICLES
from sim.model.streams import uniforms
from sim.model.tables import POLICE

PEOPLE = 10_000.0  # persons; the appeal of a settlement is counted per this many


@kernel
def patrols(
    ring_first, ring_last, ring_cell, ring_km, ring_near, ring_reached, cell_region, cell_harm, cell_fear,
    cell_population, cell_town, cell_presence, cell_police, cell_national, base_cell, base_region, base_analysis,
    unit_key, unit_base, unit_kind, unit_strength, unit_protection, unit_free,
    unit_planned, unit_credit, unit_patrols, unit_cell, trip_count, trip_activity, trip_owner, trip_unit, trip_cell,
    trip_km, trip_groups, trip_persons, trip_vehicles, trip_trucks, trip_cleared, trip_joint, trip_key, trip_clock,
    movement, ledger, lever_joint_patrols, lever_protection_of_civilians,
    patrol_persons, persons_per_escort_vehicle, patrol_km, patrol_range_decay, harm_attraction, presence_memory,
    protection_extra, protection_presence, protection_floor, protection_fear_floor, patrol_backlog, patrol_town_people,
    key, stream, day,
):  # fmt: skip
    """A patrol goes where people live, where harm was, and not far; where it was seen its presence is remembered.

    Source: 45 to 73 patrols a day in the record; the choice of place is assumed, with mapping of incidents sharpening
    it.
    """
    fading = math.exp(-1.0 / presence_memory)
    for c in range(cell_presence.shape[0]):
        cell_presence[c] *= fading
        cell_police[c] *= fading
    for i in range(ring_km.shape[0]):
        ring_near[i] = math.exp(-ring_km[i] / patrol_range_decay)
    for u in range(unit_key.shape[0]):
        unit_patrols[u] = 0
        b = unit_base[u]
        r = base_region[b]
        if unit_strength[u] == 0 or unit_planned[u] <= 0.0 or movement[day, r] <= 0.0:
            continue
        unit_credit[u] = min(patrol_backlog, unit_credit[u] + unit_planned[u] * movement[day, r])
        number = min(int(unit_credit[u]), int(unit_free[u] / patrol_persons))
        if number <= 0:
            continue
        unit_credit[u] -= number
        u0, u1, u2, _ = uniforms(key, unit_key[u], day, stream)
        protecting = u2 < lever_protection_of_civilians[day, b]
        row = _choose(
            u0, b, protecting, base_analysis[b], ring_first, ring_last, ring_cell, ring_near, ring_reached,
            cell_harm, cell_fear, cell_population, cell_town, harm_attraction, protection_floor, protection_fear_floor,
            patrol_town_people,
        )  # fmt: skip
        cell = ring_cell[row]
        unit_patrols[u] = number
        unit_cell[u] = cell
        party = int(patrol_persons * (1.0 + protection_extra)) if protecting else int(patrol_persons)
        unit_free[u] = max(0.0, unit_free[u] - number * party)
        cell_presence[cell] += number * (protection_presence if protecting else 1.0)
        if unit_kind[u] == POLICE:
            cell_police[cell] += number
        ledger[day, cell_region[cell], L_PATROLS] += number
        ledger[day, cell_region[cell], L_PATROL_DAYS] += number * party
        vehicles = patrol_persons / persons_per_escort_vehicle
        ledger[day, cell_region[cell], L_VEHICLES] += number * vehicles
        ledger[day, cell_region[cell], L_PROTECTED_VEHICLES] += number * vehicles * unit_protection[u]
        t = trip_count[0]
        if t >= trip_cell.shape[0]:
            return
        trip_count[0] = t + 1
        trip_activity[t] = A_PATROL
        trip_owner[t] = u
        trip_unit[t] = u
        trip_cell[t] = cell
        trip_km[t] = patrol_km
        trip_groups[t] = number
        trip_persons[t] = party
        trip_vehicles[t] = vehicles
        trip_trucks[t] = 0
        trip_cleared[t] = 0
        partners = cell_national[base_cell[b]] > 0
        trip_joint[t] = 1 if partners and u1 < lever_joint_patrols[day, b] else 0
        trip_key[t] = unit_key[u]
        trip_clock[t] = day


@inlined_kernel
def _choose(
    u, b, protecting, mapping, ring_first, ring_last, ring_cell, ring_near, ring_reached, cell_harm, cell_fear,
    cell_population, cell_town, harm_attraction, protection_floor, protection_fear_floor, patrol_town_people,
):  # fmt: skip
    total = 0.0
    for i in range(ring_first[b], ring_last[b]):
        total += _appeal(
            ring_cell[i], ring_near[i], protecting, mapping, cell_harm, cell_fear, cell_population, cell_town,
            harm_attraction, protection_floor, protection_fear_floor, patrol_town_people,
        )  # fmt: skip
        ring_reached[i] = total
    for i in range(ring_first[b], ring_last[b]):
        if ring_reached[i] >= u * total:
            return i
    return ring_last[b] - 1


@inlined_kernel
def _appeal(
    c, near, protecting, mapping, cell_harm, cell_fear, cell_population, cell_town, harm_attraction, protection_floor,
    protection_fear_floor, patrol_town_people,
):  # fmt: skip
    if protecting:
        return (
            (cell_population[c] / PEOPLE + protection_floor) * (protection_fear_floor + cell_fear[c]) * math.sqrt(near)
        )
    known_harm = harm_attraction * mapping * cell_harm[c]
    return near * (1.0 + cell_town[c] / patrol_town_people + known_harm)
