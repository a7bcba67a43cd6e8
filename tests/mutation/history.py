"""A history of the engine process by process, and whether a changed rule would give another one.

The readable model agrees with the engine on this history after every process (tests/test_reference.py).  So a rule
whose outcome differs from what was kept, in a column that is compared there, parts from the readable model that day.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import coverage
import numpy as np

from sim.glue import arguments_of, function_of
from sim.model import STREAMS, MissionModel
from sim.parameters import parameter_names
from sim.plan import Plan
from sim.recorder import EVENTS_PER_DAY
from sim.registry import PROCESSES
from sim.tables import STATE
from tests.mutation.mutants import ROOT
from tests.reference import columns as reference

KEPT = [column.name for column in STATE if column.name not in ("events", "ledger")]
COMPARED = {
    *(f"{table}_{name}" for table in ("cell", "region", "base", "unit", "national", "community", "organisation",
      "convoy", "band", "trip") for name in getattr(reference, table.upper())),
    "band_weight", "band_gain", "band_strength", "national_strength", "cell_owner_key", "cell_owner_organisation",
    "convoy_active", "trip_count", "event_count", "balance", "events", "ledger",
}  # fmt: skip
WHOLE = {"band_strength", "national_strength", "convoy_active", "trip_count"}  # also rows that hold nobody
# what says that a row holds somebody
MASKS = {"band": "band_strength", "national": "national_strength", "convoy": "convoy_active",
         "cell": "cell_owner", "trip": "trip_count"}  # fmt: skip
RULES = [function_of(process) for process in PROCESSES]
ARGUMENTS = [arguments_of(process) for process in PROCESSES]

Columns = dict[str, np.ndarray]


@dataclass
class History:
    """What stood in every column before each process of each day; ``states[day][n]``, the last is the evening."""

    plan: Plan
    seed: int
    states: list[list[Columns]] = field(default_factory=list)
    lines: dict[str, dict[int, list[tuple[int, int]]]] = field(default_factory=dict)
    key: Any = None
    events: np.ndarray = field(default_factory=lambda: np.zeros(0))
    ledger: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, plan: Plan, seed: int, days: int, modules: Sequence[str]) -> "History":
        """Run the plan and note which process ran which lines of the modules; an unchanged column is kept once."""
        model = MissionModel(plan, seed)
        watched = coverage.Coverage(data_file=None, include=[str(ROOT / name) for name in modules], config_file=False)
        watched.start()
        history = cls(plan, seed, key=model.key)
        last: Columns = {}
        for _ in range(days):
            columns = model.columns
            columns["event_today"][0], columns["trip_count"][0] = columns["event_count"][0], 0
            day = model.day
            today = [last := _kept(model, day, last)]
            for number in range(len(PROCESSES)):
                watched.switch_context(f"{number} {day}")
                model.step_process(number)
                last = _kept(model, day, last)
                today.append(last)
            history.states.append(today)
        watched.stop()
        data = watched.get_data()
        for name in modules:
            lines = data.contexts_by_lineno(str(ROOT / name))
            history.lines[name] = {line: [_moment(text) for text in found if text] for line, found in lines.items()}
        history.events, history.ledger = model.columns["events"], model.columns["ledger"]
        return history

    def reaching(self, module: str, line: int, most: int) -> list[tuple[int, int]]:
        """Moments (process, day) that ran a line of a module, or the last line before it that runs; some, by chance."""
        lines = self.lines[module]
        found = next((lines[n] for n in range(line, 0, -1) if lines.get(n)), [])
        return random.Random(line).sample(sorted(found), min(most, len(found)))

    def parts(self, moments: Iterable[tuple[int, int]], patience: int = 3) -> tuple[int, int] | None:
        """The first of these moments (process, day) that goes another way with the rules as they are loaded now."""
        for number, day in moments:
            ours = self._columns(day, number)
            self._act(number, day, ours)
            theirs = self.states[day][number + 1]
            if self._apart(day, ours, theirs, COMPARED & set(ARGUMENTS[number])):
                return number, day
            hidden = set(ARGUMENTS[number]) & set(KEPT) - COMPARED
            if patience > 0 and any(not np.array_equal(ours[name], theirs[name]) for name in hidden):
                patience -= 1  # what is not compared may show later
                if self._goes_apart(day, number, ours):
                    return number, day
        return None

    def _goes_apart(self, day: int, number: int, ours: Columns) -> bool:
        for later in range(number + 1, len(PROCESSES)):
            self._act(later, day, ours)
        if self._apart(day, ours, self.states[day][-1], COMPARED):
            return True
        if day + 1 == len(self.states):
            return False
        ours["event_today"][0], ours["trip_count"][0] = ours["event_count"][0], 0
        for later in range(len(PROCESSES)):
            self._act(later, day + 1, ours)
        return self._apart(day + 1, ours, self.states[day + 1][-1], COMPARED)

    def _columns(self, day: int, number: int) -> Columns:
        """Columns of one's own, as they stood before a process."""
        state = self.states[day][number]
        ours = dict(self.plan.inputs) | {name: state[name].copy() for name in KEPT}
        first, end = int(state["event_today"][0]), int(state["event_count"][0])
        # rows of days before are those of the end; some room for what happens today and tomorrow
        ours["events"] = self.events[: end + 2 * EVENTS_PER_DAY].copy()
        ours["events"][first:end] = state["events"]
        ours["events"][end:] = 0
        ours["ledger"] = self.ledger[: day + 2].copy()
        ours["ledger"][day] = state["ledger"]
        ours["ledger"][day + 1 :] = 0
        return ours

    def _act(self, number: int, day: int, columns: Columns) -> None:
        if self.plan.enabled[number]:
            given: dict[str, Any] = dict(zip(parameter_names(), self.plan.parameters, strict=True)) | columns
            given |= {"key": self.key, "stream": STREAMS[number], "day": day}
            RULES[number](*(given[argument] for argument in ARGUMENTS[number]))

    def _apart(self, day: int, ours: Columns, theirs: Columns, names: Iterable[str]) -> bool:
        return any(not np.array_equal(mine, other) for mine, other in _pairs(day, ours, theirs, names))


def _moment(context: str) -> tuple[int, int]:
    number, day = context.split()
    return int(number), int(day)


def _kept(model: MissionModel, day: int, last: Columns) -> Columns:
    """The state now; what is as it was is not kept again."""
    columns = model.columns
    first, end = int(columns["event_today"][0]), int(columns["event_count"][0])
    now = {name: columns[name] for name in KEPT}
    now |= {"events": columns["events"][first:end], "ledger": columns["ledger"][day]}
    return {
        name: last[name] if name in last and np.array_equal(last[name], column) else column.copy()
        for name, column in now.items()
    }


def _pairs(day: int, ours: Columns, theirs: Columns, names: Iterable[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Both columns, cut to the rows that hold somebody."""
    for name in names:
        if name == "events":
            first, end = int(ours["event_today"][0]), int(ours["event_count"][0])
            yield ours["events"][first:end], theirs["events"]
        elif name == "ledger":
            yield ours["ledger"][day], theirs["ledger"]
        else:
            rows = _rows(name, theirs)
            yield ours[name][rows], theirs[name][rows]


def _rows(name: str, state: Columns) -> Any:
    table = name.partition("_")[0]
    if name in WHOLE or not (table in MASKS and (table != "cell" or name.startswith("cell_owner"))):
        return slice(None)
    if table == "trip":
        return slice(0, int(state["trip_count"][0]))
    return state[MASKS[table]] > (-1 if table == "cell" else 0)
