"""The task as this project does its own: a Mesa model, its day compiled over columns, draws keyed by agent and day."""

from collections.abc import Callable

import mesa
import numpy as np
from numba import njit

from benchmarks.peers.task import repeat
from sim.model.streams import first_uniforms, run_key

MOVE = 1  # stream


@njit(no_cfunc_wrapper=True, no_rewrites=True, _nrt=False)
def _day(key, day, agent_key, agent_chance, agent_cell, agent_met, cell_count, side):  # type: ignore[no-untyped-def]
    first_uniforms(key, agent_key, day, MOVE, agent_chance)
    cell_count[:] = 0
    for i in range(agent_key.shape[0]):
        way = int(8.0 * agent_chance[i])
        way += way >= 4  # the middle of the nine is no step
        row = (agent_cell[i] // side + way // 3 - 1) % side
        column = (agent_cell[i] % side + way % 3 - 1) % side
        agent_cell[i] = row * side + column
        cell_count[agent_cell[i]] += 1
    for i in range(agent_key.shape[0]):
        agent_met[i] += cell_count[agent_cell[i]] - 1


class Walk(mesa.Model):
    """Agents are rows of columns."""

    def __init__(self, agents: int, side: int, seed: int) -> None:
        super().__init__(rng=seed)
        self.key, self.day, self.side = run_key(seed), 0, side
        self.agent_key = np.arange(agents, dtype=np.uint64)
        self.agent_cell = np.random.default_rng(seed).integers(side * side, size=agents)
        self.agent_chance = np.zeros(agents)
        self.agent_met = np.zeros(agents, np.int64)
        self.cell_count = np.zeros(side * side, np.int64)

    def step(self) -> None:
        """A day."""
        self.day += 1
        columns = (self.agent_key, self.agent_chance, self.agent_cell, self.agent_met, self.cell_count)
        _day(self.key, self.day, *columns, self.side)


def build(agents: int, side: int, seed: int) -> tuple[Callable[[int], None], Callable[[], float]]:
    """What runs some days, and encounters so far."""
    model = Walk(agents, side, seed)
    return lambda days: repeat(model.step, days), lambda: float(model.agent_met.sum())
