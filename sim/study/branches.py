"""One replication of several variants: the days that they share are simulated once.

Policy reaches the day only through arrays indexed by day, without look-ahead: two plans whose inputs agree up to a day
have equal histories up to that day, to the bit.  So variants form a tree: run to the first day on which any two
differ, keep the state, go on from it for each group of equals.
"""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from sim.model.plan import Plan
from sim.model.recorder import RunRecord
from sim.model.simulation import Simulation, Snapshot
from sim.model.tables import INPUTS, NEVER
from sim.study.executor import Failure


@dataclass(frozen=True)
class Finished:
    """The end of one branch: the variant, its record or why there is none, and its share of processor time (s)."""

    variant: str
    record: RunRecord | Failure
    seconds: float


def run_branched(plans: Mapping[str, Plan], seed: int, replication: int) -> Iterator[Finished]:
    """Each variant's run, one after the other; whatever goes wrong belongs to the variants that it hit."""
    if plans:
        yield from _Tree(plans, _partings(plans), seed, replication).run()


def _partings(plans: Mapping[str, Plan]) -> dict[tuple[str, str], int]:
    """The first day on which any two of the plans differ; what all of them hold as one array is looked at once."""
    inputs = _several([plan.inputs for plan in plans.values()])
    start = _several([plan.start for plan in plans.values()])
    days: dict[tuple[str, str], int] = {}
    for a, b in combinations(plans, 2):
        days[a, b] = days[b, a] = first_difference(plans[a], plans[b], inputs, start)
    return days


def _several(tables: Sequence[Mapping[str, npt.NDArray[np.generic]]]) -> set[str]:
    """The names that do not stand for one and the same array in all tables."""
    return {name for name, array in tables[0].items() if any(other[name] is not array for other in tables)}


def first_difference(a: Plan, b: Plan, inputs: Container[str] | None = None, start: Iterable[str] | None = None) -> int:
    """The first day on which the inputs of two plans differ; 0 where they differ in more, NEVER where in nothing.

    ``inputs`` and ``start`` name the columns in which they may differ: all unless given.
    """
    if a is b:
        return NEVER
    same = a.report == b.report and _equal(a.parameters, b.parameters) and _equal(a.enabled, b.enabled)
    if not same or not all(_equal(a.start[name], b.start[name]) for name in (a.start if start is None else start)):
        return 0
    asked = (column for column in INPUTS if inputs is None or column.name in inputs)
    return min((column_difference(a, b, column.name, column.shape[0]) for column in asked), default=NEVER)


def column_difference(a: Plan, b: Plan, name: str, dimension: str) -> int:
    """The same for one input column; ``dimension`` is its first one (days, months or another)."""
    x, y = a.inputs[name], b.inputs[name]
    if _equal(x, y):
        return NEVER
    if dimension not in ("days", "months") or x.shape != y.shape:
        return 0
    row = int(np.flatnonzero((x != y).reshape(len(x), -1).any(axis=1))[0])
    return row if dimension == "days" else int(np.searchsorted(a.inputs["month_of_day"], row))


def _equal(x: npt.NDArray[np.generic], y: npt.NDArray[np.generic]) -> bool:
    return x is y or np.array_equal(x, y)


@dataclass(frozen=True)
class _Branch:
    """Variants that share their history up to ``state`` (None: up to nothing), on which ``spent`` s went for each."""

    names: list[str]
    state: Snapshot | None
    spent: float


@dataclass(frozen=True)
class _Tree:
    plans: Mapping[str, Plan]
    days: Mapping[tuple[str, str], int]
    seed: int
    replication: int

    def run(self) -> Iterator[Finished]:
        """The runs of all variants."""
        waiting = [_Branch(list(self.plans), None, 0.0)]
        while waiting:
            yield from self._run_branch(waiting.pop(), waiting)

    def _run_branch(self, branch: _Branch, waiting: list[_Branch]) -> list[Finished]:
        """The runs that one model comes to: where variants part it goes on as the first of them, the others wait."""
        names, spent, began = branch.names, branch.spent, time.thread_time()
        model = Simulation(self.plans[names[0]], self.seed, self.replication)
        try:
            if branch.state is not None:
                model.restore(branch.state)
            while (split := min((self.days[names[0], other] for other in names[1:]), default=NEVER)) != NEVER:
                state = _state_before(model, split)
                now = time.thread_time()
                spent, began = spent + (now - began) / len(names), now
                names, *others = self._groups(names, split)
                waiting += [_Branch(group, state, spent) for group in reversed(others)]
            record = model.run()
        except Exception as problem:
            return [Finished(name, Failure.of("run", problem), spent) for name in names]
        spent += (time.thread_time() - began) / len(names)
        return [Finished(name, replace(record, scenario=self.plans[name].scenario), spent) for name in names]

    def _groups(self, names: list[str], day: int) -> list[list[str]]:
        """Names whose inputs are still equal on this day."""
        left, groups = list(names), []
        while left:
            groups.append([left[0], *(name for name in left[1:] if self.days[left[0], name] > day)])
            left = [name for name in left if name not in groups[-1]]
        return groups


def _state_before(model: Simulation, split: int) -> Snapshot | None:
    """The state before the day of a split; None at the first: who shares no day may differ in state and rows too."""
    if split == 0:
        return None
    model.advance_to(split - 1)
    return model.snapshot()
