"""Scheduler of the browser view: the runs of all sessions on a few worker processes.

A replication stream is the replications of one policy of one case; sessions with the same request share it.  A job is
any other task that a session waits for.  The session with the fewest results is served next, so that thirty sliders
that move at once all get a first result before any gets its second.
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
BATCH = 4  # replications per task: while one runs, its worker cannot serve a session with fewer results
MILESTONES = (2, 10, 20, 35, PAIRS)  # pairs at which there is a summary: the first soon, with a wide interval
TRIES = 3  # where processes end
PROCESSES_FAILED = (
    "the processes that run this ended again and again; the memory of this machine may be too small for it"
)
MOST_STREAMS = 120
MOST_ANIMATION_BYTES = 200_000_000  # of animations
WORKERS = max(1, min(4, os.cpu_count() or 1))


class SchedulerError(Exception):
    """Why a request failed, in one sentence for the page."""


@dataclass(eq=False)
class ReplicationStream:
    """Replications 0, 1, ... of one variant of a case, as far as they are done.

    asked: replications that were dispatched; wanted: events of the waiting sessions, set when there are new results.
    """

    scenario: Scenario
    variant: str
    results: list[RunResult] = field(default_factory=list)
    asked: int = 0
    failures: int = 0
    wanted: set[threading.Event] = field(default_factory=set)


@dataclass(order=True)
class Job:
    """One call.  ``has``: pairs that the waiting session shows already; number: order of submission."""

    has: int
    number: int
    function: Callable[..., Any] = field(compare=False)
    arguments: tuple[Any, ...] = field(compare=False)
    result: Future[Any] = field(default_factory=Future, compare=False)
    tries: int = field(default=0, compare=False)


class JobScheduler:
    """Starts its worker processes on the first request; ``close`` ends them."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.RLock()
        self._streams: OrderedDict[tuple[str, str, int], ReplicationStream] = OrderedDict()
        self._jobs: list[Job] = []  # a heap
        self._numbers = itertools.count()
        self._animations: OrderedDict[tuple[Any, ...], Future[list[bytes]]] = OrderedDict()
        self._busy = 0
        self._closed = False

    def start(self) -> None:
        """Start the processes and let them read the model, so that the first session does not wait for it."""
        for _ in range(self._workers):
            self._submit_job(0, work.warm_up, MILESTONES[0])

    def close(self) -> None:
        """End the processes; pending callers get CancelledError."""
        with self._lock:
            self._closed = True
            for job in self._jobs:
                job.result.cancel()
        if self._pool is not None:
            for process in multiprocessing.active_children():
                process.terminate()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def animation(self, scenario: Scenario, variant: str, replication: int) -> list[bytes]:
        """The parts of a animation; the same one is made once, however many ask."""
        key = (scenario.variant(variant).hash, _draws(scenario), replication)
        with self._lock:
            known = self._animations.get(key)
            if known is None or (known.done() and (known.cancelled() or known.exception() is not None)):
                known = self._animations[key] = self._submit_job(0, work.animation, scenario, variant, replication)
            self._animations.move_to_end(key)
        parts = known.result()
        self._evict_animations()
        return parts

    def download(self, scenario: Scenario, replication: int) -> bytes:
        """A zip of the tables of one run of both policies."""
        packed: bytes = self._submit_job(0, work.results_zip, scenario, replication).result()
        return packed

    def watch(self, scenario: Scenario, publish: Callable[[str], None], stop: threading.Event) -> None:
        """Call ``publish`` with a summary at every milestone, until all pairs are done or ``stop`` is set.

        Of milestones that are reached while an earlier one is summarised, only the last is published.  SchedulerError
        where the processes end repeatedly.
        """
        more = threading.Event()
        draws, has = _draws(scenario), 0
        pair = [self._stream(scenario, variant, draws, more) for variant in (FIRST, SECOND)]
        try:
            while has < PAIRS:
                now = self._next(pair, has, more, stop)
                if not now:
                    return
                runs = [run for stream in pair for run in _first(stream, now)]
                publish(self._submit_job(has, work.summarise, scenario, runs).result())
                has = now
        except (BrokenProcessPool, CancelledError) as problem:
            if not self._closed:
                raise SchedulerError(PROCESSES_FAILED) from problem
        finally:
            with self._lock:
                for stream in pair:
                    stream.wanted.discard(more)

    def _next(self, pair: list[ReplicationStream], has: int, more: threading.Event, stop: threading.Event) -> int:
        """The last milestone that both courses have reached, once there is one after ``has``; 0 where it is over."""
        while not (stop.is_set() or self._closed):
            with self._lock:
                more.clear()
                done = min(len(stream.results) for stream in pair)
                if max(stream.failures for stream in pair) >= TRIES:
                    raise SchedulerError(PROCESSES_FAILED)
                self._dispatch()
            reached = [milestone for milestone in MILESTONES if has < milestone <= done]
            if reached:
                return reached[-1]
            more.wait(0.5)
        return 0

    def _stream(self, scenario: Scenario, variant: str, draws: str, more: threading.Event) -> ReplicationStream:
        key = (scenario.variant(variant).hash, draws, scenario.seed)
        with self._lock:
            stream = self._streams.get(key)
            if stream is None or stream.failures >= TRIES:
                stream = self._streams[key] = ReplicationStream(scenario, variant)
            self._streams.move_to_end(key)
            stream.wanted.add(more)
            for old in [known for known, item in self._streams.items() if not item.wanted][: -MOST_STREAMS or None]:
                del self._streams[old]
        return stream

    def _submit_job(self, has: int, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        job = Job(has, next(self._numbers), function, arguments)
        with self._lock:
            if self._closed:  # nobody would ever do it
                job.result.cancel()
            else:
                heapq.heappush(self._jobs, job)
                self._dispatch()
        return job.result

    def _dispatch(self) -> None:
        """Give work to idle processes, fewest results first; called with the lock held."""
        while self._busy < self._workers and not self._closed:
            waiting = (stream for stream in self._streams.values() if _is_open(stream))
            stream = min(waiting, key=lambda stream: stream.asked, default=None)
            if self._jobs and (stream is None or self._jobs[0].has <= stream.asked):
                job = heapq.heappop(self._jobs)
                self._begin(partial(self._job_ended, job), job.function, *job.arguments)
            elif stream is not None:
                numbers = range(stream.asked, _batch_end(stream.asked))
                stream.asked = numbers.stop
                ended = partial(self._batch_ended, stream, numbers.start)
                self._begin(ended, work.run_batch, stream.scenario, stream.variant, list(numbers))
            else:
                return

    def _begin(self, ended: Callable[[Future[Any]], None], function: Callable[..., Any], *arguments: Any) -> None:
        self._busy += 1
        self._submit(function, *arguments).add_done_callback(ended)

    def _batch_ended(self, stream: ReplicationStream, first: int, ended: Future[list[RunResult]]) -> None:
        with self._lock:
            self._busy -= 1
            if ended.cancelled() or ended.exception() is not None:
                stream.asked = min(stream.asked, first)
                stream.failures += 1
            else:
                stream.results += ended.result()
            self._dispatch()
            for more in stream.wanted:
                more.set()

    def _job_ended(self, job: Job, ended: Future[Any]) -> None:
        """Tell who waits; once more where a process was killed, and all of them with it."""
        problem = None if ended.cancelled() else ended.exception()
        job.tries += 1
        with self._lock:
            self._busy -= 1
            again = isinstance(problem, BrokenProcessPool) and job.tries < TRIES and not self._closed
            if again:
                heapq.heappush(self._jobs, job)
            self._dispatch()
        if ended.cancelled():
            job.result.cancel()
        elif problem is None:
            job.result.set_result(ended.result())
        elif not again:
            job.result.set_exception(problem)

    def _evict_animations(self) -> None:
        with self._lock:
            size = sum(len(part) for made in self._animations.values() if _is_ready(made) for part in made.result())
            while size > MOST_ANIMATION_BYTES and len(self._animations) > 2:
                _, oldest = self._animations.popitem(last=False)
                size -= sum(len(part) for part in oldest.result()) if _is_ready(oldest) else 0

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
                self._workers, mp_context=context, initializer=work.follow_parent, initargs=(os.getpid(),)
            )
        return self._pool


def _is_open(stream: ReplicationStream) -> bool:
    return bool(stream.wanted) and stream.asked < PAIRS and stream.failures < TRIES


def _batch_end(start: int) -> int:
    """A batch ends with a milestone, or before it."""
    return min(start + BATCH, *(milestone for milestone in MILESTONES if milestone > start))


def _first(stream: ReplicationStream, count: int) -> list[RunResult]:
    return sorted(stream.results, key=lambda run: run.replication)[:count]


def _is_ready(animation: Future[list[bytes]]) -> bool:
    return animation.done() and not animation.cancelled() and animation.exception() is None


def _draws(scenario: Scenario) -> str:
    from sim.study.task import draws_of

    draws = draws_of(scenario)
    return draws.identity + ",".join(quantity.name for quantity in draws.quantities)
