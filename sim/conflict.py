"""Rules that several processes share about attackers and victims; each is applied in this one place."""

import math

from sim.kernels import kernel
from sim.tables import (
    B_DESERTED,
    B_FIGHTERS_KILLED,
    B_PEOPLE_KILLED,
    ISLAMIC_STATE,
    JIHADIST,
    PLATFORM,
    SELF_DEFENCE,
    SIGNATORY,
)

TRAFFIC, CAMPS, FORCES, CIVILIANS = range(4)  # targets whose weights a band learns
BAND_UNIT = 30.0  # fighters; rates of bands are stated per this many, a platoon-size party


@kernel
def will_to_attack_mission(family, islamic_state_will, other_will):
    """Intent towards the mission by family; 1 is that of the jihadist coalition."""
    if family == JIHADIST:
        return 1.0
    if family == ISLAMIC_STATE:
        return islamic_state_will
    if family == SIGNATORY or family == SELF_DEFENCE or family == PLATFORM:
        return other_will
    return 0.0


@kernel
def provocation(police_provocation, police_seen, impartiality_cost, shared):
    """How police patrols and closeness to national forces change the intent towards the mission; both signs
    possible."""
    return math.exp(police_provocation * min(5.0, police_seen)) * (1.0 + impartiality_cost * shared)


@kernel
def lose_fighters(g, number, band_strength, balance):
    """Kill up to ``number`` fighters of band g; returns how many died."""
    dead = min(number, band_strength[g])
    band_strength[g] -= dead
    balance[B_FIGHTERS_KILLED] += dead
    return dead


@kernel
def desert(g, number, band_strength, balance):
    """Let up to ``number`` fighters leave band g; returns how many left."""
    gone = min(number, band_strength[g])
    band_strength[g] -= gone
    balance[B_DESERTED] += gone
    return gone


@kernel
def kill_civilians(
    cell, number, u, cell_first, cell_last, community_population, community_displaced, community_losses, balance
):
    """Kill up to ``number`` residents of a cell, community by community from a drawn start; returns how many died."""
    first = cell_first[cell]
    count = cell_last[cell] - first
    left = number
    for i in range(count):
        if left <= 0:
            break
        m = first + (int(u * count) + i) % count
        dead = min(left, community_population[m] - community_displaced[m])
        community_population[m] -= dead
        community_losses[m] += dead
        balance[B_PEOPLE_KILLED] += dead
        left -= dead
    return number - left


@kernel
def unit_struck(u, base, strength, unit_base, unit_strength):
    """The unit of a base that is hit, drawn in proportion to strength; -1 where the base is empty."""
    goal = u * strength
    reached = 0.0
    last = -1
    for n in range(unit_base.shape[0]):
        if unit_base[n] == base and unit_strength[n] > 0:
            reached += unit_strength[n]
            last = n
            if reached >= goal:
                return n
    return last


@kernel
def lose_forces(cell, number, national_kind, national_cell, national_strength, malian):
    """Kill up to ``number`` soldiers of the Malian (or else partner) units in a cell, in order; returns how many
    died."""
    left = number
    for n in range(national_cell.shape[0]):
        if left <= 0:
            break
        if national_cell[n] != cell or (national_kind[n] == 0) != malian:
            continue
        dead = min(left, national_strength[n])
        national_strength[n] -= dead
        left -= dead
    return number - left


@kernel
def list_bands(band_strength, band_cell, band_next, cell_band):
    """Rebuild the list of living bands of every cell."""
    cell_band[:] = -1
    for g in range(band_strength.shape[0]):
        if band_strength[g] > 0:
            band_next[g] = cell_band[band_cell[g]]
            cell_band[band_cell[g]] = g
