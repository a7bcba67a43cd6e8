"""Study: what is missing of variants x replications, run, and kept as it finishes."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sim.scenario import OUTCOMES, ScenarioError
from sim.study.collect import collect
from sim.study.frame import DONE, StudyFrame
from sim.study.identity import check, claim, fingerprint, owner
from sim.study.pool import run_tasks
from sim.study.stopping import Stopping
from sim.study.store import Folder, Memory, StoreError
from sim.study.tables import RunKey, tables
from sim.study.task import Blueprint, RunResult, Task, draws_of, variants_of

if TYPE_CHECKING:
    from sim.scenario import Scenario

WRITE_EVERY = 5.0  # s: what is lost at worst
WRITE_RUNS = 1000  # some 60 MB

Progress = Callable[[Iterator[RunResult], int], Iterator[RunResult]]


class Study:
    """One scenario with its variants, its replications 0 .. n-1, and the folder that keeps them (None: memory).

    All variants of a replication share its random numbers and its draw of what nobody knows.  A folder that holds the
    same scenario is extended; one that holds anything else is refused with a StoreError, and nothing in it is changed.
    ``executor`` is any ``concurrent.futures`` executor to use instead of ``workers`` processes here (0: as many as
    help).  ScenarioError for uncertainties that cannot be drawn.
    """

    def __init__(
        self,
        scenario: Scenario,
        store: Path | None,
        replications: int,
        workers: int = 0,
        executor: Executor | None = None,
    ) -> None:
        self.scenario = scenario
        self.path = store
        self.replications = replications
        self.workers = workers
        self.executor = executor
        self.notices: list[str] = []  # what the user should hear about the store
        self._memory = Memory([])
        self._hashes = {name: variant.hash for name, variant in variants_of(scenario).items()}
        self._draw_hash = draws_of(scenario).identity
        self._known = store is not None and check(store, scenario)

    @cached_property
    def blueprint(self) -> Blueprint:
        """Plans and draws; about two seconds a variant."""
        return Blueprint.build(self.scenario)

    def key(self, variant: str, replication: int) -> RunKey:
        """The identity of a run."""
        return RunKey(variant, self._hashes[variant], fingerprint(), self._draw_hash, replication)

    def missing(self) -> list[Task]:
        """(replication, variants still to run), ascending; failed runs are missing.  Writes nothing."""
        runs = self._collected().runs
        done = runs[runs["status"] == DONE]
        known = set(zip(done["variant"], done["replication"], strict=True))
        tasks = [
            (number, tuple(name for name in self._hashes if (name, number) not in known))
            for number in range(self.replications)
        ]
        return [(number, names) for number, names in tasks if names]

    def frame(self) -> StudyFrame:
        """What there is of the asked replications."""
        return self._collected().first(self.replications)

    def run(self, progress: Progress | None = None, until: Mapping[str, float] | None = None) -> StudyFrame:
        """Run what is missing and return what there is.

        ``progress`` is handed the results as they finish and their number, and gives them on.  ``until`` is outcome ->
        half-width of the paired 95 % interval at which to stop early.  On Ctrl-C what is finished is written first.
        """
        store = self.claim()
        tasks = self.missing()
        stopping = Stopping(_checked(until or {}), self.frame())
        total = sum(len(names) for _, names in tasks)
        with closing(self._results(store, tasks, stopping if until else None)) as results:
            for _ in progress(results, total) if progress else results:
                pass
        enough = stopping.reached() if until else None
        return self.frame() if enough is None else self.frame().first(enough)

    def _results(
        self, store: Folder | Memory, tasks: Sequence[Task], stopping: Stopping | None
    ) -> Generator[RunResult, None, None]:
        if not tasks or (stopping and stopping.reached()):
            return
        keeper = _Keeper(self, store)
        try:
            with closing(run_tasks(self.blueprint, tasks, self.workers, self.executor)) as ended:
                for results in ended:
                    keeper.add(results)
                    yield from results
                    if stopping and self._enough(stopping, results):
                        return
        finally:
            keeper.write()

    @staticmethod
    def _enough(stopping: Stopping, results: Sequence[RunResult]) -> bool:
        stopping.add(results)
        return stopping.reached() is not None

    def claim(self) -> Folder | Memory:
        """The store, ready to be written to; ``notices`` names what was damaged in it.  StoreError where it is not."""
        if self.path is None:
            return self._memory
        folder = claim(self.path, self.scenario)
        self.notices += folder.set_aside_damaged()
        self._known = True
        return folder

    def _collected(self) -> StudyFrame:
        store: Folder | Memory = Folder(self.path) if self.path is not None and self._known else self._memory
        return collect(store.parts(), self.scenario)

    def keep(self, store: Folder | Memory, results: Sequence[RunResult]) -> None:
        """Write some results."""
        store.add(tables(results, self._hashes, self._draw_hash))


class _Keeper:
    """Writes a part every 5 s, or sooner where many runs are waiting."""

    def __init__(self, study: Study, store: Folder | Memory) -> None:
        self._study, self._store = study, store
        self._waiting: list[RunResult] = []
        self._written = time.monotonic()

    def add(self, results: Sequence[RunResult]) -> None:
        self._waiting += results
        if len(self._waiting) >= WRITE_RUNS or time.monotonic() - self._written >= WRITE_EVERY:
            self.write()

    def write(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._study.keep(self._store, waiting)
        self._written = time.monotonic()


def open_store(path: Path) -> StudyFrame:
    """What a store holds.  StoreError where it is none, or where a part of it is not as it was written."""
    known = owner(path)
    folder = Folder(path)
    damaged = folder.damaged()
    if damaged:
        raise StoreError(f"{path / damaged[0]}: not as it was written; compare --resume does its runs again")
    return collect(folder.parts(), known.scenario)


def _checked(until: Mapping[str, float]) -> Mapping[str, float]:
    for name in until:
        if name not in OUTCOMES:
            raise ScenarioError(f"--until-halfwidth: {name}: unknown outcome; allowed: {', '.join(OUTCOMES)}")
    return until
