"""How cost grows with the number of communities and with the fineness of the lattice: a year, up to a million agents.

Each world runs in a process of its own, so that its memory can be seen.  ``python -m benchmarks.scaling PERSONS DEGREES
END SEEDS`` does one and prints JSON.  Only the usual scale is calibrated; the others say what a run costs, not what
happened.
"""

import json
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import cpu_seconds, interpreter
from sim.calibration.mission import CLOCK
from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.scenario import load
from sim.scenario.parts import Settings

PERSONS = (7_000, 1_750, 440, 110, 32, 16)  # in a community: 2,500 to a million of them
DEGREES = (0.5, 0.25, 0.1)
USUAL = (10_000, 0.5)  # persons in a community and degrees, the calibrated scale
END = "2014-06-30"
SEEDS = 3
TARGET_SLOPE, TARGET_GB = 1.05, 8.0
UPPER = 100_000  # agents from which on the fixed part of a day no longer counts


def world(persons: int, degrees: float, end: str, seeds: int) -> dict[str, Any]:
    """One year of a world of that scale: its size, processor seconds (the least of some seeds), and memory."""
    asked = load("historical").with_values({"period.end": end})
    scenario = replace(asked, settings=Settings(persons, degrees))  # below the least persons that a file may ask for
    began = time.process_time()
    plan = Plan.build(scenario)
    planned = time.process_time() - began
    Simulation(plan, 0).advance_to(0)  # loads what is compiled
    models = [Simulation(plan, seed) for seed in range(1, seeds + 1)]
    state = sum(column.nbytes for column in _of_agents(models[0], plan))
    taken = min(cpu_seconds(model.run) for model in models)
    return {
        "persons_per_community": persons,
        "degrees": degrees,
        "communities": len(plan.inputs["community_key"]),
        "cells": len(plan.world.cells.gid),
        "agents": plan.agents,
        "days": CLOCK.day_index(scenario.period.end) + 1,
        "plan_s": planned,
        "run_s": taken,
        "bytes_per_agent": state / plan.agents,
        "peak_gb": _peak_gb(),
    }


def _of_agents(model: Simulation, plan: Plan) -> list[np.ndarray]:
    """Columns with a row per agent or cell; those per day, and the tables of events, are there at any scale."""
    names = ("community_", "unit_", "band_", "national_", "convoy_", "cell_")
    return [column for name, column in model.columns.items() if name.startswith(names) and name in _rows(plan)]


def _rows(plan: Plan) -> set[str]:
    days = plan.inputs["month_of_day"].shape[0]
    columns = {**plan.inputs, **plan.start}
    return {name for name, column in columns.items() if column.shape[:1] != (days,) or name in plan.start}


def _peak_gb() -> float | None:
    """Most memory that this process ever held; None where the system does not say."""
    status = Path("/proc/self/status")
    if status.is_file():  # Linux: getrusage there would count the process that started this one
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024 / 1e9
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return getrusage(RUSAGE_SELF).ru_maxrss * unit / 1e9


def slope(rows: list[dict[str, Any]], size: str) -> float:
    """Log-log slope of seconds a run against a size, by least squares.  NaN for fewer than two rows."""
    if len(rows) < 2:
        return float("nan")
    x, y = (np.log([row[name] for row in rows]) for name in (size, "run_s"))
    return float(np.polyfit(x, y, 1)[0])


def measure(
    persons: tuple[int, ...] = PERSONS, degrees: tuple[float, ...] = DEGREES, end: str = END, seeds: int = SEEDS
) -> dict[str, Any]:
    """All worlds; the slopes over communities on the coarsest lattice, and over cells at the usual persons."""
    people = [_apart(each, degrees[0], end, seeds) for each in persons]
    lattices = [_apart(USUAL[0], each, end, seeds) for each in degrees]
    both = _apart(persons[-1], degrees[-1], end, 1)
    large = [row for row in people if row["agents"] >= UPPER]
    steps = [
        log(b["run_s"] / a["run_s"]) / log(b["agents"] / a["agents"])
        for a, b in pairwise(people)
    ]  # fmt: skip
    return {
        "communities": people,
        "cells": lattices,
        "both": both,
        "slope_communities": slope(people, "agents"),
        "slope_communities_large": slope(large, "agents"),
        "slope_communities_steepest": max(steps, default=float("nan")),
        "slope_cells": slope(lattices, "cells"),
        "target_slope": TARGET_SLOPE,
        "peak_gb": max(row["peak_gb"] or 0.0 for row in (*people, *lattices, both)),
        "target_gb": TARGET_GB,
    }


def _apart(persons: int, degrees: float, end: str, seeds: int) -> dict[str, Any]:
    command = interpreter("benchmarks.scaling", persons, degrees, end, seeds)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{row['communities']:>9,} communities, {row['cells']:>6,} cells: {row['run_s']:8.3f} s a run")
    return row


if __name__ == "__main__":
    print(json.dumps(world(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
