"""Scaling to many cores: the overhead of tasks, here and on a Dask cluster, measured; the rest worked out from it.

``python -m benchmarks.parallel_overhead`` measures what is missing in ``results/reference/cores.json`` and writes
``docs/scaling.md`` from that file; interrupted, the same command goes on.  ``--again`` measures everything again.  The
figures are processor seconds, so that other work on the machine disturbs them little.
"""

import argparse
import json
import os
import pickle
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.empty_work import Nothing, Sending
from benchmarks.parallel_overhead_page import page
from sim.calibration.mission import MISSION
from sim.model.engine import fingerprint, software_version
from sim.scenario import Scenario, load
from sim.study.cluster import Cluster, batches, opened, spec_of
from sim.study.cluster.worker import Packed
from sim.study.collect import collect
from sim.study.executor import Failure, Threads
from sim.study.store import Folder
from sim.study.tables import tables
from sim.study.task import ALONE, Blueprint, RunResult, RunTables, draws_of, run_task
from sim.study.work import StudyWork, run_tasks, totals_only, whole
from tools.loopback_cluster import Machines, machines

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "results" / "reference" / "cores.json"
PAGE = ROOT / "docs" / "scaling.md"
SCENARIO = "historical"  # a decade; a task is one run of it
RUNS = 12  # real ones, of which the median counts
PART = 40  # runs in a part of a store
LIGHT = 600  # tasks that do nothing
SENT = 400  # results of real size that are sent back
MEASURED = Mapping[str, float]


def processor(do: Callable[[], object]) -> float:
    """Processor seconds of this process."""
    began = time.process_time()
    do()
    return time.process_time() - began


@cache
def decade() -> Scenario:
    """The decade as it was, without its variants."""
    known = load(SCENARIO)
    return known.variant(known.baseline or next(iter(known.variants)))


def runs() -> MEASURED:
    """A run, what a task does beside it, and the plans that all tasks share."""
    scenario = decade()
    build = processor(lambda: Blueprint.build(scenario))
    blueprint = Blueprint.build(scenario)
    run_task(blueprint, (0, (ALONE,)))  # loads what is compiled
    each = [processor(lambda number=number: run_task(blueprint, (number, (ALONE,)))) for number in range(1, RUNS)]
    packed = Packed.of(StudyWork(blueprint, whole))
    return {"plan_s": build, "task_s": median(each), "packed_bytes": float(len(packed.content))}


def store() -> MEASURED:
    """A part of a store: its size, what it takes to write and to read it, each per run."""
    scenario, results = decade(), _results(PART)
    hashes, draw_hash = {ALONE: scenario.hash}, draws_of(scenario).identity
    with tempfile.TemporaryDirectory() as name:
        folder = Folder(Path(name))
        write = processor(lambda: folder.add(tables(results, hashes, draw_hash, scenario.mission.regions)))
        size = sum(file.stat().st_size for file in folder.path.iterdir())
        read = processor(lambda: collect(folder.parts(), scenario).runs)
    return {"bytes_per_run": size / PART, "write_s": write / PART, "read_s": read / PART}


def _results(number: int) -> list[RunResult]:
    """Real runs."""
    blueprint = Blueprint.build(decade())
    found = [run for replication in range(number) for run in run_task(blueprint, (replication, (ALONE,)))]
    assert all(isinstance(run.kept, RunTables) for run in found)
    return found


def pool() -> MEASURED:
    """Threads here: what a task costs, beside unpacking its result."""
    scenario = decade()
    nothing = Blueprint(scenario, {ALONE: Failure("build", "nothing to run\n")}, draws_of(scenario))
    seconds = {}
    for number in (LIGHT // 2, 2 * LIGHT):  # the difference is free of what the start of the threads costs
        tasks = [(n, (ALONE,)) for n in range(number)]
        seconds[number] = processor(lambda tasks=tasks: _drained(run_tasks(Threads(2), nothing, tasks)))
    few, many = seconds
    content = pickle.dumps(_results(1)[0])
    unpacking = processor(lambda: [pickle.loads(content) for _ in range(SENT)]) / SENT
    each = (seconds[many] - seconds[few]) / (many - few)
    return {"task_s": each, "unpack_s": unpacking, "result_bytes": float(len(content))}


def dask() -> MEASURED:
    """A Dask cluster: start of a worker, batches of one task that does nothing, and results of real size."""
    blueprint, run = Blueprint.build(decade()), _results(1)[0]
    with _cluster() as (cluster, made):
        found = _start(cluster, made, blueprint)
        with _single_tasks():
            _drained(cluster.results(Nothing(), range(50)))
            found |= _shares(cluster, made, Nothing(), LIGHT, "batch")
        for kind, sent in (("whole", run), ("totals", totals_only([run])[0])):
            _drained(cluster.results(Sending(sent), range(20)))
            found |= _shares(cluster, made, Sending(sent), SENT, kind)
    return found


def _start(cluster: Cluster, made: Machines, blueprint: Blueprint) -> dict[str, float]:
    """Processor seconds of a worker until it is there, and from there to the end of its first two runs."""
    began = sum(_spent(process.pid) for process in made.processes[1:])
    _drained(cluster.results(StudyWork(blueprint, whole), [(n, (ALONE,)) for n in range(4)]))
    ended = sum(_spent(process.pid) for process in made.processes[1:])
    return {"worker_s": began / 2, "first_tasks_s": (ended - began) / 2}


STEPS: Mapping[str, Callable[[], MEASURED]] = {
    "runs": runs,
    "store": store,
    "pool": pool,
    "dask": dask,
}


def _drained(results: Any) -> int:
    with closing(results):
        return sum(1 for _ in results)


@contextmanager
def _cluster() -> Iterator[tuple[Cluster, Machines]]:
    """A scheduler and two workers on loopback, all there."""
    folder = Path(tempfile.mkdtemp(prefix="minusim-"))
    try:
        with machines(folder, 2) as made, opened(spec_of(made.address), print) as cluster:
            cluster.client.wait_for_workers(2)
            yield cluster, made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _single_tasks() -> Iterator[None]:
    """While this lasts a batch is one task."""
    before = batches.SECONDS, batches.PER_SECOND
    batches.SECONDS, batches.PER_SECOND = 0.0, float("inf")
    try:
        yield
    finally:
        batches.SECONDS, batches.PER_SECOND = before


def _shares(cluster: Cluster, made: Machines, work: Any, tasks: int, kind: str) -> dict[str, float]:
    """Processor seconds per task of each process that takes part, and seconds on the clock."""
    scheduler, *workers = (process.pid for process in made.processes)
    before = _spent(scheduler), sum(map(_spent, workers))
    clock, client = time.perf_counter(), time.process_time()
    assert _drained(cluster.results(work, range(tasks))) == tasks
    spent = {
        "clock": time.perf_counter() - clock,
        "client": time.process_time() - client,
        "scheduler": _spent(scheduler) - before[0],
        "workers": sum(map(_spent, workers)) - before[1],
    }
    return {f"{kind}_{who}_s": seconds / tasks for who, seconds in spent.items()}


def _spent(process: int) -> float:
    """Processor seconds of a process since it began."""
    import psutil

    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


def main(arguments: list[str] | None = None) -> None:
    """Measure what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--again", action="store_true", help="measure everything again")
    parser.add_argument("--kept", type=Path, default=KEPT, help="the file of what was measured")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page goes")
    asked = parser.parse_args(arguments)
    known: dict[str, Any] = {} if asked.again or not asked.kept.exists() else json.loads(asked.kept.read_text("utf-8"))
    known.setdefault("machine", f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    known.setdefault("version", f"{software_version()}, engine {fingerprint(MISSION)[:12]}")
    missing = {name: step for name, step in STEPS.items() if name not in known}
    if missing:
        with suppress(OSError, AttributeError):  # no such call on Windows
            os.nice(10)
    for name, step in missing.items():
        print(f"measuring: {step.__doc__}".partition("\n")[0], flush=True)
        known[name] = dict(step())
        asked.kept.parent.mkdir(parents=True, exist_ok=True)
        asked.kept.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    asked.page.write_text(page(known), "utf-8", newline="\n")
    print(f"written: {asked.page}")


if __name__ == "__main__":
    main()
