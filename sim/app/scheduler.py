"""Work of all sessions on a few threads; whoever has the fewest results is served next.

A replication stream is the replications of one policy of one case; sessions that ask for the same share it.  A job is
anything else that a visitor waits for.  Thirty sliders that move at once all get a first result before any gets its
second.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.app import jobs
from sim.app.policy import FIRST, SECOND

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.executor import ThreadTeam
    from sim.study.task import RunResult

PAIRS = 50
BATCH = 4  # a thread that has begun one is not free for sessions with fewer results
MILESTONES = (2, 10, 20, 35, PAIRS)  # pairs at which there is a summary: the first soon, with a wide interval
MOST_STREAMS = 120
MOST_ANIMATION_BYTES = 200_000_000  # of animations
MOST_WORKERS = 4


class SchedulerError(Exception):
    """Why a visitor gets no result: one sentence for the page."""


@dataclass(eq=False)
class ReplicationStream:
    """Replications 0, 1, ... of one variant of a case, as far as they are done.

    asked: replications given out; problem: why there will be no more; wanted: by sessions, each of which is woken when
    there are more.
    """

    scenario: Scenario
    variant: str
    results: list[RunResult] = field(default_factory=list)
    asked: int = 0
    problem: BaseException | None = None
    wanted: set[threading.Event] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        """Whether more of it is to be run."""
        return bool(self.wanted) and self.asked < PAIRS and self.problem is None

    def first(self, count: int) -> list[RunResult]:
        """Its first results."""
        return sorted(self.results, key=lambda run: run.replication)[:count]


@dataclass(order=True)
class Job:
    """One call.  ``has``: pairs that whoever waits for it has on the screen already; number: in order of asking."""

    has: int
    number: int
    function: Callable[..., Any] = field(compare=False)
    arguments: tuple[Any, ...] = field(compare=False)
    result: Future[Any] = field(default_factory=Future, compare=False)


class JobScheduler:
    """Starts its threads (0: as many as help) when it is first asked; ``close`` cancels what is waited for."""

    def __init__(self, workers: int = 0) -> None:
        self._workers = workers
        self._team: ThreadTeam | None = None
        self._lock = threading.RLock()
        self._streams: OrderedDict[tuple[str, str, int], ReplicationStream] = OrderedDict()
        self._jobs: list[Job] = []  # a heap
        self._running: dict[int, Job] = {}
        self._numbers = itertools.count()
        self._animations: OrderedDict[tuple[Any, ...], Future[list[bytes]]] = OrderedDict()
        self._busy = 0
        self._closed = False

    def start(self) -> None:
        """Read the model and run up to the first page's period, so that the first session does not wait for it."""
        self._submit_job(0, jobs.warm_up, MILESTONES[0])

    def close(self) -> None:
        """Take no more work; pending callers get CancelledError."""
        with self._lock:
            self._closed = True
            for job in [*self._jobs, *self._running.values()]:
                job.result.cancel()
            if self._team is not None:
                self._team.close()

    def animation(self, scenario: Scenario, variant: str, replication: int) -> list[bytes]:
        """The parts of an animation; the same one is made once, however many ask."""
        key = (scenario.variant(variant).hash, _draws(scenario), replication)
        with self._lock:
            known = self._animations.get(key)
            if known is None or _failed(known):
                known = self._animations[key] = self._submit_job(0, jobs.animation, scenario, variant, replication)
            self._animations.move_to_end(key)
        parts = known.result()
        self._evict_animations()
        return parts

    def download(self, scenario: Scenario, replication: int) -> bytes:
        """A zip of the tables of one history of both policies."""
        packed: bytes = self._submit_job(0, jobs.results_zip, scenario, replication).result()
        return packed

    def watch(self, scenario: Scenario, publish: Callable[[str], None], stop: threading.Event) -> None:
        """Call ``publish`` with a summary at every milestone, until all pairs are done or ``stop`` is set.

        Milestones that are reached while an earlier one is summarised are left out but for the last.  SchedulerError
        where the runs cannot be made.
        """
        more, draws, has = threading.Event(), _draws(scenario), 0
        pair = [self._stream(scenario, variant, draws, more) for variant in (FIRST, SECOND)]
        try:
            while has < PAIRS:
                now = self._next_milestone(pair, has, more, stop)
                if not now:
                    return
                runs = [run for stream in pair for run in stream.first(now)]
                publish(self._submit_job(has, jobs.summarise, scenario, runs).result())
                has = now
        except CancelledError:
            return  # closed
        finally:
            with self._lock:
                for stream in pair:
                    stream.wanted.discard(more)

    def _next_milestone(
        self, pair: Sequence[ReplicationStream], has: int, more: threading.Event, stop: threading.Event
    ) -> int:
        """The last milestone that both streams have reached, once there is one after ``has``; 0 where it is over."""
        while not (stop.is_set() or self._closed):
            with self._lock:
                more.clear()
                for stream in pair:
                    if stream.problem is not None:
                        reason = f"{type(stream.problem).__name__}: {stream.problem}"
                        raise SchedulerError(f"these runs failed: {reason}") from stream.problem
                done = min(len(stream.results) for stream in pair)
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
            if stream is None or stream.problem is not None:
                stream = self._streams[key] = ReplicationStream(scenario, variant)
            self._streams.move_to_end(key)
            stream.wanted.add(more)
            unwanted = [known for known, item in self._streams.items() if not item.wanted]
            for old in unwanted[: -MOST_STREAMS or None]:
                del self._streams[old]
        return stream

    def _submit_job(self, has: int, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        job = Job(has, next(self._numbers), function, arguments)
        with self._lock:
            if self._closed:
                job.result.cancel()
            else:
                heapq.heappush(self._jobs, job)
                self._dispatch()
        return job.result

    def _dispatch(self) -> None:
        """Give work to idle threads, first for whoever has the fewest results; called with the lock held."""
        while not self._closed and self._busy < self._size():
            stream = min((s for s in self._streams.values() if s.is_open), key=lambda s: s.asked, default=None)
            if self._jobs and (stream is None or self._jobs[0].has <= stream.asked):
                job = heapq.heappop(self._jobs)
                self._running[job.number] = job
                self._begin(partial(self._job_ended, job), job.function, *job.arguments)
            elif stream is not None:
                numbers = range(stream.asked, _batch_end(stream.asked))
                stream.asked = numbers.stop
                ended = partial(self._batch_ended, stream)
                self._begin(ended, jobs.run_batch, stream.scenario, stream.variant, list(numbers))
            else:
                return

    def _begin(self, ended: Callable[[Future[Any]], None], function: Callable[..., Any], *arguments: Any) -> None:
        self._busy += 1
        self._submit(function, *arguments).add_done_callback(ended)

    def _batch_ended(self, stream: ReplicationStream, ended: Future[list[RunResult]]) -> None:
        with self._lock:
            self._busy -= 1
            stream.problem = stream.problem or ended.exception()
            if stream.problem is None:
                stream.results += ended.result()
            self._dispatch()
            for more in stream.wanted:
                more.set()

    def _job_ended(self, job: Job, ended: Future[Any]) -> None:
        with self._lock:
            self._busy -= 1
            del self._running[job.number]
            self._dispatch()
            if not job.result.set_running_or_notify_cancel():
                return
        problem = ended.exception()
        if problem is None:
            job.result.set_result(ended.result())
        else:
            job.result.set_exception(problem)

    def _evict_animations(self) -> None:
        with self._lock:
            made = {
                key: known.result() for key, known in self._animations.items() if known.done() and not _failed(known)
            }
            size = sum(len(part) for parts in made.values() for part in parts)
            while size > MOST_ANIMATION_BYTES and len(self._animations) > 2:
                oldest, _ = self._animations.popitem(last=False)
                size -= sum(map(len, made.get(oldest, [])))

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        if self._team is None:
            from sim.study.executor import ThreadTeam

            self._team = ThreadTeam(self._size())
        return self._team.submit(partial(function, *arguments))

    def _size(self) -> int:
        if not self._workers:
            from sim.study.executor import available_processors

            self._workers = min(MOST_WORKERS, available_processors())
        return self._workers


def _batch_end(start: int) -> int:
    """A batch ends with a milestone, or before it."""
    return min(start + BATCH, *(milestone for milestone in MILESTONES if milestone > start))


def _failed(made: Future[list[bytes]]) -> bool:
    return made.done() and (made.cancelled() or made.exception() is not None)


def _draws(scenario: Scenario) -> str:
    from sim.study.task import draws_of

    draws = draws_of(scenario)
    return draws.identity + ",".join(quantity.name for quantity in draws.quantities)
