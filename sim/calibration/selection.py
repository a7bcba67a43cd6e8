"""The last word belongs to the model: sets are weighed by how well their own runs meet the record.

The emulator leads to where the posterior lies, but in a hundred dimensions its errors leave sets there whose runs go
far astray.  All points that were run under a structure are candidates; their weight is the likelihood of the average of
their runs, tempered so far that a stated number of them remains effective (as in sequential Monte Carlo samplers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import brentq

from sim.calibration.evaluate import Runs
from sim.calibration.space import FloatArray, Space
from sim.calibration.structures import STRUCTURES, Structure
from sim.calibration.targets import Target, transformed

EFFECTIVE = 80.0  # sets that remain, of the candidates of a structure
KEPT = 0.9  # of all weight: the rest lies on sets that are not worth their rows


@dataclass(frozen=True)
class Selection:
    """Sets of one structure: ``z`` (sets x coordinates), ``weight`` (sums to one), ``runs`` of each, in order."""

    z: FloatArray
    weight: FloatArray
    runs: Runs

    def per_run(self) -> FloatArray:
        """The weight of every run."""
        number = np.bincount(self.runs.point, minlength=len(self.weight))
        return np.asarray(self.weight[self.runs.point] / number[self.runs.point])


def candidates(waves: Sequence[Runs], structure: Structure, space: Space) -> Runs:
    """All runs of points at which a structure holds and no stricter one does, renumbered."""
    stricter = [each for each in STRUCTURES if set(structure.fixed) < set(each.fixed)]
    parts, first = [], 0
    for wave in waves:
        inside = _holds(structure, wave, space)
        for each in stricter:
            inside &= ~_holds(each, wave, space)
        points, number = np.unique(wave.point[inside], return_inverse=True)
        parts.append((number + first, wave.replication[inside], wave.z[inside], wave.statistics[inside]))
        first += len(points)
    point, replication, z, statistics = (np.concatenate([part[k] for part in parts]) for k in range(4))
    return Runs(point, replication, z, statistics, waves[0].names)


def _holds(structure: Structure, wave: Runs, space: Space) -> npt.NDArray[np.bool_]:
    held = structure.coordinates(space)
    return np.asarray(np.all([np.isclose(wave.z[:, i], value) for i, value in held.items()], axis=0))


def selected(runs: Runs, chosen: Sequence[Target], chance: FloatArray) -> Selection:
    """Candidates with weights; ``chance``: the covariance of one run's targets."""
    y, averaged = transformed(runs, chosen), runs.averaged()
    number = np.bincount(runs.point)
    mean = np.zeros((len(number), y.shape[1]))
    np.add.at(mean, runs.point, y)
    error = np.array([target.observed for target in chosen]) - mean / number[:, None]
    covariance = chance + np.diag([target.tolerance**2 for target in chosen])
    distance = np.einsum("ij,ij->i", error, cho_solve(cho_factor(covariance), error.T).T)
    weight = tempered(-0.5 * distance)
    order = np.argsort(weight)[::-1]
    keep = order[: int(np.searchsorted(np.cumsum(weight[order]), KEPT)) + 1]
    place = np.full(len(weight), -1)
    place[keep] = np.arange(len(keep))
    rows = np.flatnonzero(place[runs.point] >= 0)
    own = Runs(place[runs.point[rows]], runs.replication[rows], runs.z[rows], runs.statistics[rows], runs.names)
    return Selection(averaged.z[keep], weight[keep] / weight[keep].sum(), own)


def tempered(log_likelihood: FloatArray, effective: float = EFFECTIVE) -> FloatArray:
    """Weights whose effective number is as asked, or the likelihood itself where that leaves more."""

    def weights(power: float) -> FloatArray:
        raised = np.exp(power * (log_likelihood - log_likelihood.max()))
        return np.asarray(raised / raised.sum())

    def excess(power: float) -> float:
        return float(1.0 / (weights(power) ** 2).sum() - min(effective, 0.9 * len(log_likelihood)))

    return weights(1.0) if excess(1.0) >= 0 else weights(float(brentq(excess, 0.0, 1.0)))
