"""Where two runs part: the first day, process and entity at which their states are not equal to the bit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sim._util.clock import Clock
from sim.model.recorder import EVENT_FIELDS, LEDGER_ITEMS
from sim.model.simulation import Simulation
from sim.model.tables import BALANCE, INPUTS, NEVER, STATE
from sim.scenario.registry import PROCESSES
from sim.study.plan_difference import column_difference

STRIDE = 64  # days between comparisons; each keeps a copy of both states


@dataclass(frozen=True)
class InputsPart:
    """The first day on which what the two runs are given differs, and the columns in which it does."""

    day: date
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Parting:
    """The first difference: on this day, after this process (its number is its random stream), in these columns.

    ``entity`` and ``values`` describe the first differing entry of the first of the columns; ``entries`` counts all.
    ``process`` is "start" where the states differ before the first day.
    """

    day: date
    process: str
    stream: int
    columns: tuple[str, ...]
    entity: str
    values: tuple[str, str]
    entries: int


def inputs_part(a: Simulation, b: Simulation) -> InputsPart | None:
    """Where the inputs part; None where they are equal throughout.  Parameters and switches hold from the first day."""
    days = {column.name: column_difference(a.plan, b.plan, column.name, column.shape[0]) for column in INPUTS}
    for name in ("parameters", "enabled"):
        days[name] = NEVER if np.array_equal(getattr(a.plan, name), getattr(b.plan, name)) else 0
    first = min(days.values())
    names = tuple(name for name, day in days.items() if day == first)
    return None if first == NEVER else InputsPart(_clock(a).date_of(first), names)


def diverge(a: Simulation, b: Simulation) -> Parting | None:
    """Run both, from their first day, to where they part; None where they are equal to the end of the shorter one."""
    if _differing(a, b):
        return _parting(a, b, _clock(a).date_of(0), "start", 0)
    last = min(a.last_day, b.last_day)
    if not _advance_while_equal(a, b, last, STRIDE) or not _advance_while_equal(a, b, last, 1):
        return None
    today = a.date
    for number, process in enumerate(PROCESSES):
        for model in (a, b):
            model.step_process(number)
        if _differing(a, b):
            return _parting(a, b, today, process.name, process.stream)
    return None


def _clock(model: Simulation) -> Clock:
    return model.plan.scenario.mission.clock


def _advance_while_equal(a: Simulation, b: Simulation, last: int, stride: int) -> bool:
    """Whether the runs part; if so, both are left at the start of the stride in which they do."""
    while a.day <= last:
        before = a.snapshot(), b.snapshot()
        for model in (a, b):
            model.advance_to(min(model.day + stride - 1, last))
        if _differing(a, b):
            a.restore(before[0])
            b.restore(before[1])
            return True
    return False


def _differing(a: Simulation, b: Simulation) -> tuple[str, ...]:
    return tuple(column.name for column in STATE if len(_entries(a, b, column.name)))


def _entries(a: Simulation, b: Simulation, name: str) -> np.ndarray:
    """Indices [n, dimensions] of the entries that differ; whole columns where lengths differ."""
    x, y = a.columns[name], b.columns[name]
    if x.shape != y.shape:
        if name in ("events", "ledger"):  # their length follows the period and the space taken, not what happened
            rows = min(len(x), len(y))
            return np.argwhere(x[:rows] != y[:rows])
        return np.zeros((1, x.ndim), np.int64)
    return np.argwhere(x != y)


def _parting(a: Simulation, b: Simulation, day: date, process: str, stream: int) -> Parting:
    columns = _differing(a, b)
    entries = _entries(a, b, columns[0])
    at = tuple(int(number) for number in entries[0])
    values = _value(a, columns[0], at), _value(b, columns[0], at)
    return Parting(day, process, stream, columns, _entity(a, columns[0], at), values, len(entries))


def _value(model: Simulation, name: str, at: tuple[int, ...]) -> str:
    column = model.columns[name]
    if any(number >= length for number, length in zip(at, column.shape, strict=True)):
        return f"no such row of {len(column)}"
    return str(column[at])


def _entity(model: Simulation, name: str, at: tuple[int, ...]) -> str:
    """Whom an entry is about, in words where there are any."""
    names, table = model.plan.names, name.partition("_")[0]
    if name == "ledger":
        return f"{LEDGER_ITEMS[at[2]]} in {names.regions[at[1]]} on {_clock(model).date_of(at[0])}"
    if name == "events":
        return f"{EVENT_FIELDS[at[1]]} of event {at[0]}"
    if name == "balance":
        return BALANCE[at[0]]
    known = {"region": names.regions, "base": names.bases, "organisation": names.actors}
    if table in known:
        return f"{table} {known[table][at[0]]}"
    if table == "cell":
        cell = int(names.gids[at[0]])
        return f"cell {cell} in {names.regions[int(model.columns['cell_region'][at[0]])]}"
    key = model.columns.get(f"{table}_key")
    return f"{table} {at[0]}" if key is None else f"{table} {at[0]}, key {int(key[at[0]]):016x}"
