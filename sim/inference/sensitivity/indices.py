"""Sobol' indices of the average outcome, as parts of the variance of single histories; chance is a part of its own.

A history varies because numbers are unknown and by chance.  The variance of its outcome Y at the unknown x is that of
the average E[Y|x], which first and total indices share out among the numbers, and the mean variance around it: the
part of chance.  Estimators are those of Saltelli and others (2010) and Jansen (1999) as in SALib, but products are
taken between different replications: a number that does nothing but reshuffle chance gets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.inference.sensitivity.design import Design
from sim.inference.sensitivity.noise import product, square
from sim.inference.sensitivity.quantities import FloatArray

RESAMPLES = 1000
NORMAL = 1.96  # half of a 95 % interval, in standard errors


@dataclass(frozen=True)
class Indices:
    """``table``: quantity, first, first_conf, total, total_conf, as parts of the variance of single histories.

    ``chance`` is the part that belongs to none of the quantities; ``_conf`` is half of a 95 % interval.  ``variance``
    is that of single histories, in squared units of the output; where it is 0, every part is NaN.
    """

    table: pd.DataFrame
    chance: float
    chance_conf: float
    variance: float

    @property
    def interactions(self) -> float:
        """What is neither chance nor the first-order part of any quantity; with few samples it may fall below 0."""
        return 1.0 - self.chance - float(self.table["first"].sum())


def share_out(design: Design, values: FloatArray, seed: int) -> Indices:
    """Indices from ``values`` [rows, replications] of a Sobol' design; NaN-free, two replications or more."""
    wide = len(design.swept)
    blocks = values.reshape(-1, wide + 2, values.shape[1])
    parts = _parts(blocks)
    point = _shares(parts, np.arange(len(blocks))[None])[0]
    rng = np.random.default_rng([seed, 2])
    drawn = _shares(parts, rng.integers(len(blocks), size=(RESAMPLES, len(blocks))))
    half = NORMAL * drawn.std(axis=0, ddof=1)
    table = pd.DataFrame(
        {
            "quantity": design.names,
            "first": point[:wide],
            "first_conf": half[:wide],
            "total": point[wide : 2 * wide],
            "total_conf": half[wide : 2 * wide],
        }
    )
    ends = blocks[:, [0, -1]]
    return Indices(table, float(point[-1]), float(half[-1]), float(ends.var()))


def _parts(blocks: FloatArray) -> FloatArray:
    """What is averaged over blocks, [block, 2 x quantities + 3].

    First-order and total variance of each quantity; the squared average outcome, the square of single outcomes, the
    outcome.
    """
    centred = blocks - blocks[:, [0, -1]].mean()
    a, neighbours, b = centred[:, :1], centred[:, 1:-1], centred[:, -1:]
    first = product(np.broadcast_to(b, neighbours.shape), neighbours - a)
    total = square(neighbours - a) / 2
    ends = centred[:, [0, -1]]
    level = np.stack([square(ends).mean(axis=1), (ends**2).mean(axis=(1, 2)), ends.mean(axis=(1, 2))], axis=1)
    return np.concatenate([first, total, level], axis=1)


def _shares(parts: FloatArray, rows: np.ndarray) -> FloatArray:
    """First, total, chance for each choice of blocks, as parts of the variance of single histories."""
    mean = np.stack([parts[chosen].mean(axis=0) for chosen in rows])
    averages, singles = mean[:, -3] - mean[:, -1] ** 2, mean[:, -2] - mean[:, -1] ** 2
    chance = singles - averages
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.column_stack([mean[:, :-3], chance]) / singles[:, None])
