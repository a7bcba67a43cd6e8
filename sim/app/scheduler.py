"""The desk: runs of all sessions on a few processes, so that nobody waits for another's last decimals.

A course is the replications of one policy of one case; sessions that ask the same share it.  An errand is anything else
that a visitor waits for.  Whoever has the least is served next, so that thirty sliders that move at once all have a
first result before any has its second.
"""

from __future__ import annotations

import heapq
import itertools
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

from sim.app import jobs as work
from sim.app.policy import FIRST, SECOND

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.task import RunResult

PAIRS = 50
BATCH = 4  # a worker that has begun one is not free for who has less
MILESTONES = (2, 10, 20, 35, PAIRS)  # pairs at which there is a summary: the first soon, with a wide interval
TRIES = 3  # where processes end
IN_VAIN = "the processes that run this ended again and again; the memory of this machine may be too small for it"
KEPT_COURSES = 120
KEPT_BYTES = 200_000_000  # of films
WORKERS = max(1, min(4, os.cpu_count() or 1))


class DeskError(Exception):
    """Why a visitor waits in vain: one sentence for the page."""


@dataclass(eq=False)
class Course:
    """Replications 0, 1, ... of one variant of a case, as far as they are done.

    asked: replications given out; wanted: by sessions, each of which is woken when there are more.
    """

    scenario: Scenario
    variant: str
    results: list[RunResult] = field(default_factory=list)
    asked: int = 0
    failures: int = 0
    wanted: set[threading.Event] = field(default_factory=set)


@dataclass(order=True)
class Errand:
    """One call.  ``has``: pairs that whoever waits for it has on the screen already; number: in order of asking."""

    has: int
    number: int
    function: Callable[..., Any] = field(compare=False)
    arguments: tuple[Any, ...] = field(compare=False)
    result: Future[Any] = field(default_factory=Future, compare=False)
    tries: int = field(default=0, compare=False)


class Desk:
    """Starts its processes when it is first asked; ``close`` ends them."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.RLock()
        self._courses: OrderedDict[tuple[str, str, int], Course] = OrderedDict()
        self._errands: list[Errand] = []  # a heap
        self._numbers = itertools.count()
        self._films: OrderedDict[tuple[Any, ...], Future[list[bytes]]] = OrderedDict()
        self._busy = 0
        self._closed = False

    def start(self) -> None:
        """Start the processes and let them read the model, so that the first session does not wait for it."""
        for _ in range(self._workers):
            self._errand(0, work.warm, MILESTONES[0])

    def close(self) -> None:
        """End the processes, whatever they are doing; who waits is told so by CancelledError."""
        with self._lock:
            self._closed = True
            for errand in self._errands:
                errand.result.cancel()
        if self._pool is not None:
            for process in multiprocessing.active_children():
                process.terminate()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def film(self, scenario: Scenario, variant: str, replication: int) -> list[bytes]:
        """The parts of a film; the same one is made once, however many ask."""
        key = (scenario.variant(variant).hash, _draws(scenario), replication)
        with self._lock:
            known = self._films.get(key)
            if known is None or (known.done() and (known.cancelled() or known.exception() is not None)):
                known = self._films[key] = self._errand(0, work.film, scenario, variant, replication)
            self._films.move_to_end(key)
        parts = known.result()
        self._forget_films()
        return parts

    def download(self, scenario: Scenario, replication: int) -> bytes:
        """A zip of the tables of one history of both policies."""
        packed: bytes = self._errand(0, work.results_zip, scenario, replication).result()
        return packed

    def watch(self, scenario: Scenario, told: Callable[[str], None], stop: threading.Event) -> None:
        """Call ``told`` with a summary at every milestone, until all pairs are done or ``stop`` is set.

        Milestones that are reached while an earlier one is summarised are left out but for the last.  DeskError where
        the processes end again and again.
        """
        more = threading.Event()
        draws, has = _draws(scenario), 0
        pair = [self._course(scenario, variant, draws, more) for variant in (FIRST, SECOND)]
        try:
            while has < PAIRS:
                now = self._next(pair, has, more, stop)
                if not now:
                    return
                runs = [run for course in pair for run in _first(course, now)]
                told(self._errand(has, work.summarise, scenario, runs).result())
                has = now
        except (BrokenProcessPool, CancelledError) as problem:
            if not self._closed:
                raise DeskError(IN_VAIN) from problem
        finally:
            with self._lock:
                for course in pair:
                    course.wanted.discard(more)

    def _next(self, pair: list[Course], has: int, more: threading.Event, stop: threading.Event) -> int:
        """The last milestone that both courses have reached, once there is one after ``has``; 0 where it is over."""
        while not (stop.is_set() or self._closed):
            with self._lock:
                more.clear()
                done = min(len(course.results) for course in pair)
                if max(course.failures for course in pair) >= TRIES:
                    raise DeskError(IN_VAIN)
                self._give_out()
            reached = [milestone for milestone in MILESTONES if has < milestone <= done]
            if reached:
                return reached[-1]
            more.wait(0.5)
        return 0

    def _course(self, scenario: Scenario, variant: str, draws: str, more: threading.Event) -> Course:
        key = (scenario.variant(variant).hash, draws, scenario.seed)
        with self._lock:
            course = self._courses.get(key)
            if course is None or course.failures >= TRIES:
                course = self._courses[key] = Course(scenario, variant)
            self._courses.move_to_end(key)
            course.wanted.add(more)
            for old in [known for known, item in self._courses.items() if not item.wanted][: -KEPT_COURSES or None]:
                del self._courses[old]
        return course

    def _errand(self, has: int, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        errand = Errand(has, next(self._numbers), function, arguments)
        with self._lock:
            if self._closed:  # nobody would ever do it
                errand.result.cancel()
            else:
                heapq.heappush(self._errands, errand)
                self._give_out()
        return errand.result

    def _give_out(self) -> None:
        """Give work to idle processes, to whoever has least; called with the lock held."""
        while self._busy < self._workers and not self._closed:
            waiting = (course for course in self._courses.values() if _is_open(course))
            course = min(waiting, key=lambda course: course.asked, default=None)
            if self._errands and (course is None or self._errands[0].has <= course.asked):
                errand = heapq.heappop(self._errands)
                self._begin(partial(self._errand_ended, errand), errand.function, *errand.arguments)
            elif course is not None:
                numbers = range(course.asked, _batch_end(course.asked))
                course.asked = numbers.stop
                ended = partial(self._batch_ended, course, numbers.start)
                self._begin(ended, work.run_batch, course.scenario, course.variant, list(numbers))
            else:
                return

    def _begin(self, ended: Callable[[Future[Any]], None], function: Callable[..., Any], *arguments: Any) -> None:
        self._busy += 1
        self._submit(function, *arguments).add_done_callback(ended)

    def _batch_ended(self, course: Course, first: int, ended: Future[list[RunResult]]) -> None:
        with self._lock:
            self._busy -= 1
            if ended.cancelled() or ended.exception() is not None:
                course.asked = min(course.asked, first)
                course.failures += 1
            else:
                course.results += ended.result()
            self._give_out()
            for more in course.wanted:
                more.set()

    def _errand_ended(self, errand: Errand, ended: Future[Any]) -> None:
        """Tell who waits; once more where a process was killed, and all of them with it."""
        problem = None if ended.cancelled() else ended.exception()
        errand.tries += 1
        with self._lock:
            self._busy -= 1
            again = isinstance(problem, BrokenProcessPool) and errand.tries < TRIES and not self._closed
            if again:
                heapq.heappush(self._errands, errand)
            self._give_out()
        if ended.cancelled():
            errand.result.cancel()
        elif problem is None:
            errand.result.set_result(ended.result())
        elif not again:
            errand.result.set_exception(problem)

    def _forget_films(self) -> None:
        with self._lock:
            size = sum(len(part) for made in self._films.values() if _is_made(made) for part in made.result())
            while size > KEPT_BYTES and len(self._films) > 2:
                _, oldest = self._films.popitem(last=False)
                size -= sum(len(part) for part in oldest.result()) if _is_made(oldest) else 0

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


def _is_open(course: Course) -> bool:
    return bool(course.wanted) and course.asked < PAIRS and course.failures < TRIES


def _batch_end(start: int) -> int:
    """A batch ends with a milestone, or before it."""
    return min(start + BATCH, *(milestone for milestone in MILESTONES if milestone > start))


def _first(course: Course, count: int) -> list[RunResult]:
    return sorted(course.results, key=lambda run: run.replication)[:count]


def _is_made(film: Future[list[bytes]]) -> bool:
    return film.done() and not film.cancelled() and film.exception() is None


def _draws(scenario: Scenario) -> str:
    from sim.study.task import draws_of

    draws = draws_of(scenario)
    return draws.identity + ",".join(quantity.name for quantity in draws.quantities)
