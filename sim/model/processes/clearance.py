"""Devices are found before they harm: by search teams ahead of convoys, and after warnings."""

from sim.model.conflict import device_found
from sim.model.kernels import binomial_inverse, kernel
from sim.model.recorder import A_CONVOY, A_ROAD, E_CLEARED, E_FOUND, E_UNIT, K_FIND, T_FIND, record
from sim.model.streams import uniforms


@kernel
def clearance(
    cell_key, cell_region, cell_road_km, cell_devices, cell_tip, cell_owner, cell_owner_key, cell_owner_organisation,
    trip_count, trip_owner, trip_unit, trip_cell, trip_km, trip_cleared, trip_key, trip_clock, unit_training,
    convoy_clearing_unit, band_key, band_found, events, event_count,
    find_probability, find_training_gain, tip_find_probability, search_reach, find_cap, road_km_floor,
    key, stream, day,
):  # fmt: skip
    """A search team finds a share of the devices on the way of its convoy; a warning leads to some of the others.

    Source: found shares in Afghanistan 0.41 mounted and 0.79 on foot as priors; 10 finds in 14 escorts of one company.
    """
    for t in range(trip_count[0]):
        cell = trip_cell[t]
        if trip_cleared[t] == 0 or cell_devices[cell] == 0:
            continue
        searchers = convoy_clearing_unit[trip_owner[t]]
        skill = unit_training[searchers] if searchers >= 0 else 0.0
        chance = min(find_cap, find_probability * (1.0 + find_training_gain * skill))
        met = min(1.0, search_reach * trip_km[t] / max(road_km_floor, cell_road_km[cell]))
        u, _, _, _ = uniforms(key, trip_key[t], trip_clock[t], stream)
        found = binomial_inverse(u, cell_devices[cell], met * chance)
        if found > 0:
            cell_devices[cell] -= found
            device_found(cell, found, cell_owner, cell_owner_key, band_key, band_found)
            row = _note(
                day, cell, cell_region, A_CONVOY, found, cell_owner_organisation, trip_key[t], events, event_count
            )
            events[row, E_CLEARED] = 1
            events[row, E_UNIT] = trip_unit[t]
    for c in range(cell_key.shape[0]):
        if cell_tip[c] == 0 or cell_devices[c] == 0:
            continue
        u, _, _, _ = uniforms(key, cell_key[c], day, stream + 1)
        found = binomial_inverse(u, cell_devices[c], tip_find_probability)
        if found > 0:
            cell_devices[c] -= found
            device_found(c, found, cell_owner, cell_owner_key, band_key, band_found)
            _note(day, c, cell_region, A_ROAD, found, cell_owner_organisation, cell_key[c], events, event_count)


@kernel
def _note(day, cell, cell_region, activity, found, cell_owner_organisation, entity, events, event_count):
    row = record(
        events,
        event_count,
        day,
        cell,
        cell_region[cell],
        K_FIND,
        T_FIND,
        activity,
        cell_owner_organisation[cell],
        entity,
    )
    events[row, E_FOUND] = found
    return row
