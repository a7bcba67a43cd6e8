"""Proper scores of forecasts by draws, coverage of intervals, and paired differences of scores.

``draws`` is float64 [draws, observations], all equally likely; ``truth`` is float64 [observations].  Scores are one
number per observation; lower is better.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
# edges in deaths; source: VIEWS prediction challenge 2023/24 (Hegre et al. 2025), the last bin is open
VIEWS_BINS = (0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)
ALPHA = 0.05  # the interval score of VIEWS is that of the 95 % interval
SCORES = ("crps", "interval_score", "ignorance")
SHARES = (0.5, 0.9)
BLOCK = 3  # observations a block: months in a row resemble each other
RESAMPLES = 10_000
FEWEST = 8  # observations below which no interval is given


def crps(draws: FloatArray, truth: FloatArray) -> FloatArray:
    """Continuous ranked probability score of the draws' empirical distribution, in the unit of the outcome."""
    import scoringrules

    # its compiled form takes seconds to start and drops the axis of a single observation
    values = scoringrules.crps_ensemble(truth, draws, m_axis=0, estimator="qd", backend="numpy")
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def interval_score(draws: FloatArray, truth: FloatArray, alpha: float = ALPHA) -> FloatArray:
    """Width of the central 1 - alpha interval plus 2/alpha times the distance of a truth outside it."""
    import scoringrules

    low, high = np.quantile(draws, [alpha / 2, 1 - alpha / 2], axis=0)
    return np.atleast_1d(np.asarray(scoringrules.interval_score(truth, low, high, alpha), dtype=np.float64))


def ignorance(draws: FloatArray, truth: FloatArray, bins: tuple[float, ...] = VIEWS_BINS) -> FloatArray:
    """Minus log2 of the probability of the bin that came true, with one pseudo-draw in every bin, in bits."""
    forecast, happened = np.digitize(draws, bins), np.digitize(truth, bins)
    hits = (forecast == happened).sum(axis=0)
    return np.asarray(-np.log2((hits + 1) / (len(draws) + len(bins))))


def coverage(draws: FloatArray, truth: FloatArray, share: float) -> npt.NDArray[np.bool_]:
    """Whether each truth lies in the central interval that holds ``share`` of the draws, ends included.

    Intervals of counts hold more than their share, the more so the smaller the counts.
    """
    low, high = np.quantile(draws, [(1 - share) / 2, (1 + share) / 2], axis=0)
    return np.asarray((low <= truth) & (truth <= high))


def pit_values(draws: FloatArray, truth: FloatArray, seed: int = 0) -> FloatArray:
    """Probability integral transform in (0, 1): uniform if the forecast is calibrated.

    Ties are broken at random (Czado, Gneiting and Held 2009), so that counts with many zeros can be uniform too.
    """
    below, equal = (draws < truth).sum(axis=0), (draws == truth).sum(axis=0)
    chance = np.random.default_rng(seed).random(len(truth))
    return np.asarray((below + chance * (equal + 1)) / (len(draws) + 1))


def all_scores(draws: FloatArray, truth: FloatArray) -> dict[str, FloatArray]:
    """SCORES and ``coverage_50``, ``coverage_90`` of every observation.  ValueError if shapes do not fit."""
    if draws.ndim != 2 or draws.shape[1] != len(truth):
        raise ValueError(f"draws have the shape {draws.shape}, the truth has {len(truth)} observations")
    values: dict[str, Any] = {
        "crps": crps(draws, truth),
        "interval_score": interval_score(draws, truth),
        "ignorance": ignorance(draws, truth),
    }
    for share in SHARES:
        values[f"coverage_{share * 100:.0f}"] = coverage(draws, truth, share).astype(np.float64)
    return values


@dataclass(frozen=True)
class ScoreDifference:
    """Mean score of a forecast minus that of its rival over the same observations; below zero the forecast is better.

    low, high: 95 % interval, NaN below FEWEST observations.  heaviest: position of the observation that moves the
    rival's score most, and heaviest_share its share of the rival's total.  without: the mean difference if that
    observation is left out.
    """

    mean: float
    low: float
    high: float
    heaviest: int
    heaviest_share: float
    without: float

    @property
    def verdict(self) -> str:
        """better or worse where the interval leaves out zero, cannot tell where it does not, too few without one."""
        if np.isnan(self.low):
            return "too few"
        if self.high < 0:
            return "better"
        return "worse" if self.low > 0 else "cannot tell"


def paired_difference(forecast: FloatArray, rival: FloatArray, seed: int = 0, block: int = BLOCK) -> ScoreDifference:
    """Compare scores, float64 [observations] in order of time.  ValueError if lengths differ or none is given.

    The interval is that of the circular block bootstrap (Politis and Romano 1992), by percentiles.  With few months
    and one that outweighs the others it is too narrow rather than too wide: read ``without`` beside it.
    """
    if len(forecast) != len(rival) or len(forecast) == 0:
        raise ValueError(f"scores of {len(forecast)} and {len(rival)} observations cannot be paired")
    gaps = forecast - rival
    low = high = np.nan
    if len(gaps) >= FEWEST:
        low, high = np.quantile(_block_means(gaps, block, seed), [0.025, 0.975])
    heaviest = int(np.argmax(rival))
    total = float(rival.sum())
    others = np.delete(gaps, heaviest)
    return ScoreDifference(
        mean=float(gaps.mean()),
        low=float(low),
        high=float(high),
        heaviest=heaviest,
        heaviest_share=float(rival[heaviest]) / total if total else float("nan"),
        without=float(others.mean()) if len(others) else float("nan"),
    )


def _block_means(values: FloatArray, block: int, seed: int) -> FloatArray:
    """Means of resampled series made of blocks that wrap around the end, float64 [RESAMPLES]."""
    size = len(values)
    blocks = -(-size // block)
    starts = np.random.default_rng(seed).integers(0, size, (RESAMPLES, blocks, 1))
    places = (starts + np.arange(block)).reshape(RESAMPLES, -1)[:, :size] % size
    return np.asarray(values[places].mean(axis=1))
