"""Tasks in batches on the workers of a Dask client: as long as it takes to make a batch worth its overhead."""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sim._util.signals import allow_interrupts
from sim.study.cluster.spec import ClusterError
from sim.study.cluster.worker import Batch, OtherVersion, run_batch, versions
from sim.study.executor import Failure

if TYPE_CHECKING:
    from distributed import Client, Future

SECONDS = 10.0  # that a batch takes at least, when there is enough to do
PER_SECOND = 50.0  # batches that end in a second at most: with many workers batches grow
AHEAD = 2  # batches for each worker, one of them under way
LOOK_EVERY = 2.0  # s between looks at who is there
PATIENCE = 300.0  # s without any worker after which a cluster that is not ours counts as gone
RETRIES = 2  # of a batch that ended in an error of its worker

DIED = "the process that ran it died (killed, or out of memory)"
DEADLY = Failure("worker", DIED)

Ended = tuple[Any, Any | Failure]


@dataclass
class Batches:
    """The tasks that wait and the batches that are under way.  Each task is given once, whatever was run twice."""

    client: Client
    name: str  # of the cluster, for messages
    work: Future  # of the packed work
    waiting: deque[Any]
    patience: float
    suspects: list[Any] = field(default_factory=list)  # tasks of batches under which workers died
    running: dict[Future, Sequence[Any]] = field(default_factory=dict)
    ended: SimpleQueue[Future] = field(default_factory=SimpleQueue)
    tasks_done: int = 0
    seconds_spent: float = 0.0
    workers: int = 0
    looked: float = float("-inf")
    seen: float = field(default_factory=time.monotonic)  # when a worker was there

    def results(self) -> Generator[Ended, None, None]:
        """Each task with what became of it, as batches end.  ClusterError where no more will."""
        try:
            self._look()
            while self.waiting or self.running:
                self._fill()
                for task, found in self._next():
                    if found is DEADLY:
                        self.suspects.append(task)
                    else:
                        yield task, found
            for task in self.suspects:  # whose fault was it?
                yield from self._alone(task)
        finally:
            with suppress(Exception):  # a scheduler that is gone has nothing to cancel
                self.client.cancel(list(self.running))

    def _alone(self, task: Any) -> Generator[Ended, None, None]:
        self._submit([task])
        while self.running:
            yield from self._next()

    def _look(self) -> None:
        now = time.monotonic()
        if now - self.looked < LOOK_EVERY:
            return
        if self.client.status != "running":
            raise self._gone()
        self.looked, self.workers = now, len(self.client.nthreads())
        self.seen = now if self.workers else self.seen
        if now - self.seen > self.patience:
            raise ClusterError(f"{self.name}: no worker for {self.patience:.0f} s; what was finished is kept")

    def _fill(self) -> None:
        while self.waiting and len(self.running) < AHEAD * max(1, self.workers):
            self._submit([self.waiting.popleft() for _ in range(min(self._size(), len(self.waiting)))])

    def _size(self) -> int:
        """Tasks in the next batch: few enough that the last batches end together."""
        workers = max(1, self.workers)
        if not self.tasks_done:
            return 1
        pace = max(self.seconds_spent / self.tasks_done, 1e-6)
        return max(1, min(int(max(SECONDS, workers / PER_SECOND) / pace), len(self.waiting) // (2 * workers)))

    def _submit(self, tasks: Sequence[Any]) -> None:
        content = pickle.dumps(tasks)  # Dask would look through every tuple for the names of other tasks
        # a name of its own: nothing that somebody else has computed there is taken for ours
        key = f"minusim-runs-{uuid4().hex}"
        future = self.client.submit(run_batch, versions(), self.work, content, key=key, retries=RETRIES)
        self.running[future] = tasks
        future.add_done_callback(self.ended.put)

    def _next(self) -> Generator[Ended, None, None]:
        self._look()
        try:
            with allow_interrupts():
                future = self.ended.get(timeout=LOOK_EVERY)
        except Empty:
            return
        tasks = self.running.pop(future)
        batch = self._outcome(future, tasks)
        if batch.seconds:
            self.tasks_done, self.seconds_spent = self.tasks_done + len(tasks), self.seconds_spent + batch.seconds
        yield from zip(tasks, batch.results, strict=True)

    def _outcome(self, future: Future, tasks: Sequence[Any]) -> Batch:
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        try:
            batch: Batch = future.result()
            return batch
        except KilledWorker:
            return Batch([DEADLY] * len(tasks), 0.0)
        except OtherVersion as problem:
            raise ClusterError(f"{self.name}: {refused('a worker', str(problem))}") from None
        except Exception as problem:
            if isinstance(problem, CommClosedError) or future.cancelled() or self.client.status != "running":
                raise self._gone() from None
            reason = f"{type(problem).__name__}: {problem}".splitlines()[0]
            raise ClusterError(f"{self.name}: {len(tasks)} tasks could not be run there: {reason}") from None

    def _gone(self) -> ClusterError:
        return ClusterError(f"{self.name}: the scheduler is gone; what was finished is kept, and --resume goes on")


def refused(worker: str, differing: str) -> str:
    """Why a worker may not take part."""
    return f"{worker} has {differing}; its results could differ: install the same version there as here"
