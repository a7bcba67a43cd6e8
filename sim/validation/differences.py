"""Is one forecast better than another?  Paired over the same months, with an interval that respects runs of months."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

BLOCK = 3  # observations a block: months in a row resemble each other
RESAMPLES = 10_000
FEWEST = 8  # observations: fewer give no interval worth its name


@dataclass(frozen=True)
class Difference:
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


def paired(forecast: FloatArray, rival: FloatArray, seed: int = 0, block: int = BLOCK) -> Difference:
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
    return Difference(
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
