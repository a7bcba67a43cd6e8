"""Processes of this machine as an executor, or this process alone; results as they finish."""

from __future__ import annotations

import os
import pickle
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache, partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sim._util.interrupts import heard
from sim.model.engine import is_compiled
from sim.study.branches import Failure, failure
from sim.study.ensemble import POOL_PAYS_FROM, born_deaf, processes
from sim.study.executors import Ended, Lost, Work, attempted

AHEAD = 2  # tasks that wait in front of each worker
DIED = "the process that ran it died (killed, or out of memory)"
BARREN = 3  # times that processes die one after the other before any task is done

T = TypeVar("T")
R = TypeVar("R")


class Pool:
    """An executor: ``workers`` processes, which serve one work after the other; 1: this process; 0: as many as shorten
    the wait, judged by the first task.

    They start when they are needed, or at ``begin``, and end with the context, which waits for tasks under way.  On
    Ctrl-C these are finished and given before KeyboardInterrupt goes on; a second Ctrl-C leaves them.  ``say`` is told
    when a process dies.
    """

    elsewhere = False

    def __init__(self, workers: int = 0, say: Callable[[str], None] = lambda _: None) -> None:
        self.workers = workers
        self._say = say
        self._processes: ProcessPoolExecutor | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._numbers = count()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt) and self._processes is not None:
            for process in list(self._processes._processes.values()):
                process.kill()  # what was under way is given, or was left by a second Ctrl-C
        self._end()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def begin(self) -> None:
        """Start the processes, which import the model; none where it is not sure that they shorten the wait."""
        if self.workers > 1:
            self._open(self.workers)

    def results(self, work: Work[T, R], tasks: Sequence[T]) -> Ended[T, R]:
        """Each task once, as they finish, with its result, or the Failure of its process."""
        waiting, size = deque(tasks), self.workers or os.cpu_count() or 1
        if self.workers == 0 and self._processes is None and waiting:
            start = time.perf_counter()
            with heard():
                found = _here(work, waiting.popleft())
            yield found
            size = _sensible(len(waiting), time.perf_counter() - start)
        if size == 1 or (len(waiting) < 2 and self._processes is None):
            for task in waiting:
                with heard():
                    found = _here(work, task)
                yield found
        else:
            yield from self._shared_out(work, waiting, size)

    def _shared_out(self, work: Work[T, R], waiting: deque[T], size: int) -> Ended[T, R]:
        """When a process dies, the tasks under way run again one by one: whose fault was it?"""
        if not is_compiled():
            with heard():
                work.prepare()
        path, barren, left = self._written(work), 0, len(waiting)
        try:
            while waiting:
                suspects = yield from self._until_one_dies(path, waiting, size)
                for suspect in suspects:
                    if (yield from self._until_one_dies(path, deque([suspect]), size)):
                        yield suspect, Failure("worker", DIED)
                barren, left = (0 if len(waiting) < left else barren + 1), len(waiting)
                if barren == BARREN:
                    raise Lost("processes die before they begin (killed, or out of memory); ask for fewer --workers")
        finally:
            path.unlink(missing_ok=True)

    def _until_one_dies(self, path: Path, waiting: deque[T], size: int) -> Generator[tuple[T, Any], None, list[T]]:
        """Returns the tasks under way when a process died, none where all went well."""
        running: dict[Future[Any], T] = {}
        try:
            pool = self._open(size)
            while waiting or running:
                while waiting and len(running) < AHEAD * size:
                    future = pool.submit(_in_worker, path, waiting[0])  # raises where one has died: the task waits on
                    running[future] = waiting.popleft()
                with heard():
                    ended = wait(running, return_when=FIRST_COMPLETED).done
                for future in ended:
                    found = _result(future)
                    yield running.pop(future), found
        except BrokenProcessPool:
            self._end()
            self._say("A process died (killed, or out of memory); another takes its place, and its work is done again.")
            return list(running.values())
        except KeyboardInterrupt:
            yield from _under_way(running)
            raise
        finally:
            for future in running:
                future.cancel()
        return []

    def _open(self, size: int) -> ProcessPoolExecutor:
        if self._processes is None:
            self._processes = processes(size, self._place())
            with born_deaf():
                for _ in range(size):
                    self._processes.submit(_ready)
        return self._processes

    def _end(self) -> None:
        if self._processes is not None:
            self._processes.shutdown(cancel_futures=True)
            self._processes = None

    def _written(self, work: Work[Any, Any]) -> Path:
        """Work in a file: as an argument of every task it would be sent anew with each."""
        path = Path(self._place()) / f"{next(self._numbers)}.pickle"
        try:
            path.write_bytes(pickle.dumps(work, pickle.HIGHEST_PROTOCOL))
        except OSError as problem:
            raise Lost(f"{path.parent}: cannot be written: {problem.strerror}; make room, or set TMPDIR") from problem
        return path

    def _place(self) -> str:
        """The folder of such files."""
        if self._folder is None:
            try:
                self._folder = TemporaryDirectory(prefix="minusim-", ignore_cleanup_errors=True)
            except OSError as problem:
                raise Lost(f"no folder for temporary files: {problem.strerror}; set TMPDIR") from problem
        return self._folder.name


HERE = Pool(1)  # this process alone


def _sensible(tasks: int, seconds_each: float) -> int:
    return 1 if tasks * seconds_each < POOL_PAYS_FROM else os.cpu_count() or 1


def _here(work: Work[T, R], task: T) -> tuple[T, R | Failure]:
    return task, attempted(partial(_alone, work), task)


def _alone(work: Work[T, R], task: T) -> R:
    return work([task])[0]


def _result(future: Future[Any]) -> Any:
    try:
        return future.result()
    except BrokenProcessPool:
        raise
    except Exception as problem:
        return failure("worker", problem)


def _under_way(running: dict[Future[Any], T]) -> Generator[tuple[T, Any], None, None]:
    """The results of the tasks that have begun; the others are cancelled."""
    begun = [(future, task) for future, task in running.items() if not future.cancel()]
    for future, task in begun:
        try:
            with heard():
                found = _result(future)
        except BrokenProcessPool:
            return
        yield task, found


def _ready() -> None:
    """The first task of every process: unpickling its name imports the model."""


def _in_worker(path: Path, task: Any) -> Any:
    return _alone(_work(path), task)


@lru_cache(maxsize=1)
def _work(path: Path) -> Work[Any, Any]:
    """The work in a file, read once per process."""
    work: Work[Any, Any] = pickle.loads(path.read_bytes())  # noqa: S301
    return work
