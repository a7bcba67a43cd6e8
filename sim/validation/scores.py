"""How good a forecast by draws was: proper scores and the coverage of intervals.

``draws`` is float64 [draws, observations], all equally likely; ``truth`` is float64 [observations].  Scores are one
number per observation, lower is better.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# edges in deaths; source: VIEWS prediction challenge 2023/24 (Hegre et al. 2025), the last bin is open
VIEWS_BINS = (0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)
ALPHA = 0.05  # the interval score of VIEWS is that of the 95 % interval
SCORES = ("crps", "interval_score", "ignorance")
SHARES = (0.5, 0.9)


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


def covered(draws: FloatArray, truth: FloatArray, share: float) -> npt.NDArray[np.bool_]:
    """Whether each truth lies in the central interval that holds ``share`` of the draws, ends included.

    Intervals of counts hold more than their share, the more so the smaller the counts.
    """
    low, high = np.quantile(draws, [(1 - share) / 2, (1 + share) / 2], axis=0)
    return np.asarray((low <= truth) & (truth <= high))


def ranks(draws: FloatArray, truth: FloatArray, seed: int = 0) -> FloatArray:
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
        values[f"coverage_{share * 100:.0f}"] = covered(draws, truth, share).astype(np.float64)
    return values
