"""National and partner forces, and armed organisations with their first bands, by schedule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from sim._util.apportionment import shared_out
from sim._util.clock import Calendar
from sim.missions import Mission
from sim.missions.facts import ForceKind
from sim.model.streams import entity_key
from sim.model.tables import FAMILIES, NEVER
from sim.model.world import World
from sim.scenario import Organisation, Scenario

COMPANY = 200  # persons of a national or partner unit
PARAMETERS = ("camp_garrison", "field_share")
_Held = tuple[str, str, float]  # first and last day (ISO), share of its force
KINDS: Mapping[ForceKind, int] = {"national": 0, "partner": 1, "contracted": 2}  # of column national_kind
NATIONAL = KINDS["national"]


@dataclass(frozen=True)
class ForcesPlan:
    """Input columns and first state of national units and bands; organisation names by index."""

    inputs: dict[str, np.ndarray]
    start: dict[str, np.ndarray]
    organisations: tuple[str, ...]


@dataclass(frozen=True)
class _Post:
    """A garrison: its name, cell, kind and persons by month, and the number of companies that it is given."""

    name: str
    home: int
    kind: int
    persons: np.ndarray
    companies: int


def build(
    scenario: Scenario, calendar: Calendar, world: World, values: Mapping[str, float], spare_bands: int
) -> ForcesPlan:
    """Garrisons x strengths, and bands at the homes of their organisations; ``values`` holds PARAMETERS."""
    national = _nationals(scenario, calendar, world, values)
    facts = scenario.mission.table("organisations").set_index("organisation")
    inputs = national | _organisations(scenario, facts)
    bands, start = _bands(scenario, facts, world, spare_bands)
    return ForcesPlan(inputs | bands, start, tuple(facts.index))


def _nationals(
    scenario: Scenario, calendar: Calendar, world: World, values: Mapping[str, float]
) -> dict[str, np.ndarray]:
    camp = int(values["camp_garrison"] + 0.5)
    posts = _garrisons(scenario, calendar, world, values["field_share"])
    posts = _handed_over(posts, _wanted(scenario, calendar, camp, world), camp, world)
    rows = [(post, n) for post in posts for n in range(post.companies)]
    return {
        "national_key": np.array([entity_key("national", f"{post.name}:{n}") for post, n in rows], np.uint64),
        "national_home": np.array([post.home for post, _ in rows], np.int64),
        "national_kind": np.array([post.kind for post, _ in rows], np.int64),
        "national_target": np.stack([np.clip(post.persons - COMPANY * n, 0, COMPANY) for post, n in rows], axis=1),
    }


def _garrisons(scenario: Scenario, calendar: Calendar, world: World, field_share: float) -> list[_Post]:
    """Share of the place x strength of the force, month by month."""
    staged = _firsts(scenario, calendar)
    found = []
    kinds = scenario.mission.facts.forces
    for force, place, gid, held in _places(scenario.mission):
        present = field_share if kinds[force] == "national" else 1.0
        strength = [stage.forces[force].at(when) * _share(held, when) * present for when, stage in staged]
        persons = np.floor(np.array(strength) + 0.5).astype(np.int64)
        home = world.cell_index.get(gid, world.towns.get(place, -1))
        found.append(_Post(f"{force}/{place}", home, KINDS[kinds[force]], persons, _companies(int(persons.max()))))
    return found


@lru_cache(maxsize=8)
def _places(mission: Mission) -> tuple[tuple[str, str, int, tuple[_Held, ...]], ...]:
    """Force, place, gid and shares of every garrison on record."""
    tables = [
        mission.table("garrisons").assign(force=mission.facts.national_force),
        mission.table("partner_bases"),
    ]
    found = []
    for (force, place), rows in pd.concat(tables, ignore_index=True).groupby(["force", "place"], sort=True):
        held = tuple((row["from"], row["to"] or "9999", row["share"]) for row in rows.to_dict("records"))
        found.append((str(force), str(place), int(rows["gid"].iloc[0]), held))
    return tuple(found)


def _handed_over(posts: list[_Post], wanted: np.ndarray, camp: int, world: World) -> list[_Post]:
    """The posts, and in every base that is handed over a garrison of national forces; ``wanted`` is [months, bases].

    Its soldiers come from all other national posts in proportion: the state has no more of them because a base closes.
    Every base has its rows in every scenario, so that variants with and without a hand-over share their first days.
    """
    national = [p for p, post in enumerate(posts) if post.kind == NATIONAL]
    left = np.stack([posts[p].persons for p in national], axis=1)
    camps = np.zeros_like(wanted)
    for month in range(len(wanted)):
        given = shared_out(int(wanted[month].sum()), left[month])
        camps[month] = shared_out(int(given.sum()), wanted[month])
        left[month] -= given
    changed = {p: replace(posts[p], persons=left[:, n]) for n, p in enumerate(national)}
    return [changed.get(p, post) for p, post in enumerate(posts)] + [
        _Post(f"hand-over/{base}", int(world.base_cell[b]), NATIONAL, camps[:, b], _companies(camp))
        for b, base in enumerate(world.bases)
    ]


def _wanted(scenario: Scenario, calendar: Calendar, camp: int, world: World) -> np.ndarray:
    """Soldiers for the camp of each base, [months, bases]: from the first month that begins after it closed."""
    bases = world.mission.table("bases")
    opened = dict(zip(bases["base"], bases["opened"], strict=True))
    wanted = np.zeros((int(calendar.month[-1]) + 1, len(world.bases)), np.int64)
    for m, (when, stage) in enumerate(_firsts(scenario, calendar)):
        leaving = stage.shocks.withdrawal
        if leaving is None:
            continue
        for base, closed in leaving.closures.items():
            if opened[base] < closed.isoformat() and closed <= when:
                wanted[m, world.bases.index(base)] = int(leaving.hand_over[base] * camp + 0.5)
    return wanted


def _firsts(scenario: Scenario, calendar: Calendar) -> list[tuple[date, Scenario]]:
    """The first day of each month, and the scenario that holds on it."""
    before = scenario.run_up()
    days = [calendar.date(int(np.searchsorted(calendar.month, m))) for m in range(int(calendar.month[-1]) + 1)]
    return [(day, before if before is not None and day < scenario.period.start else scenario) for day in days]


def _companies(persons: int) -> int:
    return -(-persons // COMPANY)


def _share(held: Iterable[_Held], when: date) -> float:
    """Share of its force that a place holds on a day; rows are (from, to, share) with ISO dates."""
    day = when.isoformat()
    return sum(share for first, last, share in held if first <= day <= last)


def _organisations(scenario: Scenario, facts: pd.DataFrame) -> dict[str, np.ndarray]:
    names = list(facts.index)
    plans = [scenario.organisations[name] for name in names]
    heirs = [_heir(scenario, names, str(facts.loc[name, "merges_into"] or "")) for name in names]
    ends = [_last_day(plan, name, facts, scenario) for name, plan in zip(names, plans, strict=True)]
    start, end = _rivalries(names, scenario.mission)
    families = [str(facts.loc[name, "family"]) for name in names]
    clock = scenario.mission.clock
    return {
        "organisation_family": np.array([FAMILIES.index(family) for family in families]),
        "organisation_founded": np.array([clock.day_index(plan.founded) for plan in plans]),
        "organisation_ended": np.array(ends),
        "organisation_heir": np.array(heirs),
        "organisation_band": facts["typical_band"].to_numpy(float),
        "organisation_against_state": np.array([_at_war_until(scenario.mission, family) for family in families]),
        "rivalry_start": start,
        "rivalry_end": end,
    }


def _at_war_until(mission: Mission, family: str) -> int:
    """The last day on which a family is at war with the state by declaration, -1 for never."""
    facts = {str(name): item for name, item in mission.facts.families.items()}.get(family)
    last = facts.at_war_with_state_until if facts is not None else None
    return mission.clock.day_index(last) if last is not None else -1


def _heir(scenario: Scenario, names: list[str], heir: str) -> int:
    return names.index(heir) if heir in names and scenario.organisations[heir].present else -1


def _last_day(plan: Organisation, name: str, facts: pd.DataFrame, scenario: Scenario) -> int:
    """The last day; an organisation whose heir never comes about goes on."""
    heir = str(facts.loc[name, "merges_into"] or "")
    if plan.ended is None or (heir and heir != "nan" and not scenario.organisations[heir].present):
        return NEVER
    return scenario.mission.clock.day_index(plan.ended)


def _rivalries(names: list[str], mission: Mission) -> tuple[np.ndarray, np.ndarray]:
    start = np.full((len(names), len(names)), NEVER, np.int64)
    end = np.full((len(names), len(names)), -NEVER, np.int64)
    clock = mission.clock
    for row in mission.table("rivalries").itertuples():
        if row.a not in names or row.b not in names:
            continue
        i, j = names.index(row.a), names.index(row.b)
        last = clock.day_index(date.fromisoformat(row.end)) if isinstance(row.end, str) and row.end else NEVER
        start[i, j] = start[j, i] = min(start[i, j], clock.day_index(date.fromisoformat(row.start)))
        end[i, j] = end[j, i] = max(end[i, j], last)
    return start, end


def _bands(
    scenario: Scenario, facts: pd.DataFrame, world: World, spare: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    homes = scenario.mission.table("organisation_homes")
    rows: list[tuple[np.uint64, int, int, int, int]] = []
    for o, name in enumerate(facts.index):
        plan = scenario.organisations[name]
        fighters = int(facts.loc[name, "fighters"] if plan.fighters is None else plan.fighters)
        if not plan.present or fighters <= 0:
            continue
        number = max(1, round(fighters / facts.loc[name, "typical_band"]))
        places = _spread(homes[homes["organisation"] == name], number)
        for n in range(number):
            strength = fighters // number + int(n < fighters % number)
            born = max(0, scenario.mission.clock.day_index(plan.founded))
            rows.append((entity_key("band", f"{name}:{n}"), o, strength, born, world.towns[places[n]]))
    total = len(rows) + spare
    start = {
        "band_key": np.zeros(total, np.uint64),
        "band_organisation": np.zeros(total, np.int64),
        "band_born": np.full(total, -1, np.int64),
        "band_cell": np.zeros(total, np.int64),
        "band_home": np.zeros(total, np.int64),
    }
    scheduled = np.zeros(total, np.int64)
    for g, (key, organisation, strength, born, cell) in enumerate(rows):
        start["band_key"][g] = key
        start["band_organisation"][g] = organisation
        start["band_born"][g] = born
        start["band_cell"][g] = start["band_home"][g] = cell
        scheduled[g] = strength
    return {"scheduled_strength": scheduled}, start


def _spread(homes: pd.DataFrame, number: int) -> list[str]:
    """Towns of ``number`` bands in proportion to weights: each next band goes where the gap is largest."""
    weight = homes["weight"].to_numpy(float) / homes["weight"].sum()
    given = np.zeros(len(weight))
    towns: list[str] = []
    for n in range(number):
        k = int(np.argmax(weight * (n + 1) - given))
        given[k] += 1
        towns.append(str(homes["town"].iloc[k]))
    return towns
