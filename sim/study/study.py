"""Study: what is missing of variants x replications, run, and kept as it finishes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim._util.signals import allow_interrupts, defer_interrupts
from sim.scenario import OUTCOMES, ScenarioError
from sim.study.batch_writer import BatchWriter
from sim.study.collect import collect
from sim.study.executor import Executor, Threads
from sim.study.frame import DONE, StudyFrame
from sim.study.identity import check, claim, fingerprint, made_by, owner
from sim.study.scale import off_scale
from sim.study.stopping import Stopping
from sim.study.store import Folder, Memory, StoreError
from sim.study.tables import RunKey, tables
from sim.study.task import Blueprint, RunResult, RunTables, Task, draws_of, variants_of
from sim.study.work import Returned, Written, run_tasks, whole, written_by_workers

if TYPE_CHECKING:
    from sim.scenario import Scenario

WRITE_EVERY = 5.0  # s: what is lost at worst
WRITE_RUNS = 1000  # some 60 MB
ROUNDS = 3  # of doing again what was damaged in the store while the study was under way

Flags = npt.NDArray[np.bool_]
Progress = Callable[[Iterator[RunResult], int], Iterator[RunResult]]


class Study:
    """One scenario with its variants, its replications 0 .. n-1, and the folder that keeps them (None: memory).

    All variants of a replication share its random numbers and its draw of uncertain parameters.  A folder that holds
    the same scenario is extended; one that holds anything else is refused with a StoreError, and nothing in it is
    changed.  Runs are done by ``executor``, or where there is none by ``workers`` threads (0: as many as help).
    ScenarioError for uncertainties that cannot be drawn.
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
        self.executor = executor or Threads(workers)
        warnings = (off_scale(variant) for variant in variants_of(scenario).values())
        self.notices = list(dict.fromkeys(filter(None, warnings)))  # what the user should hear about scale and store
        self._memory = Memory([])
        self._folder: Folder | None = None  # once it is claimed
        self._hashes = {name: variant.hash for name, variant in variants_of(scenario).items()}
        self._draw_hash = draws_of(scenario).identity
        self._known = store is not None and check(store, scenario)

    @cached_property
    def blueprint(self) -> Blueprint:
        """Plans and draws; about two seconds a variant."""
        with allow_interrupts():
            return Blueprint.build(self.scenario)

    def key(self, variant: str, replication: int) -> RunKey:
        """The identity of a run."""
        return RunKey(variant, self._hashes[variant], fingerprint(self.scenario.mission), self._draw_hash, replication)

    def missing(self) -> list[Task]:
        """(replication, variants still to run), ascending; failed runs are missing.  Writes nothing."""
        return self._missing(self._done(self._collected()))

    def _missing(self, done: Flags) -> list[Task]:
        names = np.array(list(self._hashes))
        return [(int(n), tuple(names[~done[:, n]].tolist())) for n in np.flatnonzero(~done.all(axis=0))]

    def _done(self, frame: StudyFrame) -> Flags:
        """[variant, replication]: whether a frame has the run."""
        done = np.zeros((len(self._hashes), self.replications), bool)
        runs = frame.runs[(frame.runs["status"] == DONE) & (frame.runs["replication"] < self.replications)]
        places = {name: place for place, name in enumerate(self._hashes)}
        done[runs["variant"].map(places).to_numpy(np.intp), runs["replication"].to_numpy(np.intp)] = True
        return done

    def frame(self) -> StudyFrame:
        """What there is of the asked replications."""
        return self._collected().first(self.replications)

    def run(self, progress: Progress | None = None, until: Mapping[str, float] | None = None) -> StudyFrame:
        """Run what is missing and return what there is.

        ``progress`` is handed the results as they finish and their number, and gives them on.  ``until`` is outcome ->
        half-width of the paired 95 % interval at which to stop early.  On Ctrl-C what is finished is written first.
        """
        with defer_interrupts():
            store, enough = self.claim(), None
            for left in reversed(range(ROUNDS)):
                frame = self._collected()
                done = self._done(frame)
                stopping = Stopping(_checked(until or {}), frame.first(self.replications))
                self._run(store, done, stopping if until else None, progress)
                enough = stopping.reached() if until else None
                frame = self._collected()
                lost = int((done & ~self._done(frame)).sum())
                if not lost:
                    break
                self._look_again(store, lost, left)
        return frame.first(self.replications if enough is None else enough)

    def _run(self, store: Folder | Memory, done: Flags, stopping: Stopping | None, progress: Progress | None) -> None:
        """Run what is not ``done``, and note there what is."""
        tasks, places = self._missing(done), {name: place for place, name in enumerate(self._hashes)}
        total = sum(len(names) for _, names in tasks)
        with closing(self._results(store, tasks, stopping)) as results:
            for run in progress(results, total) if progress else results:
                done[places[run.variant], run.replication] |= isinstance(run.kept, RunTables)

    def _look_again(self, store: Folder | Memory, lost: int, left: int) -> None:
        """Finished runs are not in the store any more: somebody has damaged it meanwhile."""
        if isinstance(store, Folder):
            self.notices += store.set_aside_damaged()
        told = f"{self.path}: {lost} finished runs were lost from the store while the study was under way"
        if not left:
            raise StoreError(f"{told}, more than once; what is there is safe; continue with --resume")
        self.notices.append(f"{told}; they are done again.")

    def _results(
        self, store: Folder | Memory, tasks: Sequence[Task], stopping: Stopping | None
    ) -> Generator[RunResult, None, None]:
        if not tasks or (stopping and stopping.reached()):
            return
        with (
            self._returned(store) as returned,
            BatchWriter[RunResult](lambda runs: self.keep(store, runs), WRITE_RUNS, WRITE_EVERY) as writer,
            closing(run_tasks(self.executor, self.blueprint, tasks, returned)) as ended,
        ):
            for results in ended:
                writer.add(run for run in results if not isinstance(run, Written))
                yield from results
                if stopping and self._enough(stopping, results):
                    return

    def _returned(self, store: Folder | Memory) -> AbstractContextManager[Returned]:
        """What the executor sends back: whole runs, or word that they are written, where it reaches the store."""
        if isinstance(store, Memory) or not self.executor.remote:
            return nullcontext(whole)
        return written_by_workers(store, self._hashes, self._draw_hash, self.scenario.mission.regions)

    @staticmethod
    def _enough(stopping: Stopping, results: Sequence[RunResult]) -> bool:
        stopping.add(results)
        return stopping.reached() is not None

    def claim(self) -> Folder | Memory:
        """The store, ready to be written to; ``notices`` names what was damaged in it.  StoreError where it is not."""
        if self.path is None:
            return self._memory
        if self._folder is None:
            self._folder, notices = claim(self.path, self.scenario)
            self.notices += notices
            self._known = True
        return self._folder

    def _collected(self) -> StudyFrame:
        store: Folder | Memory = Folder(self.path) if self.path is not None and self._known else self._memory
        return collect(store.parts(), self.scenario, made_by(self.scenario))

    def keep(self, store: Folder | Memory, results: Sequence[RunResult]) -> None:
        """Write some results."""
        store.add(tables(results, self._hashes, self._draw_hash, self.scenario.mission.regions))


def open_store(path: Path) -> StudyFrame:
    """What a store holds.  StoreError where it is none, or where a part of it is not as it was written."""
    known = owner(path)
    folder = Folder(path)
    damaged = folder.damaged()
    if damaged:
        raise StoreError(f"{path / damaged[0]}: not as it was written; compare --resume does its runs again")
    return collect(folder.parts(), known.scenario, known.made_by)


def _checked(until: Mapping[str, float]) -> Mapping[str, float]:
    for name in until:
        if name not in OUTCOMES:
            raise ScenarioError(f"--until-halfwidth: {name}: unknown outcome; allowed: {', '.join(OUTCOMES)}")
    return until
