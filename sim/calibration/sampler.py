"""The posterior under an emulator: standard normal priors times a normal likelihood on the scale of comparison.

Library: emcee.  Its ensemble moves need no tuning and no gradient; the ensemble starts around the best point with the
spread of a linear approximation, so that little of the chain is spent on the way there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import emcee
import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky

from sim.calibration.emulator import Emulator
from sim.calibration.space import FloatArray

NEWTON_STEPS = 12
WALKERS_PER_COORDINATE = 3
RANGE = 3.0  # sd; farther points were never run


Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Problem:
    """What is observed, how well it must be met, and the coordinates that a rival structure holds fixed."""

    emulator: Emulator
    observed: FloatArray
    tolerance: FloatArray
    fixed: Mapping[int, float]
    dimensions: int

    @cached_property
    def free(self) -> list[int]:
        """Coordinates that are sampled."""
        return [i for i in range(self.dimensions) if i not in self.fixed]

    @cached_property
    def covariance(self) -> FloatArray:
        """Of one record around the emulated mean: chance, the emulator's error, and what the model leaves out."""
        return np.asarray(self.emulator.noise + np.diag(self.tolerance**2))

    @cached_property
    def _factor(self) -> tuple[FloatArray, bool]:
        return cho_factor(self.covariance)  # type: ignore[no-any-return]

    def whole(self, free: FloatArray) -> FloatArray:
        """Points x all coordinates from points x free ones."""
        z = np.empty((len(free), self.dimensions))
        z[:, self.free] = free
        for i, value in self.fixed.items():
            z[:, i] = value
        return z

    def log_posterior(self, free: FloatArray) -> FloatArray:
        """Up to a constant, for points x free coordinates."""
        error = self.observed - self.emulator.mean(self.whole(free))
        fit = np.einsum("ij,ij->i", error, cho_solve(self._factor, error.T).T)
        outside = (np.abs(free) > RANGE).any(axis=1)
        return np.where(outside, -np.inf, -0.5 * (fit + (free**2).sum(axis=1)))

    def gaussian_approximation(self) -> tuple[FloatArray, FloatArray]:
        """The best point and the covariance of a linear approximation around it (Gauss-Newton), in free coordinates."""
        best = np.zeros(len(self.free))
        covariance = np.eye(len(best))
        for _ in range(NEWTON_STEPS):
            z = self.whole(best[None])[0]
            slope = self.emulator.derivative(z)[:, self.free]
            error = self.observed - self.emulator.mean(z[None])[0] + slope @ best
            weighted = cho_solve(self._factor, slope)
            covariance = np.linalg.inv(np.eye(len(best)) + slope.T @ weighted)
            best = 0.5 * best + 0.5 * np.clip(covariance @ (weighted.T @ error), -0.9 * RANGE, 0.9 * RANGE)
        return best, covariance

    def sample(
        self, steps: int, keep: int, seed: int, progress: Callable[[int, int], None] = lambda *_: None
    ) -> FloatArray:
        """``keep`` points x all coordinates from the second half of the chain; ``progress`` is called at each step."""
        rng = np.random.default_rng(seed)
        best, covariance = self.gaussian_approximation()
        walkers = 2 * ((WALKERS_PER_COORDINATE * len(best) + 1) // 2)
        start = best + rng.standard_normal((walkers, len(best))) @ cholesky(covariance)
        moves = [(emcee.moves.StretchMove(a=1.3), 0.3), (emcee.moves.DEMove(), 0.7)]
        sampler = emcee.EnsembleSampler(walkers, len(best), self.log_posterior, moves=moves, vectorize=True)
        sampler.random_state = np.random.RandomState(seed).get_state()
        for step, _ in enumerate(sampler.sample(np.clip(start, -0.95 * RANGE, 0.95 * RANGE), iterations=steps)):
            progress(step + 1, steps)
        chain = sampler.get_chain(discard=steps // 2, flat=True)
        return self.whole(chain[rng.choice(len(chain), keep, replace=len(chain) < keep)])
