"""The task in mesa-frames: an agent set as a Polars frame, its rules as expressions on columns."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF

from benchmarks.peers.task import repeat

ROW = np.array([-1, -1, -1, 0, 0, 1, 1, 1])
COLUMN = np.array([-1, 0, 1, -1, 1, -1, 0, 1])


class Walkers(AgentSetPolars):
    """All agents."""

    def __init__(self, model: "Walk", agents: int) -> None:
        super().__init__(model)
        place = model.random.integers(model.side, size=(2, agents))
        self += pl.DataFrame({"unique_id": np.arange(agents), "row": place[0], "column": place[1], "met": 0})

    def step(self) -> None:
        """A day: move, then count."""
        side, way = self.model.side, self.model.random.integers(8, size=len(self))
        self["row"] = (self["row"] + pl.Series(ROW[way])) % side
        self["column"] = (self["column"] + pl.Series(COLUMN[way])) % side
        others = self.agents.select(pl.len().over("row", "column").cast(pl.Int64) - 1).to_series()
        self["met"] = self["met"] + others


class Walk(ModelDF):
    """A torus."""

    def __init__(self, agents: int, side: int, seed: int) -> None:
        super().__init__(seed)
        self.side = side
        self.walkers = Walkers(self, agents)
        self.agents += self.walkers

    def step(self) -> None:
        """A day."""
        self.agents.do("step")


def build(agents: int, side: int, seed: int) -> tuple[Callable[[int], None], Callable[[], float]]:
    """What runs some days, and encounters so far."""
    model = Walk(agents, side, seed)
    return lambda days: repeat(model.step, days), lambda: float(model.walkers["met"].sum())


def replicate(agents: int, side: int, days: int, seeds: Sequence[int]) -> list[float]:
    """Encounters of each seed, one after another: Polars itself uses all cores."""
    found = []
    for seed in seeds:
        advance, met = build(agents, side, seed)
        advance(days)
        found.append(met())
    return found
