"""Rules that several processes share about attackers and victims; each is applied in this one place."""

import math

import numpy as np

from sim.model.kernels import binomial_inverse, heavy_tailed_count, inlined_kernel, kernel, poisson_inverse
from sim.model.recorder import (
    A_NONE,
    A_SETTLEMENT,
    E_BASE,
    E_CELL,
    E_CIVILIANS,
    E_CIVILIANS_WOUNDED,
    E_KEY,
    E_TACTIC,
    E_UN_OTHER,
    E_UNIT,
    K_ONE_SIDED,
    T_KILLING,
    record,
)
from sim.model.streams import child_key, uniforms
from sim.model.tables import (
    B_DESERTED,
    B_FIGHTERS_KILLED,
    B_PEOPLE_KILLED,
    B_TROOPS_DIED,
    ISLAMIC_STATE,
    JIHADIST,
    PLATFORM,
    SELF_DEFENCE,
    SIGNATORY,
)

TRAFFIC, CAMPS, FORCES, CIVILIANS = range(4)  # targets whose weights a band learns
BAND_UNIT = 30.0  # fighters; rates of bands are stated per this many, a platoon-size party
COMPANY = 150.0  # persons; rates and losses of national and partner forces are stated per this many
CAMP = 500.0  # persons; hits of indirect fire are stated for a camp of this size
DRILL_CURRENT = 0.5  # share of full drill currency from which an event counts as one of drilled troops


@kernel
def trend(yearly, days):
    """The factor that a yearly log change without a cause has reached after ``days`` (a row of ``trend_days``)."""
    return math.exp(yearly * days / 365.25)


@inlined_kernel
def will_to_attack_mission(family, jihadist_will, islamic_state_will, other_will):
    """Intent towards the mission by family, relative to the jihadist coalition before any trend.

    ``jihadist_will`` is the factor that the trend has reached; it applies to both jihadist families.
    """
    if family == JIHADIST:
        return jihadist_will
    if family == ISLAMIC_STATE:
        return jihadist_will * islamic_state_will
    if family == SIGNATORY or family == SELF_DEFENCE or family == PLATFORM:
        return other_will
    return 0.0


@kernel
def provocation(police_provocation, police_seen, police_limit, impartiality_cost, shared):
    """How police patrols and closeness to national forces change the intent towards the mission; both signs
    possible."""
    return math.exp(police_provocation * min(police_limit, police_seen)) * (1.0 + impartiality_cost * shared)


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
def attack_civilians(
    cell, region, organisation, entity, u_size, u_wounded, u_place, day, killing_scale, killing_spread,
    civilian_wounded_ratio, civilian_wounded_most, cell_first, cell_last, community_population, community_displaced,
    community_losses, events, event_count, balance,
):  # fmt: skip
    """One killing of civilians in a cell by an armed group: at least one dead while anybody is there, heavy-tailed."""
    dead = kill_civilians(
        cell, 1 + heavy_tailed_count(u_size, killing_scale, killing_spread), u_place, cell_first, cell_last,
        community_population, community_displaced, community_losses, balance,
    )  # fmt: skip
    row = record(events, event_count, day, cell, region, K_ONE_SIDED, T_KILLING, A_SETTLEMENT, organisation, entity)
    events[row, E_CIVILIANS] = dead
    events[row, E_CIVILIANS_WOUNDED] = binomial_inverse(
        u_wounded, int(civilian_wounded_most * dead), civilian_wounded_ratio
    )


@kernel
def cause_of(row, first, events, stream):
    """The key of who or what caused an event, for draws about those whom it hit; ``first`` is the first row of today.

    Its second event today of the same tactic in the same cell has another key: what differs must not share draws.
    """
    alike = 0
    for k in range(first, row):
        same = events[k, E_KEY] == events[row, E_KEY] and events[k, E_CELL] == events[row, E_CELL]
        alike += 1 if same and events[k, E_TACTIC] == events[row, E_TACTIC] else 0
    cause = np.uint64(events[row, E_KEY])
    return cause if alike == 0 else child_key(cause, stream, alike)


@kernel
def device_found(cell, number, cell_owner, cell_owner_key, band_key, band_found):
    """Note for the band that laid last in a cell, if it still exists, that its devices were found."""
    g = cell_owner[cell]
    if g >= 0 and band_key[g] == cell_owner_key[cell]:
        band_found[g] += number


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


@inlined_kernel
def list_bands(band_strength, band_cell, band_next, cell_band):
    """Rebuild the list of living bands of every cell."""
    cell_band[:] = -1
    for g in range(band_strength.shape[0]):
        if band_strength[g] > 0:
            band_next[g] = cell_band[band_cell[g]]
            cell_band[band_cell[g]] = g


@kernel
def die_in_camp(
    kind, tactic, rate, base_key, base_cell, base_region, base_strength, unit_base, unit_strength, unit_escorting,
    unit_clearing, organisation_family, events, event_count, balance, key, stream, day,
):  # fmt: skip
    """Deaths of peacekeepers by a cause other than violence, at ``rate`` per person-year, base by base."""
    nobody = organisation_family.shape[0] + 2  # the last actor
    for b in range(base_key.shape[0]):
        if base_strength[b] == 0:
            continue
        u0, u1, _, _ = uniforms(key, base_key[b], day, stream)
        dead = poisson_inverse(u0, rate / 365.25 * base_strength[b])
        if dead == 0:
            continue
        unit = unit_struck(u1, b, base_strength[b], unit_base, unit_strength)
        dead = min(dead, unit_strength[unit] - unit_escorting[unit] - unit_clearing[unit])
        if dead <= 0:
            continue
        row = record(
            events, event_count, day, base_cell[b], base_region[b], kind, tactic, A_NONE, nobody, base_key[b]
        )  # fmt: skip
        events[row, E_UN_OTHER] = dead
        events[row, E_BASE] = b
        events[row, E_UNIT] = unit
        unit_strength[unit] -= dead
        base_strength[b] -= dead
        balance[B_TROOPS_DIED] += dead
