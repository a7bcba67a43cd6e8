"""Arbitrary legal days process by process, and whether a changed rule would give another day.

The readable model agrees with the engine on such days after every process (tests/test_reference.py).  So a rule whose
outcome differs from what was kept, in a column that is compared there, parts from the readable model.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import coverage
import numpy as np

from sim.calibration.mission import MISSION
from sim.model.code_generation import arguments_for, function_of
from sim.model.simulation import STREAMS
from sim.model.tables import STATE
from sim.scenario.registry import PROCESSES
from sim.scenario.registry.process_source import reads_of
from tests.any_day import DAYS, any_morning, empty, state_of
from tests.reference import columns as reference
from tools.mutation.mutants import ROOT

KEPT = [column.name for column in STATE if column.name not in ("events", "ledger")]
COMPARED = {
    *(f"{table}_{name}" for table in ("cell", "region", "base", "unit", "national", "community", "organisation",
      "convoy", "band", "trip") for name in getattr(reference, table.upper())),
    "band_weight", "band_gain", "band_strength", "national_strength", "cell_owner_key", "cell_owner_organisation",
    "convoy_active", "trip_count", "event_count", "balance", "events", "ledger",
}  # fmt: skip
WHOLE = {"band_strength", "national_strength", "convoy_active", "trip_count"}  # also rows that hold nobody
# what says that a row holds somebody
MASKS = {"band": "band_strength", "national": "national_strength", "convoy": "convoy_active", "cell": "cell_owner",
         "trip": "trip_count"}  # fmt: skip
RULES = [function_of(process) for process in PROCESSES]
COLUMNS_OF = [set(reads_of(process.name).columns) for process in PROCESSES]

Columns = dict[str, np.ndarray]
Moment = tuple[int, int]  # process, number of the day in the history


@dataclass
class Day:
    """A day: inputs, parameters, and what stood in every column before each process; the last state is the evening."""

    day: int
    key: Any
    inputs: Columns
    parameters: np.ndarray
    states: list[Columns] = field(default_factory=list)

    def columns(self, number: int) -> Columns:
        """Columns of one's own, as they stood before a process."""
        state = self.states[number]
        ours = dict(self.inputs) | {name: state[name].copy() for name in KEPT}
        ours["events"], ours["ledger"] = empty("events"), empty("ledger")
        ours["events"][: len(state["events"])] = state["events"]
        ours["ledger"][self.day] = state["ledger"]
        return ours

    def act(self, number: int, columns: Columns) -> None:
        """One process."""
        parameters = dict(zip(MISSION.parameters, self.parameters, strict=True))
        given = arguments_for(PROCESSES[number], columns, parameters, self.key, STREAMS[number], self.day)
        RULES[number](*given)

    def parts(self, number: int) -> bool:
        """Whether a process, as it is loaded now, leaves anything else than it left."""
        ours = self.columns(number)
        self.act(number, ours)
        own = COLUMNS_OF[number]
        if self._apart(ours, number + 1, COMPARED & own):
            return True
        theirs = self.states[number + 1]
        if all(np.array_equal(ours[name], theirs[name]) for name in own & set(KEPT) - COMPARED):
            return False
        for later in range(number + 1, len(PROCESSES)):  # what is not compared may show later
            self.act(later, ours)
        return self._apart(ours, len(PROCESSES), COMPARED)

    def _apart(self, ours: Columns, number: int, names: Iterable[str]) -> bool:
        return any(not np.array_equal(*pair) for pair in self._pairs(ours, self.states[number], names))

    def _pairs(self, ours: Columns, theirs: Columns, names: Iterable[str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Both columns, cut to the rows that hold somebody."""
        for name in names:
            if name == "events":
                yield ours["events"][: ours["event_count"][0]], theirs["events"]
            elif name == "ledger":
                yield ours["ledger"][self.day], theirs["ledger"]
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


@dataclass
class History:
    """Days, and by module and line the moments at which the line was run."""

    days: list[Day] = field(default_factory=list)
    lines: dict[str, dict[int, list[Moment]]] = field(default_factory=dict)

    @classmethod
    def of(cls, seeds: int, modules: Sequence[str]) -> "History":
        """So many versions of each of the days of tests/any_day.py, in plain Python."""
        history = cls()
        watched = coverage.Coverage(data_file=None, include=[str(ROOT / name) for name in modules], config_file=False)
        watched.start()
        for seed in range(seeds):
            for day in DAYS:
                history.days.append(_run(day, seed, watched, len(history.days)))
        watched.stop()
        data = watched.get_data()
        for name in modules:
            lines = data.contexts_by_lineno(str(ROOT / name))
            history.lines[name] = {line: [_moment(text) for text in found if text] for line, found in lines.items()}
        return history

    def reaching(self, module: str, line: int, most: int) -> list[Moment]:
        """Moments that ran a line of a module, or the last line before it that runs; some, by chance."""
        lines = self.lines[module]
        found = next((lines[n] for n in range(line, 0, -1) if lines.get(n)), [])
        return random.Random(line).sample(sorted(found), min(most, len(found)))

    def parts(self, moments: Iterable[Moment]) -> bool:
        """Whether the rules as they are loaded now go another way at one of these moments."""
        return any(self.days[day].parts(number) for number, day in moments)


def _run(day: int, seed: int, watched: coverage.Coverage, place: int) -> Day:
    model = any_morning(day, seed, {}).until(0)
    inputs = {name: column for name, column in model.columns.items() if name in model.plan.inputs}
    kept = Day(day, model.key, inputs, model.plan.parameters, [state_of(model)])
    for number in range(len(PROCESSES)):
        watched.switch_context(f"{number} {place}")
        model.step_process(number)
        now, last = state_of(model), kept.states[-1]
        kept.states.append({name: last[name] if np.array_equal(last[name], new) else new for name, new in now.items()})
    return kept


def _moment(context: str) -> Moment:
    number, place = context.split()
    return int(number), int(place)
