"""Does a study scale?  `minusim compare` on one and on two processes in turn, and what many runs leave in memory.

``python -m benchmarks.throughput [REPLICATIONS] [--scenario NAME] [--pairs N]`` measures alone; ``make bench`` includes
it.  Needs an idle machine: seconds of a run are processor time, those of a study are what a user waits.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from sim.scenario import Scenario, load
from sim.study import open_store
from sim.study.task import Blueprint, run_task

SCENARIO = "measures_2018"  # twelve variants of three years
REPLICATIONS = 150  # 1,800 runs: about three minutes on one process
TASKS = 18  # over which memory is watched
LEAST_RATIO, MOST_OVERHEAD = 1.9, 0.05


class Waited(NamedTuple):
    """A study as its user sees it: ``wall`` s from the command to the answer, ``busy`` s inside of runs, runs done."""

    wall: float
    busy: float
    runs: int


def compare(scenario: str, replications: int, workers: int) -> Waited:
    """One study from the command to its figures, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "study"
        asked = ["--replications", str(replications), "--workers", str(workers), "--out", str(out)]
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sim", "compare", scenario, *asked], check=True, capture_output=True)
        wall = time.perf_counter() - began
        runs = open_store(out).runs
        return Waited(wall, float(runs["seconds"].sum()), len(runs))


def task_overhead(blueprint: Blueprint, tasks: int) -> float:
    """Share of a worker's processor time that goes into drawing, preparing and reducing runs instead of running."""
    names = tuple(blueprint.plans)
    run_task(blueprint, (0, names))  # loads what is compiled
    began = time.thread_time()
    inside = sum(run.seconds for number in range(1, tasks + 1) for run in run_task(blueprint, (number, names)))
    return 1 - inside / (time.thread_time() - began)


def bytes_per_task(blueprint: Blueprint, tasks: int) -> float:
    """Bytes by which a worker grows with each task, over the last two thirds of them."""
    names = tuple(blueprint.plans)
    return growth(lambda number: run_task(blueprint, (number, names)), tasks)


def growth(do: Callable[[int], object], times: int) -> float:
    """Bytes by which the memory of Python objects and arrays grows each time, over the last two thirds of them."""
    tracemalloc.start()
    points = []
    for number in range(times):
        do(number)
        if number in (times // 3, times - 1):
            points.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return (points[1] - points[0]) / (times - 1 - times // 3)


def measure(name: str = SCENARIO, replications: int = REPLICATIONS, pairs: int = 1) -> dict[str, float]:
    """Every figure, in the unit of its name."""
    os.environ["MINUSIM_CACHE_MB"] = "off"  # a second study would find the run-ups of the first
    scenario: Scenario = load(name)
    blueprint = Blueprint.build(scenario)
    overhead = task_overhead(blueprint, 5)
    grows = bytes_per_task(blueprint, TASKS)
    waited = [(compare(name, replications, 1), compare(name, replications, 2)) for _ in range(pairs)]
    return {
        "study_runs": float(waited[0][0].runs),
        "study_1_process_s": median(one.wall for one, _ in waited),
        "study_2_processes_s": median(two.wall for _, two in waited),
        "study_ratio": median(one.wall / two.wall for one, two in waited),
        "study_outside_runs_1": median(1 - one.busy / one.wall for one, _ in waited),
        "study_outside_runs_2": median(1 - two.busy / (2 * two.wall) for _, two in waited),
        "task_overhead": overhead,
        "worker_bytes_per_task": grows,
    }


def told(figures: dict[str, float]) -> str:
    """Whether a study scales, in two lines."""
    scales, light = figures["study_ratio"] >= LEAST_RATIO, figures["task_overhead"] <= MOST_OVERHEAD
    return (
        f"two processes at least {LEAST_RATIO} times one: {'yes' if scales else 'NO'}\n"
        f"overhead of a task within {MOST_OVERHEAD:.0%}: {'yes' if light else 'NO'}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("replications", nargs="?", type=int, default=REPLICATIONS)
    parser.add_argument("--scenario", default=SCENARIO)
    parser.add_argument("--pairs", type=int, default=1, help="studies on one and on two processes, in turn")
    asked = parser.parse_args()
    figures = measure(asked.scenario, asked.replications, asked.pairs)
    for name, value in figures.items():
        print(f"{name:24s} {value:,.3f}")
    print(told(figures))


if __name__ == "__main__":
    main()
