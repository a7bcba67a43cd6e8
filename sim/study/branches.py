"""One replication of several variants: the days that they share are simulated once, and their run-up once and for all.

Policy reaches the day only through arrays indexed by day, without look-ahead: two plans whose inputs agree up to a day
have equal histories up to that day, to the bit.  So variants form a tree: run to the first day on which any two
differ, keep the state, go on from it for each group of equals.  A group whose run-up is kept starts with its period.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from sim.model.plan import Plan
from sim.model.recorder import RunRecord
from sim.model.simulation import Simulation, Snapshot
from sim.model.streams import run_key
from sim.model.tables import NEVER
from sim.study.executor import Failure
from sim.study.plan_difference import first_difference
from sim.study.run_up import RunUp, RunUps


@dataclass(frozen=True)
class Finished:
    """The end of one branch: the variant, its record or why there is none, and its share of processor time (s)."""

    variant: str
    record: RunRecord | Failure
    seconds: float


def run_branched(
    plans: Mapping[str, Plan], seed: int, replication: int, run_ups: RunUps | None = None
) -> Iterator[Finished]:
    """Each variant's run, one after the other; whatever goes wrong belongs to the variants that it hit."""
    if plans:
        known = RunUps(plans.values()) if run_ups is None else run_ups
        yield from _Tree(plans, _partings(plans), seed, replication, known).run()


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
    run_ups: RunUps
    to_keep: dict[str, RunUp] = field(default_factory=dict)  # by the first variant of the group that shares it

    def run(self) -> Iterator[Finished]:
        """The runs of all variants."""
        waiting = self._beginnings()
        while waiting:
            yield from self._run_branch(waiting.pop(), waiting)

    def _beginnings(self) -> list[_Branch]:
        """A branch for each group whose run-up is kept, from its end; one from day 0 for all the others."""
        left, others, kept = list(self.plans), list[str](), list[_Branch]()
        while left:
            began = time.thread_time()
            plan = self.plans[left[0]]
            group, *_ = self._groups(left, max(0, plan.report[0] - 1))
            left = [name for name in left if name not in group]
            run_up = self.run_ups.of(plan, run_key(self.seed, self.replication))
            state = None if run_up is None else run_up.read(plan)
            if state is not None:
                kept.append(_Branch(group, state, (time.thread_time() - began) / len(group)))
                continue
            others += group
            if run_up is not None:
                self.to_keep[group[0]] = run_up
        return [*kept, _Branch(others, None, 0.0)] if others else kept

    def _run_branch(self, branch: _Branch, waiting: list[_Branch]) -> list[Finished]:
        """The runs that one model comes to: where variants part it goes on as the first of them, the others wait."""
        names, spent, began = branch.names, branch.spent, time.thread_time()
        model = Simulation(self.plans[names[0]], self.seed, self.replication)
        try:
            if branch.state is not None:
                model.restore(branch.state)
            while (split := self._split(model, names)) != NEVER:
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

    def _split(self, model: Simulation, names: Sequence[str]) -> int:
        """The first day on which a branch parts; a run-up that ends before it is simulated and kept."""
        split = min((self.days[names[0], other] for other in names[1:]), default=NEVER)
        run_up = self.to_keep.get(names[0])
        if run_up is not None and model.day < run_up.day <= split:
            run_up.simulate(model)
        return split

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
