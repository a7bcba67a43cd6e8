"""The inference checks, cut into tasks that can be done in any order, in processes of their own."""

import multiprocessing
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from analysis.permutation_tests import Shuffles
from analysis.posterior_predictive import Months
from analysis.simulation_based_calibration import as_observed, ranks, with_record
from analysis.synthetic_worlds import KINDS, RECORD, Chain
from sim.calibration.calibration_result import CalibrationResult, load_checks, load_result, load_waves
from sim.calibration.evaluations import Runs
from sim.calibration.space import STRUCTURES, FloatArray
from sim.calibration.targets import REFIT, targets, transformed

STEPS = 300  # of a chain that starts with the spread of the linear approximation; the second half is kept
STEPS_OF_WORLDS = 200  # of which each needs five; a tenth of a sd off at most, on average
RANKS, WORLDS, SHUFFLES = "ranks", "worlds", "shuffles"
FIT = "fit of the record"
Row = dict[str, float | str]


@dataclass(frozen=True)
class Task:
    """``kind`` of world where ``part`` is WORLDS."""

    part: str
    number: int
    kind: str = ""


@dataclass(frozen=True)
class InferenceChecks:
    """A finished calibration and its emulators; ``checks``: structure -> runs at draws of its posterior."""

    found: CalibrationResult
    checks: Mapping[str, Runs]
    chain: Chain
    shuffles: Shuffles

    @classmethod
    def of(cls, folder: Path) -> "InferenceChecks":
        """Read the calibration and fit both emulators: a minute or two.  StoreError where it is not finished."""
        found = load_result(folder)
        chain = Chain.of(found, Months.fitted(load_waves(folder)), STEPS_OF_WORLDS)
        return cls(found, load_checks(folder), chain, Shuffles.of(found))

    def do(self, task: Task) -> Row:
        """One row of results, a function of the calibration and the task."""
        with threadpool_limits(1):  # tasks are what is done at once
            if task.part == WORLDS:
                return self.chain.judge(task.kind, task.number)
            return self._ranked(task.number) if task.part == RANKS else {**self.shuffles.fit(task.number)}

    def _ranked(self, number: int) -> Row:
        structure = STRUCTURES[number % len(STRUCTURES)]
        truth, record = single(self.checks[structure.name], number // len(STRUCTURES))
        problem = self.found.fitted.problem(structure, REFIT)
        record = as_observed(problem, record, number)
        found = ranks(with_record(problem, record), truth, record, STEPS, number)
        names = (*self.found.fitted.space.names, FIT)
        about: Row = {"record": float(number), "structure": structure.name}
        return about | dict(zip(names, found.tolist(), strict=True))


def single(runs: Runs, number: int) -> tuple[FloatArray, FloatArray]:
    """A point and one run of it on the scale of comparison; after the last point come second runs, then again."""
    row = number % len(runs.point)
    order = (runs.replication * (runs.point.max() + 1) + runs.point).argsort()
    return runs.z[order[row]], transformed(runs, targets(REFIT))[order[row]]


class TaskRows:
    """Rows of finished tasks, a small CSV per part; a file is whole or as it was."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files = {part: folder / f"{part}.csv" for part in (RANKS, WORLDS, SHUFFLES)}
        self.rows = {part: pd.read_csv(file) if file.exists() else pd.DataFrame() for part, file in files.items()}

    def has(self, task: Task) -> bool:
        """Whether a task is done."""
        return not self._of(task).empty

    def add(self, task: Task, row: Row) -> None:
        """Append a row and write the file."""
        self.rows[task.part] = pd.concat([self.rows[task.part], pd.DataFrame([row])], ignore_index=True)
        unfinished = self.folder / f"{task.part}.unfinished"
        self.rows[task.part].to_csv(unfinished, index=False, lineterminator="\n", float_format="%.6g")
        unfinished.replace(self.folder / f"{task.part}.csv")

    def of(self, tasks: Sequence[Task], part: str) -> pd.DataFrame:
        """The rows of some tasks, in their order."""
        return pd.concat([self._of(task) for task in tasks if task.part == part], ignore_index=True)

    def _of(self, task: Task) -> pd.DataFrame:
        rows = self.rows[task.part]
        if rows.empty:
            return rows
        mine = rows["history" if task.part == SHUFFLES else "record"] == task.number
        return rows[mine & (rows["kind"] == task.kind)] if task.part == WORLDS else rows[mine]


def tasks(records: int) -> list[Task]:
    """All that is done for so many records, and for the record: two worlds of a kind for five, 20 or 40 histories."""
    ranked = [Task(RANKS, number) for number in range(records)]
    worlds = [Task(WORLDS, number, kind) for number in range(max(1, 2 * records // 5)) for kind in KINDS]
    return [
        *ranked,
        Task(WORLDS, 0, RECORD),
        *worlds,
        *(Task(SHUFFLES, number) for number in range(40 if records >= 100 else 20)),
    ]


_MINE: list[InferenceChecks] = []  # of a worker process, for as long as it lives


def results(inference: InferenceChecks, missing: Sequence[Task], workers: int) -> Iterator[tuple[Task, Row]]:
    """Each task with its row, as tasks end."""
    if workers == 1 or len(missing) < 2:
        yield from ((task, inference.do(task)) for task in missing)
        return
    yield missing[-1], inference.do(missing[-1])  # a run of the engine: compiled here, not by every worker
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _begin, (inference,)) as pool:
        try:
            yield from zip(missing[:-1], pool.map(_do, missing[:-1]), strict=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(inference: InferenceChecks) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    _MINE.append(inference)


def _do(task: Task) -> Row:
    return _MINE[0].do(task)
