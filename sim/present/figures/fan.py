"""Fan chart: an outcome over time under each variant, with the record to 2020 over it and later years shaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.missions import Mission
from sim.missions.record import SERIES
from sim.present.figures.caption import record_credit, study_source, study_title
from sim.present.figures.seed_ranges import DARK, PALE, draw_band, draw_record
from sim.present.figures.style import (
    GREY,
    PAGE,
    RECORD,
    SIMULATED,
    VERMILLION,
    WITHHELD,
    finish,
    house_style,
    new_figure,
    panel_title,
)
from sim.present.figures.ticks import date_axis
from sim.present.labels import outcome_name, outcome_unit, policy_names
from sim.present.locale import ENGLISH, Locale
from sim.results.panel import STOCKS

if TYPE_CHECKING:
    from sim.inference.comparison import Answer

ACROSS, SHOWN = 3, 12
ROW, ROOM = 44.0, 26.0  # mm: a row of panels; title, legend and sources
MONTHS_OF_ONE_YEAR = 14  # shorter periods are drawn by month, longer ones by quarter

FloatArray = npt.NDArray[np.float64]


def fan(answer: Answer, outcome: str, locale: Locale = ENGLISH) -> Figure:
    """The figure; the baseline first, at most twelve variants."""
    frame, mission = answer.frame, answer.frame.scenario.mission
    names = [frame.baseline, *answer.compared][:SHOWN]
    labels = policy_names(frame, locale)
    binned, edges = _bins(frame.national(outcome), frame.months, outcome)
    across = min(ACROSS, len(names))
    down = -(-len(names) // across)
    with house_style():
        figure = new_figure(PAGE, down * ROW + ROOM)
        grid = figure.add_gridspec(down + 1, across, height_ratios=[1.0] * down + [0.16])
        panels = []
        for number, name in enumerate(names):
            axes = figure.add_subplot(grid[number // across, number % across])
            title = locale.gettext("{variant} (baseline)", variant=labels[name]) if number == 0 else labels[name]
            panel_title(axes, "abcdefghijkl"[number], title)
            runs = binned[frame.variants.index(name)]
            _course(axes, edges, runs[~np.isnan(runs).any(axis=1)])
            if number % across == 0:
                axes.set_ylabel(_label(outcome, len(frame.months), locale))
            panels.append(axes)
        base = binned[frame.variants.index(frame.baseline)]
        record, withheld = _record(mission, outcome, edges), withheld_from(mission)
        _shared(panels, edges, np.nanmedian(base, axis=0), record, withheld)
        for axes in panels:
            date_axis(axes, locale, 6)
        legend = figure.add_subplot(grid[down, :])
        _legend(legend, not record.empty, edges[-1] > withheld, len(frame.replications), locale)
        values = {"outcome": outcome_name(locale, outcome), "title": study_title(frame, locale)}
        finish(
            figure,
            locale.gettext("Simulated {outcome}: {title}", **values),
            study_source(frame, locale, record_credit(frame.scenario.mission)),
            3,
        )
    return figure


def _bins(values: FloatArray, months: tuple[str, ...], outcome: str) -> tuple[FloatArray, npt.NDArray[Any]]:
    """Values by month or quarter and their edges, one more; a stock is the last month of a bin."""
    first = np.array(months, dtype="datetime64[M]")
    step = 1 if len(months) <= MONTHS_OF_ONE_YEAR else 3
    number = (first.astype(int) // step) - (first[0].astype(int) // step)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    edges = np.append(first[starts], first[-1] + np.timedelta64(1, "M")).astype("datetime64[D]")
    if outcome in STOCKS:
        return values[..., np.append(starts[1:], len(months)) - 1], edges
    return np.add.reduceat(values, starts, axis=-1), edges


def _course(axes: Axes, edges: npt.NDArray[Any], runs: FloatArray) -> None:
    draw_band(axes, np.repeat(edges, 2)[1:-1], np.repeat(runs, 2, axis=-1))


def withheld_from(mission: Mission) -> np.datetime64:
    """The first day whose outcomes are withheld for testing."""
    return np.datetime64(mission.record_end) + np.timedelta64(1, "D")


def _shared(
    panels: list[Axes], edges: npt.NDArray[Any], base: FloatArray, record: pd.DataFrame, withheld: np.datetime64
) -> None:
    """One scale for all panels, with the baseline's median and the record in each."""
    for axes in panels:
        axes.plot(np.repeat(edges, 2)[1:-1], np.repeat(base, 2), color=VERMILLION, linewidth=0.7, linestyle="--")
        draw_record(axes, record["middle"], record["value"], size=2.2)
        if edges[-1] > withheld:
            axes.axvspan(max(withheld, edges[0]), edges[-1], color=WITHHELD, linewidth=0, zorder=0)
        axes.set_xlim(edges[0], edges[-1])
    top = max(axes.get_ylim()[1] for axes in panels)
    for axes in panels:
        axes.set_ylim(0, max(top, 1.0))
        axes.locator_params(axis="y", nbins=5, integer=True)


def _record(mission: Mission, outcome: str, edges: npt.NDArray[Any]) -> pd.DataFrame:
    """Observed totals of whole bins, or dated points of a stock: middle, value."""
    series = SERIES.get(outcome)
    nothing = pd.DataFrame({"middle": pd.Series(dtype="datetime64[s]"), "value": pd.Series(dtype=float)})
    if series is None or series.measure not in ("total", "stock"):
        return nothing
    seen = series.observations(mission)
    seen = seen[(seen["end"] >= edges[0]) & (seen["end"] < edges[-1])]
    if series.measure == "stock":
        return seen.assign(middle=seen["end"])[["middle", "value"]]
    if seen.empty or (seen["end"] - seen["start"]).max() > pd.Timedelta(days=31):
        return nothing  # yearly totals are not comparable with quarters
    place = np.searchsorted(edges, seen["start"].to_numpy().astype("datetime64[D]"), side="right") - 1
    totals = seen.groupby(place)["value"].sum()
    whole = totals[totals.index >= 0]
    middle = [edges[n] + (edges[n + 1] - edges[n]) // 2 for n in whole.index]
    return pd.DataFrame({"middle": pd.to_datetime(middle), "value": whole.to_numpy()})


def _label(outcome: str, months: int, locale: Locale) -> str:
    unit = outcome_unit(locale, outcome)
    if outcome in STOCKS:
        return locale.gettext("{unit}, end of month", unit=unit)
    if months <= MONTHS_OF_ONE_YEAR:
        return locale.gettext("{unit} per month", unit=unit)
    return locale.gettext("{unit} per quarter", unit=unit)


def _legend(axes: Axes, with_record: bool, with_withheld: bool, replications: int, locale: Locale) -> None:
    _ = locale.gettext
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=SIMULATED, label=_("median of {n} runs", n=replications)),
        Patch(color=SIMULATED, alpha=PALE + DARK, linewidth=0, label=_("middle 50 %")),
        Patch(color=SIMULATED, alpha=PALE, linewidth=0, label=_("90 %")),
        Line2D([], [], color=VERMILLION, linewidth=0.7, linestyle="--", label=_("median of the baseline")),
    ]
    if with_record:
        handles.append(Line2D([], [], color=RECORD, marker="o", markersize=2.4, linestyle="none", label=_("record")))
    if with_withheld:
        handles.append(Patch(color=WITHHELD, label=_("record withheld for testing")))
    axes.set_axis_off()
    axes.legend(handles=handles, loc="center left", ncols=6, borderaxespad=0, columnspacing=1.2, labelcolor=GREY)
