"""MissionModel: a Mesa model whose day is compiled and whose agents are windows on columns."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import mesa
import numpy as np
from mesa.agent import AgentSet

from sim.model.agents import WINDOWS, Window, living_rows
from sim.model.day import COLUMNS
from sim.model.engine import announce, compiled_days, fingerprint
from sim.model.plan import Plan
from sim.model.recorder import E_DAY, EVENTS_PER_DAY, RunRecord
from sim.model.streams import STREAMS_PER_PROCESS, run_key
from sim.model.tables import STATE
from sim.scenario import Scenario, ScenarioError
from sim.scenario.registry import PHASES, PROCESSES

STREAMS = np.array([process.stream * STREAMS_PER_PROCESS for process in PROCESSES])  # first stream of each process
GROWING = ("events", "ledger")  # rows are zero until they are reached; together nine tenths of the state
LAST_OF_PHASE = {phase: max(i for i, p in enumerate(PROCESSES) if p.phase == phase) for phase in PHASES}


@dataclass(frozen=True)
class Snapshot:
    """Everything that a run has changed: the state columns and the next day.  A branch starts from one.

    Of the columns in GROWING only the rows that are filled.
    """

    day: int
    columns: dict[str, np.ndarray]


class MissionModel(mesa.Model):
    """One run.  Same plan, seed and version: the same history to the bit.

    Parameters: ``plan`` a Plan or a Scenario; ``seed`` with 0 <= seed < 2**63; ``replication`` 0 for the asked seed.
    A user's own Mesa agent may join: give its class ``phase`` (a name of PHASES, default the last) and a ``step()``; it
    is called every day after that phase, in order of creation.  Mesa's own random generators are never drawn from.
    Raises ValueError for a seed out of range.
    """

    def __init__(self, plan: Plan | Scenario, seed: int = 1, replication: int = 0) -> None:
        key = run_key(seed, replication)  # refuses a seed out of range in our words, before Mesa sees it
        super().__init__(**_mesa_seed(seed))
        self.plan = plan if isinstance(plan, Plan) else Plan.build(plan)
        self.seed = seed
        self.key = key
        self.day = 0
        self.columns: dict[str, np.ndarray] = dict(self.plan.inputs)
        self.columns |= {name: _beginning(name, column) for name, column in self.plan.start.items()}
        self._windows: dict[tuple[type[Window], int, int], Window] = {}
        self._own_types: set[type] = set()

    @property
    def date(self) -> Any:
        """The date of the next day to run."""
        return self.plan.scenario.mission.clock.date_of(self.day)

    @property
    def last_day(self) -> int:
        """Index of the last day of the scenario's period."""
        return self.plan.report[1]

    def step(self) -> None:
        """Advance one day."""
        self.advance_to(self.day)

    def days(self) -> Iterator[Any]:
        """Run to the end of the period, yielding the date of each finished day: look, plot, stop at any of them."""
        while self.day <= self.last_day:
            today = self.date
            self.step()
            yield today

    def run(self) -> RunRecord:
        """Run to the end of the period and return the record of the reported days."""
        self.advance_to(self.last_day)
        return self.record()

    def advance_to(self, last_day: int) -> None:
        """Run all days up to and including ``last_day``; in one compiled call unless Python agents have joined."""
        own = self._own_agents()
        if not own:
            self._days(self.day, last_day, 0, len(PROCESSES) - 1)
            self.day = max(self.day, last_day + 1)
        while self.day <= last_day:
            self._day_with(self._own_agents())
            self.day += 1
        self.running = self.day <= self.last_day

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

    def snapshot(self) -> Snapshot:
        """A copy of the state; it stays as it is when the run goes on.  Agents of a user's own are not in it."""
        filled = {"events": int(self.columns["event_count"][0]), "ledger": self.day + 1}  # today may have begun
        names = [column.name for column in STATE]
        return Snapshot(self.day, {name: self.columns[name][: filled.get(name)].copy() for name in names})

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot, which may be that of a run with other inputs from this day on."""
        for name, column in snapshot.columns.items():
            self.columns[name] = _grown(column, len(self.columns[name])) if name in GROWING else column.copy()
        self.day = snapshot.day
        self.running = self.day <= self.last_day

    def step_process(self, number: int) -> None:
        """One process of today, by its place in PROCESSES; after the last of them it is tomorrow."""
        self._days(self.day, self.day, number, number)
        self.day += number == len(PROCESSES) - 1

    def close(self) -> None:
        """Drop agents and, on Mesa 3.3, the entry that would keep this model alive for ever."""
        self._windows.clear()
        self.remove_all_agents()
        ids = getattr(mesa.Agent, "_ids", None)
        if ids is not None and hasattr(ids, "pop"):
            ids.pop(self, None)

    # Windows are synchronised whenever somebody looks.

    @property
    def agents(self) -> AgentSet:
        """All agents alive now."""
        self._sync()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type, AgentSet]:
        """Agents alive now, by class; hold it no longer than a day."""
        self._sync()
        return super().agents_by_type  # type: ignore[no-any-return]

    @property
    def agent_types(self) -> list[type]:
        """Classes of agents alive now."""
        self._sync()
        return super().agent_types  # type: ignore[no-any-return]

    def register_agent(self, agent: mesa.Agent) -> None:
        """Mesa calls this when an agent is made."""
        if not isinstance(agent, Window):
            self._own_types.add(type(agent))
        super().register_agent(agent)

    def _sync(self) -> None:
        if not hasattr(self, "columns"):
            return
        alive: dict[tuple[type[Window], int, int], Window] = {}
        for window in WINDOWS:
            keys = self.columns[f"{window.table}_key"]
            for row in living_rows(window, self.columns):
                name = (window, int(row), int(keys[row]))
                known = self._windows.pop(name) if name in self._windows else None
                alive[name] = known or window(self, int(row))
        for gone in self._windows.values():
            gone.remove()
        self._windows = alive

    def _own_agents(self) -> list[mesa.Agent]:
        if not self._own_types:
            return []
        by_type = super().agents_by_type
        found = [agent for kind in self._own_types if kind in by_type for agent in by_type[kind]]
        return sorted(found, key=lambda agent: agent.unique_id)

    def _day_with(self, own: list[mesa.Agent]) -> None:
        done = -1
        for phase in PHASES:
            acting = [agent for agent in own if getattr(agent, "phase", PHASES[-1]) == phase]
            if acting:
                self._days(self.day, self.day, done + 1, LAST_OF_PHASE[phase])
                done = LAST_OF_PHASE[phase]
                for agent in acting:
                    agent.step()
        if done < len(PROCESSES) - 1:
            self._days(self.day, self.day, done + 1, len(PROCESSES) - 1)

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


def _beginning(name: str, column: np.ndarray) -> np.ndarray:
    """The run's own column on the first day; zeros that are asked for take no memory before they are written to."""
    return np.zeros_like(column) if name in GROWING else column.copy()


def _grown(column: np.ndarray, rows: int) -> np.ndarray:
    """A copy with at least so many rows, zero where the column has none."""
    grown = np.zeros((max(rows, len(column)), *column.shape[1:]), column.dtype)
    grown[: len(column)] = column
    return grown


def _mesa_seed(seed: int) -> dict[str, int]:
    """Mesa 3.5 takes ``rng``, 3.3 takes ``seed``; either only seeds generators that this model never draws from."""
    newer = tuple(int(part) for part in mesa.__version__.split(".")[:2]) >= (3, 4)
    return {"rng": seed} if newer else {"seed": seed}


@cache
def software_version() -> str:
    """Version of the installed distribution."""
    try:
        return version("minusim")
    except PackageNotFoundError:
        return "unknown"
