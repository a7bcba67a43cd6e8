"""What a timeline is drawn from: one run, the summaries of all seeds, the record within the period."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.missions.record import series
from sim.model.recorder import RunRecord
from sim.results.panel import FloatArray, IntArray, dates, month_numbers
from sim.results.summary import TACTICS_ON_MISSION, SeedSummary, summarise

DateArray = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Course:
    """One run over time, beside other seeds of the same scenario."""

    record: RunRecord
    seeds: Sequence[SeedSummary]

    @cached_property
    def own(self) -> SeedSummary:
        """The summary of the one run."""
        return summarise(self.record)

    @cached_property
    def days(self) -> DateArray:
        """The days of the period."""
        return dates(self.record)

    @cached_property
    def edges(self) -> dict[str, DateArray]:
        """First days of the months and years of the period, and the day after it as the last edge."""
        months, years = month_numbers(self.record), self.years_of_days
        starts = {"month": np.diff(months, prepend=-1), "year": np.diff(years, prepend=0)}
        after = self.days[-1:] + np.timedelta64(1, "D")
        return {name: np.concatenate([self.days[np.flatnonzero(new)], after]) for name, new in starts.items()}

    @cached_property
    def years_of_days(self) -> IntArray:
        """Calendar year of each day."""
        return self.days.astype("datetime64[Y]").astype(np.int64) + 1970

    @cached_property
    def days_in_months(self) -> FloatArray:
        """Days of the period in each month."""
        return np.diff(self.edges["month"]).astype(np.float64)

    def monthly(self, name: str) -> FloatArray:
        """A monthly series of all seeds, float64 [seeds, months]."""
        return np.array([summary.monthly[name] for summary in self.seeds]).reshape(-1, len(self.days_in_months))

    def yearly(self, values: FloatArray) -> FloatArray:
        """Monthly flows, float64 [..., months], as sums of calendar years, float64 [..., years]."""
        first = np.searchsorted(self.edges["month"], self.edges["year"][:-1])
        return np.add.reduceat(values, first, axis=-1)

    def observed(self, name: str) -> pd.DataFrame:
        """The observations of a series that lie within the period; of dated points, the day itself."""
        frame = series(self.record.scenario.mission, name)
        begins = frame["end"] if name == "internally_displaced" else frame["start"]
        return frame[(begins >= self.days[0]) & (frame["end"] <= self.days[-1])]

    def reported_attacks(self) -> FloatArray:
        """Attacks times the share reported, float64 [runs, tactics, years]; without seeds, of the one run."""
        runs = self.seeds or (self.own,)
        monthly = [[run.monthly[f"attacks_{name}"] * run.shares[name] for name in TACTICS_ON_MISSION] for run in runs]
        return self.yearly(np.array(monthly))

    def observed_attacks(self) -> FloatArray:
        """Press-coded attacks, float64 [tactics, years]; zero where nothing was coded."""
        years = np.unique(self.years_of_days)
        rows = []
        for tactic in TACTICS_ON_MISSION:
            seen = self.observed(f"attacks_{tactic}")
            by_year = seen.groupby(seen["end"].dt.year)["value"].sum()
            rows.append(by_year.reindex(years, fill_value=0).to_numpy(dtype=np.float64))
        return np.array(rows)
