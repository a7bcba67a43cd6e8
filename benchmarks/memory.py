"""Does memory stay flat?  Thousands of short runs in one process."""

import os
import tracemalloc
from pathlib import Path
from statistics import median
from typing import Any

from sim.model.plan import Plan
from sim.model.recorder import RunRecord
from sim.scenario import load
from sim.study.seeds import SeedFailure, run_seed

RUNS = 5_000
END = "2013-09-30"  # a quarter: a run must be short, not long
POINTS = 20
STAT = Path("/proc/self/statm")


def one(plan: Plan, seed: int) -> None:
    """A run as `minusim run --seeds` does it.  RuntimeError where it failed."""
    ended = run_seed(plan, _events, seed)
    if isinstance(ended, SeedFailure):
        raise RuntimeError(ended.reason)


def _events(record: RunRecord) -> int:
    return len(record.events)


def resident() -> int:
    """Bytes of this process in memory; where the system does not say, those that Python holds."""
    if STAT.is_file():
        return int(STAT.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return tracemalloc.get_traced_memory()[0]


def measure(runs: int = RUNS) -> dict[str, Any]:
    """Memory at POINTS equal steps, and its growth a run over the last two thirds of them."""
    plan = Plan.build(load("historical").with_values({"period.end": END}))
    if not STAT.is_file():
        tracemalloc.start()
    each, points = max(1, runs // POINTS), []
    for seed in range(runs):
        one(plan, seed)
        if (seed + 1) % each == 0:
            points.append(resident())
    tracemalloc.stop()
    third = len(points) // 3
    middle, end = median(points[third : 2 * third]), median(points[-third:])
    return {
        "runs": runs,
        "bytes_per_run": (end - middle) / (runs / 2),  # between the middles of two stretches, half of the runs apart
        "resident_mb": [point / 1e6 for point in points],
    }
