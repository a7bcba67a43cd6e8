"""Who runs independent tasks: threads of this process (``Threads``), or a Dask cluster (``sim.study.cluster``).

Whoever has work takes an ``Executor`` and asks nothing else of it: the results are the same from each.
"""

from __future__ import annotations

import os
import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from sim._util.signals import allow_interrupts
from sim.model.engine import is_compiled

AHEAD = 2  # tasks given out for each thread, one of them under way

T = TypeVar("T")
R = TypeVar("R")
T_contra = TypeVar("T_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True)
class Failure:
    """What went wrong, as data, and at which stage: build, run, reduce or worker."""

    stage: str
    traceback: str

    @classmethod
    def of(cls, stage: str, problem: BaseException) -> Failure:
        """Failure that an exception caused."""
        return cls(stage, "".join(traceback.format_exception(problem)))

    @property
    def reason(self) -> str:
        """The last line of the traceback."""
        return self.traceback.strip().splitlines()[-1] if self.traceback.strip() else self.stage


class TaskFailed(RuntimeError):
    """A task failed, and without its result there is none of the whole."""


class Work(Protocol[T_contra, R_co]):
    """What is done with tasks, and everything that they share.  A cluster pickles it once for each worker."""

    def prepare(self) -> None:
        """Compile what this machine has not compiled yet.  Raises nothing: tasks will say what is wrong."""

    def __call__(self, tasks: Sequence[T_contra]) -> Sequence[R_co]:
        """The result of each task of a batch, in their order.  Raises only what concerns all of them."""


TaskResults = Generator[tuple[T, R | Failure], None, None]


class Executor(Protocol):
    """Runs tasks in batches of its own choice; results depend on nothing that it chooses."""

    @property
    def remote(self) -> bool:
        """Whether its workers may be on other machines."""

    def results(self, work: Work[T, R], tasks: Sequence[T]) -> TaskResults[T, R]:
        """Each task once with its result or Failure, in the order in which they finish.  Closing it cancels the rest.

        On Ctrl-C, tasks under way are finished and given before KeyboardInterrupt goes on; a second one leaves them.
        """


@dataclass(frozen=True)
class FunctionWork(Generic[T, R]):
    """Work: a function applied to every task.  For a cluster it must pickle (a function of a module)."""

    function: Callable[[T], R]
    preparation: Callable[[], object] | None = None

    def prepare(self) -> None:
        """Call ``preparation``."""
        if self.preparation is not None:
            self.preparation()

    def __call__(self, tasks: Sequence[T]) -> list[R | Failure]:
        """The function's result for each task, or its Failure."""
        return [attempt(self.function, task) for task in tasks]


class ThreadTeam:
    """Threads that call functions in the order of submission.

    They are daemons, unlike those of ``ThreadPoolExecutor``: a process that is told to end does not wait for them.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        for number in range(size):
            threading.Thread(target=self._serve, name=f"minusim-worker-{number}", daemon=True).start()

    def submit(self, function: Callable[[], R]) -> Future[R]:
        """Call a function in some thread."""
        future: Future[R] = Future()
        self._queue.put((future, function))
        return future

    def close(self) -> None:
        """Let each thread end after what it does now."""
        for _ in range(self.size):
            self._queue.put(None)

    def _serve(self) -> None:
        while (item := self._queue.get()) is not None:
            future, function = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = function()
            except BaseException as problem:
                future.set_exception(problem)
            else:
                future.set_result(result)
            del item, future, function  # an idle thread keeps no result alive


class Threads:
    """An executor on this machine: so many threads; 0: as many as help, one for each available processor.

    The compiled day releases the interpreter lock, so that runs go on side by side and share their plans.
    """

    remote = False

    def __init__(self, workers: int = 0) -> None:
        self.workers = workers or available_processors()

    def results(self, work: Work[T, R], tasks: Sequence[T]) -> TaskResults[T, R]:
        """See Executor."""
        if not tasks:
            return
        if not is_compiled():
            with allow_interrupts():
                work.prepare()  # here, not in a thread: their stacks may be too small for the compiler
        waiting, running = deque(tasks), dict[Future[Any], T]()
        with closing(ThreadTeam(min(self.workers, len(tasks)))) as team:
            try:
                while waiting or running:
                    while waiting and len(running) < AHEAD * team.size:
                        task = waiting.popleft()
                        running[team.submit(partial(attempt, partial(_alone, work), task))] = task
                    with allow_interrupts():
                        ended = wait(running, return_when=FIRST_COMPLETED).done
                    for future in ended:
                        yield running.pop(future), future.result()
            except KeyboardInterrupt:
                yield from _under_way(running)
                raise
            finally:
                for future in running:
                    future.cancel()


def available_processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


LOCAL = Threads()


def attempt(function: Callable[[T], R], task: T) -> R | Failure:
    """A function's result for a task, or what went wrong."""
    try:
        return function(task)
    except Exception as problem:
        return Failure.of("worker", problem)


def in_order(executor: Executor, work: Work[Any, R | Failure], tasks: Sequence[Any]) -> Iterator[R]:
    """The result of each task, in the order of the tasks.  TaskFailed where one failed."""
    early: dict[int, R] = {}
    due = 0
    with closing(executor.results(_Numbered(work), list(enumerate(tasks)))) as ended:
        for (number, _), found in ended:
            if isinstance(found, Failure):
                problem = TaskFailed(found.reason)
                problem.add_note(found.traceback)
                raise problem
            early[number] = found
            while due in early:
                yield early.pop(due)
                due += 1


@dataclass(frozen=True)
class _Numbered(Generic[R]):
    """Work on tasks numbered by their place."""

    work: Work[Any, R]

    def prepare(self) -> None:
        self.work.prepare()

    def __call__(self, tasks: Sequence[tuple[int, Any]]) -> Sequence[R]:
        return self.work([task for _, task in tasks])


def _alone(work: Work[T, R], task: T) -> R:
    return work([task])[0]


def _under_way(running: dict[Future[Any], T]) -> Generator[tuple[T, Any], None, None]:
    """The results of the tasks that have begun; the others are cancelled."""
    begun = [(future, task) for future, task in running.items() if not future.cancel()]
    for future, task in begun:
        with allow_interrupts():
            wait([future])
        yield task, future.result()
