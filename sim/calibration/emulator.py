"""Emulator of the mean of many runs: ridge regression of targets on coordinates, their squares and products.

Libraries: LAPACK through SciPy, shrinkage of scikit-learn.  The features are those of the kernel
(x.z / coordinates + 1)^2.  Leave-one-out errors of every point, which follow from one fit of a ridge, choose the
penalty; they contain chance and lack of fit, and become the noise that the posterior allows for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from sklearn.covariance import LedoitWolf

from sim.calibration.space import FloatArray

ALPHAS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
JUDGES = 1000  # points left out to choose among them; of the chosen one all are
PART = 2000  # points left out at once, for memory


@dataclass(frozen=True)
class Emulator:
    """``mean`` of every target at any point; ``noise`` (targets x targets) of one record around it; ``skill``: the
    share of variance explained of points left out, by target.

    The fitted ridge is stored as a quadratic: ``weights`` (1, coordinates, products) x targets.
    """

    weights: FloatArray
    noise: FloatArray
    skill: FloatArray

    @classmethod
    def fitted(cls, z: FloatArray, y: FloatArray, chance: FloatArray, degree: int = 2) -> Emulator:
        """From points x coordinates and points x targets; ``chance``: the covariance (targets x targets) that one run
        has beyond that of the averages in ``y``.

        ``degree`` 1 leaves out squares and products: what is safe to follow far beyond the points.
        """
        centre, spread = y.mean(axis=0), np.maximum(y.std(axis=0), 1e-9)
        scaled = (y - centre) / spread
        scale = _feature_scale(z.shape[1], degree)
        normal = NormalEquations(_features(z)[:, : len(scale)] * scale, scaled)
        ridge = _choose_ridge(normal)
        errors = ridge.left_out(np.arange(len(z)))
        # scaled first: shrinkage towards one common variance would drown targets that vary little
        size = np.maximum(np.sqrt((errors**2).mean(axis=0)), 1e-9)
        correlation = LedoitWolf(assume_centered=True).fit(errors / size).covariance_
        noise = correlation * np.outer(size * spread, size * spread) + chance
        weights = np.zeros((1 + z.shape[1] * (z.shape[1] + 3) // 2, y.shape[1]))
        weights[: len(scale)] = scale[:, None] * ridge.weights * spread
        weights[0] += centre
        return cls(weights, noise, 1.0 - size**2)

    def mean(self, z: FloatArray) -> FloatArray:
        """Emulated mean, points x targets."""
        return np.asarray((self.weights.T @ _features(z).T).T)

    def derivative(self, z: FloatArray) -> FloatArray:
        """Targets x coordinates at one point, by central differences, which are exact for a quadratic."""
        steps = np.eye(len(z))
        return ((self.mean(z + steps) - self.mean(z - steps)) / 2.0).T

    def subset(self, columns: Sequence[int]) -> Emulator:
        """The emulator of some of the targets."""
        kept = list(columns)
        return Emulator(self.weights[:, kept], self.noise[np.ix_(kept, kept)], self.skill[kept])


@dataclass(frozen=True)
class NormalEquations:
    """Normal equations of a ridge without its strength, in points or in features, whichever are fewer."""

    features: FloatArray  # points x features
    y: FloatArray  # points x targets

    @cached_property
    def few(self) -> bool:
        """Whether there are fewer points than features."""
        return bool(np.less(*self.features.shape))

    @cached_property
    def gram(self) -> FloatArray:
        """Products of all features, or of all points."""
        sides = self.features if self.few else self.features.T
        return np.asarray(sides @ sides.T)

    @cached_property
    def side(self) -> FloatArray:
        """Right-hand side of the equations."""
        return self.y if self.few else np.asarray(self.features.T @ self.y)


class Ridge:
    """The solution for one strength."""

    def __init__(self, normal: NormalEquations, alpha: float) -> None:
        system = normal.gram.copy()
        system.flat[:: len(system) + 1] += alpha
        self._normal, self.alpha = normal, alpha
        self._root = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)[0]
        solved = cho_solve((self._root, True), normal.side, check_finite=False)
        self.weights = normal.features.T @ solved if normal.few else solved  # features x targets

    def left_out(self, points: npt.NDArray[np.intp]) -> FloatArray:
        """Errors at some points, points x targets, each as if it had not been among those fitted to."""
        parts = np.array_split(points, -(-len(points) // PART))
        return np.concatenate([self._left_out(part) for part in parts])

    def _left_out(self, points: npt.NDArray[np.intp]) -> FloatArray:
        normal = self._normal
        off = normal.y[points] - normal.features[points] @ self.weights
        sides = np.eye(len(normal.y))[:, points] if normal.few else normal.features[points].T
        rows = solve_triangular(self._root, sides, lower=True, check_finite=False)
        squares = np.einsum("ij,ij->j", rows, rows)
        return np.asarray(off / (self.alpha * squares if normal.few else 1.0 - squares)[:, None])


def _choose_ridge(normal: NormalEquations) -> Ridge:
    """The first strength beyond which errors grow."""
    judges = np.random.default_rng(0).permutation(len(normal.y))[:JUDGES]
    best, least = None, np.inf
    for alpha in ALPHAS:
        ridge = Ridge(normal, alpha)
        error = float((ridge.left_out(judges) ** 2).mean())
        if best is not None and error >= least:
            break
        best, least = ridge, error
    assert best is not None  # noqa: S101  # there are strengths
    return best


def _feature_scale(number: int, degree: int) -> FloatArray:
    """Of the features, so that their products are the kernel (x.z / number + 1)^degree."""
    if degree == 1:
        return np.asarray(np.sqrt(np.append(1.0, np.full(number, 1.0 / number))))
    first, second = np.triu_indices(number)
    products = np.where(first == second, 1.0, 2.0) / number**2
    return np.asarray(np.sqrt(np.concatenate([[1.0], np.full(number, 2.0 / number), products])))


def _features(z: FloatArray) -> FloatArray:
    """1, coordinates, and their products in the order of ``np.triu_indices``, points x features."""
    number, across = z.shape[1], np.ascontiguousarray(z.T)
    found = np.empty((1 + number + number * (number + 1) // 2, len(z)))
    found[0], found[1 : number + 1] = 1.0, across
    at = number + 1
    for i in range(number):  # whole rows, one after another: other orders take two to five times as long
        np.multiply(across[i], across[i:], out=found[at : at + number - i])
        at += number - i
    return found.T
