"""What bounds a day: memory bandwidth, the price of a call, or arithmetic.

A triad (a = b + s * c, as in STREAM) in the same compiler gives the bandwidth of this machine, for arrays that fit a
core's cache and for arrays that do not.  Beside it stands what a day touches at most: every byte of the state and of
the day's own rows, once.
"""

from typing import Any

import numpy as np
from numba import njit

from benchmarks.bare_day import Bare, room
from benchmarks.process_profile import LAST
from benchmarks.timing import cpu_seconds
from sim.model.plan import Plan
from sim.model.streams import first_uniforms, run_key
from sim.scenario import load

CACHED, FAR = 16 * 1024, 8 * 1024 * 1024  # numbers in each of three arrays: 0.4 MB and 200 MB
REPEATS = 7
CALLS = 2_000
TABLES = ("events", "ledger")  # of which a day touches its own rows alone


@njit(no_cfunc_wrapper=True)
def _triad(a, b, c, s, times):  # type: ignore[no-untyped-def]
    for _ in range(times):
        for i in range(a.shape[0]):
            a[i] = b[i] + s * c[i]


@njit(no_cfunc_wrapper=True)
def _draws(key, entities, chance, times):  # type: ignore[no-untyped-def]
    for day in range(times):
        first_uniforms(key, entities, day, 1, chance)


def bandwidth(numbers: int, times: int) -> float:
    """Bytes a second that a triad moves, the best of REPEATS."""
    a, b, c = np.zeros(numbers), np.ones(numbers), np.ones(numbers)
    _triad(a, b, c, 3.0, 1)
    taken = min(cpu_seconds(lambda: _triad(a, b, c, 3.0, times)) for _ in range(REPEATS))
    return 24.0 * numbers * times / taken


def draw_ns() -> float:
    """Nanoseconds of a keyed uniform, a column at a time."""
    entities, chance, times = np.arange(2_000, dtype=np.uint64), np.zeros(2_000), 500
    _draws(run_key(1), entities, chance, 1)
    taken = min(cpu_seconds(lambda: _draws(run_key(1), entities, chance, times)) for _ in range(REPEATS))
    return 1e9 * taken / (len(entities) * times)


def empty_call_us(plan: Plan) -> float:
    """Microseconds of a call of the compiled day that does nothing: what its columns cost to pass."""
    arrays = Bare(plan, 1, room(plan))

    def call() -> None:
        for _ in range(CALLS):
            arrays.advance(0, 0, LAST + 1, LAST)

    return 1e6 * min(cpu_seconds(call) for _ in range(REPEATS)) / CALLS


def touched(plan: Plan) -> int:
    """Bytes of all that a day may read or write: the state, the map, and one day of what changes by day."""
    days = plan.inputs["month_of_day"].shape[0]
    state = sum(column.nbytes for name, column in plan.start.items() if name not in TABLES)
    ledger = plan.start["ledger"].nbytes // len(plan.start["ledger"])
    dated = [column for column in plan.inputs.values() if column.shape[:1] == (days,)]
    fixed = sum(column.nbytes for column in plan.inputs.values() if column.shape[:1] != (days,))
    return state + ledger + fixed + sum(column.nbytes // days for column in dated)


def measure(end: str | None = None) -> dict[str, Any]:
    """The bounds beside a day of the historical mission."""
    scenario = load("historical")
    plan = Plan.build(scenario.with_values({"period.end": end}) if end else scenario)
    days = plan.report[1] + 1
    runs = [Bare(plan, seed, room(plan)) for seed in range(REPEATS)]
    day = min(cpu_seconds(lambda run=run: run.advance(0, days - 1)) for run in runs) / days  # type: ignore[misc]
    cached, far = bandwidth(CACHED, 500), bandwidth(FAR, 3)
    size = touched(plan)
    return {
        "day_us": 1e6 * day,
        "triad_cached_gb_s": cached / 1e9,
        "triad_memory_gb_s": far / 1e9,
        "touched_kb": size / 1e3,
        "bytes_per_agent_day": size / plan.agents,
        "day_if_cache_bound_us": 1e6 * size / cached,
        "day_if_memory_bound_us": 1e6 * size / far,
        "empty_call_us": empty_call_us(plan),
        "draw_ns": draw_ns(),
    }
