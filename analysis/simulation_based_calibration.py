"""Simulation-based calibration: truths that were drawn from a posterior must look like draws of what is inferred.

The truth of a synthetic record is a set of the posterior given the record of the world; the record is one run of the
model there.  What is inferred from both records together must rank that truth evenly (posterior SBC: Saeilynoja,
Schmitt, Buerkner and Vehtari 2025).  So the analysis starts from exactly what the truths were drawn from, and no
normal or other stand-in for it is needed; and the test is made where the conclusions are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from sim.calibration.sampler import Problem
from sim.calibration.space import FloatArray

DRAWS = 99  # of each posterior: ranks from 0 to 99
ERROR = 0.01  # probability that all tests together reject a calibration that is right
TESTS = ("location", "spread", "shape")
LEVELS = (0.5, 0.9)


def with_record(problem: Problem, record: FloatArray) -> Problem:
    """The posterior given one record more, on the scale of comparison; chance and discrepancy are its own.

    Two normal likelihoods with one covariance are one of their average with half of it.
    """
    emulator = replace(problem.emulator, noise=problem.emulator.noise / 2.0)
    tolerance = problem.tolerance / np.sqrt(2.0)
    return replace(problem, emulator=emulator, observed=(problem.observed + record) / 2.0, tolerance=tolerance)


def as_observed(problem: Problem, record: FloatArray, seed: int) -> FloatArray:
    """A run as a record of the world would be: off by what the analysis assumes that the model leaves out."""
    return record + problem.tolerance * np.random.default_rng(seed).standard_normal(len(record))


def ranks(problem: Problem, truth: FloatArray, record: FloatArray, steps: int, seed: int) -> FloatArray:
    """How many of 99 draws lie below the truth: by coordinate (not a number where it is fixed), then of the fit.

    ``problem``: the posterior given the synthetic record, whose fit is the last rank: it feels what single
    coordinates hide.
    """
    draws = problem.sample(steps, DRAWS, seed)
    found = (draws < truth).sum(axis=0).astype(np.float64)
    found[list(problem.fixed)] = np.nan
    fit = misfit(problem, np.vstack([truth, draws]), record)
    return np.append(found, (fit[1:] < fit[0]).sum())


def misfit(problem: Problem, z: FloatArray, record: FloatArray) -> FloatArray:
    """Squared distance of a record from the emulated mean in units of its covariance, by point."""
    error = record - problem.emulator.mean(z)
    return np.asarray(np.einsum("ij,ij->i", error, np.linalg.solve(problem.covariance, error.T).T))


@dataclass(frozen=True)
class Uniformity:
    """``u``: records x quantities, ranks spread evenly over the unit interval; not a number where nothing was ranked.

    Three exact tests of each quantity: mean and sum of squares of normal scores, and Kolmogorov-Smirnov.  Together
    they reject a right calibration with probability ``ERROR`` (Bonferroni).
    """

    names: tuple[str, ...]
    u: FloatArray

    @classmethod
    def of(cls, names: Sequence[str], found: FloatArray, seed: int = 0) -> Uniformity:
        """From ranks, each spread at random over its hundredth, so that the null distribution is exact."""
        shift = np.random.default_rng(seed).random(found.shape)
        ranked = ~np.isnan(found).all(axis=0)
        u = (found + shift) / (DRAWS + 1.0)
        return cls(tuple(np.array(names)[ranked]), u[:, ranked])

    def p_values(self) -> FloatArray:
        """p-values: quantities x tests."""
        return np.array([_p_values(column[~np.isnan(column)]) for column in self.u.T])

    @property
    def limit(self) -> float:
        """Level of a single test."""
        return ERROR / (len(self.names) * len(TESTS))

    def rejected(self) -> list[tuple[str, str, float]]:
        """Quantity, test and p-value wherever the hypothesis falls."""
        p = self.p_values()
        return [(self.names[i], TESTS[k], float(p[i, k])) for i, k in np.argwhere(p < self.limit)]

    def coverage(self, level: float) -> FloatArray:
        """Share of truths inside the central interval, by quantity."""
        return np.asarray(np.nanmean(np.where(np.isnan(self.u), np.nan, np.abs(self.u - 0.5) < level / 2), axis=0))

    @property
    def visible(self) -> float:
        """How many times too narrow a posterior must be for its quantity to be found with probability 0.9."""
        n = int((~np.isnan(self.u)).sum(axis=0).min())
        return float(np.sqrt(stats.chi2.isf(self.limit / 2, n) / stats.chi2.ppf(0.1, n)))

    def band(self, records: int) -> float:
        """Half width of the band in which all curves of ``shape`` lie at once."""
        return float(stats.kstwo.isf(self.limit, records))


def _p_values(u: FloatArray) -> tuple[float, float, float]:
    scores, n = stats.norm.ppf(u), len(u)
    location = 2.0 * stats.norm.sf(abs(scores.mean()) * np.sqrt(n))
    squares = (scores**2).sum()
    spread = 2.0 * min(stats.chi2.cdf(squares, n), stats.chi2.sf(squares, n))
    return float(location), float(spread), float(stats.kstest(u, "uniform").pvalue)
