"""The tasks of a study as work for any executor, and what comes back of it: whole runs, totals, or a note that they
are in the store already, when whoever ran them reaches it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

import numpy as np

from sim.model.plan import Plan
from sim.study.executor import Executor, Failure, attempt
from sim.study.first_compile import compile_model
from sim.study.store import UNFINISHED, Folder, StoreError
from sim.study.tables import tables
from sim.study.task import Blueprint, RunResult, RunTables, Task, lost, run_task

Returned = Callable[[Sequence[RunResult]], Sequence[RunResult]]
Results = Generator[list[RunResult], None, None]


@dataclass(frozen=True)
class Written(RunResult):
    """A run that is in the store already; of what was kept only totals are here."""


@dataclass(frozen=True)
class StudyWork:
    """Runs the tasks of a study; ``returned`` is applied to the runs of a batch where they were run."""

    blueprint: Blueprint
    returned: Returned

    def prepare(self) -> None:
        """Simulate a day of the first variant that has a plan."""
        plan = next((plan for plan in self.blueprint.plans.values() if isinstance(plan, Plan)), None)
        if plan is not None:
            compile_model(plan)

    def __call__(self, tasks: Sequence[Task]) -> Sequence[list[RunResult]]:
        """The runs of each task."""
        found = [self._runs(task) for task in tasks]
        back = iter(self.returned([run for runs in found for run in runs]))
        return [[next(back) for _ in runs] for runs in found]

    def _runs(self, task: Task) -> list[RunResult]:
        runs = attempt(partial(run_task, self.blueprint), task)
        return lost(task, runs) if isinstance(runs, Failure) else runs


def run_tasks(
    executor: Executor, blueprint: Blueprint, tasks: Sequence[Task], returned: Returned | None = None
) -> Results:
    """The results of each task, as they finish; ``returned`` says what comes back of a run (default: all of it)."""
    with closing(executor.results(StudyWork(blueprint, returned or whole), tasks)) as ended:
        for task, found in ended:
            yield lost(task, found) if isinstance(found, Failure) else found


def whole(runs: Sequence[RunResult]) -> Sequence[RunResult]:
    """Runs with all their tables."""
    return runs


def totals_only(runs: Sequence[RunResult]) -> Sequence[RunResult]:
    """Runs without months and cells: a hundredth of the size."""
    return [replace(run, kept=_totals(run.kept)) for run in runs]


@contextmanager
def written_by_workers(
    folder: Folder, hashes: Mapping[str, str], draw_hash: str, regions: tuple[str, ...]
) -> Iterator[Returned]:
    """Context in which workers write their batches themselves, where they see the same folder."""
    token = f"{UNFINISHED}shared-{uuid4().hex}"
    with suppress(OSError):  # without it they give their runs back, and what is wrong is said when these are written
        (folder.path / token).touch()
    try:
        yield IntoStore(replace(folder, path=folder.path.resolve()), token, dict(hashes), draw_hash, regions)
    finally:
        with suppress(OSError):
            (folder.path / token).unlink(missing_ok=True)


@dataclass(frozen=True)
class IntoStore:
    """Writes a batch into the store where its token is found; gives whole runs back where it is not."""

    folder: Folder
    token: str  # a file that only this study has made: a folder of the same name elsewhere lacks it
    hashes: Mapping[str, str]
    draw_hash: str
    regions: tuple[str, ...]

    def __call__(self, runs: Sequence[RunResult]) -> Sequence[RunResult]:
        """Written runs; what cannot be written goes back whole."""
        try:
            if not (self.folder.path / self.token).exists():
                return runs
            self.folder.add(tables(runs, self.hashes, self.draw_hash, self.regions))
        except (OSError, StoreError):
            return runs
        return [Written(run.variant, run.replication, _totals(run.kept), run.seconds) for run in runs]


def _totals(kept: RunTables | Failure) -> RunTables | Failure:
    if isinstance(kept, Failure):
        return kept
    nothing = np.zeros(0, np.int64)
    return RunTables(kept.totals, (), kept.monthly[:0], nothing, kept.killed[:0])
