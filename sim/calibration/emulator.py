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
STEP = 1e-3  # of a coordinate, for derivatives


@dataclass(frozen=True)
class Emulator:
    """``mean`` of every target at any point; ``noise`` (targets x targets) of one record around it; ``skill``: the
    share of variance explained in cross-validation, by target."""

    model: KernelRidge
    centre: FloatArray
    spread: FloatArray
    noise: FloatArray
    skill: FloatArray

    @classmethod
    def fitted(cls, z: FloatArray, y: FloatArray, replications: int) -> Emulator:
        """From points x coordinates and points x targets, each the average of ``replications`` runs."""
        centre, spread = y.mean(axis=0), np.maximum(y.std(axis=0), 1e-9)
        scaled = (y - centre) / spread
        errors = {alpha: scaled - cross_val_predict(_ridge(alpha, z), z, scaled, cv=_folds()) for alpha in ALPHAS}
        best = min(errors, key=lambda alpha: float((errors[alpha] ** 2).mean()))
        # scaled first: shrinkage towards one common variance would drown targets that vary little
        size = np.sqrt((errors[best] ** 2).mean(axis=0))
        correlation = LedoitWolf(assume_centered=True).fit(errors[best] / size).covariance_
        # an average of r runs has 1/r of the variance of chance; what the surface misses does not shrink, so this
        # takes all of it as chance and errs on the wide side
        noise = correlation * np.outer(size * spread, size * spread) * replications
        skill = 1.0 - (errors[best] ** 2).mean(axis=0)
        return cls(_ridge(best, z).fit(z, scaled), centre, spread, noise, skill)

    def mean(self, z: FloatArray) -> FloatArray:
        """Points x targets."""
        return np.asarray(self.model.predict(z)) * self.spread + self.centre

    def derivative(self, z: FloatArray) -> FloatArray:
        """Targets x coordinates at one point, by central differences."""
        steps = STEP * np.eye(len(z))
        return ((self.mean(z + steps) - self.mean(z - steps)) / (2 * STEP)).T

    def only(self, columns: Sequence[int]) -> Emulator:
        """The same for some of the targets."""
        kept = list(columns)
        model = KernelRidge(**self.model.get_params())
        model.X_fit_, model.dual_coef_ = self.model.X_fit_, self.model.dual_coef_[:, kept]
        return Emulator(model, self.centre[kept], self.spread[kept], self.noise[np.ix_(kept, kept)], self.skill[kept])


def _ridge(alpha: float, z: FloatArray) -> KernelRidge:
    return KernelRidge(alpha=alpha, kernel="poly", degree=2, gamma=1.0 / z.shape[1], coef0=1.0)


def _folds() -> KFold:
    return KFold(FOLDS, shuffle=True, random_state=0)
