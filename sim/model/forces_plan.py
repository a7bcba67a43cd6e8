"""National and partner forces, and armed organisations with their first bands, by schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np

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
    facts = {row["organisation"]: row for row in scenario.mission.rows("organisations")}
    inputs = national | _organisations(scenario, facts)
    bands, start = _bands(scenario, facts, world, spare_bands)
    return ForcesPlan(inputs | bands, start, tuple(facts))


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
        "national_target": np.clip(
            np.stack([post.persons for post, _ in rows], axis=1) - [COMPANY * n for _, n in rows], 0, COMPANY
        ),
    }


def _garrisons(scenario: Scenario, calendar: Calendar, world: World, field_share: float) -> list[_Post]:
    """Share of the place x strength of the force, month by month."""
    staged = _firsts(scenario, calendar)
    kinds = scenario.mission.facts.forces
    strength = {force: np.array([stage.forces[force].at(when) for when, stage in staged]) for force in kinds}
    found = []
    for place in _places(scenario.mission, calendar):
        present = field_share if kinds[place.force] == "national" else 1.0
        persons = np.floor(strength[place.force] * place.share * present + 0.5).astype(np.int64)
        home = world.cell_index.get(place.gid, world.towns.get(place.name, -1))
        name, kind = f"{place.force}/{place.name}", KINDS[kinds[place.force]]
        found.append(_Post(name, home, kind, persons, _companies(int(persons.max()))))
    return found


@dataclass(frozen=True)
class _Place:
    """A garrison on record, and the share of its force that it holds on the first day of each month."""

    force: str
    name: str
    gid: int
    share: np.ndarray


@lru_cache(maxsize=8)
def _places(mission: Mission, calendar: Calendar) -> tuple[_Place, ...]:
    """Every garrison on record, by force and place."""
    rows = [{**row, "force": mission.facts.national_force} for row in mission.rows("garrisons")]
    rows += mission.rows("partner_bases")
    firsts = np.array([calendar.date(day).isoformat() for day in calendar.firsts])
    found: dict[tuple[str, str], _Place] = {}
    for row in sorted(rows, key=lambda row: (row["force"], row["place"])):
        key = row["force"], row["place"]
        place = found.setdefault(key, _Place(*key, int(row["gid"]), np.zeros(len(firsts))))
        held = (firsts >= row["from"]) & (firsts <= (row["to"] or "9999"))
        place.share[held] += float(row["share"])
    return tuple(found.values())


def _handed_over(posts: list[_Post], wanted: np.ndarray, camp: int, world: World) -> list[_Post]:
    """The posts, and in every base that is handed over a garrison of national forces; ``wanted`` is [months, bases].

    Its soldiers come from all other national posts in proportion: the state has no more of them because a base closes.
    Every base has its rows in every scenario, so that variants with and without a hand-over share their first days.
    """
    national = [p for p, post in enumerate(posts) if post.kind == NATIONAL]
    left = np.stack([posts[p].persons for p in national], axis=1)
    camps = np.zeros_like(wanted)
    for month in np.flatnonzero(wanted.any(axis=1)):
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
    opened = {row["base"]: row["opened"] for row in world.mission.rows("bases")}
    wanted = np.zeros((len(calendar.firsts), len(world.bases)), np.int64)
    for m, (when, stage) in enumerate(_firsts(scenario, calendar)):
        leaving = stage.shocks.withdrawal
        if leaving is None:
            continue
        for base, closed in leaving.closures.items():
            if closed <= when and opened[base] < closed.isoformat():
                wanted[m, world.bases.index(base)] = int(leaving.hand_over[base] * camp + 0.5)
    return wanted


def _firsts(scenario: Scenario, calendar: Calendar) -> list[tuple[date, Scenario]]:
    """The first day of each month, and the scenario that holds on it."""
    before = scenario.run_up()
    days = [calendar.date(day) for day in calendar.firsts]
    return [(day, before if before is not None and day < scenario.period.start else scenario) for day in days]


def _companies(persons: int) -> int:
    return -(-persons // COMPANY)


def _organisations(scenario: Scenario, facts: Mapping[str, Mapping[str, str]]) -> dict[str, np.ndarray]:
    names = list(facts)
    plans = [scenario.organisations[name] for name in names]
    heirs = [_heir(scenario, names, facts[name]["merges_into"]) for name in names]
    ends = [_last_day(scenario.organisations[name], facts[name]["merges_into"], scenario) for name in names]
    start, end = _rivalries(names, scenario.mission)
    families = [row["family"] for row in facts.values()]
    clock = scenario.mission.clock
    return {
        "organisation_family": np.array([FAMILIES.index(family) for family in families]),
        "organisation_founded": np.array([clock.day_index(plan.founded) for plan in plans]),
        "organisation_ended": np.array(ends),
        "organisation_heir": np.array(heirs),
        "organisation_band": np.array([float(row["typical_band"]) for row in facts.values()]),
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


def _last_day(plan: Organisation, heir: str, scenario: Scenario) -> int:
    """The last day; an organisation whose heir never comes about goes on."""
    if plan.ended is None or (heir and not scenario.organisations[heir].present):
        return NEVER
    return scenario.mission.clock.day_index(plan.ended)


def _rivalries(names: list[str], mission: Mission) -> tuple[np.ndarray, np.ndarray]:
    start = np.full((len(names), len(names)), NEVER, np.int64)
    end = np.full((len(names), len(names)), -NEVER, np.int64)
    clock = mission.clock
    for row in mission.rows("rivalries"):
        if row["a"] not in names or row["b"] not in names:
            continue
        i, j = names.index(row["a"]), names.index(row["b"])
        last = clock.day_index(date.fromisoformat(row["end"])) if row["end"] else NEVER
        start[i, j] = start[j, i] = min(start[i, j], clock.day_index(date.fromisoformat(row["start"])))
        end[i, j] = end[j, i] = max(end[i, j], last)
    return start, end


def _bands(
    scenario: Scenario, facts: Mapping[str, Mapping[str, str]], world: World, spare: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    rows: list[tuple[np.uint64, int, int, int, int]] = []
    for o, (name, row) in enumerate(facts.items()):
        plan = scenario.organisations[name]
        fighters = int(float(row["fighters"]) if plan.fighters is None else plan.fighters)
        if not plan.present or fighters <= 0:
            continue
        number = max(1, round(fighters / float(row["typical_band"])))
        born = max(0, scenario.mission.clock.day_index(plan.founded))
        for n, town in enumerate(_spread(scenario.mission, name, number)):
            strength = fighters // number + int(n < fighters % number)
            rows.append((entity_key("band", f"{name}:{n}"), o, strength, born, world.towns[town]))
    key, organisation, strengths, births, cell = zip(*rows, strict=True) if rows else ((),) * 5
    start = {
        "band_key": _column(key, spare, 0, np.uint64),
        "band_organisation": _column(organisation, spare, 0),
        "band_born": _column(births, spare, -1),
        "band_cell": _column(cell, spare, 0),
        "band_home": _column(cell, spare, 0),
    }
    return {"scheduled_strength": _column(strengths, spare, 0)}, start


def _column(values: Sequence[int], spare: int, unused: int, dtype: type = np.int64) -> np.ndarray:
    """The values, and after them ``spare`` rows for bands to come."""
    return np.concatenate([np.array(values, dtype), np.full(spare, unused, dtype)])


@lru_cache(maxsize=256)
def _spread(mission: Mission, organisation: str, number: int) -> tuple[str, ...]:
    """Towns of ``number`` bands in proportion to weights: each next band goes where the gap is largest."""
    homes = [row for row in mission.rows("organisation_homes") if row["organisation"] == organisation]
    weight = np.array([float(row["weight"]) for row in homes])
    weight = weight / weight.sum()
    given = np.zeros(len(weight))
    towns: list[str] = []
    for n in range(number):
        k = int(np.argmax(weight * (n + 1) - given))
        given[k] += 1
        towns.append(homes[k]["town"])
    return tuple(towns)
