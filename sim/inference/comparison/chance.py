"""The spread of single histories: what chance alone makes of one policy, and of one history of each policy.

Where nothing was drawn, replications differ by chance alone, and histories of different replications are set against
each other.  Where every replication has its own draw, histories differ by draw as well.  There chance is taken from
within each history, from the jumps of its monthly totals (von Neumann's successive differences, which neither level
nor trend enters).  Chance that lasts for months is not in it: the spread is at least this wide, and the probability
that an effect would have been visible at most this large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.inference.comparison.averages import LEVEL, Average, normal_points
from sim.inference.comparison.pairs import Pairs
from sim.scenario.registry import OUTCOMES

FloatArray = npt.NDArray[np.float64]

_SHIFTS = 40  # every history is set against so many others
_POINTS = 99  # of the normal curve, for each history


@dataclass(frozen=True)
class Chance:
    """Differences of two histories of the baseline, and of one history of the variant and one of the baseline.

    at_least: taken from within histories, and so no wider than the truth.
    """

    alone: FloatArray
    history: FloatArray
    at_least: bool

    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """95 % of each."""
        return _middle(self.alone), _middle(self.history)

    def visible(self, mean: float) -> float:
        """Probability that two histories differ by more than chance explains, on the side of ``mean``."""
        if not len(self.history):
            return float("nan")
        low, high = _middle(self.alone)
        return float((self.history < low).mean() if mean < 0 else (self.history > high).mean())


def chance(pairs: Pairs, outcome: str, variant: Average, baseline: Average, mean: float) -> Chance:
    """The spread of single histories of one outcome; ``mean`` is the mean difference."""
    if not pairs.basis.draws or not OUTCOMES[outcome].additive or len(pairs.frame.months) < 6:
        alone = _independent(baseline.chance, baseline.chance)
        return Chance(alone, mean + _independent(variant.chance, baseline.chance), at_least=False)
    own, base = pairs.within(outcome)
    alone, history = (np.outer(np.sqrt(size), normal_points(_POINTS)).ravel() for size in (2 * base, own + base))
    return Chance(alone, mean + history, at_least=True)


def _independent(one: FloatArray, other: FloatArray) -> FloatArray:
    """Differences between histories of different replications."""
    shifts = range(1, min(len(one), _SHIFTS + 1))
    return np.concatenate([one - np.roll(other, shift) for shift in shifts]) if len(one) > 1 else np.zeros(0)


def _middle(values: FloatArray) -> tuple[float, float]:
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
