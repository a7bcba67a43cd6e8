"""The task in NumPy alone: what whole-array operations give without a framework."""

from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import Pool

import numpy as np

STEPS = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])


def build(agents: int, side: int, seed: int) -> tuple[Callable[[int], None], Callable[[], float]]:
    """What runs some days, and encounters so far."""
    rng = np.random.default_rng(seed)
    place, met = rng.integers(side, size=(agents, 2)), np.zeros(agents, np.int64)

    def advance(days: int) -> None:
        for _ in range(days):
            np.mod(place + STEPS[rng.integers(8, size=agents)], side, out=place)
            cell = place[:, 0] * side + place[:, 1]
            met[:] += np.bincount(cell, minlength=side * side)[cell] - 1

    return advance, lambda: float(met.sum())


def replicate(agents: int, side: int, days: int, seeds: Sequence[int]) -> list[float]:
    """Encounters of each seed, on all cores."""
    with Pool() as pool:
        return pool.map(partial(_encounters, agents, side, days), seeds)


def _encounters(agents: int, side: int, days: int, seed: int) -> float:
    advance, met = build(agents, side, seed)
    advance(days)
    return met()
