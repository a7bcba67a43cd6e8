"""The task in ambr: a columnar population, each day's rules on whole columns."""

from collections.abc import Callable, Sequence

import ambr as am
import numpy as np
import polars as pl

from benchmarks.peers.task import repeat

STEPS = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])


class Walk(am.Model):
    """A torus."""

    def setup(self) -> None:
        """At the start."""
        agents, side = self.p["agents"], self.p["side"]
        place = self.rng.integers(side, size=(2, agents))
        self.add_agents(agents, row=place[0], column=place[1], met=np.zeros(agents, np.int64))

    def step(self) -> None:
        """A day: move, then count."""
        side = self.p["side"]
        move = STEPS[self.rng.integers(8, size=self.p["agents"])]
        row = (self.agents.row.to_numpy() + move[:, 0]) % side
        column = (self.agents.column.to_numpy() + move[:, 1]) % side
        cell = row * side + column
        met = self.agents.met.to_numpy() + np.bincount(cell, minlength=side * side)[cell] - 1
        self.agents.set(row=row, column=column, met=met)


def build(agents: int, side: int, seed: int) -> tuple[Callable[[int], None], Callable[[], float]]:
    """What runs some days, and encounters so far."""
    model = Walk({"agents": agents, "side": side, "seed": seed})
    model.setup()
    return lambda days: repeat(model.step, days), lambda: float(model.agents.met.to_numpy().sum())


def replicate(agents: int, side: int, days: int, seeds: Sequence[int]) -> list[float]:
    """Encounters of each seed, one after another as its Experiment does."""
    sample = am.Sample({"agents": agents, "side": side, "steps": days, "seed": list(seeds)}, n=len(seeds))
    found = am.Experiment(Walk, sample).run()["agents"]
    return found.group_by("seed", maintain_order=True).agg(pl.col("met").sum())["met"].to_list()
