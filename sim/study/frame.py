"""A study as analysis reads it: one row per run, and monthly panels and cell totals on demand.  All of it simulated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim._util.notebook import notebook_table
from sim.results.panel import OUTCOME_NAMES, STOCKS

if TYPE_CHECKING:
    from sim.scenario import Scenario

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

KEY = ["variant", "replication"]
CELL_OUTCOMES = ("peacekeepers_killed", "civilians_killed")
DONE, FAILED = "done", "failed"


class Detail(Protocol):
    """Where the tables behind the rows come from, piece by piece, so that a large study never lies in memory whole."""

    def monthly(self) -> Iterator[pd.DataFrame]:
        """Pieces with variant, replication, month (``YYYY-MM``), region and one column per outcome."""

    def cells(self) -> Iterator[pd.DataFrame]:
        """Pieces with variant, replication, gid and CELL_OUTCOMES; only cells where somebody was killed."""


@dataclass(frozen=True)
class InMemory:
    """Detail of a study that is kept in memory."""

    monthly_pieces: tuple[pd.DataFrame, ...]
    cell_pieces: tuple[pd.DataFrame, ...]

    def monthly(self) -> Iterator[pd.DataFrame]:
        """The pieces as they are."""
        yield from self.monthly_pieces

    def cells(self) -> Iterator[pd.DataFrame]:
        """The pieces as they are."""
        yield from self.cell_pieces


@dataclass(frozen=True)
class StudyFrame:
    """Variants x replications of one scenario.

    runs: one row per run, by variant (in their order) and replication: variant, replication, status (done or failed),
    stage, traceback, seconds, every outcome and every item of ``sim.study.exposure.EXTRAS`` as totals over the period
    (a stock: its last value), NaN where the run failed.
    draws: index replication, one column per drawn quantity (a parameter, or ``measures.<name>`` for the factor on its
    distance from the reference level, or the dotted key of a range); no columns where nothing is drawn.
    """

    scenario: Scenario
    variants: tuple[str, ...]
    baseline: str
    runs: pd.DataFrame
    draws: pd.DataFrame
    detail: Detail

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Every outcome: the last axis of ``regions``, and columns of ``runs``."""
        return OUTCOME_NAMES

    @property
    def reported(self) -> tuple[str, ...]:
        """The outcomes that the scenario asks to be reported."""
        return self.scenario.outcomes

    @cached_property
    def replications(self) -> tuple[int, ...]:
        """The replications that were tried, ascending."""
        return tuple(int(number) for number in np.unique(self.runs["replication"]))

    @property
    def failed(self) -> pd.DataFrame:
        """The rows of runs that failed."""
        return self.runs[self.runs["status"] == FAILED]

    def values(self, column: str) -> FloatArray:
        """An outcome or extra as [variant, replication], in the order of both; NaN where there is none."""
        values = np.full(self._shape, np.nan)
        values[self._places] = self.runs[column].to_numpy(np.float64)
        return values

    def first(self, replications: int) -> StudyFrame:
        """The study as it was after this many replications."""
        kept = self.runs[self.runs["replication"] < replications].reset_index(drop=True)
        return replace(self, runs=kept, draws=self.draws[self.draws.index < replications])

    def monthly(self) -> pd.DataFrame:
        """Tidy: scenario, variant, replication, month, region, outcome, value.  Large: a row per month and outcome."""
        wide = pd.concat([self._worded(self._own(piece)) for piece in self.detail.monthly()], ignore_index=True)
        wide = wide.sort_values([*KEY, "month"], kind="stable")
        tidy = wide.melt(id_vars=[*KEY, "month", "region"], value_vars=list(OUTCOME_NAMES), var_name="outcome")
        tidy.insert(0, "scenario", self.scenario.name)
        return tidy

    @cached_property
    def months(self) -> tuple[str, ...]:
        """The months of the period, ``YYYY-MM``."""
        period = self.scenario.period
        span = pd.period_range(period.start, period.end, freq="M")
        return tuple(str(month) for month in span)

    def panel(self, outcome: str) -> FloatArray:
        """One outcome as [variant, replication, month, region]; NaN where a run failed."""
        panel = np.full((*self._shape, len(self.months), len(self._region_names)), np.nan)
        for piece in map(self._own, self.detail.monthly()):
            month = _codes(piece["month"], self.months)
            known = month >= 0
            at = tuple(axis[known] for axis in (*self._rows(piece), month, self._regions(piece)))
            panel[at] = piece[outcome].to_numpy()[known]
        return panel

    def national(self, outcome: str) -> FloatArray:
        """One outcome summed over regions, [variant, replication, month]; NaN where a run failed."""
        if outcome not in self.reported:
            return np.asarray(self.panel(outcome).sum(axis=-1))
        return np.asarray(self._national[self.reported.index(outcome)])

    @cached_property
    def _national(self) -> FloatArray:
        """[outcome, variant, replication, month] of what is reported: every piece is read once for all of it."""
        totals = np.full((len(self.reported), *self._shape, len(self.months)), np.nan)
        for piece in map(self._own, self.detail.monthly()):
            month = _codes(piece["month"], self.months)
            known = month >= 0
            at = np.ravel_multi_index([axis[known] for axis in (*self._rows(piece), month)], totals.shape[1:])
            places, row = np.unique(at, return_inverse=True)
            block = np.full((len(self.reported), len(places), len(self._region_names)), np.nan)
            block[:, row, self._regions(piece)[known]] = piece[list(self.reported)].to_numpy()[known].T
            totals.reshape(len(self.reported), -1)[:, places] = block.sum(axis=-1)
        return totals

    @cached_property
    def regions(self) -> FloatArray:
        """Totals over the period, [variant, replication, region, outcome]; a stock: its last value; NaN if failed."""
        totals = np.full((*self._shape, len(self._region_names), len(OUTCOME_NAMES)), np.nan)
        stocks = {name: OUTCOME_NAMES.index(name) for name in STOCKS}
        for piece in map(self._own, self.detail.monthly()):
            at = (*self._rows(piece), self._regions(piece))
            totals[at] = 0.0
            np.add.at(totals, at, piece[list(OUTCOME_NAMES)].to_numpy())
            last = _is_last_month(piece, at[:2], self._shape)
            variant, replication, region = (axis[last] for axis in at)
            for name, number in stocks.items():
                totals[variant, replication, region, number] = piece[name].to_numpy()[last]
        return totals

    @cached_property
    def gids(self) -> npt.NDArray[np.int64]:
        """PRIO-GRID ids of the cells, the last axis of ``cells``."""
        return np.asarray(self.scenario.mission.table("cells")["gid"], dtype=np.int64)

    def cells(self, outcome: str) -> FloatArray:
        """Mean per finished run of one of CELL_OUTCOMES, [variant, cell] in the order of ``gids``."""
        totals = np.zeros((len(self.variants), len(self.gids)))
        for piece in map(self._own, self.detail.cells()):
            cell = pd.Index(self.gids).get_indexer(piece["gid"])
            np.add.at(totals, (self._rows(piece)[0], cell), piece[outcome].to_numpy())
        finished = (~np.isnan(self.values(outcome))).sum(axis=1, keepdims=True)
        return np.asarray(totals / np.maximum(finished, 1))

    @cached_property
    def _places(self) -> tuple[Codes, Codes]:
        """Variant and replication of each row of ``runs``."""
        return self._rows(self.runs)

    def _repr_html_(self) -> str:
        means = self.runs.groupby("variant", observed=True)[list(self.reported)].mean()
        done = (self.runs["status"] == DONE).groupby(self.runs["variant"], observed=True).sum()
        known = [name for name in self.variants if name in means.index]
        rows = [(name, int(done[name]), *means.loc[name].tolist()) for name in known]
        caption = f"Simulated: {self.scenario.title}; means over replications, baseline {self.baseline}"
        return notebook_table(caption, ("variant", "runs", *self.reported), rows)

    @property
    def _region_names(self) -> tuple[str, ...]:
        return self.scenario.mission.regions

    def _regions(self, piece: pd.DataFrame) -> Codes:
        return _codes(piece["region"], self._region_names)

    @property
    def _shape(self) -> tuple[int, int]:
        return len(self.variants), len(self.replications)

    def _own(self, piece: pd.DataFrame) -> pd.DataFrame:
        """The rows of a piece that belong to runs of this frame."""
        variant, replication = self._rows(piece)
        return piece[(variant >= 0) & (replication >= 0)]

    def _worded(self, piece: pd.DataFrame) -> pd.DataFrame:
        """A monthly piece whose words have the same categories, in our order, wherever it comes from."""
        words = {"variant": self.variants, "month": self.months, "region": self._region_names}
        coded = {name: pd.Categorical.from_codes(_codes(piece[name], w), list(w)) for name, w in words.items()}
        return piece[[*KEY, "month", "region", *OUTCOME_NAMES]].assign(**coded)

    def _rows(self, piece: pd.DataFrame) -> tuple[Codes, Codes]:
        return _codes(piece["variant"], self.variants), _codes(piece["replication"], self.replications)


def _codes(values: pd.Series, words: Sequence[str] | Sequence[int]) -> Codes:
    """Positions of values among words, -1 where absent."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        position = pd.Index(words).get_indexer(values.cat.categories)
        return np.asarray(position[values.cat.codes])
    return np.asarray(pd.Index(words).get_indexer(values))


def _is_last_month(piece: pd.DataFrame, run: tuple[Codes, Codes], shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which rows are of the last month of their run; variants may end on different days."""
    month = _codes(piece["month"], sorted(piece["month"].unique()))
    last = np.full(shape, -1)
    np.maximum.at(last, run, month)
    return np.asarray(month == last[run])
