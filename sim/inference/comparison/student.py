"""Student's distribution from its density, so that small studies are not judged by the normal curve."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_POINTS = 20_001
_MOST_FREEDOM = 10_000  # beyond it the curve is the normal one to five digits


class Student:
    """Student's t with ``freedom`` >= 1 degrees of freedom."""

    def __init__(self, freedom: int) -> None:
        self._root = np.sqrt(min(freedom, _MOST_FREEDOM))
        # with t = sqrt(freedom) tan(angle) the density of the angle is cos(angle)**(freedom - 1), without tails
        self._angle = np.linspace(-np.pi / 2, np.pi / 2, _POINTS)
        density = np.cos(self._angle).clip(0) ** (self._root**2 - 1)
        mass = np.append(0.0, np.cumsum((density[1:] + density[:-1]) / 2))
        self._below = mass / mass[-1]

    def below(self, t: FloatArray | float) -> FloatArray:
        """Probability of a value below ``t``."""
        return np.asarray(np.interp(np.arctan(np.asarray(t) / self._root), self._angle, self._below))

    def quantile(self, probability: float) -> float:
        """The value below which a share ``probability`` in (0, 1) lies."""
        return float(self._root * np.tan(np.interp(probability, self._below, self._angle)))


@lru_cache(maxsize=8)
def normal_points(n: int) -> FloatArray:
    """The middles of ``n`` equally likely parts of the normal curve, ascending, float64 [n]."""
    curve = student(_MOST_FREEDOM)
    return np.array([curve.quantile((i + 0.5) / n) for i in range(n)])


@lru_cache(maxsize=64)
def student(freedom: int) -> Student:
    """The distribution, made once for each number of degrees of freedom."""
    return Student(freedom)
