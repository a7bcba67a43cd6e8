"""What the record can tell and what it cannot tell apart, from a finished calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sim.calibration.calibration_result import NARROW, CalibrationResult
from sim.calibration.evaluations import Runs
from sim.calibration.sampler import Problem
from sim.calibration.space import STRUCTURES, FloatArray
from sim.calibration.targets import REFIT

STRONG = 0.5  # correlation from which two quantities are called hard to tell apart
LOADING = 0.25  # of a unit direction; below it a quantity is not named


@dataclass(frozen=True)
class Direction:
    """A combination of quantities: its posterior sd (that of the prior is 1) and its largest loadings by name."""

    sd: float
    loadings: dict[str, float]


def entangled(found: CalibrationResult) -> list[tuple[str, str, float]]:
    """Pairs of quantities with a posterior correlation beyond ``STRONG`` within structures, the strongest first.

    Within, because a structure that fixes a quantity would correlate it with whatever else differs.
    """
    names = found.fitted.space.names
    r = np.zeros((len(names), len(names)))
    share = np.zeros_like(r)
    for structure, sets in found.posteriors[REFIT].items():
        free = np.flatnonzero(np.ptp(sets.z, axis=0))
        together = np.cov(sets.z[:, free], rowvar=False, aweights=sets.weight)
        sd = np.sqrt(np.diag(together))
        r[np.ix_(free, free)] += found.weights[structure] * together / np.outer(sd, sd)
        share[np.ix_(free, free)] += found.weights[structure]
    r = np.divide(r, share, out=np.zeros_like(r), where=share > 0)
    pairs = [(names[i], names[j], float(r[i, j])) for i, j in combinations(range(len(names)), 2)]
    return sorted((pair for pair in pairs if abs(pair[2]) > STRONG), key=lambda pair: -abs(pair[2]))


def widths(found: CalibrationResult, checks: Mapping[str, Runs]) -> FloatArray:
    """Sd of the weighted sets over that of draws under the emulator, of every free quantity of every structure."""
    parts = []
    for structure, sets in found.posteriors[REFIT].items():
        draws = checks[structure].averaged().z
        free = np.flatnonzero(np.ptp(draws, axis=0))
        off = sets.z[:, free] - sets.weight @ sets.z[:, free]
        parts.append(np.sqrt(sets.weight @ off**2) / draws[:, free].std(axis=0))
    return np.concatenate(parts)


def heaviest(found: CalibrationResult) -> Problem:
    """The refit of the structure with the largest weight."""
    best = max(STRUCTURES, key=lambda structure: found.weights[structure.name])
    return found.fitted.problem(best, REFIT)


def directions(problem: Problem, names: tuple[str, ...]) -> list[Direction]:
    """All combinations of free quantities, the best known first, in the linear approximation at the best point."""
    values, vectors = np.linalg.eigh(problem.gaussian_approximation()[1])
    free = [names[i] for i in problem.free]
    return [
        Direction(float(np.sqrt(value)), _named(free, vector)) for value, vector in zip(values, vectors.T, strict=True)
    ]


def learned_directions(found: list[Direction]) -> int:
    """How many combinations the record narrows below the share at which a quantity counts as learned."""
    return sum(each.sd <= NARROW for each in found)


def _named(names: list[str], vector: FloatArray) -> dict[str, float]:
    order = np.argsort(-np.abs(vector))
    return {names[i]: float(vector[i]) for i in order if abs(vector[i]) >= LOADING}
