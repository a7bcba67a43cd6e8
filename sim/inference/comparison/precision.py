"""How precise a study is: intervals that hold for all variants at once, replications needed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtrit

from sim.inference.comparison.averages import LEVEL

if TYPE_CHECKING:
    from sim.study import StudyFrame

FloatArray = npt.NDArray[np.float64]

_MULTIPLIERS = 4000
_FIXED = 20_130_701  # seed: the multipliers are the same in every study, so that its numbers are reproducible


def simultaneous_level(differences: FloatArray, level: float = LEVEL) -> float:
    """The level of single intervals at which all hold together with probability ``level``.

    ``differences``: float64 [variants, pairs] without gaps.  The largest of the standardised mean differences is
    simulated under their own correlation (multiplier bootstrap), so that variants that move together cost little.
    """
    n = differences.shape[1]
    if n < 3:
        return level
    centred = differences - differences.mean(axis=1, keepdims=True)
    size = centred.std(axis=1, keepdims=True)
    moving = centred[size[:, 0] > 0] / size[size[:, 0] > 0]
    if len(moving) < 2:
        return level
    largest = np.abs(moving @ _multipliers(n)).max(axis=0) / np.sqrt(n)
    critical = float(np.quantile(largest, level))
    alone = 2 * float(ndtr(critical)) - 1
    return max(level, alone)


@lru_cache(maxsize=2)
def _multipliers(n: int) -> FloatArray:
    return np.random.default_rng(_FIXED).standard_normal((n, _MULTIPLIERS))


def half_width(differences: FloatArray, level: float = LEVEL) -> float:
    """Monte Carlo half-width of the mean of float64 [pairs]; infinite for fewer than two."""
    n = len(differences)
    if n < 2:
        return float("inf")
    return float(stdtrit(n - 1, (1 + level) / 2)) * float(differences.std(ddof=1)) / float(np.sqrt(n))


def replications_needed(deviation: float, wanted: float, level: float = LEVEL) -> int:
    """Pairs after which the Monte Carlo half-width of a mean is ``wanted`` > 0, for differences that vary so much."""
    if wanted <= 0:
        raise ValueError(f"half-width {wanted}; more than 0")
    n = before = 2
    for _ in range(50):  # the quantile depends on n; a few rounds settle it, or go to and fro between two
        needed = max(2, int(np.ceil((stdtrit(n - 1, (1 + level) / 2) * deviation / wanted) ** 2)))
        if needed in (n, before):
            return max(n, needed)
        before, n = n, needed
    return n


def worst_half_width(frame: StudyFrame, outcome: str) -> float:
    """The widest Monte Carlo half-width of a mean difference over all variants, held together at 95 %."""
    totals = frame.values(outcome)
    base = frame.variants.index(frame.baseline)
    differences = np.delete(totals - totals[base], base, axis=0)
    done = differences[:, ~np.isnan(differences).any(axis=0)]
    level = simultaneous_level(done)
    return max((half_width(row, level) for row in done), default=float("inf"))
