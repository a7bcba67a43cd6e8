"""Final weights of parameter sets, from model runs.

The emulator finds the region of the posterior, but in a hundred dimensions its errors admit sets whose runs miss the
record.  All points that were run under a structure are candidates.  The mean of a set is estimated from its own runs
(subject to chance) and from the emulator (subject to error), each weighted by its precision; using the few runs alone
would select sets that were close to the record by chance.  The weight of a set is the likelihood of the record,
tempered until a stated number of sets remains effective (as in sequential Monte Carlo samplers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import brentq

from sim.calibration.emulator import Emulator
from sim.calibration.evaluations import Runs
from sim.calibration.space import STRUCTURES, FloatArray, Space, Structure
from sim.calibration.targets import REFIT, Target, transformed

EFFECTIVE_SETS = 80.0  # sets that remain, of the candidates of a structure
KEPT_WEIGHT = 0.9  # share of all weight; the remaining sets have negligible weight each


@dataclass(frozen=True)
class WeightedSets:
    """Sets of one structure: ``z`` (sets x coordinates), ``weight`` (sums to one), ``runs`` of each, in order."""

    z: FloatArray
    weight: FloatArray
    runs: Runs

    def per_run(self) -> FloatArray:
        """The weight of every run."""
        number = np.bincount(self.runs.point, minlength=len(self.weight))
        return np.asarray(self.weight[self.runs.point] / number[self.runs.point])


def candidates(waves: Sequence[Runs], structure: Structure, space: Space, last_year: int = REFIT) -> Runs:
    """All runs of points at which a structure holds in a window and no stricter one does, renumbered."""
    stricter = [each for each in STRUCTURES if set(structure.fixed) < set(each.fixed)]
    parts, first = [], 0
    for wave in waves:
        inside = _satisfied_by(structure.coordinates(space, last_year), wave)
        for each in stricter:
            inside &= ~_satisfied_by(each.coordinates(space), wave)
        points, number = np.unique(wave.point[inside], return_inverse=True)
        parts.append((number + first, wave.replication[inside], wave.z[inside], wave.statistics[inside]))
        first += len(points)
    point, replication, z, statistics = (np.concatenate([part[k] for part in parts]) for k in range(4))
    return Runs(point, replication, z, statistics, waves[0].names)


def _satisfied_by(held: Mapping[int, float], wave: Runs) -> npt.NDArray[np.bool_]:
    return np.asarray(np.all([np.isclose(wave.z[:, i], value) for i, value in held.items()], axis=0))


def weighted_sets(runs: Runs, chosen: Sequence[Target], emulator: Emulator, chance: FloatArray) -> WeightedSets:
    """Candidates with weights; ``emulator`` of the chosen targets, ``chance``: the covariance of one run's targets."""
    y, averaged = transformed(runs, chosen), runs.averaged()
    number = np.bincount(runs.point)
    mean = np.zeros((len(number), y.shape[1]))
    np.add.at(mean, runs.point, y)
    mean /= number[:, None]
    predicted, error = emulator.mean(averaged.z), _nearest_covariance(emulator.noise - chance)
    observed, tolerance = (np.array([getattr(target, what) for target in chosen]) for what in ("observed", "tolerance"))
    distance = np.empty(len(number))
    for count in np.unique(number):
        here = number == count
        gain = error @ np.linalg.pinv(error + chance / count, hermitian=True)
        miss = observed - predicted[here] - (mean[here] - predicted[here]) @ gain.T
        unsure = cho_factor(chance + error - gain @ error + np.diag(tolerance**2))
        distance[here] = np.einsum("ij,ij->i", miss, cho_solve(unsure, miss.T).T)
    weight = temper(-0.5 * distance)
    order = np.argsort(weight)[::-1]
    keep = order[: int(np.searchsorted(np.cumsum(weight[order]), KEPT_WEIGHT)) + 1]
    place = np.full(len(weight), -1)
    place[keep] = np.arange(len(keep))
    rows = np.flatnonzero(place[runs.point] >= 0)
    own = Runs(place[runs.point[rows]], runs.replication[rows], runs.z[rows], runs.statistics[rows], runs.names)
    return WeightedSets(averaged.z[keep], weight[keep] / weight[keep].sum(), own)


def _nearest_covariance(matrix: FloatArray) -> FloatArray:
    """The nearest covariance: differences of estimates may have negative eigenvalues."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def temper(log_likelihood: FloatArray, effective: float = EFFECTIVE_SETS) -> FloatArray:
    """Weights whose effective number is as asked, or the likelihood itself where that leaves more."""

    def weights(power: float) -> FloatArray:
        raised = np.exp(power * (log_likelihood - log_likelihood.max()))
        return np.asarray(raised / raised.sum())

    def excess(power: float) -> float:
        return float(1.0 / (weights(power) ** 2).sum() - min(effective, 0.9 * len(log_likelihood)))

    return weights(1.0) if excess(1.0) >= 0 else weights(float(brentq(excess, 0.0, 1.0)))
