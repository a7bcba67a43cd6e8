"""Armed groups move in small steps around their home area."""

import math

from sim.model.conflict import COMPANY, FORCES, TRAFFIC, list_bands, rows_in_use
from sim.model.kernels import inlined_kernel, kernel
from sim.model.streams import first_uniforms, uniforms


@kernel
def roaming(cells, bands, p, key, stream, day):
    """A band stays near home, near people and out of the way of stronger forces; success draws it towards its targets.

    Source: assumed; groups that hold rural areas and avoid pitched battle.
    """
    used = rows_in_use(bands.strength)
    first_uniforms(key, bands.key[:used], day, stream, bands.chance)
    for g in range(used):
        if bands.strength[g] == 0 or bands.chance[g] >= p.roaming_rate:
            continue
        _, u, _, _ = uniforms(key, bands.key[g], day, stream)
        bands.cell[g] = _step(u, g, cells, bands, p)
    list_bands(cells, bands)


@inlined_kernel
def _step(u, g, cells, bands, p):
    here = bands.cell[g]
    home = bands.home[g]
    lat = cells.lat[home]
    lon = cells.lon[home]
    on_mission = bands.weight[g, TRAFFIC] - 1.0
    on_forces = bands.weight[g, FORCES] - 1.0
    total = 0.0
    for k in range(9):
        c = cells.neighbour[here, k] if k < 8 else here
        bands.step_utility[k] = 0.0
        if c >= 0:
            utility = _utility(c, lat, lon, on_mission, on_forces, cells, p)
            bands.step_utility[k] = utility
            total += utility
    goal = u * total
    reached = 0.0
    for k in range(8):
        reached += bands.step_utility[k]
        if reached >= goal:
            return cells.neighbour[here, k]
    return here


@inlined_kernel
def _utility(c, lat, lon, on_mission, on_forces, cells, p):
    """The appeal of a cell to a band with its home at lat, lon and these weights of its targets beyond 1."""
    apart = math.fabs(cells.lat[c] - lat) + math.fabs(cells.lon[c] - lon)
    forces = (cells.national[c] + p.partner_menace * cells.partner[c]) / COMPANY
    mission = cells.presence[c] / p.roaming_presence
    appetite = on_mission * min(1.0, mission) + on_forces * min(1.0, forces)
    friendly = 1.0 - p.crowd_state_trust * cells.state_trust[c]
    ratio = cells.population[c] / p.crowd_people
    if ratio != cells.crowd_ratio[c]:
        cells.crowd_ratio[c] = ratio
        cells.crowd[c] = math.log1p(ratio)
    people = p.crowd_appeal * cells.crowd[c] * friendly
    avoided = p.evasion * min(p.evasion_limit, forces + p.evasion_mission * mission)
    return math.exp(people + appetite - avoided - p.home_pull * apart)
