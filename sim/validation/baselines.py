"""Forecasts that know no model: what the mission or the country suffered before is what it will suffer.

Each takes the observations before the forecast (oldest first) and gives draws, float64 [draws, observations].  The
marginal of every observation is exact: evenly spaced quantiles in random order, so no score moves with the seed.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Quantile = Callable[[FloatArray], FloatArray]

DRAWS = 1000


def zero(history: FloatArray, per_year: int) -> Quantile:  # noqa: ARG001 - all baselines are called alike
    """Forecast zero."""
    return lambda p: np.zeros_like(p)


def last_observation(history: FloatArray, per_year: int) -> Quantile:  # noqa: ARG001
    """Repeat the last observation."""
    return lambda p: np.full_like(p, history[-1])


def average(history: FloatArray, per_year: int) -> Quantile:  # noqa: ARG001
    """The mean of all that was seen, as a point."""
    return lambda p: np.full_like(p, history.mean())


def last_historical_poisson(history: FloatArray, per_year: int) -> Quantile:
    """Poisson counts with the mean of the last year."""
    from scipy import stats

    mean = float(history[-per_year:].mean())
    return lambda p: np.asarray(stats.poisson.ppf(p, mean), dtype=np.float64)


def bootstrap_two_years(history: FloatArray, per_year: int) -> Quantile:
    """Resample the observations of the last 24 months."""
    return _resampled(history[-2 * per_year :])


def bootstrap_all(history: FloatArray, per_year: int) -> Quantile:  # noqa: ARG001
    """Resample all observations so far."""
    return _resampled(history)


BASELINES: dict[str, Callable[[FloatArray, int], Quantile]] = {
    "zero": zero,
    "last_observation": last_observation,
    "average": average,
    "last_historical_poisson": last_historical_poisson,
    "bootstrap_24_months": bootstrap_two_years,
    "bootstrap_all": bootstrap_all,
}


def baseline(name: str, history: FloatArray, size: int, per_year: int = 12, draws: int = DRAWS) -> FloatArray:
    """Draws of one of BASELINES for ``size`` coming observations.  ValueError without any history."""
    if len(history) == 0:
        raise ValueError(f"baseline {name}: no observation before the forecast")
    quantile = BASELINES[name](np.asarray(history, dtype=np.float64), per_year)
    levels = quantile((np.arange(draws) + 0.5) / draws)
    rng = np.random.default_rng(0)
    return rng.permuted(np.repeat(levels[:, None], size, axis=1), axis=0)


def _resampled(past: FloatArray) -> Quantile:
    ordered = np.sort(past)
    return lambda p: ordered[(p * len(ordered)).astype(np.int64)]
