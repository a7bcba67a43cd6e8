"""Rules about attackers and victims that several processes share."""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial, heavy_tailed, poisson
from tests.reference.events import NOBODY

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup, Base, PatrolUnit
    from tests.reference.places import Cell

PLATOON = 30.0  # fighters; size of a band is counted in these
COMPANY = 150.0  # persons; rates and losses of national forces are stated per this many
CAMP = 500.0  # persons; hits of indirect fire are stated for a camp of this size
DRILL_CURRENT = 0.5  # share of drill currency from which troops count as drilled


def trend(yearly: float, days: int) -> float:
    """The factor that a yearly log change has reached after so many days."""
    return math.exp(yearly * days / 365.25)


def provocation(cell: "Cell") -> float:
    """How police patrols and closeness to national forces change the intent towards the mission."""
    p = cell.model.p
    provoked = math.exp(p.police_provocation * min(p.police_limit, cell.police))
    return provoked * (1.0 + p.impartiality_cost * cell.region.level("coordination"))


def standby(base: "Base | None") -> float:
    """Share of a full quick reaction that stands ready at a base."""
    if base is None or base.strength == 0:
        return 0.0
    return min(1.0, base.standby / base.model.p.reaction_persons)


def unit_struck(u: float, base: "Base") -> "PatrolUnit":
    """The unit of a manned base that is hit, drawn in proportion to strength."""
    goal = u * base.strength
    reached = 0.0
    present = [unit for unit in base.units if unit.strength > 0]
    for unit in present:
        reached += unit.strength
        if reached >= goal:
            return unit
    return present[-1]


def kill_civilians(cell: "Cell", number: int, u: float) -> int:
    """Kill up to ``number`` residents, community by community from a drawn start; returns how many died."""
    start = int(u * len(cell.communities))
    left = number
    for community in cell.communities[start:] + cell.communities[:start]:
        if left <= 0:
            break
        dead = min(left, community.at_home)
        community.population -= dead
        community.losses += dead
        cell.model.balance["people_killed"] += dead
        left -= dead
    return number - left


def attack_civilians(band: "ArmedGroup", cell: "Cell", u_dead: float, u_wounded: float, u_who: float) -> None:
    """One killing by a band: at least one dead while anybody is there, heavy-tailed."""
    p = band.model.p
    dead = kill_civilians(cell, 1 + heavy_tailed(u_dead, p.killing_scale, p.killing_spread), u_who)
    wounded = binomial(u_wounded, int(p.civilian_wounded_most * dead), p.civilian_wounded_ratio)
    band.model.record(
        cell, "one_sided", "killing", "settlement", band.organisation, band.key,
        civilians_killed=dead, civilians_wounded=wounded,
    )  # fmt: skip


def lose_forces(cell: "Cell", number: int, malian: bool) -> int:
    """Kill up to ``number`` soldiers of the Malian (or else other) units in a cell, in order; returns how many died."""
    left = number
    for unit in cell.model.national_units:
        if unit.cell is cell and unit.malian == malian and left > 0:
            dead = min(left, unit.strength)
            unit.strength -= dead
            left -= dead
    return number - left


def die_in_camp(base: "Base", cause: str, rate: float, stream: int) -> None:
    """Deaths of peacekeepers by a cause other than violence, at ``rate`` per person-year."""
    if base.strength == 0:
        return
    u_number, u_unit, _, _ = base.draw(stream)
    dead = poisson(u_number, rate / 365.25 * base.strength)
    if dead == 0:
        return
    unit = unit_struck(u_unit, base)
    dead = min(dead, unit.strength - unit.escorting - unit.clearing)
    if dead <= 0:
        return
    base.model.record(
        base.cell, cause, cause, "none", NOBODY, base.key,
        base=base, unit=unit, peacekeepers_died_other=dead,
    )  # fmt: skip
    unit.strength -= dead
    base.strength -= dead
    base.model.balance["troops_died"] += dead


def intent(band: "ArmedGroup") -> float:
    """Intent towards the mission: 1 for the jihadist family, less for others; that of the first two has a trend."""
    p, family = band.model.p, band.organisation.family
    if family == "jihadist":
        return trend(p.intent_trend, band.model.trend_days)
    if family == "islamic_state":
        return trend(p.intent_trend, band.model.trend_days) * p.islamic_state_will
    return p.other_will
