"""Armed groups lay explosive devices on roads that are worth it."""

import math

from sim.model.conflict import BAND_UNIT, CIVILIANS, FORCES, TRAFFIC, rows_in_use, trend, will_to_attack_mission
from sim.model.kernels import binomial_inverse, kernel, poisson_inverse
from sim.model.streams import first_uniforms, uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST


@kernel
def emplacement(daily, cells, regions, trips, organisations, bands, p, key, stream, day):
    """Devices are laid where mission, national or civilian traffic passes, and wear out if nothing sets them off.
    What was found is laid again, in a share of cases.

    Source: 130 to 192 IED incidents a year nationwide in 2016-18; life of a device assumed.
    """
    jihadist_will = trend(p.intent_trend, daily.trend_days[day])
    fading = math.exp(-1.0 / p.traffic_memory)
    for c in range(cells.key.shape[0]):
        cells.traffic[c] *= fading
        if cells.devices[c] > 0:
            u, _, _, _ = uniforms(key, cells.key[c], day, stream)
            cells.devices[c] -= binomial_inverse(u, cells.devices[c], 1.0 / p.device_life)
    for t in range(trips.count[0]):
        cells.traffic[trips.cell[t]] += (1.0 - fading) * trips.groups[t]
    used = rows_in_use(bands.strength)
    bands.found[used:] = 0
    first_uniforms(key, bands.key[:used], day, stream + 1, bands.chance)
    for g in range(used):
        found = bands.found[g]
        bands.found[g] = 0
        family = organisations.family[bands.organisation[g]]
        if bands.strength[g] == 0 or (family != JIHADIST and family != ISLAMIC_STATE):
            continue
        here = bands.cell[g]
        tempo = regions.tempo[cells.region[here]]
        rate = p.device_rate * bands.skill[g] * bands.strength[g] / BAND_UNIT * tempo
        number = poisson_inverse(bands.chance[g], rate)
        if number == 0 and found == 0:
            continue
        _, u1, u2, _ = uniforms(key, bands.key[g], day, stream + 1)
        if found > 0:
            number += binomial_inverse(u2, found, p.displacement_share)
        if number == 0:
            continue
        will = will_to_attack_mission(family, jihadist_will, p.islamic_state_will, p.other_will)
        cell = _choose(
            u1, here, will, bands.weight[g, TRAFFIC], bands.weight[g, FORCES], bands.weight[g, CIVILIANS], cells, p
        )
        if cell >= 0:
            cells.devices[cell] += number
            cells.owner[cell] = g
            cells.owner_key[cell] = bands.key[g]
            cells.owner_organisation[cell] = bands.organisation[g]


@kernel
def _choose(u, here, will, on_mission, on_forces, on_civilians, cells, p):
    total = 0.0
    for k in range(9):
        c = cells.neighbour[here, k] if k < 8 else here
        if c >= 0:
            total += _worth(c, will, on_mission, on_forces, on_civilians, cells, p)
    if total <= 0.0:
        return -1
    goal = u * total
    reached = 0.0
    chosen = -1
    for k in range(9):
        c = cells.neighbour[here, k] if k < 8 else here
        if c < 0:
            continue
        worth = _worth(c, will, on_mission, on_forces, on_civilians, cells, p)
        if worth > 0.0:
            chosen = c
        reached += worth
        if reached >= goal:
            return chosen
    return chosen


@kernel
def _worth(c, will, on_mission, on_forces, on_civilians, cells, p):
    mission = will * on_mission * cells.traffic[c]
    forces = on_forces * (cells.national[c] + cells.partner[c]) / p.device_forces
    people = min(p.device_civilian_limit, cells.population[c] / p.device_people)
    roads = cells.road_km[c] / p.device_road_km
    return (mission + forces + p.device_civilian_appeal * on_civilians * people) * (p.device_offroad + roads)
