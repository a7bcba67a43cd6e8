"""The task in Mesa: agents on its own grid of cells."""

from collections.abc import Callable, Sequence

import mesa
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid

from benchmarks.peers.task import repeat


class Walker(CellAgent):
    """An agent in a cell."""

    def __init__(self, model: "Walk", cell: object) -> None:
        super().__init__(model)
        self.cell = cell
        self.met = 0

    def move(self) -> None:
        """To a cell beside."""
        self.cell = self.cell.neighborhood.select_random_cell()

    def count(self) -> None:
        """The others here."""
        self.met += len(self.cell.agents) - 1


class Walk(mesa.Model):
    """A torus of cells."""

    def __init__(self, agents: int, side: int, seed: int) -> None:
        super().__init__(rng=seed)
        self.grid = OrthogonalMooreGrid((side, side), torus=True, random=self.random)
        for _ in range(agents):
            Walker(self, self.grid.all_cells.select_random_cell())

    def step(self) -> None:
        """A day."""
        self.agents.do("move")
        self.agents.do("count")

    def met(self) -> int:
        """Encounters so far."""
        return sum(agent.met for agent in self.agents)


class ObservedWalk(Walk):
    """Its encounters are collected day by day, as batch_run wants them."""

    def __init__(self, agents: int, side: int, seed: int) -> None:
        super().__init__(agents, side, seed)
        self.datacollector = mesa.DataCollector(model_reporters={"met": Walk.met})

    def step(self) -> None:
        """A day."""
        super().step()
        self.datacollector.collect(self)


def build(agents: int, side: int, seed: int) -> tuple[Callable[[int], None], Callable[[], float]]:
    """What runs some days, and encounters so far."""
    model = Walk(agents, side, seed)
    return lambda days: repeat(model.step, days), lambda: float(model.met())


def replicate(agents: int, side: int, days: int, seeds: Sequence[int]) -> list[float]:
    """Encounters of each seed, on all cores."""
    parameters = {"agents": agents, "side": side, "seed": list(seeds)}
    settings = {"number_processes": None, "max_steps": days - 1, "display_progress": False}
    return [row["met"] for row in mesa.batch_run(ObservedWalk, parameters, **settings)]
