"""One replication of several variants: the days that they share are simulated once.

Policy reaches the day only through arrays indexed by day, without look-ahead: two plans whose inputs agree up to a day
have equal histories up to that day, to the bit.  So variants form a tree: run to the first day on which any two
differ, keep the state, go on from it for each group of equals.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.model import MissionModel, Snapshot
from sim.plan import Plan
from sim.recorder import RunRecord
from sim.tables import INPUTS, NEVER


@dataclass(frozen=True)
class Failure:
    """What went wrong, and when: build, run, reduce or worker (its process died)."""

    stage: str
    traceback: str


@dataclass(frozen=True)
class Finished:
    """The end of one branch: the variant, its record or why there is none, and its share of the time (s)."""

    variant: str
    record: RunRecord | Failure
    seconds: float


def run_branched(plans: Mapping[str, Plan], seed: int, replication: int) -> Iterator[Finished]:
    """Each variant's run, one after the other; whatever goes wrong belongs to the variants that it hit."""
    names = list(plans)
    days = {(a, b): first_difference(plans[a], plans[b]) for n, a in enumerate(names) for b in names[:n]}
    days |= {(b, a): day for (a, b), day in days.items()}
    if names:
        yield from _Tree(plans, days, seed, replication).run(names, None, 0.0)


def first_difference(a: Plan, b: Plan) -> int:
    """The first day on which the inputs of two plans differ; 0 where they differ in more, NEVER where in nothing."""
    if a is b:
        return NEVER
    same = a.report == b.report and _equal(a.parameters, b.parameters) and _equal(a.enabled, b.enabled)
    if not same or not all(_equal(a.start[name], b.start[name]) for name in a.start):
        return 0
    return min(column_difference(a, b, column.name, column.shape[0]) for column in INPUTS)


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
class _Tree:
    plans: Mapping[str, Plan]
    days: Mapping[tuple[str, str], int]
    seed: int
    replication: int

    def run(self, names: list[str], dawn: Snapshot | None, spent: float) -> Iterator[Finished]:
        """The runs of variants that share their history up to ``dawn``, on which ``spent`` seconds went for each."""
        start = time.perf_counter()
        split = min((self.days[names[0], other] for other in names[1:]), default=NEVER)
        model = MissionModel(self.plans[names[0]], self.seed, self.replication)
        try:
            if dawn is not None:
                model.restore(dawn)
            if 0 < split < NEVER:  # who shares no day may differ in first state and number of rows: no dawn for them
                model.advance_to(split - 1)
                dawn = model.snapshot()
                spent += (time.perf_counter() - start) / len(names)
            elif split == NEVER:
                record = model.run()
        except Exception as problem:
            yield from (Finished(name, failure("run", problem), spent) for name in names)
            return
        finally:
            model.close()
            model.columns.clear()  # Mesa's models are cycles: their arrays would wait for the garbage collector
            del model.plan  # so would those of a drawn plan
        if split == NEVER:
            each = spent + (time.perf_counter() - start) / len(names)
            for name in names:
                yield Finished(name, replace(record, scenario=self.plans[name].scenario), each)
            return
        for group in self._groups(names, split):
            yield from self.run(group, dawn, spent)

    def _groups(self, names: list[str], day: int) -> list[list[str]]:
        """Names whose inputs are still equal on this day."""
        left, groups = list(names), []
        while left:
            groups.append([left[0], *(name for name in left[1:] if self.days[left[0], name] > day)])
            left = [name for name in left if name not in groups[-1]]
        return groups


def failure(stage: str, problem: BaseException) -> Failure:
    """A problem as data."""
    return Failure(stage, "".join(traceback.format_exception(problem)))
