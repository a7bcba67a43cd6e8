"""Pairs of runs: the same replication (random numbers and draw) under a variant and under the baseline."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.inference.comparison.averages import Average, Basis, average, normal_scores

if TYPE_CHECKING:
    import pandas as pd

    from sim.study import StudyFrame

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """The replications that ended under both a variant and the baseline.

    ``read`` keeps totals that were read from the frame; pairs of one frame may share it.
    """

    frame: StudyFrame
    variant: str
    read: dict[str, FloatArray] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def kept(self) -> npt.NDArray[np.bool_]:
        """Which of the frame's replications are pairs, bool [replication]."""
        return np.asarray(~np.isnan(self._own("peacekeepers_killed") + self._base("peacekeepers_killed")))

    @property
    def count(self) -> int:
        """Number of finished pairs."""
        return int(self.kept.sum())

    @cached_property
    def failed(self) -> int:
        """Replications that failed under the variant or the baseline."""
        rows = self.frame.failed
        return int(rows.loc[rows["variant"].isin([self.variant, self.frame.baseline]), "replication"].nunique())

    @cached_property
    def draws(self) -> pd.DataFrame:
        """The draws of the pairs; no columns where nothing was drawn."""
        return self.frame.draws.reindex(np.asarray(self.frame.replications)[self.kept])

    @cached_property
    def basis(self) -> Basis:
        """The draws of the pairs, decomposed once for all outcomes."""
        return Basis(normal_scores(self.draws.to_numpy(dtype=np.float64)))

    @cached_property
    def ranks(self) -> tuple[tuple[str, ...], FloatArray]:
        """The drawn numbers that vary, and their standardised ranks, float64 [pairs, numbers]."""
        if not self.count:
            return (), np.zeros((0, 0))
        ranks = standardised(self.draws.rank().to_numpy())
        varying = np.flatnonzero(~np.isnan(ranks).any(axis=0))
        return tuple(str(self.draws.columns[n]) for n in varying), ranks[:, varying]

    def values(self, column: str) -> FloatArray:
        """An outcome or extra under the variant, float64 [pairs]."""
        return self._own(column)[self.kept]

    def baseline(self, column: str) -> FloatArray:
        """The same under the baseline, float64 [pairs]."""
        return self._base(column)[self.kept]

    def average(self, values: FloatArray) -> Average:
        """The average of one value per pair."""
        return average(values, self.basis)

    def within(self, outcome: str) -> tuple[FloatArray, FloatArray]:
        """Variance of the total that month-to-month chance makes, of variant and baseline, float64 [pairs] each."""
        key = f"variance of {outcome} by month"
        if key not in self.read:
            months = self.frame.national(outcome)
            jumps, n = np.diff(months, axis=-1), months.shape[-1]
            self.read[key] = (jumps**2).sum(axis=-1) / 2 * n / (n - 1)
        return self._own(key)[self.kept], self._base(key)[self.kept]

    def _own(self, column: str) -> FloatArray:
        return np.asarray(self._totals(column)[self.frame.variants.index(self.variant)])

    def _base(self, column: str) -> FloatArray:
        return np.asarray(self._totals(column)[self.frame.variants.index(self.frame.baseline)])

    def _totals(self, column: str) -> FloatArray:
        if column not in self.read:
            self.read[column] = self.frame.values(column)
        return self.read[column]


def standardised(values: FloatArray) -> FloatArray:
    """Columns with mean 0 and length 1, so that a product of two is their correlation; nan where nothing varies."""
    centred = values - values.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    return np.asarray(np.divide(centred, length, out=np.full_like(centred, np.nan), where=length > 0))
