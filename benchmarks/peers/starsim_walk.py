"""The task in starsim: a module with states of all people.  It has no space: the place is a state of the agent."""

from collections.abc import Callable, Sequence

import numpy as np
import starsim as ss

STEPS = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])
DAYS = 200  # more than anybody asks for


class Walk(ss.Module):
    """Everybody walks."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side
        self.define_pars(way=ss.random(), start=ss.random())
        self.define_states(ss.FloatArr("row"), ss.FloatArr("column"), ss.FloatArr("met", default=0.0))

    def init_post(self) -> None:
        """Once there are people."""
        super().init_post()
        place = np.floor(self.side**2 * self.pars.start.rvs(self.sim.people.auids))
        self.row[:] = place // self.side
        self.column[:] = place % self.side

    def step(self) -> None:
        """A day: move, then count."""
        move = STEPS[(8 * self.pars.way.rvs(self.sim.people.auids)).astype(int)]
        self.row[:] = (self.row.values + move[:, 0]) % self.side
        self.column[:] = (self.column.values + move[:, 1]) % self.side
        cell = (self.row.values * self.side + self.column.values).astype(int)
        self.met[:] = self.met.values + np.bincount(cell, minlength=self.side**2)[cell] - 1


def build(agents: int, side: int, seed: int) -> tuple[Callable[[int], None], Callable[[], float]]:
    """What runs some days, and encounters so far."""
    sim = _sim(agents, side, DAYS, seed)
    sim.init()
    return lambda days: sim.loop.run(until=sim.t.now() + days - 1), lambda: _met(sim)


def replicate(agents: int, side: int, days: int, seeds: Sequence[int]) -> list[float]:
    """Encounters of each seed, on all cores."""
    done = ss.parallel([_sim(agents, side, days - 1, seed) for seed in seeds], shrink=False, verbose=0)
    return [_met(sim) for sim in done.sims]


def _sim(agents: int, side: int, last: int, seed: int) -> ss.Sim:
    """From day 0 to the last."""
    settings = {"start": 0, "stop": last, "dt": 1, "rand_seed": seed, "verbose": 0}
    return ss.Sim(n_agents=agents, modules=Walk(side), copy_inputs=False, **settings)


def _met(sim: ss.Sim) -> float:
    """Encounters so far."""
    (walk,) = sim.custom()
    return float(walk.met.values.sum())
