"""The compiled day called bare, without Mesa and recorder: the limit for ``Simulation``.

Bare is one call on plain arrays that were made before: no Mesa model, no copy of the state, no room for events that
grows, no table of stocks (the process ``tally``) and no record cut from the arrays.  The events must be the same.
"""

from typing import Any

import numpy as np

from benchmarks.timing import Pairs, cpu_seconds
from sim.calibration.mission import CLOCK
from sim.model.day import COLUMNS
from sim.model.engine import compiled_days
from sim.model.plan import Plan
from sim.model.recorder import EVENTS_PER_DAY
from sim.model.simulation import STREAMS, Simulation
from sim.model.streams import run_key
from sim.scenario import load
from sim.scenario.registry import PROCESSES

RUNS = 15
TARGET = 1.3  # times
LAST = len(PROCESSES) - 1
TALLY = next(number for number, process in enumerate(PROCESSES) if process.name == "tally")


class Bare:
    """A run's arrays and nothing else; ``events`` is the room for rows of events."""

    def __init__(self, plan: Plan, seed: int, events: int, tally: bool = True) -> None:
        columns = dict(plan.inputs) | {name: column.copy() for name, column in plan.start.items()}
        columns["events"] = np.zeros((events + EVENTS_PER_DAY, columns["events"].shape[1]), np.int64)
        enabled = plan.enabled.copy()
        enabled[TALLY] &= tally
        self.columns = columns
        self._before = [columns[name] for name in COLUMNS]
        self._after = (plan.parameters, enabled, STREAMS, run_key(seed))
        self._days = compiled_days()

    def advance(self, first: int, last: int, first_process: int = 0, last_process: int = LAST) -> int:
        """Days and processes from first to last; the day after, or the day for which there is no room."""
        return self._days(*self._before, *self._after, first, last, first_process, last_process)

    @property
    def events(self) -> np.ndarray:
        """What was recorded so far."""
        return self.columns["events"][: int(self.columns["event_count"][0])]


def whole(plan: Plan, seed: int) -> float:
    """Seconds from a plan to the record of a run."""
    return cpu_seconds(lambda: Simulation(plan, seed).run())


def bare(plan: Plan, seed: int) -> float:
    """Seconds of the compiled call alone.  RuntimeError where it did not come to the end."""
    arrays = Bare(plan, seed, room(plan), tally=False)
    last, ended = plan.report[1], []
    taken = cpu_seconds(lambda: ended.append(arrays.advance(0, last)))
    if ended != [last + 1]:
        raise RuntimeError(f"no room for events on day {ended[0]}")
    return taken


def room(plan: Plan) -> int:
    """Rows of events that no run of this length fills."""
    return 20 * plan.inputs["month_of_day"].shape[0] + 20_000


def same_events(plan: Plan, seed: int) -> bool:
    """Whether a bare run has the events of the model, to the last of them."""
    model = Simulation(plan, seed)
    model.run()
    count = int(model.columns["event_count"][0])
    arrays = Bare(plan, seed, room(plan), tally=False)
    arrays.advance(0, plan.report[1])
    return bool(np.array_equal(model.columns["events"][:count], arrays.events))


def measure(end: str | None = None, runs: int = RUNS) -> dict[str, Any]:
    """Seconds of a decade (or to ``end``, a date) both ways.  SystemExit where the events differ."""
    scenario = load("historical")
    plan = Plan.build(scenario.with_values({"period.end": end}) if end else scenario)
    if not same_events(plan, 0):
        raise SystemExit("the bare call has other events than the model")
    pairs = Pairs.measured(lambda seed: whole(plan, seed), lambda seed: bare(plan, seed), runs)
    days = CLOCK.day_index(plan.scenario.period.end) + 1
    found = pairs.figures("model", "bare")
    return {
        "days": days,
        "agents": plan.agents,
        **found,
        "target": TARGET,
        "ns_per_agent_day": 1e9 * found["model_s"] / (plan.agents * days),
        "agent_days_per_s": plan.agents * days / found["model_s"],
    }
