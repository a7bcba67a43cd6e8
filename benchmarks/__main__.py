"""What ``make bench`` prints: speed and memory on this machine, as text and as ``results/benchmarks.json``."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import throughput
from benchmarks.throughput import growth
from sim.clock import day_index
from sim.model import MissionModel
from sim.plan import Plan
from sim.scenario import load

OUT = Path(__file__).parent.parent / "results" / "benchmarks.json"
RUNS = 7
MANY = 300
FIRST = """
from sim.model import MissionModel
from sim.scenario import load
MissionModel(load("quickstart")).advance_to(0)
"""


def seconds(command: list[str], **environment: str) -> float:
    """Wall-clock seconds of a process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return time.perf_counter() - began


def decade(plan: Plan, seed: int) -> float:
    """Seconds of one run of the plan, without building it."""
    model = MissionModel(plan, seed)
    began = time.perf_counter()
    model.run()
    taken = time.perf_counter() - began
    model.close()
    return taken


def measure() -> dict[str, Any]:
    """Every figure, in the unit of its name."""
    with tempfile.TemporaryDirectory() as empty:
        first = seconds([sys.executable, "-c", FIRST], XDG_CACHE_HOME=empty, LOCALAPPDATA=empty, HOME=empty)
    again = seconds([sys.executable, "-c", FIRST])
    scenario = load("historical")
    began = time.perf_counter()
    plan = Plan.build(scenario)
    planned = time.perf_counter() - began
    decade(plan, 0)
    runs = sorted(decade(plan, seed) for seed in range(RUNS))
    days = day_index(scenario.period.end) + 1
    year = Plan.build(load("historical").with_values({"period.end": "2014-06-30"}))
    return {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "help_s": min(seconds([sys.executable, "-m", "sim", "--help"]) for _ in range(3)),
        "first_compile_s": first - again,
        "warm_start_s": again,
        "plan_s": planned,
        "decade_s": runs[RUNS // 2],
        "decade_fastest_s": runs[0],
        "agents": plan.agents,
        "days": days,
        "agent_days_per_s": plan.agents * days / runs[RUNS // 2],
        "ns_per_agent_day": 1e9 * runs[RUNS // 2] / (plan.agents * days),
        "bytes_per_run": growth(lambda seed: decade(year, seed), MANY),
        **throughput.measure(),
    }


def main() -> None:
    """Measure, print and keep."""
    figures = measure()
    for name, value in figures.items():
        print(f"{name:24s} {value:,.3f}" if isinstance(value, float) else f"{name:24s} {value}")
    print(f"decade within 0.5 s: {'yes' if figures['decade_s'] <= 0.5 else 'NO'}")
    print(f"first compile within 30 s: {'yes' if figures['first_compile_s'] <= 30 else 'NO'}")
    print(f"help within 0.5 s: {'yes' if figures['help_s'] <= 0.5 else 'NO'}")
    print(throughput.told(figures))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"kept in {OUT.relative_to(OUT.parent.parent)}")


if __name__ == "__main__":
    main()
