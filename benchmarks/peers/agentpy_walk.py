"""The task in agentpy: an AgentList on its Grid."""

from collections.abc import Callable, Sequence

import agentpy as ap

from benchmarks.peers.task import repeat

STEPS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


class Walker(ap.Agent):
    """An agent on the grid."""

    def setup(self) -> None:
        """At the start."""
        self.met = 0

    def move(self) -> None:
        """To a cell beside."""
        self.model.grid.move_by(self, self.model.random.choice(STEPS))

    def look(self) -> None:
        """The others here."""
        grid = self.model.grid
        self.met += len(grid.grid.agents[grid.positions[self]]) - 1


class Walk(ap.Model):
    """A torus."""

    def setup(self) -> None:
        """At the start."""
        self.walkers = ap.AgentList(self, self.p.agents, Walker)
        self.grid = ap.Grid(self, (self.p.side, self.p.side), torus=True)
        self.grid.add_agents(self.walkers, random=True)

    def step(self) -> None:
        """A day."""
        self.walkers.move()
        self.walkers.look()

    def end(self) -> None:
        """At the end."""
        self.report("met", sum(self.walkers.met))


def build(agents: int, side: int, seed: int) -> tuple[Callable[[int], None], Callable[[], float]]:
    """What runs some days, and encounters so far."""
    model = Walk({"agents": agents, "side": side, "seed": seed})
    model.sim_setup()
    return lambda days: repeat(model.step, days), lambda: float(sum(model.walkers.met))


def replicate(agents: int, side: int, days: int, seeds: Sequence[int]) -> list[float]:
    """Encounters of each seed, on all cores."""
    sample = ap.Sample({"agents": agents, "side": side, "steps": days, "seed": ap.Values(*seeds)})
    return ap.Experiment(Walk, sample).run(n_jobs=-1, display=False).reporters["met"].to_list()
