"""A run beside the record: what was simulated, the range over seeds, what was observed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import pandas as pd

from sim.model.recorder import RunRecord
from sim.present.run_table.render import tally_table
from sim.present.run_table.rows import QUANTITIES, TallyRow, cumulative_rows, yearly_rows
from sim.results.summary import SeedSummary, summarise

__all__ = ["QUANTITIES", "RunTally", "TallyRow", "tally_table"]


@dataclass(frozen=True)
class RunTally:
    """A run, its range over seeds and the record, line by line.  All but ``record`` is simulated."""

    title: str
    seed: int
    seeds: int
    record_end: date
    yearly: tuple[TallyRow, ...]
    cumulative: tuple[TallyRow, ...]

    @classmethod
    def from_runs(cls, one: RunRecord, many: Sequence[SeedSummary]) -> "RunTally":
        """Set one run beside the record; ``many`` are the seeds of the same scenario, the one included."""
        own, mission = summarise(one), one.scenario.mission
        return cls(
            title=str(one.scenario.title),
            seed=one.seed,
            seeds=max(len(many), 1),
            record_end=mission.record_end,
            yearly=tuple(yearly_rows(mission, own, many)),
            cumulative=tuple(cumulative_rows(mission, own, many)),
        )

    @property
    def compared(self) -> int:
        """How many lines have a record and a range."""
        return sum(row.inside is not None for row in (*self.yearly, *self.cumulative))

    @property
    def inside(self) -> int:
        """How many of the compared lines have the record inside the 90 % range."""
        return sum(row.inside is True for row in (*self.yearly, *self.cumulative))

    def frame(self) -> pd.DataFrame:
        """All lines as a frame; the column ``set`` is yearly or cumulative."""
        rows = [("yearly", row) for row in self.yearly] + [("cumulative", row) for row in self.cumulative]
        return pd.DataFrame([{"set": name, **asdict(row)} for name, row in rows])
