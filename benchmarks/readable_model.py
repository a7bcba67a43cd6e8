"""The engine against the readable model of ``tests/reference`` on the same work.

``python -m benchmarks.readable_model`` measures alone.
Both run in one process, in alternating pairs, from 1 July 2013 at the usual scale, without building the plan; their
events must be equal.  Seconds are of CPU time, which other work on the machine moves little.  Kept as
``results/benchmarks/reference.json``.
"""

import sys
import time
from statistics import median
from typing import Any

from benchmarks.timing import keep
from sim.model.plan import Plan
from sim.model.recorder import E_DAY
from sim.model.simulation import Simulation
from sim.scenario import load
from tests.reference.model import ReferenceModel

PAIRS = 5
TARGET = 100  # times


def seconds(model: Any, last_day: int) -> float:
    """CPU seconds of a run up to and including a day."""
    began = time.process_time()
    model.advance_to(last_day)
    return time.process_time() - began


def pair(plan: Plan, seed: int, last_day: int) -> tuple[float, float, int]:
    """Seconds of the engine, seconds of the readable model, and the events that both saw."""
    engine, reference = Simulation(plan, seed), ReferenceModel(plan, seed)
    taken = seconds(engine, last_day), seconds(reference, last_day)
    count = len(reference.organisations)
    rows = [event.row(count) for event in reference.events]
    recorded = engine.columns["events"][: int(engine.columns["event_count"][0])]
    if recorded[recorded[:, E_DAY] <= last_day].tolist() != rows:
        raise SystemExit("the two histories differ: run python -m tests.reference to see where")
    reference.close()
    return (*taken, len(rows))


def measure(years: float) -> dict[str, Any]:
    """Seconds of both, and how many times faster the engine is."""
    plan = Plan.build(load("historical"))
    days = round(365.25 * years)
    pair(plan, 0, 10)  # compiles, and warms the caches of both
    pairs = [pair(plan, seed, days - 1) for seed in range(PAIRS)]
    ratios = sorted(reference / engine for engine, reference, _ in pairs)
    return {
        "days": days,
        "agents": plan.agents,
        "events": sum(events for _, _, events in pairs),
        "pairs": PAIRS,
        "engine_s": median(engine for engine, _, _ in pairs),
        "reference_s": median(reference for _, reference, _ in pairs),
        "times_faster": median(ratios),
        "times_faster_least": ratios[0],
        "times_faster_most": ratios[-1],
    }


def main() -> None:
    """Measure, print and keep."""
    figures = measure(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
    for name, value in figures.items():
        print(f"{name:20s} {value:,.3f}" if isinstance(value, float) else f"{name:20s} {value}")
    print(f"engine {TARGET} times as fast: {'yes' if figures['times_faster'] >= TARGET else 'NO'}")
    print(f"kept in {keep('reference', figures)}")


if __name__ == "__main__":
    main()
