"""MissionModel: a Mesa model whose day is compiled and whose agents are windows on columns."""

import datetime
from collections.abc import Iterator

import mesa
from mesa.agent import AgentSet

from sim._util.suggestions import suggestion
from sim.model.agents import WINDOWS, Window, living_rows
from sim.model.plan import Plan
from sim.model.simulation import LAST, Simulation, Snapshot
from sim.model.streams import run_key
from sim.scenario import Scenario
from sim.scenario.registry import PHASES, PROCESSES

LAST_OF_PHASE = {phase: max(i for i, p in enumerate(PROCESSES) if p.phase == phase) for phase in PHASES}


class MissionModel(Simulation, mesa.Model):
    """A run for people who look at agents, stop at any day, or let their own agents join.

    Parameters: ``plan`` a Plan or a Scenario; ``seed`` with 0 <= seed < 2**63; ``replication`` 0 for the asked seed.
    A user's own Mesa agent may join: give its class ``phase`` (a name of PHASES, default the last) and a ``step()``; it
    is called every day after that phase, in order of creation.  Mesa's own random generators are never drawn from.
    Raises ValueError for a seed out of range.
    """

    def __init__(self, plan: Plan | Scenario, seed: int = 1, replication: int = 0) -> None:
        run_key(seed, replication)  # refuses a seed out of range in our words, before Mesa sees it
        mesa.Model.__init__(self, **_mesa_seed(seed))
        Simulation.__init__(self, plan if isinstance(plan, Plan) else Plan.build(plan), seed, replication)
        self._windows: dict[tuple[type[Window], int, int], Window] = {}
        self._own_types: set[type] = set()

    def step(self) -> None:
        """Advance one day."""
        self.advance_to(self.day)

    def days(self) -> Iterator[datetime.date]:
        """Run to the end of the period, yielding the date of each finished day: look, plot, stop at any of them."""
        while self.day <= self.last_day:
            today = self.date
            self.step()
            yield today

    def advance_to(self, last_day: int) -> None:
        """Run all days up to and including ``last_day``; in one compiled call unless Python agents have joined."""
        if not self._own_agents():
            super().advance_to(last_day)
        while self.day <= last_day:
            self._day_with(self._own_agents())
            self.day += 1
        self.running = self.day <= self.last_day

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a snapshot, which may be that of a run with other inputs from this day on."""
        super().restore(snapshot)
        self.running = self.day <= self.last_day

    def close(self) -> None:
        """Drop agents and, on Mesa 3.3, the entry that would keep this model alive."""
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
        for agent in found:
            phase = getattr(agent, "phase", PHASES[-1])
            if phase not in PHASES:
                name = type(agent).__name__
                raise ValueError(f"{name}.phase: unknown phase {phase!r}; {suggestion(str(phase), PHASES)}")
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
        if done < LAST:
            self._days(self.day, self.day, done + 1, LAST)


def _mesa_seed(seed: int) -> dict[str, int]:
    """Mesa 3.5 takes ``rng``, 3.3 takes ``seed``; either only seeds generators that this model never draws from."""
    newer = tuple(int(part) for part in mesa.__version__.split(".")[:2]) >= (3, 4)
    return {"rng": seed} if newer else {"seed": seed}
