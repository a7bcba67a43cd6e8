"""Ranges over seeds: low, median and high of what chance makes of one scenario."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RANGE = (0.05, 0.5, 0.95)
SEEDS_FOR_RANGE = 2  # one seed has no range

Bounds = tuple[float, float, float]


def seed_range(values: Sequence[float]) -> Bounds | None:
    """5 %, 50 % and 95 % quantiles of one value per seed; None for fewer seeds than make a range.

    Quantiles are values that a seed had, so that the range of a count is made of counts.
    """
    if len(values) < SEEDS_FOR_RANGE:
        return None
    low, median, high = np.quantile(np.asarray(values, dtype=np.float64), RANGE, method="inverted_cdf")
    return float(low), float(median), float(high)


def reported_range(counts: Sequence[float], shares: Sequence[float]) -> Bounds | None:
    """The same for reported events, where each of ``counts[s]`` events is reported with chance ``shares[s]``.

    Quantiles of the mixture over seeds s of Binomial(counts[s], shares[s]): chance decides twice, over what
    happens and over what is reported, and the range of count times share would leave out the second.
    """
    if len(counts) < SEEDS_FOR_RANGE:
        return None
    size = np.asarray(counts, dtype=np.int64)[:, None]
    share = np.asarray(shares, dtype=np.float64)[:, None]
    cumulative = _binomial(size, share).mean(axis=0).cumsum()
    low, median, high = (float(np.searchsorted(cumulative, q - 1e-9)) for q in RANGE)
    return low, median, high


def _binomial(size: npt.NDArray[np.int64], share: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probability of 0, 1, 2, ... reported, float64 [seeds, largest size + 1]."""
    k = np.arange(size.max() + 1)
    log_factorial = np.append(0.0, np.log(k[1:]).cumsum())
    rest = np.maximum(size - k, 0)
    p = np.clip(share, 1e-12, 1 - 1e-12)  # keeps the logarithms finite; a share of 1 stays 1 to twelve digits
    log_chance = log_factorial[size] - log_factorial[k] - log_factorial[rest] + k * np.log(p) + rest * np.log1p(-p)
    return np.where(k <= size, np.exp(log_chance), 0.0)
