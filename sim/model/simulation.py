"""One run of a plan: its state columns and the compiled day, without Mesa."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import index

import numpy as np

from sim.model.day import COLUMNS
from sim.model.engine import announce, compiled_days, fingerprint, software_version
from sim.model.plan import Plan
from sim.model.recorder import E_DAY, EVENTS_PER_DAY, RunRecord
from sim.model.streams import STREAMS_PER_PROCESS, run_key
from sim.model.tables import STATE
from sim.scenario import ScenarioError
from sim.scenario.registry import PROCESSES

STREAMS = np.array([process.stream * STREAMS_PER_PROCESS for process in PROCESSES])  # first stream of each process
GROWING = ("events", "ledger")  # rows are zero until they are reached; together nine tenths of the state
# written for whoever reads the run: no process reads what an earlier day has left there
RECORDER = ("events", "event_count", "event_today", "ledger")
WHOLE = tuple(column.name for column in STATE)
LAST = len(PROCESSES) - 1


@dataclass(frozen=True)
class Snapshot:
    """What a run has changed: the state columns and the next day.  A branch starts from one.

    Of the columns in GROWING only the rows that are filled.  Without those in RECORDER earlier days are not reported.
    """

    day: int
    columns: dict[str, np.ndarray]


class Simulation:
    """One run.  Same plan, seed, replication and version: the same history to the bit.

    ``seed`` with 0 <= seed < 2**63 (ValueError otherwise); ``replication`` 0 for the asked seed.  ``columns`` holds
    inputs (shared with the plan, read-only) and state (this run's own); ``day`` is the index of the next day.
    Several may run side by side in threads: they share nothing that they write to.
    """

    def __init__(self, plan: Plan, seed: int = 1, replication: int = 0) -> None:
        self.key = run_key(seed, replication)
        self.plan = plan
        self.seed = index(seed)
        self.day = 0
        self.columns: dict[str, np.ndarray] = dict(plan.inputs)
        self.columns |= {name: _initial(name, column) for name, column in plan.start.items()}

    @property
    def date(self) -> date:
        """The date of the next day to run."""
        return self.plan.scenario.mission.clock.date_of(self.day)

    @property
    def last_day(self) -> int:
        """Index of the last day of the scenario's period."""
        return self.plan.report[1]

    def run(self) -> RunRecord:
        """Run to the end of the period and return the record of the reported days."""
        self.advance_to(self.last_day)
        return self.record()

    def advance_to(self, last_day: int) -> None:
        """Run all days up to and including ``last_day``, in one compiled call."""
        self._days(self.day, last_day, 0, LAST)
        self.day = max(self.day, last_day + 1)

    def record(self) -> RunRecord:
        """What happened so far in the reported period."""
        first, last = self.plan.report[0], min(self.day - 1, self.plan.report[1])
        events = self.columns["events"][: int(self.columns["event_count"][0])]
        return RunRecord(
            scenario=self.plan.scenario,
            seed=self.seed,
            first_day=first,
            last_day=last,
            events=events[(events[:, E_DAY] >= first) & (events[:, E_DAY] <= last)].copy(),
            ledger=self.columns["ledger"][first : last + 1].copy(),
            names=self.plan.names,
            version=software_version(),
            fingerprint=fingerprint(self.plan.scenario.mission),
        )

    def snapshot(self, names: Iterable[str] = WHOLE) -> Snapshot:
        """A copy of the state; it stays as it is when the run goes on.  Agents of a user's own are not in it."""
        filled = {"events": int(self.columns["event_count"][0]), "ledger": self.day + 1}  # today may have begun
        return Snapshot(self.day, {name: self.columns[name][: filled.get(name)].copy() for name in names})

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot, which may be that of a run with other inputs from this day on."""
        for name, column in snapshot.columns.items():
            self.columns[name] = _grown(column, len(self.columns[name])) if name in GROWING else column.copy()
        self.day = snapshot.day

    def step_process(self, number: int) -> None:
        """One process of today, by its place in PROCESSES; after the last of them it is tomorrow."""
        self._days(self.day, self.day, number, number)
        self.day += number == LAST

    def _days(self, first: int, last: int, first_process: int, last_process: int) -> None:
        announce()
        days = compiled_days()
        while first <= last:
            arrays = [self.columns[name] for name in COLUMNS]
            before = int(self.columns["event_count"][0])
            first = days(
                *arrays,
                self.plan.parameters,
                self.plan.enabled,
                STREAMS,
                self.key,
                first,
                last,
                first_process,
                last_process,
            )
            self._refuse_lost_events(before, min(first, last))
            if first <= last:
                self._grow_events()

    def _refuse_lost_events(self, before: int, day: int) -> None:
        """ScenarioError where there was no room for all events of a day; nothing was written beyond it."""
        if before < self.columns["event_count"][0] >= len(self.columns["events"]) - 1:
            scenario = self.plan.scenario
            name, when = scenario.title or scenario.name, scenario.mission.clock.date_of(day)
            raise ScenarioError(
                f"{name}: {EVENTS_PER_DAY:,} events or more on a day, by {when}; no run can have so many: "
                "set fewer fighters or lower rates"
            )

    def _grow_events(self) -> None:
        old = self.columns["events"]
        self.columns["events"] = _grown(old, math.ceil(1.5 * len(old)))


def _initial(name: str, column: np.ndarray) -> np.ndarray:
    """The run's own column on the first day; zeros take no memory before they are written to."""
    return np.zeros_like(column) if name in GROWING else column.copy()


def _grown(column: np.ndarray, rows: int) -> np.ndarray:
    """A copy with at least so many rows, zero where the column has none."""
    grown = np.zeros((max(rows, len(column)), *column.shape[1:]), column.dtype)
    grown[: len(column)] = column
    return grown
