"""The tail of event sizes: power law or lognormal, and how much harm the few worst days hold."""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

FROM = 2  # deaths: the tail starts here, as the record has 31 such days
FEWEST = 10  # days: fewer give no fit
DECILE = 0.1


@dataclass(frozen=True)
class TailTest:
    """Likelihood ratio of power law over lognormal (Vuong, normalised; above zero favours the power law).

    alpha: exponent of the power law.  p: two-sided probability of a ratio so far from zero if neither fits better.
    """

    alpha: float
    ratio: float
    p: float


def tail_test(sizes: IntArray, start: int = FROM) -> TailTest:
    """Clauset, Shalizi and Newman (2009), by the package powerlaw.  NaN with fewer than FEWEST sizes of ``start``."""
    tail = sizes[sizes >= start]
    if len(tail) < FEWEST or len(np.unique(tail)) < 3:
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
