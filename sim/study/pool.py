"""Tasks on one process, on a pool of processes, or on an executor that is handed in; results as they finish."""

from __future__ import annotations

import os
import pickle
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.engine import is_compiled
from sim.ensemble import POOL_PAYS_FROM, processes
from sim.model import MissionModel
from sim.plan import Plan
from sim.study.branches import Failure, failure
from sim.study.task import Blueprint, RunResult, Task, lost, run_remote, run_task

AHEAD = 2  # tasks that wait in front of each worker
EXECUTOR_TASKS = 64  # tasks that an executor of unknown size gets at a time
DIED = "the process that ran it died (killed, or out of memory)"

Results = Generator[list[RunResult], None, None]
Run = Callable[[Task], list[RunResult]]


def run_tasks(blueprint: Blueprint, tasks: Sequence[Task], workers: int, executor: Executor | None = None) -> Results:
    """The results of each task, as they finish.  ``workers`` 0: as many as shorten the wait.

    On Ctrl-C the tasks under way are finished and given before KeyboardInterrupt goes on.
    """
    if executor is not None:
        run: Run = partial(run_remote, blueprint.scenario)
        broken = yield from _submitted(executor, run, deque(tasks), EXECUTOR_TASKS)
        yield from (lost(task, Failure("worker", DIED)) for task in broken)
        return
    if workers == 0 and tasks:
        start = time.perf_counter()
        yield run_task(blueprint, tasks[0])
        tasks = tasks[1:]
        workers = _sensible(len(tasks), time.perf_counter() - start)
    if workers <= 1 or len(tasks) < 2:
        yield from (run_task(blueprint, task) for task in tasks)
    else:
        yield from _pooled(blueprint, deque(tasks), min(workers, len(tasks)))


def _sensible(tasks: int, seconds_each: float) -> int:
    return 1 if tasks * seconds_each < POOL_PAYS_FROM else os.cpu_count() or 1


def _pooled(blueprint: Blueprint, waiting: deque[Task], workers: int) -> Results:
    """On pools of our own.  When a worker dies, the tasks under way run again one by one: whose fault was it?"""
    _compile(blueprint)
    with TemporaryDirectory(prefix="minusim-") as folder:
        # a file: as an argument of the initializer it would start the workers one after the other
        path = Path(folder) / "blueprint.pickle"
        path.write_bytes(pickle.dumps(blueprint))
        while waiting:
            suspects = yield from _on_pool(path, waiting, workers)
            for task in suspects:
                if (yield from _on_pool(path, deque([task]), 1)):
                    yield lost(task, Failure("worker", DIED))


def _compile(blueprint: Blueprint) -> None:
    """Simulate a day here after a change of version, so that not every worker compiles the model for itself."""
    plan = next((plan for plan in blueprint.plans.values() if isinstance(plan, Plan)), None)
    if plan is None or is_compiled():
        return
    model = MissionModel(plan, blueprint.scenario.seed)
    with suppress(Exception):  # the runs themselves will say what is wrong
        model.step()
    model.close()


def _on_pool(path: Path, waiting: deque[Task], workers: int) -> Generator[list[RunResult], None, list[Task]]:
    with processes(workers) as pool:
        return (yield from _submitted(pool, partial(_run_in_worker, path), waiting, AHEAD * workers))


def _submitted(
    pool: Executor, run: Run, waiting: deque[Task], at_most: int
) -> Generator[list[RunResult], None, list[Task]]:
    """Results as they finish; returns the tasks under way when a worker died, none where all went well."""
    running: dict[Future[list[RunResult]], Task] = {}
    try:
        while waiting or running:
            while waiting and len(running) < at_most:
                future = pool.submit(run, waiting[0])  # raises where a worker has died: the task waits on
                running[future] = waiting.popleft()
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                results = _result(future, running[future])
                del running[future]
                yield results
    except BrokenProcessPool:
        return list(running.values())
    except KeyboardInterrupt:
        yield from _under_way(running)
        raise
    finally:
        for future in running:
            future.cancel()
    return []


def _result(future: Future[list[RunResult]], task: Task) -> list[RunResult]:
    try:
        return future.result()
    except BrokenProcessPool:
        raise
    except Exception as problem:
        return lost(task, failure("worker", problem))


def _under_way(running: dict[Future[list[RunResult]], Task]) -> Results:
    """The results of the tasks that have begun; the others are cancelled."""
    begun = [(future, task) for future, task in running.items() if not future.cancel()]
    for future, task in begun:
        try:
            yield _result(future, task)
        except BrokenProcessPool:
            return


def _run_in_worker(path: Path, task: Task) -> list[RunResult]:
    return run_task(_blueprint(path), task)


@lru_cache(maxsize=1)
def _blueprint(path: Path) -> Blueprint:
    """The blueprint in a file that `_pooled` wrote, read once per worker."""
    blueprint: Blueprint = pickle.loads(path.read_bytes())  # noqa: S301
    return blueprint
