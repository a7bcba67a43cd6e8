"""Many seeds of one plan: in this process or on one pool of processes, results in the order of the seeds."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from sim.model.mission_model import MissionModel

if TYPE_CHECKING:
    from sim.model.plan import Plan
    from sim.model.recorder import RunRecord

SEED_LIMIT = 2**63  # seeds are 0 <= seed < SEED_LIMIT
POOL_PAYS_FROM = 6.0  # s of work; a worker spends two to three seconds on imports and compiled code

T = TypeVar("T")


@dataclass(frozen=True)
class SeedFailure:
    """A run that did not end: kept as data, so that one failure never loses the others."""

    seed: int
    stage: str  # build, run, reduce or worker (its process died)
    reason: str  # the last line of the traceback
    traceback: str


def seeds_from(seed: int, count: int) -> tuple[int, ...]:
    """The asked seed and the `count - 1` that follow it; after the largest seed comes 0."""
    return tuple((seed + i) % SEED_LIMIT for i in range(count))


def run_seeds(
    plan: Plan, seeds: Sequence[int], reduce: Callable[[RunRecord], T], workers: int | None = None
) -> Iterator[T | SeedFailure]:
    """What `reduce` makes of each run, or a SeedFailure, one after the other in the order of `seeds`.

    `reduce` is a function of a module, so that it can be sent to another process. Results do not depend on
    `workers`; None means as many as shorten the wait, judged by the first run. Closing the iterator early
    cancels what has not begun.
    """
    here = partial(run_seed, plan, reduce)
    if workers is None and seeds:
        start = time.perf_counter()
        yield here(seeds[0])
        seeds = seeds[1:]
        workers = _sensible_workers(len(seeds), time.perf_counter() - start)
    if workers is None or workers == 1 or len(seeds) < 2:
        yield from map(here, seeds)
    else:
        yield from _pooled(plan, seeds, reduce, min(workers, len(seeds)))


def run_seed(plan: Plan, reduce: Callable[[RunRecord], T], seed: int) -> T | SeedFailure:
    """One run, reduced; whatever goes wrong belongs to this seed alone and is returned."""
    stage = "build"
    try:
        model = MissionModel(plan, seed=seed)
        try:
            stage = "run"
            record = model.run()
        finally:
            model.close()
            model.columns.clear()  # Mesa's models are cycles: their arrays would wait for the garbage collector
        stage = "reduce"
        return reduce(record)
    except Exception as problem:
        return SeedFailure(seed, stage, f"{type(problem).__name__}: {problem}", traceback.format_exc())


def _sensible_workers(runs: int, seconds_each: float) -> int:
    """As many processes as there are cores; 1 where a pool would take longer to start than it saves."""
    return 1 if runs * seconds_each < POOL_PAYS_FROM else os.cpu_count() or 1


def _pooled(
    plan: Plan, seeds: Sequence[int], reduce: Callable[[RunRecord], T], workers: int
) -> Iterator[T | SeedFailure]:
    done = 0
    # a file: as an argument of the initializer, 20 MB of plan would start the workers one after the other
    with TemporaryDirectory(prefix="minusim-") as folder, processes(workers, folder) as pool:
        path = Path(folder) / "plan.pickle"
        path.write_bytes(pickle.dumps(plan))
        try:
            with born_deaf():
                results = pool.map(partial(_run_in_worker, path, reduce), seeds)
            for result in results:
                yield result
                done += 1
        except BrokenProcessPool as broken:
            for seed in seeds[done:]:
                yield SeedFailure(seed, "worker", str(broken), "")


def _run_in_worker(path: Path, reduce: Callable[[RunRecord], T], seed: int) -> T | SeedFailure:
    return run_seed(_plan(path), reduce, seed)


@lru_cache(maxsize=1)
def _plan(path: Path) -> Plan:
    """The plan in a file that `_pooled` wrote, read once per worker."""
    plan: Plan = pickle.loads(path.read_bytes())  # noqa: S301
    return plan


def processes(workers: int, folder: str | None = None) -> ProcessPoolExecutor:
    """A pool of processes of our own; each spends two to three seconds on its start, which the first task causes:
    ``born_deaf`` goes around it.  ``folder``: removed by them where this process ends before it could."""
    # spawn: forking a process with compiled code and threads is unsafe, and Windows and macOS know only spawn
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), begin_worker, (folder,))


@contextmanager
def born_deaf() -> Iterator[None]:
    """Processes that start here do not hear Ctrl-C, which a terminal sends to all, while they still import."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin_worker(folder: str | None = None) -> None:
    """Leave interrupts to the parent, and end when the parent has ended, however it did."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_wait_for_parent, args=(folder,), daemon=True).start()


def _wait_for_parent(folder: str | None) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)
