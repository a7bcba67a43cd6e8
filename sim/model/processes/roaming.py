"""Armed groups move in small steps around their home area."""

import math

from sim.model.conflict import COMPANY, FORCES, TRAFFIC, list_bands
from sim.model.kernels import inlined_kernel, kernel
from sim.model.streams import first_uniforms, uniforms


@kernel
def roaming(
    cell_neighbour, cell_population, cell_presence, cell_national, cell_partner, cell_band, cell_state_trust,
    cell_crowd, cell_crowd_ratio, band_key, band_strength, band_cell, band_home, band_next, band_weight,
    cell_lat, cell_lon, band_chance, step_utility,
    roaming_rate, home_pull, evasion, crowd_appeal, partner_menace, roaming_presence, crowd_people,
    crowd_state_trust, evasion_limit, evasion_mission,
    key, stream, day,
):  # fmt: skip
    """A band stays near home, near people and out of the way of stronger forces; success draws it towards its targets.

    Source: assumed; groups that hold rural areas and avoid pitched battle.
    """
    first_uniforms(key, band_key, day, stream, band_chance)
    for g in range(band_key.shape[0]):
        if band_strength[g] == 0 or band_chance[g] >= roaming_rate:
            continue
        _, u, _, _ = uniforms(key, band_key[g], day, stream)
        band_cell[g] = _step(
            u, g, cell_neighbour, cell_population, cell_presence, cell_national, cell_partner, cell_state_trust,
            cell_crowd, cell_crowd_ratio, band_cell, band_home, band_weight, cell_lat, cell_lon, step_utility,
            home_pull, evasion, crowd_appeal, partner_menace, roaming_presence, crowd_people, crowd_state_trust,
            evasion_limit, evasion_mission,
        )  # fmt: skip
    list_bands(band_strength, band_cell, band_next, cell_band)


@inlined_kernel
def _step(
    u, g, cell_neighbour, cell_population, cell_presence, cell_national, cell_partner, cell_state_trust, cell_crowd,
    cell_crowd_ratio, band_cell, band_home, band_weight, cell_lat, cell_lon, step_utility, home_pull, evasion,
    crowd_appeal, partner_menace, roaming_presence, crowd_people, crowd_state_trust, evasion_limit, evasion_mission,
):  # fmt: skip
    here = band_cell[g]
    total = 0.0
    for k in range(9):
        c = cell_neighbour[here, k] if k < 8 else here
        step_utility[k] = 0.0
        if c >= 0:
            step_utility[k] = _utility(
                c, g, cell_population, cell_presence, cell_national, cell_partner, cell_state_trust, cell_crowd,
                cell_crowd_ratio, band_home, band_weight, cell_lat, cell_lon, home_pull, evasion, crowd_appeal,
                partner_menace, roaming_presence, crowd_people, crowd_state_trust, evasion_limit, evasion_mission,
            )  # fmt: skip
            total += step_utility[k]
    goal = u * total
    reached = 0.0
    for k in range(8):
        reached += step_utility[k]
        if reached >= goal:
            return cell_neighbour[here, k]
    return here


@inlined_kernel
def _utility(
    c, g, cell_population, cell_presence, cell_national, cell_partner, cell_state_trust, cell_crowd, cell_crowd_ratio,
    band_home, band_weight, cell_lat, cell_lon, home_pull, evasion, crowd_appeal, partner_menace, roaming_presence,
    crowd_people, crowd_state_trust, evasion_limit, evasion_mission,
):  # fmt: skip
    h = band_home[g]
    apart = math.fabs(cell_lat[c] - cell_lat[h]) + math.fabs(cell_lon[c] - cell_lon[h])
    forces = (cell_national[c] + partner_menace * cell_partner[c]) / COMPANY
    mission = cell_presence[c] / roaming_presence
    appetite = (band_weight[g, TRAFFIC] - 1.0) * min(1.0, mission) + (band_weight[g, FORCES] - 1.0) * min(1.0, forces)
    friendly = 1.0 - crowd_state_trust * cell_state_trust[c]
    ratio = cell_population[c] / crowd_people
    if ratio != cell_crowd_ratio[c]:
        cell_crowd_ratio[c] = ratio
        cell_crowd[c] = math.log1p(ratio)
    people = crowd_appeal * cell_crowd[c] * friendly
    avoided = evasion * min(evasion_limit, forces + evasion_mission * mission)
    return math.exp(people + appetite - avoided - home_pull * apart)
