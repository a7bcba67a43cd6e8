"""What the tests of calibration share: an emulator whose posterior is a known normal distribution."""

import numpy as np
from numpy.typing import ArrayLike

from sim.calibration.emulator import Emulator


def linear(slope: ArrayLike, variances: ArrayLike) -> Emulator:
    """Targets that are linear in the coordinates: slopes [targets, coordinates] and the variance of each target."""
    matrix = np.asarray(slope, float)
    count = matrix.shape[1]
    weights = np.zeros((1 + count * (count + 3) // 2, len(matrix)))
    weights[1 : count + 1] = matrix.T
    return Emulator(weights, np.diag(variances), np.ones(len(matrix)))
