"""Statistics of attacks: the tail of event sizes, weekly dispersion, clustering and escalation."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
TAIL_START = 2  # deaths: the tail starts here, as the record has 31 such days
FEWEST_SIZES = 10  # fatal days; with fewer no tail is fitted
DECILE = 0.1
FloatArray = npt.NDArray[np.float64]
WEEK = 7  # days
PAIR_LAG = 7  # days within which a second attack counts as following the first
SEASON = 92  # days during which the null hypothesis holds the rate of attacks constant
FEWEST_DAYS = 5  # days with fatal attacks; with fewer no trend is fitted


@dataclass(frozen=True)
class TailTest:
    """Likelihood ratio of power law over lognormal (Vuong, normalised; above zero favours the power law).

    alpha: exponent of the power law.  p: two-sided probability of a ratio so far from zero if neither fits better.
    """

    alpha: float
    ratio: float
    p: float


def tail_test(sizes: IntArray, start: int = TAIL_START) -> TailTest:
    """Compare both laws on the sizes of at least ``start``; NaN with fewer than FEWEST_SIZES of them.

    Source: Clauset, Shalizi and Newman (2009), as the package powerlaw has it.
    """
    tail = sizes[sizes >= start]
    if len(tail) < FEWEST_SIZES or len(np.unique(tail)) < 3:
        return TailTest(np.nan, np.nan, np.nan)
    import powerlaw

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own starting values
        fit = powerlaw.Fit(tail, discrete=True, xmin=start, verbose=0)
        ratio, p = fit.distribution_compare("power_law", "lognormal", normalized_ratio=True)
        return TailTest(float(fit.power_law.alpha), float(ratio), float(p))


def deadliest_share(sizes: IntArray, share: float = DECILE) -> float:
    """Share of deaths on the deadliest tenth of fatal days (rounded up to whole days); NaN without deaths."""
    if not sizes.sum():
        return float("nan")
    worst = np.sort(sizes)[::-1][: int(np.ceil(share * len(sizes)))]
    return float(worst.sum() / sizes.sum())


@dataclass(frozen=True)
class PermutationTest:
    """A statistic, its mean if days are drawn evenly within each season, and the share of such draws at or above it."""

    value: float
    expected: float
    p: float


def dispersion(day: IntArray, first: int, last: int) -> float:
    """Variance over mean of weekly counts from ``first`` to ``last``; 1 for a Poisson process.  NaN without attacks."""
    weeks = (last - first + 1) // WEEK
    counts = np.bincount((day - first) // WEEK, minlength=weeks)[:weeks]
    return float(counts.var(ddof=1) / counts.mean()) if counts.any() else float("nan")


def close_pairs(day: IntArray, lag: int = PAIR_LAG) -> int:
    """Pairs of attacks at most ``lag`` days apart (as in Ripley's K)."""
    ordered = np.sort(day)
    return int((np.searchsorted(ordered, ordered + lag, side="right") - np.arange(len(ordered)) - 1).sum())


def clustering(day: IntArray, first: int, last: int) -> float:
    """Close pairs over those expected if days were even within each season; 1 without self-excitation."""
    expected = np.mean([close_pairs(seasonal_null(day, first, last, np.random.default_rng(n))) for n in range(50)])
    return float(close_pairs(day) / expected) if expected else float("nan")


def dispersion_test(day: IntArray, first: int, last: int, draws: int = 999, seed: int = 0) -> PermutationTest:
    """Weekly dispersion against a Poisson process whose rate changes from season to season."""
    return _permutation_test(day, first, last, draws, seed, lambda days: dispersion(days, first, last))


def clustering_test(day: IntArray, first: int, last: int, draws: int = 999, seed: int = 0) -> PermutationTest:
    """Close pairs against the same process: an excess is what self-excitation would leave."""
    return _permutation_test(day, first, last, draws, seed, lambda days: float(close_pairs(days)))


def seasonal_null(day: IntArray, first: int, last: int, rng: np.random.Generator) -> IntArray:
    """The same number of attacks in every season, each on a day drawn evenly from it."""
    start = first + (day - first) // SEASON * SEASON
    length = np.minimum(SEASON, last - start + 1)
    return np.asarray(start + np.floor(rng.random(len(day)) * length).astype(np.int64))


def escalation(day: IntArray, first: int) -> float:
    """Slope b of Johnson et al. (2011): the n-th interval between fatal attacks is the first times n to the -b.

    Above zero attacks come faster and faster.  Days with several count once.  NaN with fewer than FEWEST_DAYS days.
    """
    steps = np.diff(np.unique(day), prepend=first - 1)
    if len(steps) < FEWEST_DAYS:
        return float("nan")
    number = np.log(np.arange(1, len(steps) + 1))
    slope = np.polyfit(number, np.log(steps), 1)[0]
    return -float(slope)


def _permutation_test(
    day: IntArray, first: int, last: int, draws: int, seed: int, statistic: Callable[[IntArray], float]
) -> PermutationTest:
    rng = np.random.default_rng(seed)
    value = statistic(day)
    null = np.array([statistic(seasonal_null(day, first, last, rng)) for _ in range(draws)])
    return PermutationTest(value, float(null.mean()), float((1 + (null >= value).sum()) / (draws + 1)))
