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
Step = Callable[[], object]
Count = Callable[[], float]  # encounters of all agents so far
Build = Callable[[int, int, int], tuple[Step, Count]]  # agents, side of the torus, seed


def timed(name: str, agents: int, side: int, days: int, seed: int) -> dict[str, Any]:
    """Seconds of some days without import, building and one day of warming up, and encounters per agent and day.

    ImportError where the framework is not installed.
    """
    build: Build = importlib.import_module(f"benchmarks.peers.{name}_walk").build
    step, count = build(agents, side, seed)
    step()
    before, began = count(), time.process_time()
    for _ in range(days):
        step()
    taken = time.process_time() - began
    return {"seconds": taken, "encounters": (count() - before) / (agents * days), "version": _version(name)}


def _version(name: str) -> str:
    try:
        return version(PACKAGES[name])
    except PackageNotFoundError:
        return "unknown"


if __name__ == "__main__":
    try:
        print(json.dumps(timed(sys.argv[1], *(int(word) for word in sys.argv[2:6]))))
    except ImportError as problem:
        print(json.dumps({"missing": str(problem)}))
