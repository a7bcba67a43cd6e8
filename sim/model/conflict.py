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
def lose_fighters(g, number, bands, recorder):
    """Kill up to ``number`` fighters of band g; returns how many died."""
    dead = min(number, bands.strength[g])
    bands.strength[g] -= dead
    recorder.balance[B_FIGHTERS_KILLED] += dead
    return dead


@kernel
def desert(g, number, bands, recorder):
    """Let up to ``number`` fighters leave band g; returns how many left."""
    gone = min(number, bands.strength[g])
    bands.strength[g] -= gone
    recorder.balance[B_DESERTED] += gone
    return gone


@kernel
def kill_civilians(cell, number, u, cells, communities, recorder):
    """Kill up to ``number`` residents of a cell, community by community from a drawn start; returns how many died."""
    first = cells.first[cell]
    count = cells.last[cell] - first
    left = number
    for i in range(count):
        if left <= 0:
            break
        m = first + (int(u * count) + i) % count
        dead = min(left, communities.population[m] - communities.displaced[m])
        communities.population[m] -= dead
        communities.losses[m] += dead
        recorder.balance[B_PEOPLE_KILLED] += dead
        left -= dead
    return number - left


@kernel
def attack_civilians(
    cell, region, organisation, entity, u_size, u_wounded, u_place, day, cells, communities, recorder, p
):
    """One killing of civilians in a cell by an armed group: at least one dead while anybody is there, heavy-tailed."""
    dead = kill_civilians(
        cell, 1 + heavy_tailed_count(u_size, p.killing_scale, p.killing_spread), u_place, cells, communities, recorder
    )
    row = record(recorder, day, cell, region, K_ONE_SIDED, T_KILLING, A_SETTLEMENT, organisation, entity)
    recorder.events[row, E_CIVILIANS] = dead
    recorder.events[row, E_CIVILIANS_WOUNDED] = binomial_inverse(
        u_wounded, int(p.civilian_wounded_most * dead), p.civilian_wounded_ratio
    )


@kernel
def cause_of(row, stream, recorder):
    """The key of who or what caused an event of today, for draws about those whom it hit.

    Its second event today of the same tactic in the same cell has another key: what differs must not share draws.
    """
    alike = 0
    for k in range(recorder.event_today[0], row):
        same = (
            recorder.events[k, E_KEY] == recorder.events[row, E_KEY]
            and recorder.events[k, E_CELL] == recorder.events[row, E_CELL]
        )
        alike += 1 if same and recorder.events[k, E_TACTIC] == recorder.events[row, E_TACTIC] else 0
    cause = np.uint64(recorder.events[row, E_KEY])
    return cause if alike == 0 else child_key(cause, stream, alike)


@kernel
def device_found(cell, number, cells, bands):
    """Note for the band that laid last in a cell, if it still exists, that its devices were found."""
    g = cells.owner[cell]
    if g >= 0 and bands.key[g] == cells.owner_key[cell]:
        bands.found[g] += number


@kernel
def unit_struck(u, base, strength, units):
    """The unit of a base that is hit, drawn in proportion to strength; -1 where the base is empty."""
    goal = u * strength
    reached = 0.0
    last = -1
    for n in range(units.base.shape[0]):
        if units.base[n] == base and units.strength[n] > 0:
            reached += units.strength[n]
            last = n
            if reached >= goal:
                return n
    return last


@kernel
def lose_forces(cell, number, malian, nationals):
    """Kill up to ``number`` soldiers of the Malian (or else partner) units in a cell, in order; returns how many
    died."""
    left = number
    for n in range(nationals.cell.shape[0]):
        if left <= 0:
            break
        if nationals.cell[n] != cell or (nationals.kind[n] == 0) != malian:
            continue
        dead = min(left, nationals.strength[n])
        nationals.strength[n] -= dead
        left -= dead
    return number - left


@kernel
def rows_in_use(strength):
    """One past the last living band: what follows are rows for bands to come, two fifths of all in a usual decade."""
    last = strength.shape[0]
    while last > 0 and strength[last - 1] == 0:
        last -= 1
    return last


@inlined_kernel
def list_bands(cells, bands):
    """Rebuild the list of living bands of every cell."""
    cells.band[:] = -1
    for g in range(rows_in_use(bands.strength)):
        if bands.strength[g] > 0:
            bands.next[g] = cells.band[bands.cell[g]]
            cells.band[bands.cell[g]] = g


@kernel
def die_in_camp(kind, tactic, rate, bases, units, organisations, recorder, key, stream, day):
    """Deaths of peacekeepers by a cause other than violence, at ``rate`` per person-year, base by base."""
    nobody = organisations.family.shape[0] + 2  # the last actor
    for b in range(bases.key.shape[0]):
        if bases.strength[b] == 0:
            continue
        u0, u1, _, _ = uniforms(key, bases.key[b], day, stream)
        dead = poisson_inverse(u0, rate / 365.25 * bases.strength[b])
        if dead == 0:
            continue
        unit = unit_struck(u1, b, bases.strength[b], units)
        dead = min(dead, units.strength[unit] - units.escorting[unit] - units.clearing[unit])
        if dead <= 0:
            continue
        row = record(recorder, day, bases.cell[b], bases.region[b], kind, tactic, A_NONE, nobody, bases.key[b])
        recorder.events[row, E_UN_OTHER] = dead
        recorder.events[row, E_BASE] = b
        recorder.events[row, E_UNIT] = unit
        units.strength[unit] -= dead
        bases.strength[b] -= dead
        recorder.balance[B_TROOPS_DIED] += dead
