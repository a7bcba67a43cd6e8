"""The task as this project does its own: all days compiled over columns, draws keyed by agent and day."""

from collections.abc import Callable, Sequence

import numpy as np
from numba import njit

from sim.model.streams import first_uniforms, run_key
from sim.study.executor import FunctionWork, Threads, in_order

MOVE = 1  # stream


@njit(cache=True, nogil=True, no_cfunc_wrapper=True, no_rewrites=True, _nrt=False)
def _walk(key, first, last, agent_key, agent_chance, agent_cell, agent_met, cell_count, side):  # type: ignore[no-untyped-def]
    for day in range(first, last):
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


class Walk:
    """Agents are rows of columns."""

    def __init__(self, agents: int, side: int, seed: int) -> None:
        self.key, self.day, self.side = run_key(seed), 0, side
        self.agent_key = np.arange(agents, dtype=np.uint64)
        self.agent_cell = np.random.default_rng(seed).integers(side * side, size=agents)
        self.agent_chance = np.zeros(agents)
        self.agent_met = np.zeros(agents, np.int64)
        self.cell_count = np.zeros(side * side, np.int64)

    def advance(self, days: int) -> None:
        """So many days."""
        columns = (self.agent_key, self.agent_chance, self.agent_cell, self.agent_met, self.cell_count)
        _walk(self.key, self.day, self.day + days, *columns, self.side)
        self.day += days


def build(agents: int, side: int, seed: int) -> tuple[Callable[[int], None], Callable[[], float]]:
    """What runs some days, and encounters so far."""
    model = Walk(agents, side, seed)
    return model.advance, lambda: float(model.agent_met.sum())


def replicate(agents: int, side: int, days: int, seeds: Sequence[int]) -> list[float]:
    """Encounters of each seed, on all cores."""

    def encounters(seed: int) -> float:
        model = Walk(agents, side, seed)
        model.advance(days)
        return float(model.agent_met.sum())

    return list(in_order(Threads(), FunctionWork(encounters), seeds))
