"""A fast stand-in for the mean of many runs: kernel ridge regression of targets on coordinates.

Library: scikit-learn.  A polynomial kernel of degree 2 is ridge regression on all squares and products without writing
them down; its strength is chosen by cross-validation, and the errors of cross-validation (chance of the runs and what
the surface does not follow) become the noise that the posterior allows for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.covariance import LedoitWolf
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import KFold, cross_val_predict

from sim.calibration.space import FloatArray

FOLDS = 5
ALPHAS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


@dataclass(frozen=True)
class Emulator:
    """``mean`` of every target at any point; ``noise`` (targets x targets) of one record around it; ``skill``: the
    share of variance explained in cross-validation, by target.

    The fitted ridge is kept as what it is, a quadratic: ``weights`` (1, coordinates, products) x targets.
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
        ridges = {alpha: _ridge(alpha, z, degree) for alpha in ALPHAS}
        errors = {alpha: scaled - cross_val_predict(ridge, z, scaled, cv=_folds()) for alpha, ridge in ridges.items()}
        best = min(errors, key=lambda alpha: float((errors[alpha] ** 2).mean()))
        # scaled first: shrinkage towards one common variance would drown targets that vary little
        size = np.sqrt((errors[best] ** 2).mean(axis=0))
        correlation = LedoitWolf(assume_centered=True).fit(errors[best] / size).covariance_
        noise = correlation * np.outer(size * spread, size * spread) + chance
        weights = _coefficients(ridges[best].fit(z, scaled)) * spread
        weights[0] += centre
        return cls(weights, noise, 1.0 - size**2)

    def mean(self, z: FloatArray) -> FloatArray:
        """Points x targets."""
        return _features(z) @ self.weights

    def derivative(self, z: FloatArray) -> FloatArray:
        """Targets x coordinates at one point, by central differences, which are exact for a quadratic."""
        steps = np.eye(len(z))
        return ((self.mean(z + steps) - self.mean(z - steps)) / 2.0).T

    def only(self, columns: Sequence[int]) -> Emulator:
        """The same for some of the targets."""
        kept = list(columns)
        return Emulator(self.weights[:, kept], self.noise[np.ix_(kept, kept)], self.skill[kept])


def _features(z: FloatArray) -> FloatArray:
    """1, coordinates, and their products in the order of ``np.triu_indices``, points x features."""
    number = z.shape[1]
    found = np.empty((len(z), 1 + number + number * (number + 1) // 2))
    found[:, 0], found[:, 1 : number + 1] = 1.0, z
    at = number + 1
    for i in range(number):  # row by row: indexing both factors takes five times as long
        np.multiply(z[:, i : i + 1], z[:, i:], out=found[:, at : at + number - i])
        at += number - i
    return found


def _coefficients(model: KernelRidge) -> FloatArray:
    """The coefficients of a ridge with the kernel (gamma x.z + 1)^degree, features x targets."""
    x, dual, gamma = model.X_fit_, model.dual_coef_, model.gamma
    first, second = np.triu_indices(x.shape[1])
    if model.degree == 1:
        return np.concatenate([dual.sum(axis=0)[None], gamma * (x.T @ dual), np.zeros((len(first), dual.shape[1]))])
    products = np.where(first == second, 1.0, 2.0)[:, None] * ((x[:, first] * x[:, second]).T @ dual)
    return np.concatenate([dual.sum(axis=0)[None], 2.0 * gamma * (x.T @ dual), gamma**2 * products])


def _ridge(alpha: float, z: FloatArray, degree: int) -> KernelRidge:
    return KernelRidge(alpha=alpha, kernel="poly", degree=degree, gamma=1.0 / z.shape[1], coef0=1.0)


def _folds() -> KFold:
    return KFold(FOLDS, shuffle=True, random_state=0)
