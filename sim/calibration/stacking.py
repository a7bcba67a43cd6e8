"""Stacking weights of rival structures, by posterior predictive scores in the validation window.

Every structure is fitted to the training window; its runs continue through the two following years.  Their predictions
of each month are scored in the bins of the VIEWS competition, and the weights maximise the log score of the mixture.
Source: Yao, Vehtari, Simpson and Gelman (2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from sim.calibration.evaluations import Runs
from sim.calibration.importance_weights import WeightedSets
from sim.calibration.observation import VALIDATION, observed

FloatArray = npt.NDArray[np.float64]

BINS = (0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)  # between them: 0, 1-2, 3-5, 6-10, ...
YEARS = range(VALIDATION.start.year, VALIDATION.end.year + 1)
MONTHS = tuple(f"{year}-{month:02d}" for year in YEARS for month in range(1, 13))
SERIES = ("killed", "ucdp_month")
CONCENTRATION = 2.0  # of the prior of the weights; 1 would be none


def stacking_weights(posteriors: Mapping[str, WeightedSets]) -> dict[str, float]:
    """Structure -> weight, from runs of each under its posterior of the training window."""
    scores = np.column_stack([bin_probabilities(found.runs, found.per_run()) for found in posteriors.values()])
    return dict(zip(posteriors, maximise_log_score(scores).tolist(), strict=True))


def bin_probabilities(runs: Runs, weight: FloatArray) -> FloatArray:
    """The probability that weighted runs gave to the bin in which each month of the validation window fell."""
    names = [f"{series}/{month}" for series in SERIES for month in MONTHS]
    simulated = np.digitize(runs.columns(names), BINS)
    record = np.digitize([observed()[name] for name in names], BINS)
    # one run more in every bin: no probability is zero because runs are finite
    effective = 1.0 / (weight**2).sum()
    return np.asarray((weight @ (simulated == record) * effective + 1.0) / (effective + len(BINS) + 1.0))


def maximise_log_score(scores: FloatArray) -> FloatArray:
    """Weights on the simplex that maximise the log score of the mixture; ``scores``: occasions x structures.

    The prior of the weights is a Dirichlet distribution of concentration 2: without it, scores that differ by a single
    nat over all occasions would put all weight on one structure.
    """
    number = scores.shape[1]

    def loss(free: Sequence[float]) -> float:
        chosen = _softmax(np.append(free, 0.0))
        return -float(np.log(scores @ chosen).sum() + (CONCENTRATION - 1.0) * np.log(chosen).sum())

    best = minimize(loss, np.zeros(number - 1), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
    return _softmax(np.append(best.x, 0.0))


def _softmax(x: FloatArray) -> FloatArray:
    raised = np.exp(np.clip(x - x.max(), -50.0, 0.0))
    return np.asarray(raised / raised.sum())
