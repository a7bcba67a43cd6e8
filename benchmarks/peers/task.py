"""Time one framework on the task: ``python -m benchmarks.peers.task NAME AGENTS SIDE DAYS SEED`` prints JSON.

Needs nothing but that framework, so that each may live in an environment of its own.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = {
    "mesa": "mesa",
    "agentpy": "agentpy",
    "mesa_frames": "mesa-frames",
    "ambr": "ambr",
    "starsim": "starsim",
    "numpy": "numpy",
    "minusim": "numba",
}
Advance = Callable[[int], None]  # a number of days
Count = Callable[[], float]  # encounters of all agents so far
Build = Callable[[int, int, int], tuple[Advance, Count]]  # agents, side of the torus, seed


def timed(name: str, agents: int, side: int, days: int, seed: int) -> dict[str, Any]:
    """Seconds of some days without import, building and one day of warming up, and encounters per agent and day.

    ImportError where the framework is not installed.
    """
    build: Build = importlib.import_module(f"benchmarks.peers.{name}_walk").build
    advance, count = build(agents, side, seed)
    advance(1)
    before, began = count(), time.process_time()
    advance(days)
    taken = time.process_time() - began
    return {"seconds": taken, "encounters": (count() - before) / (agents * days), "version": installed(name)}


def repeat(step: Callable[[], object], days: int) -> None:
    """Call it so many times."""
    for _ in range(days):
        step()


def installed(name: str) -> str:
    """Version of the framework, or `unknown`."""
    try:
        return version(PACKAGES[name])
    except PackageNotFoundError:
        return "unknown"


if __name__ == "__main__":
    try:
        print(json.dumps(timed(sys.argv[1], *(int(word) for word in sys.argv[2:6]))))
    except ImportError as problem:
        print(json.dumps({"missing": str(problem)}))
