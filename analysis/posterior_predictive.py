"""What a posterior predicts of the months that weigh rival structures, without running the model at its draws.

Weights come from runs of each structure's posterior (stacking).  A synthetic record has posteriors of its own, and
runs of all of them would take hours: here the probability of every bin is a quadratic in the coordinates, fitted to
which runs of the calibration fell into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.calibration.emulator import Emulator
from sim.calibration.evaluations import Runs
from sim.calibration.space import FloatArray
from sim.calibration.stacking import BINS, MONTHS, SERIES, maximise_log_score

OCCASIONS = tuple(f"{series}/{month}" for series in SERIES for month in MONTHS)
BIN_COUNT = len(BINS) + 1


@dataclass(frozen=True)
class Months:
    """``bins``: the emulator of the probability of each bin of each occasion, occasions first."""

    bins: Emulator

    @classmethod
    def fitted(cls, waves: Sequence[Runs]) -> Months:
        """Fit the emulator to the runs of a calibration."""
        averaged = [_fallen(wave).averaged() for wave in waves]
        hits = np.concatenate([runs.statistics for runs in averaged])
        return cls(_emulated(np.concatenate([runs.z for runs in averaged]), hits))

    def densities(self, z: FloatArray, fell: npt.NDArray[np.intp]) -> FloatArray:
        """The probability that draws give to the bin into which each occasion fell."""
        columns = np.arange(len(OCCASIONS)) * BIN_COUNT + fell
        chance = np.clip(self.bins.subset(columns.tolist()).mean(z), 0.0, 1.0)
        return np.asarray((chance.sum(axis=0) + 1.0) / (len(z) + BIN_COUNT))

    def stacked(self, samples: Mapping[str, FloatArray], fell: npt.NDArray[np.intp]) -> dict[str, float]:
        """Weight of each structure."""
        scores = np.column_stack([self.densities(sample, fell) for sample in samples.values()])
        return dict(zip(samples, maximise_log_score(scores).tolist(), strict=True))


def bins_of(values: Mapping[str, float]) -> npt.NDArray[np.intp]:
    """The bin of each occasion of a record."""
    return np.asarray(np.digitize([values[name] for name in OCCASIONS], BINS))


def _emulated(z: FloatArray, hits: FloatArray) -> Emulator:
    """Bins into which every run or none fell have no variance to explain: they stay what they are."""
    vary = hits.std(axis=0) > 0
    some = Emulator.fitted(z, hits[:, vary], np.zeros((vary.sum(), vary.sum())))
    surface = np.zeros((len(some.weights), hits.shape[1]))
    surface[0], surface[:, vary] = hits.mean(axis=0), some.weights
    return Emulator(surface, np.zeros((hits.shape[1], hits.shape[1])), np.zeros(hits.shape[1]))


def _fallen(runs: Runs) -> Runs:
    """Runs whose statistics say, for every occasion and bin, whether the run fell into it."""
    fell = np.digitize(runs.columns(OCCASIONS), BINS)
    hits = (fell[:, :, None] == np.arange(BIN_COUNT)).reshape(len(fell), -1).astype(np.float64)
    names = tuple(f"{name} in bin {number}" for name in OCCASIONS for number in range(BIN_COUNT))
    return Runs(runs.point, runs.replication, runs.z, hits, names)
