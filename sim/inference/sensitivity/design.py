"""Designs: at which points the model is run, and which runs share random numbers.

Points are levels of the distributions of the quantities, between 0 and 1.  Rows of a block (a trajectory, or a base
point of the Sobol' sequence with its neighbours) share random numbers, so that what changes between them is as little
chance as can be; blocks share none.  A larger design begins with the smaller one: a study can be extended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.inference.sensitivity.quantities import FloatArray, Swept

LEVELS = 4  # of the grid of a screening
EDGE = 0.05  # a screening moves within the middle 90 % of each distribution
MOST = 100  # replications of a row
SOBOL_STREAMS = 50_000_000  # first stream of the second step: the two steps share no random numbers


@dataclass(frozen=True)
class Design:
    """``points`` (rows x swept quantities) and the ``block`` of each row; ``resting`` quantities stand still.

    The number of a run is row x MOST + replication (``sim.study.draws.Numbering``).
    """

    swept: tuple[Swept, ...]
    resting: tuple[Swept, ...]
    points: FloatArray
    block: npt.NDArray[np.int64]
    first_stream: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of what is swept."""
        return tuple(quantity.name for quantity in self.swept)

    def numbers(self, replications: int) -> list[int]:
        """The numbers of all runs, row by row."""
        return [row * MOST + own for row in range(len(self.points)) for own in range(replications)]

    def values(self, replication: int) -> dict[str, float]:
        """The values of the run of a number."""
        found: dict[str, float] = {}
        for quantity in self.resting:
            found |= quantity.at_rest()
        for quantity, u in zip(self.swept, self.points[replication // MOST], strict=True):
            found |= quantity.values(float(u))
        return found

    def stream(self, replication: int) -> int:
        """The replication under which random numbers are drawn: the same throughout a block."""
        row, own = divmod(replication, MOST)
        return self.first_stream + int(self.block[row]) * MOST + own


def problem(names: Sequence[str], low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
    """Quantities as SALib knows them."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[low, high]] * len(names)}


def screening(swept: Sequence[Swept], trajectories: int, seed: int) -> Design:
    """Morris: each trajectory moves one quantity after the other by two thirds of its middle 90 %."""
    from SALib.sample import morris

    asked = problem([quantity.name for quantity in swept], EDGE, 1 - EDGE)
    # a generator each: the first trajectories are the same however many follow
    parts = [
        morris.sample(asked, 1, num_levels=LEVELS, seed=np.random.default_rng([seed, number]))
        for number in range(trajectories)
    ]
    block = np.repeat(np.arange(trajectories, dtype=np.int64), len(swept) + 1)
    return Design(tuple(swept), (), np.concatenate(parts), block, 0)


def sobol(swept: Sequence[Swept], resting: Sequence[Swept], samples: int, seed: int) -> Design:
    """Saltelli's design without second order: samples x (quantities + 2) rows; ``samples`` is a power of two."""
    from SALib.sample import sobol as saltelli

    asked = problem([quantity.name for quantity in swept])
    # a generator: as a number, 0 would be no seed somewhere in the library
    points = saltelli.sample(asked, samples, calc_second_order=False, seed=np.random.default_rng([seed, 2**31]))
    block = np.repeat(np.arange(samples, dtype=np.int64), len(swept) + 2)
    return Design(tuple(swept), tuple(resting), points, block, SOBOL_STREAMS)
