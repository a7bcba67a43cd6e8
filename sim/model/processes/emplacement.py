"""Armed groups lay explosive devices on roads that are worth it."""

import math

from sim.model.conflict import BAND_UNIT, CIVILIANS, FORCES, TRAFFIC, trend, will_to_attack_mission
from sim.model.kernels import binomial_inverse, kernel, poisson_inverse
from sim.model.streams import first_uniforms, uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST


@kernel
def emplacement(
    cell_key, cell_neighbour, cell_region, cell_road_km, cell_population, cell_traffic, cell_national, cell_partner,
    cell_devices, cell_owner, cell_owner_key, cell_owner_organisation, region_tempo, trip_count, trip_cell, trip_groups,
    band_key, band_organisation, band_strength, band_cell, band_skill, band_weight, band_found, band_chance,
    organisation_family, trend_days,
    device_rate, device_life, traffic_memory, islamic_state_will, other_will, intent_trend, device_forces,
    device_civilian_appeal, device_civilian_limit, device_people, device_road_km, device_offroad, displacement_share,
    key, stream, day,
):  # fmt: skip
    """Devices are laid where mission, national or civilian traffic passes, and wear out if nothing sets them off.
    What was found is laid anew, in a share of cases.

    Source: 130 to 192 IED incidents a year nationwide in 2016-18; life of a device assumed.
    """
    jihadist_will = trend(intent_trend, trend_days[day])
    fading = math.exp(-1.0 / traffic_memory)
    for c in range(cell_key.shape[0]):
        cell_traffic[c] *= fading
        if cell_devices[c] > 0:
            u, _, _, _ = uniforms(key, cell_key[c], day, stream)
            cell_devices[c] -= binomial_inverse(u, cell_devices[c], 1.0 / device_life)
    for t in range(trip_count[0]):
        cell_traffic[trip_cell[t]] += (1.0 - fading) * trip_groups[t]
    first_uniforms(key, band_key, day, stream + 1, band_chance)
    for g in range(band_key.shape[0]):
        found = band_found[g]
        band_found[g] = 0
        family = organisation_family[band_organisation[g]]
        if band_strength[g] == 0 or (family != JIHADIST and family != ISLAMIC_STATE):
            continue
        here = band_cell[g]
        tempo = region_tempo[cell_region[here]]
        rate = device_rate * band_skill[g] * band_strength[g] / BAND_UNIT * tempo
        number = poisson_inverse(band_chance[g], rate)
        if number == 0 and found == 0:
            continue
        _, u1, u2, _ = uniforms(key, band_key[g], day, stream + 1)
        if found > 0:
            number += binomial_inverse(u2, found, displacement_share)
        if number == 0:
            continue
        will = will_to_attack_mission(family, jihadist_will, islamic_state_will, other_will)
        cell = _choose(
            u1, here, will, band_weight[g, TRAFFIC], band_weight[g, FORCES], band_weight[g, CIVILIANS], cell_neighbour,
            cell_road_km, cell_population, cell_traffic, cell_national, cell_partner, device_forces,
            device_civilian_appeal, device_civilian_limit, device_people, device_road_km, device_offroad,
        )  # fmt: skip
        if cell >= 0:
            cell_devices[cell] += number
            cell_owner[cell] = g
            cell_owner_key[cell] = band_key[g]
            cell_owner_organisation[cell] = band_organisation[g]


@kernel
def _choose(
    u, here, will, on_mission, on_forces, on_civilians, cell_neighbour, cell_road_km, cell_population, cell_traffic,
    cell_national, cell_partner, device_forces, device_civilian_appeal, device_civilian_limit, device_people,
    device_road_km, device_offroad,
):  # fmt: skip
    total = 0.0
    for k in range(9):
        c = cell_neighbour[here, k] if k < 8 else here
        if c >= 0:
            total += _worth(
                c, will, on_mission, on_forces, on_civilians, cell_road_km, cell_population, cell_traffic,
                cell_national, cell_partner, device_forces, device_civilian_appeal, device_civilian_limit,
                device_people, device_road_km, device_offroad,
            )  # fmt: skip
    if total <= 0.0:
        return -1
    goal = u * total
    reached = 0.0
    chosen = -1
    for k in range(9):
        c = cell_neighbour[here, k] if k < 8 else here
        if c < 0:
            continue
        worth = _worth(
            c, will, on_mission, on_forces, on_civilians, cell_road_km, cell_population, cell_traffic, cell_national,
            cell_partner, device_forces, device_civilian_appeal, device_civilian_limit, device_people, device_road_km,
            device_offroad,
        )  # fmt: skip
        if worth > 0.0:
            chosen = c
        reached += worth
        if reached >= goal:
            return chosen
    return chosen


@kernel
def _worth(
    c, will, on_mission, on_forces, on_civilians, cell_road_km, cell_population, cell_traffic, cell_national,
    cell_partner, device_forces, device_civilian_appeal, device_civilian_limit, device_people, device_road_km,
    device_offroad,
):  # fmt: skip
    mission = will * on_mission * cell_traffic[c]
    forces = on_forces * (cell_national[c] + cell_partner[c]) / device_forces
    people = min(device_civilian_limit, cell_population[c] / device_people)
    roads = cell_road_km[c] / device_road_km
    return (mission + forces + device_civilian_appeal * on_civilians * people) * (device_offroad + roads)
