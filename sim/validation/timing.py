"""Do attacks come in bursts, does one bring on the next, and do they come faster and faster?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

WEEK = 7  # days
LAG = 7  # days within which a second attack counts as following the first
SEASON = 92  # days: within so long the rate of attacks is held constant
FEWEST = 5  # fatal attacks in a region below which it has no course


@dataclass(frozen=True)
class Excess:
    """A statistic, its mean if days are drawn evenly within each season, and the share of such draws at or above it."""

    value: float
    expected: float
    p: float


def dispersion(day: IntArray, first: int, last: int) -> float:
    """Variance over mean of weekly counts from ``first`` to ``last``; 1 for a Poisson process.  NaN without attacks."""
    weeks = (last - first + 1) // WEEK
    counts = np.bincount((day - first) // WEEK, minlength=weeks)[:weeks]
    return float(counts.var(ddof=1) / counts.mean()) if counts.any() else float("nan")


def close_pairs(day: IntArray, lag: int = LAG) -> int:
    """Pairs of attacks at most ``lag`` days apart (as in Ripley's K)."""
    ordered = np.sort(day)
    return int((np.searchsorted(ordered, ordered + lag, side="right") - np.arange(len(ordered)) - 1).sum())


def clustering(day: IntArray, first: int, last: int) -> float:
    """Close pairs over those expected if days were even within each season; 1 without self-excitation."""
    expected = np.mean([close_pairs(spread_evenly(day, first, last, np.random.default_rng(n))) for n in range(50)])
    return float(close_pairs(day) / expected) if expected else float("nan")


def dispersion_test(day: IntArray, first: int, last: int, draws: int = 999, seed: int = 0) -> Excess:
    """Weekly dispersion against a Poisson process whose rate changes from season to season."""
    return _against_even(day, first, last, draws, seed, lambda days: dispersion(days, first, last))


def clustering_test(day: IntArray, first: int, last: int, draws: int = 999, seed: int = 0) -> Excess:
    """Close pairs against the same process: an excess is what self-excitation would leave."""
    return _against_even(day, first, last, draws, seed, lambda days: float(close_pairs(days)))


def spread_evenly(day: IntArray, first: int, last: int, rng: np.random.Generator) -> IntArray:
    """The same number of attacks in every season, each on a day drawn evenly from it."""
    start = first + (day - first) // SEASON * SEASON
    length = np.minimum(SEASON, last - start + 1)
    return np.asarray(start + np.floor(rng.random(len(day)) * length).astype(np.int64))


def escalation(day: IntArray, first: int) -> float:
    """Slope b of Johnson et al. (2011): the n-th interval between fatal attacks is the first times n to the -b.

    Above zero attacks come faster and faster.  Days with several count once.  NaN with fewer than FEWEST days.
    """
    steps = np.diff(np.unique(day), prepend=first - 1)
    if len(steps) < FEWEST:
        return float("nan")
    number = np.log(np.arange(1, len(steps) + 1))
    slope = np.polyfit(number, np.log(steps), 1)[0]
    return -float(slope)


def _against_even(
    day: IntArray, first: int, last: int, draws: int, seed: int, statistic: Callable[[IntArray], float]
) -> Excess:
    rng = np.random.default_rng(seed)
    value = statistic(day)
    null = np.array([statistic(spread_evenly(day, first, last, rng)) for _ in range(draws)])
    return Excess(value, float(null.mean()), float((1 + (null >= value).sum()) / (draws + 1)))
