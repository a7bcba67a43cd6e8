"""What a day's time goes into: processor time of each process, less what an empty call costs."""

import time
from typing import Any

from benchmarks.bare_day import LAST, Bare, room
from sim.model.plan import Plan
from sim.scenario import load
from sim.scenario.registry import PROCESSES

NAMES = tuple(process.name for process in PROCESSES)
REPEATS = 5


def by_process(plan: Plan, seed: int, days: int) -> tuple[dict[str, float], float]:
    """Microseconds a day of each process and of an empty call, the least of REPEATS histories.

    A process is timed right after its predecessor, with its columns in the cache.
    """
    histories = [_history(plan, seed, days) for _ in range(REPEATS)]
    least = [min(values) for values in zip(*histories, strict=True)]
    empty = least[-1]
    return {name: max(0.0, taken - empty) for name, taken in zip(NAMES, least, strict=False)}, empty


def _history(plan: Plan, seed: int, days: int) -> list[float]:
    """Microseconds a day per process and, last, of a call that does nothing."""
    arrays, clock = Bare(plan, seed, room(plan)), time.process_time_ns
    totals = [0] * (LAST + 2)
    for day in range(days):
        for number in range(LAST + 1):
            began = clock()
            arrays.advance(day, day, number, number)
            totals[number] += clock() - began
        began = clock()
        arrays.advance(day, day, LAST + 1, LAST)
        totals[-1] += clock() - began
    return [total / days / 1e3 for total in totals]


def measure(days: int | None = None) -> dict[str, Any]:
    """The processes of the historical decade, dearest first."""
    plan = Plan.build(load("historical"))
    found, empty = by_process(plan, 0, days or plan.report[1] + 1)
    return {
        "microseconds_a_day": dict(sorted(found.items(), key=lambda item: -item[1])),
        "sum_us": sum(found.values()),
        "empty_call_us": empty,
    }
