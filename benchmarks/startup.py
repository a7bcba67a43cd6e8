"""What a user waits before the first day runs: help, the first compilation, threads, imports."""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.timing import interpreter, wall_seconds
from sim.study.executor import FunctionWork, Threads

REPEATS = 5
LINE = re.compile(r"import time:\s*(\d+) \|\s*\d+ \| +(\S+)")
FIRST_DAY = """
from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.scenario import load
Simulation(Plan.build(load("quickstart"))).advance_to(0)
"""
DOORS = {"command": "import sim.cli.main", "library": "import sim, sim.api"}


def least(do: Callable[[], object], repeats: int) -> float:
    """The shortest wait of several."""
    return min(wall_seconds(do) for _ in range(repeats))


def waited(command: list[str], repeats: int = 1, **environment: str) -> float:
    """The shortest time of a process from its start to its end."""
    settings = {**os.environ, **environment}
    return least(lambda: subprocess.run(command, check=True, capture_output=True, env=settings), repeats)


def compilation(repeats: int) -> tuple[float, float]:
    """Seconds to the end of the first day with an empty cache, and with a filled one."""
    command = [sys.executable, "-c", FIRST_DAY]
    with tempfile.TemporaryDirectory() as empty:
        cold = waited(command, XDG_CACHE_HOME=empty, LOCALAPPDATA=empty, HOME=empty)
    return cold, waited(command, repeats)


def threads(workers: int, repeats: int) -> float:
    """Seconds until every thread of an executor has answered once, and all have ended."""
    return least(lambda: list(Threads(workers).results(FunctionWork(abs), range(workers))), repeats)


def imports(statement: str) -> dict[str, float]:
    """Milliseconds of import by package at the top, dearest first; modules inside of others count once."""
    command = [sys.executable, "-X", "importtime", "-c", statement]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    own: Counter[str] = Counter()
    for microseconds, module in LINE.findall(done.stderr):
        own[module.partition(".")[0]] += int(microseconds)
    return {name: total / 1e3 for name, total in own.most_common()}


def measure(repeats: int = REPEATS, compile_too: bool = True) -> dict[str, Any]:
    """Seconds, and milliseconds of imports, for the command line and for the library."""
    cold, warm = compilation(repeats) if compile_too else (float("nan"), waited([sys.executable, "-c", FIRST_DAY]))
    by_door = {door: imports(statement) for door, statement in DOORS.items()}
    return {
        "python_s": waited([sys.executable, "-c", "pass"], repeats),
        "help_s": waited(interpreter("sim", "--help"), repeats),
        "first_day_s": warm,
        "first_compile_s": cold - warm,
        "threads_of_2_s": threads(2, repeats),
        "imports_ms": {door: dict(list(found.items())[:12]) for door, found in by_door.items()},
        "imports_total_ms": {door: sum(found.values()) for door, found in by_door.items()},
    }
