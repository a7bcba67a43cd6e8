"""Does the record know when and where the measures were taken?  The same mission with dates and places shuffled.

Every measure's path is moved along the calendar by a number of days of its own, what leaves at the end coming back at
the beginning, and its places are permuted: each level lasts as long as it did, at another time and elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from sim.calibration.calibration_result import CalibrationResult
from sim.calibration.evaluations import Runs, historical_plan, simulate_statistics, statistics
from sim.calibration.space import FloatArray
from sim.calibration.targets import REFIT, all_targets, targets, transformed
from sim.model.plan import Plan
from sim.scenario import MEASURES

AS_IT_WAS = 0  # number of the history that is not shuffled
RUNS = 24  # of each history, with the same random numbers in all
STREAM = 600_000_000  # replications that nothing else uses
VOLUMES = ("patrols", "escorts")  # a measure's own volume: not what it did to harm


@dataclass(frozen=True)
class Shuffles:
    """``values``: those that stand for the posterior; ``covariance`` of one record, targets x targets."""

    values: Mapping[str, float]
    covariance: FloatArray

    @classmethod
    def of(cls, found: CalibrationResult) -> "Shuffles":
        """Read a finished calibration."""
        tolerance = np.array([target.tolerance for target in targets(REFIT)])
        known = [target.name for target in all_targets()]
        noise = found.fitted.emulator.subset([known.index(target.name) for target in targets(REFIT)]).noise
        covariance = (noise + np.diag(tolerance**2))[np.ix_(harm(), harm())]
        return cls(found.point(), covariance)

    def fit(self, number: int) -> dict[str, float]:
        """Log likelihood of the record under one history, and the standard error that its few runs leave."""
        plan = historical_plan() if number == AS_IT_WAS else shuffled(historical_plan(), number)
        rows = np.stack([simulate_statistics(plan, self.values, STREAM + n) for n in range(RUNS)])
        return {"history": float(number)} | scored(self._means(rows), self._record(), self.covariance)

    def _means(self, rows: FloatArray) -> FloatArray:
        none = np.zeros(len(rows), np.int64)
        return transformed(Runs(none, none, rows[:, :1], rows, statistics()), targets(REFIT))[:, harm()]

    @staticmethod
    def _record() -> FloatArray:
        return np.array([target.observed for target in targets(REFIT)])[harm()]


def scored(rows: FloatArray, record: FloatArray, covariance: FloatArray) -> dict[str, float]:
    """``fit``: log likelihood of the record around the mean of runs, up to a constant; ``error``: its jackknife."""
    n = len(rows)
    mean = rows.mean(axis=0)
    without = [_log_likelihood(record - (n * mean - row) / (n - 1), covariance) for row in rows]
    error = sqrt((n - 1) * float(np.var(without)))
    return {"fit": _log_likelihood(record - mean, covariance), "error": error}


def shuffled(plan: Plan, number: int) -> Plan:
    """A history with the measures' dates and places shuffled."""
    rng = np.random.default_rng(number)
    moved = {}
    for name in MEASURES:
        lever = plan.inputs[f"lever_{name}"]
        days, places = int(rng.integers(1, len(lever))), rng.permutation(lever.shape[1])
        moved[f"lever_{name}"] = np.ascontiguousarray(np.roll(lever, days, axis=0)[:, places])
    return replace(plan, inputs=plan.inputs | moved)


def chance(fits: FloatArray) -> float:
    """Share of histories, itself among them, that fit at least as well as the first one, which is as it was."""
    return float((fits >= fits[0]).mean())


def _log_likelihood(off: FloatArray, covariance: FloatArray) -> float:
    return float(-0.5 * off @ np.linalg.solve(covariance, off))


def harm() -> list[int]:
    """Indices of the targets that say what happened to people."""
    return [i for i, target in enumerate(targets(REFIT)) if target.name.split("/")[0] not in VOLUMES]
