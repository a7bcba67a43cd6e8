"""Results: a finished run as tables, totals and a folder.  Everything here is simulated, never observed.

Tables are pandas frames, made when they are asked for; the run itself is arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim._util.notebook import notebook_table
from sim.model.recorder import RunRecord
from sim.results.identity import FolderError, identity, period_of
from sim.results.panel import OUTCOME_NAMES, monthly_array, months, period_totals, yearly_totals, years
from sim.scenario.registry import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "OUTCOME_NAMES",
    "FolderError",
    "Results",
    "monthly_array",
    "open_results",
    "yearly_totals",
    "years",
]

Plotter = Callable[["Results"], Any]


class Results:
    """One run.  ``plots`` makes ``.plot``; it is handed in, because figures live on a higher floor.

    ``range``: outcome, low, median and high (5, 50 and 95 %) over all seeds run beside it; None where it is alone.
    """

    range: pd.DataFrame | None = None

    def __init__(self, record: RunRecord, plots: Plotter | None = None) -> None:
        self.record = record
        self._plots = plots

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row per thing that happened: when, where, kind, tactic, actor, victim, casualties, flags."""
        from sim.results.tables import events_frame

        return events_frame(self.record)

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """Every month (``YYYY-MM``) and region, a column per outcome; internally_displaced at month end."""
        from sim.results.tables import monthly_frame

        return monthly_frame(self.record)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Every day, one column per outcome of the whole country."""
        from sim.results.tables import daily_frame

        return daily_frame(self.record)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Flows and stocks of every day and region: patrols, effort, hours flown, devices on roads; units: codebook."""
        from sim.results.tables import ledger_frame

        return ledger_frame(self.record)

    def summary(self) -> dict[str, float]:
        """Outcome -> total over the period; the stock internally_displaced -> its value on the last day."""
        by_month = monthly_array(self.record).sum(axis=1)
        return dict(zip(OUTCOME_NAMES, period_totals(by_month).tolist(), strict=True))

    def civilians_by_perpetrator(self) -> pd.DataFrame:
        """Actor, events with civilian casualties, civilians killed and wounded; most deaths first."""
        harmed = self.events[(self.events["civilians_killed"] > 0) | (self.events["civilians_wounded"] > 0)]
        table = harmed.groupby("actor", observed=True, as_index=False).agg(
            events=("key", "size"),
            civilians_killed=("civilians_killed", "sum"),
            civilians_wounded=("civilians_wounded", "sum"),
        )
        table = table.astype({"actor": str}).rename(columns={"actor": "perpetrator"})
        return table.sort_values(["civilians_killed", "perpetrator"], ascending=[False, True], ignore_index=True)

    def deadliest(self, n: int = 10) -> pd.DataFrame:
        """The n events in which most people died, on any side; earlier first among equals."""
        return self.events.sort_values("killed", ascending=False, kind="stable").head(n).reset_index(drop=True)

    @property
    def plot(self) -> Any:
        """Figures of this run, for instance ``.plot.timeline()`` and ``.plot.map()``."""
        if self._plots is None:
            raise RuntimeError(
                "these results carry no figures; take them from sim.run, or pass plots=sim.present.figures.RunPlots"
            )
        return self._plots(self)

    def document(self, out: str | None = None) -> dict[str, Any]:
        """The run as one JSON-ready document: identity, totals and every month and region."""
        record = self.record
        return {
            "scenario": record.scenario.title,
            "hash": record.scenario.hash,
            "seed": record.seed,
            "version": record.version,
            "simulated": True,
            "period": list(period_of(record)),
            "out": out,
            "outcomes": self.summary(),
            "monthly": self._monthly_rows(),
        }

    def _monthly_rows(self) -> list[dict[str, Any]]:
        """The rows of ``monthly`` as plain data."""
        by_month = zip(months(self.record), monthly_array(self.record).tolist(), strict=True)
        return [
            {"month": month, "region": region, **dict(zip(OUTCOME_NAMES, values, strict=True))}
            for month, of_regions in by_month
            for region, values in zip(self.record.names.regions, of_regions, strict=True)
        ]

    def save(self, folder: str | Path, seeds: int = 1) -> Path:
        """Write tables, scenario, codebook and manifest into a folder (made if absent) and return its path.

        ``seeds`` says how many seeds, this one included, were run to show the range of chance.
        """
        from sim.results.folder import write_folder

        tables = {"events": self.events, "monthly": self.monthly, "daily": self.daily}
        write_folder(self.record, tables, Path(folder), seeds)
        return Path(folder)

    def __repr__(self) -> str:
        about = identity(self.record)
        start, end = about["period"]
        return f"<Results (simulated): {about['title']}, {start} to {end}, seed {about['seed']}>"

    def _repr_html_(self) -> str:
        about = identity(self.record)
        start, end = about["period"]
        rows = [(name, value, OUTCOMES[name].unit) for name, value in self.summary().items()]
        caption = f"Simulated: {about['title']}, {start} to {end}, seed {about['seed']}"
        return notebook_table(caption, ("outcome", "total (stock: last day)", "unit"), rows)


def open_results(folder: str | Path, plots: Plotter | None = None) -> Results:
    """The results saved in a folder.  FolderError where a file is missing or not as it was written."""
    from sim.results.folder import read_folder

    return Results(read_folder(Path(folder)), plots)
