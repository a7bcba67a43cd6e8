"""Armed groups move in small steps around their home area."""

import math

from sim.model.conflict import COMPANY, FORCES, TRAFFIC, list_bands
from sim.model.kernels import inlined_kernel, kernel
from sim.model.streams import first_uniforms, uniforms


@kernel
def roaming(cells, bands, p, key, stream, day):
    """A band stays near home, near people and out of the way of stronger forces; success draws it towards its targets.

    Source: assumed; groups that hold rural areas and avoid pitched battle.
    """
    first_uniforms(key, bands.key, day, stream, bands.chance)
    for g in range(bands.key.shape[0]):
        if bands.strength[g] == 0 or bands.chance[g] >= p.roaming_rate:
            continue
        _, u, _, _ = uniforms(key, bands.key[g], day, stream)
        bands.cell[g] = _step(u, g, cells, bands, p)
    list_bands(cells, bands)


@inlined_kernel
def _step(u, g, cells, bands, p):
    here = bands.cell[g]
    total = 0.0
    for k in range(9):
        c = cells.neighbour[here, k] if k < 8 else here
        bands.step_utility[k] = 0.0
        if c >= 0:
            bands.step_utility[k] = _utility(c, g, cells, bands, p)
            total += bands.step_utility[k]
    goal = u * total
    reached = 0.0
    for k in range(8):
        reached += bands.step_utility[k]
        if reached >= goal:
            return cells.neighbour[here, k]
    return here


@inlined_kernel
def _utility(c, g, cells, bands, p):
    h = bands.home[g]
    apart = math.fabs(cells.lat[c] - cells.lat[h]) + math.fabs(cells.lon[c] - cells.lon[h])
    forces = (cells.national[c] + p.partner_menace * cells.partner[c]) / COMPANY
    mission = cells.presence[c] / p.roaming_presence
    appetite = (bands.weight[g, TRAFFIC] - 1.0) * min(1.0, mission) + (bands.weight[g, FORCES] - 1.0) * min(1.0, forces)
    friendly = 1.0 - p.crowd_state_trust * cells.state_trust[c]
    ratio = cells.population[c] / p.crowd_people
    if ratio != cells.crowd_ratio[c]:
        cells.crowd_ratio[c] = ratio
        cells.crowd[c] = math.log1p(ratio)
    people = p.crowd_appeal * cells.crowd[c] * friendly
    avoided = p.evasion * min(p.evasion_limit, forces + p.evasion_mission * mission)
    return math.exp(people + appetite - avoided - p.home_pull * apart)
