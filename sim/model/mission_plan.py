"""The mission by schedule: which unit has which strength at which base in which month, and which bases are open."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from sim._util.apportionment import shared_out
from sim._util.clock import Calendar
from sim.missions import Mission
from sim.missions.facts import Window
from sim.model.streams import entity_key
from sim.model.tables import UNIT_KINDS
from sim.model.world import World
from sim.scenario import Move, Scenario, Shocks

COMPANY = 160  # persons; a unit is at most a company, so that it can be in one place

Group = tuple[str, str, str]  # base, contributor, kind


@dataclass(frozen=True)
class MissionPlan:
    """Input columns and first state of units and bases, and the contributing countries by index."""

    inputs: dict[str, np.ndarray]
    start: dict[str, np.ndarray]
    contributors: tuple[str, ...]


def build(scenario: Scenario, calendar: Calendar, world: World) -> MissionPlan:
    """Units are companies of (base, contributor, kind); their strength is share x total, month by month."""
    mission, clock = scenario.mission, scenario.mission.clock
    before = scenario.run_up()
    listed = list(dict.fromkeys(group for shares in _shares(mission).values() for group in shares))
    earlier = before.shocks.moves if before is not None else ()
    groups = _with_arrivals(listed, (*earlier, *scenario.shocks.moves))
    persons = np.zeros((len(calendar.firsts), len(groups)), np.int64)
    is_open = np.zeros((calendar.days, len(world.bases)), np.int64)
    first = clock.day_index(scenario.period.start) if before is not None else 0
    for stage, since in [(before, 0), (scenario, first)] if before is not None else [(scenario, 0)]:
        open_now = _open_days(stage, calendar, mission)
        is_open[since:] = open_now[since:]
        month = int(calendar.month[since - 1]) + 1 if since else 0  # the first month that begins in the stage
        present = _whole(_strengths(stage.shocks, groups, calendar, open_now, world))
        for move in stage.shocks.moves:
            is_open_there = open_now[:, world.bases.index(move.destination)]
            _make(move, present, groups, _months_of(move, calendar, is_open_there))
        persons[month:] = present[month:]
    owner, target = _companies(persons, [world.bases.index(group[0]) for group in groups])
    contributors = tuple(sorted({group[1] for group in groups}))
    keys = np.array([entity_key("unit", f"{'/'.join(groups[g])}:{n}") for g, n in owner], np.uint64)
    home = np.array([world.bases.index(groups[g][0]) for g, _ in owner], np.int64)
    inputs = {
        "unit_key": keys,
        "unit_base": home,
        "base_first": np.searchsorted(home, np.arange(len(world.bases))),
        "base_last": np.searchsorted(home, np.arange(len(world.bases)), side="right"),
        "unit_kind": np.array([UNIT_KINDS.index(groups[g][2]) for g, _ in owner], np.int64),
        "unit_contributor": np.array([contributors.index(groups[g][1]) for g, _ in owner], np.int64),
        "unit_rotation": keys % np.uint64(365),
        "unit_target": target,
        "base_open": is_open,
    }
    level = {"unit_training": 0.35, "unit_drill": 0.2, "unit_protection": 0.1}
    return MissionPlan(inputs, {name: np.full(len(keys), value) for name, value in level.items()}, contributors)


def _open_days(scenario: Scenario, calendar: Calendar, mission: Mission) -> np.ndarray:
    """Bases open as recorded; other days, and closures of the withdrawal, are the scenario's own."""
    bases = mission.rows("bases")
    is_open = np.zeros((calendar.days, len(bases)), np.int64)
    leaving = scenario.shocks.withdrawal
    for b, row in enumerate(bases):
        closed = date.fromisoformat(row["closed"]) if row["closed"] else None
        if closed is not None and closed >= mission.facts.withdrawal.start:
            closed = None
        if leaving is not None and row["base"] in leaving.closures:
            closed = leaving.closures[row["base"]]
        opened, own = date.fromisoformat(row["opened"]), scenario.bases.get(row["base"])
        if own is not None:
            opened, closed = own.opened or opened, own.closed or closed
        first = max(0, mission.clock.day_index(opened))
        last = calendar.days if closed is None else max(0, mission.clock.day_index(closed))
        is_open[first:last, b] = 1
    return is_open


def _strengths(
    shocks: Shocks, groups: list[Group], calendar: Calendar, is_open: np.ndarray, world: World
) -> np.ndarray:
    """Persons by month and group: total without exits x share x those who have not left, renormalised over open
    bases."""
    mission, exits = world.mission, shocks.contributor_exit
    whens = [calendar.date(day) for day in calendar.firsts]
    by_year = {year: np.array([held.get(group, 0.0) for group in groups]) for year, held in _shares(mission).items()}
    base = np.array([world.bases.index(group[0]) for group in groups])
    second = np.minimum(np.array(calendar.firsts) + 1, calendar.days - 1)
    share = np.stack([by_year[min(when.year, mission.facts.shares_held_from)] for when in whens])
    share *= is_open[second][:, base]
    total = share.sum(axis=1, keepdims=True)
    share = np.divide(share, total, out=share, where=total > 0.0)
    stayed = share * (1.0 - _gone(groups, whens, _recorded_exits(mission), 1.0))
    strength = np.array([total_strength(shocks, when, mission.facts.withdrawal) for when in whens])[:, None]
    result: np.ndarray = strength / np.maximum(0.2, stayed.sum(axis=1, keepdims=True)) * share
    if exits is not None:
        result *= 1.0 - _gone(groups, whens, dict(exits.dates), exits.intensity)
    return result


def total_strength(shocks: Shocks, when: date, observed: Window) -> float:
    """Uniformed strength on a day: the path of the deployment, then the withdrawal of the scenario, if any.

    ``observed``: the window in which the path falls because the mission left.
    """
    start = observed.start
    full = shocks.strength.at(min(when, start - timedelta(days=1)))
    leaving = shocks.withdrawal
    if leaving is None or when < leaving.start:
        return full
    fraction = min(1.0, (when - leaving.start).days / max(1, (leaving.end - leaving.start).days))
    as_recorded = start + timedelta(days=round(fraction * (observed.end - start).days))
    if fraction >= 1.0 and when > observed.end:
        as_recorded = when
    on_the_eve = shocks.strength.at(start - timedelta(days=1))
    if on_the_eve == 0.0:
        return 0.0  # who is not there cannot leave
    left = 1.0 - shocks.strength.at(as_recorded) / on_the_eve
    return full * (1.0 - leaving.intensity * left)


def _recorded_exits(mission: Mission) -> dict[str, date]:
    return {row["contributor"]: date.fromisoformat(row["date"]) for row in mission.rows("contributor_exits")}


def _gone(groups: list[Group], whens: list[date], exits: dict[str, date], intensity: float) -> np.ndarray:
    """Share of each group that has left by a day, [days, groups]."""
    last = np.array([exits.get(group[1], date.max).toordinal() for group in groups])
    return np.where(np.array([when.toordinal() for when in whens])[:, None] >= last, intensity, 0.0)


@lru_cache(maxsize=8)
def _shares(mission: Mission) -> dict[int, dict[Group, float]]:
    """Year -> group -> share of the mission's strength, in the order of the table."""
    shares: dict[int, dict[Group, float]] = {}
    for row in mission.rows("contingents"):
        shares.setdefault(int(row["year"]), {})[row["base"], row["contributor"], row["kind"]] = float(row["share"])
    return shares


def _with_arrivals(groups: list[Group], moves: tuple[Move, ...]) -> list[Group]:
    """The groups, and after them those that moves make at bases where there was none of the kind."""
    for move in moves:
        arrivals = [(move.destination, *group[1:]) for group in groups if group[0] == move.origin]
        groups = list(dict.fromkeys([*groups, *arrivals]))
    return groups


def _months_of(move: Move, calendar: Calendar, is_open: np.ndarray) -> list[int]:
    """The months that begin within the move, its destination open."""
    return [
        m
        for m, day in enumerate(calendar.firsts)
        if move.start <= calendar.date(day) <= move.end and is_open[min(day + 1, calendar.days - 1)]
    ]


def _make(move: Move, persons: np.ndarray, groups: list[Group], months: list[int]) -> None:
    """Of every group of the base its share leaves; where fewer are there than move, all of them."""
    row = {group: g for g, group in enumerate(groups)}
    # a group without a counterpart is made by a later move, and nobody is in it yet
    pairs = [(row[g], row[to]) for g in groups if g[0] == move.origin and (to := (move.destination, *g[1:])) in row]
    leaving, arriving = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    for m in months:
        going = shared_out(move.persons, persons[m, leaving])
        persons[m, leaving] -= going
        persons[m, arriving] += going


def _whole(strength: np.ndarray) -> np.ndarray:
    """Whole persons by month and group; rounding is carried on, so that totals hold to a person."""
    whole = np.floor(np.cumsum(strength, axis=1) + 0.5).astype(np.int64)
    return np.asarray(np.diff(np.concatenate([np.zeros((len(whole), 1), np.int64), whole], axis=1), axis=1))


def _companies(persons: np.ndarray, base: list[int]) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Cut groups into companies, base by base."""
    number = -(-persons.max(axis=0) // COMPANY)
    owner = [(g, n) for g in sorted(range(len(base)), key=lambda g: base[g]) for n in range(number[g])]
    groups, places = np.array(owner, np.int64).reshape(-1, 2).T
    return owner, np.clip(persons[:, groups] - COMPANY * places, 0, COMPANY)
