"""The desk: runs of all sessions on a few processes, so that nobody waits for another's last decimals.

A course is the replications of one policy of one case; sessions that ask the same share it.  Whoever has the least gets
the next batch, so that thirty sliders that move at once all have a first result before any has its last.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.app import work
from sim.app.policy import FIRST, SECOND

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.task import RunResult

PAIRS = 50
BATCH = 5
MILESTONES = (5, 10, 20, 35, PAIRS)
TRIES = 3  # of a course whose processes end
KEPT_COURSES = 120
KEPT_BYTES = 200_000_000  # of films
WORKERS = max(1, min(4, os.cpu_count() or 1))


@dataclass(eq=False)
class Course:
    """Replications 0, 1, ... of one variant of a case, as far as they are done."""

    scenario: Scenario
    variant: str
    results: list[RunResult] = field(default_factory=list)
    asked: int = 0  # replications given out
    failures: int = 0
    wanted: set[object] = field(default_factory=set)


class Desk:
    """Starts its processes when it is first asked; ``close`` ends them."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._changed = threading.Condition()
        self._courses: OrderedDict[tuple[str, str, int], Course] = OrderedDict()
        self._films: OrderedDict[tuple[Any, ...], Future[list[bytes]]] = OrderedDict()
        self._busy = 0
        self._closed = False

    @property
    def pairs(self) -> int:
        """Pairs of a finished comparison."""
        return PAIRS

    def start(self) -> None:
        """Start the processes and let them read the model, so that the first session does not wait for it."""
        for _ in range(self._workers):
            self._submit(work.warm)

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        self._closed = True
        if self._pool is not None:
            for process in multiprocessing.active_children():
                process.terminate()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def film(self, scenario: Scenario, variant: str, replication: int) -> list[bytes]:
        """The parts of a film; the same one is made once, however many ask."""
        key = (scenario.variant(variant).hash, _draws(scenario), replication)
        with self._changed:
            known = self._films.get(key)
            if known is None or (known.done() and known.exception() is not None):
                known = self._films[key] = self._submit(work.film, scenario, variant, replication)
            self._films.move_to_end(key)
        parts = known.result()
        self._forget_films()
        return parts

    def download(self, scenario: Scenario, replication: int) -> bytes:
        """A zip of the tables of one history of both policies."""
        packed: bytes = self._result(work.results_zip, scenario, replication)
        return packed

    def watch(self, scenario: Scenario, told: Callable[[dict[str, Any]], None], stop: threading.Event) -> None:
        """Call ``told`` with a summary at every milestone, until all pairs are done or ``stop`` is set."""
        watcher = object()
        draws = _draws(scenario)
        pair = [self._course(scenario, variant, draws, watcher) for variant in (FIRST, SECOND)]
        try:
            for milestone in MILESTONES:
                done = self._wait(pair, milestone, stop)
                if done is None:
                    return
                told(self._result(work.summarise, scenario, done))
        except (BrokenProcessPool, CancelledError):
            if not self._closed:
                raise
        finally:
            with self._changed:
                for course in pair:
                    course.wanted.discard(watcher)

    def _wait(self, pair: list[Course], milestone: int, stop: threading.Event) -> list[RunResult] | None:
        with self._changed:
            while min(len(course.results) for course in pair) < milestone:
                self._give_out()
                self._changed.wait(0.5)
                if stop.is_set() or self._closed:
                    return None
        return [run for course in pair for run in sorted(course.results, key=lambda run: run.replication)[:milestone]]

    def _course(self, scenario: Scenario, variant: str, draws: str, watcher: object) -> Course:
        key = (scenario.variant(variant).hash, draws, scenario.seed)
        with self._changed:
            course = self._courses.get(key)
            if course is None:
                course = self._courses[key] = Course(scenario, variant)
            self._courses.move_to_end(key)
            course.wanted.add(watcher)
            for old in [known for known, item in self._courses.items() if not item.wanted][: -KEPT_COURSES or None]:
                del self._courses[old]
        return course

    def _give_out(self) -> None:
        """Give batches to idle processes; called with the lock held."""
        while self._busy < self._workers and not self._closed:
            open_ = [
                course
                for course in self._courses.values()
                if course.wanted and course.asked < PAIRS and course.failures < TRIES
            ]
            if not open_:
                return
            course = min(open_, key=lambda course: course.asked)
            numbers = range(course.asked, min(PAIRS, course.asked + BATCH))
            course.asked = numbers.stop
            self._busy += 1
            future = self._submit(work.run_batch, course.scenario, course.variant, list(numbers))
            future.add_done_callback(partial(self._ended, course, numbers.start))

    def _ended(self, course: Course, first: int, ended: Future[list[RunResult]]) -> None:
        with self._changed:
            self._busy -= 1
            if ended.cancelled() or ended.exception() is not None:
                course.asked = min(course.asked, first)
                course.failures += 1
            else:
                course.results += ended.result()
            self._give_out()
            self._changed.notify_all()

    def _forget_films(self) -> None:
        with self._changed:
            size = sum(len(part) for done in self._films.values() if done.done() for part in done.result())
            while size > KEPT_BYTES and len(self._films) > 2:
                _, oldest = self._films.popitem(last=False)
                size -= sum(len(part) for part in oldest.result()) if oldest.done() else 0

    def _result(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a process made of it; once more where one was killed, and all of them with it."""
        try:
            return self._submit(function, *arguments).result()
        except BrokenProcessPool:
            return self._submit(function, *arguments).result()

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        try:
            return self._processes().submit(function, *arguments)
        except BrokenProcessPool:
            if self._closed:
                raise
            self._pool = None
            return self._processes().submit(function, *arguments)

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # spawn: a fork of a server with threads may wait for a lock that nobody in it holds
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=context, initializer=work.follow, initargs=(os.getpid(),)
            )
        return self._pool


def _draws(scenario: Scenario) -> str:
    from sim.study.task import draws_of

    draws = draws_of(scenario)
    return draws.identity + ",".join(quantity.name for quantity in draws.quantities)
