"""Figures of the validation: monthly deaths and baselines, organised violence by type, calibration.

Each takes posterior predictive draws and stands beside the record to 2020; 2021-23 is shaded, withheld for testing.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import YearLocator
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.calibration.mission import MISSION
from sim.calibration.observation import TRAINING, VALIDATION, observations, observed
from sim.missions.record import UCDP_TYPES
from sim.model.engine import fingerprint
from sim.present.figures.caption import engine_mark, record_credit, simulated
from sim.present.figures.seed_ranges import DARK, PALE, QUANTILES, draw_band, draw_record
from sim.present.figures.style import (
    GREEN,
    GREY,
    ORANGE,
    PAGE,
    PURPLE,
    RECORD,
    SIMULATED,
    SKY,
    VERMILLION,
    WITHHELD,
    finish,
    house_style,
    new_figure,
    panel_title,
)
from sim.present.locale import ENGLISH, N_, Locale
from sim.validation.score_table import GROUPS, ScoredForecast, score_group
from sim.validation.scores import coverage, pit_values

FloatArray = npt.NDArray[np.float64]

FIRST, WITHHELD_FROM = MISSION.first_day, MISSION.record_end + timedelta(days=1)
END = MISSION.facts.mission_ends + timedelta(days=1)
COLOURS = {
    "zero": GREY,
    "last_historical_poisson": ORANGE,
    "bootstrap_24_months": GREEN,
    "bootstrap_all": PURPLE,
    "average": SKY,
}
SHOWN_SHARES = np.arange(0.1, 0.96, 0.05)
PIT_BINS = 10


def deaths_figure(draws: pd.DataFrame, predictive: pd.DataFrame, locale: Locale = ENGLISH) -> Figure:
    """Monthly deaths of the mission: fan and record; and how the score adds up against the baselines in 2019-20.

    draws: the tidy frame (draw, month, region, outcome, value).  predictive: a row per draw, a column per name.
    """
    _ = locale.gettext
    months, runs = monthly_matrix(draws, "peacekeepers_killed")
    with house_style():
        figure = new_figure(PAGE, 105)
        grid = figure.add_gridspec(3, 1, height_ratios=[1.25, 1.0, 0.14])
        above, below = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
        panel_title(above, "a", _("Deaths of the mission by malicious act, per month"))
        middle = months + np.timedelta64(14, "D")
        draw_band(above, middle, runs)
        group = GROUPS["killed_by_month"]
        seen = [observations()[name] for window in _SPANS.values() for name in group.names(window, "killed")]
        draw_record(above, [_middle(item.start) for item in seen], [item.value for item in seen], size=1.8)
        _years(above)
        above.set_ylim(bottom=0)
        above.locator_params(axis="y", integer=True)
        above.set_ylabel(_("persons"))
        _boundary(above, locale)
        _race(below, score_group(group, predictive, VALIDATION), locale)
        _legend(figure.add_subplot(grid[2]), len(runs), locale)
        title = _("Simulated deaths of the mission against the record")
        finish(figure, title, source_line(len(runs), locale), lines=3)
    return figure


def ucdp_figure(predictive: pd.DataFrame, locale: Locale = ENGLISH) -> Figure:
    """Yearly deaths in organised violence by type, 2014 on, as UCDP would count them."""
    _ = locale.gettext
    with house_style():
        figure = new_figure(PAGE, 100)
        grid = figure.add_gridspec(3, 2, height_ratios=[1, 1, 0.14])
        for number, kind in enumerate(UCDP_TYPES):
            axes = figure.add_subplot(grid[number // 2, number % 2])
            panel_title(axes, "abcd"[number], _(_TYPES[kind]))
            _bars(axes, predictive, f"ucdp/{kind}")
            if number % 2 == 0:
                axes.set_ylabel(_("deaths per year"))
        _legend(figure.add_subplot(grid[2, :]), len(predictive), locale)
        title = _("Simulated organised violence against the record")
        finish(figure, title, source_line(len(predictive), locale), lines=3)
    return figure


def calibration_figure(predictive: pd.DataFrame, locale: Locale = ENGLISH) -> Figure:
    """Calibration of the intervals: ranks of the record among the draws, and coverage, by window."""
    _ = locale.gettext
    groups = ("killed_by_month", "ucdp_by_month")
    with house_style():
        figure = new_figure(PAGE, 105)
        grid = figure.add_gridspec(2, 3, width_ratios=[1, 1, 1.1])
        for row, name in enumerate(groups):
            coverage = figure.add_subplot(grid[row, 2])
            for column, (window, words) in enumerate(_WINDOWS.items()):
                group, span = GROUPS[name], _SPANS[window]
                names = list(group.names(span, group.prefixes[0]))
                runs, truth = predictive[names].to_numpy(np.float64), np.array([observed()[n] for n in names])
                axes = figure.add_subplot(grid[row, column])
                panel_title(axes, "abcdef"[3 * row + column], f"{_(_LABELS[name])}, {words}")
                _pit(axes, pit_values(runs, truth), locale)
                _coverage(coverage, runs, truth, (SIMULATED, VERMILLION)[column], words)
            coverage.set_xlabel(_("share of draws in the interval"))
            coverage.set_ylabel(_("share of months inside"))
            panel_title(coverage, "abcdef"[3 * row + 2], _("{series}, coverage", series=_(_LABELS[name])))
            coverage.legend(loc="upper left")
        title = _("Calibration of the simulated intervals")
        finish(figure, title, source_line(len(predictive), locale), lines=3)
    return figure


def monthly_matrix(
    draws: pd.DataFrame, outcome: str, region: str = MISSION.facts.country
) -> tuple[npt.NDArray[np.datetime64], FloatArray]:
    """First days of the months, and values float64 [draws, months] of one outcome.

    ValueError if the frame lacks the outcome or a draw lacks a month.
    """
    chosen = draws[(draws["outcome"] == outcome) & (draws["region"] == region)]
    if chosen.empty:
        raise ValueError(f"the draws hold no {outcome} of {region}")
    wide = chosen.pivot_table(index="draw", columns="month", values="value", sort=True)
    if wide.isna().to_numpy().any():
        raise ValueError(f"some draws lack months of {outcome}")
    return wide.columns.to_numpy().astype("datetime64[M]").astype("datetime64[D]"), wide.to_numpy(np.float64)


def source_line(runs: int, locale: Locale) -> str:
    """What was run, and where the record comes from.  Three lines."""
    draws = locale.gettext("{n} posterior predictive draws", n=runs)
    return simulated([engine_mark(fingerprint(MISSION), locale), draws], locale, record_credit(MISSION))


_TYPES = {
    "state_based": N_("State-based"),
    "non_state": N_("Between organised groups"),
    "one_sided_government": N_("Against civilians, by governments"),
    "one_sided_nonstate": N_("Against civilians, by others"),
}
_BASELINES = {
    "zero": N_("zero"),
    "last_historical_poisson": N_("last historical Poisson"),
    "bootstrap_24_months": N_("bootstrap of 24 months"),
    "bootstrap_all": N_("bootstrap of all months"),
    "average": N_("average of the baselines"),
}
_WINDOWS = {"training": "2013-18", "validation": "2019-20"}
_SPANS = {"training": TRAINING, "validation": VALIDATION}
_LABELS = {"killed_by_month": N_("Deaths of the mission"), "ucdp_by_month": N_("Organised violence")}


def _at(when: date) -> Any:
    """A place on an axis of dates, whose type Matplotlib does not declare."""
    return np.datetime64(when)


def _middle(start: date) -> Any:
    """The middle of the month that begins then."""
    return _at(start) + np.timedelta64(14, "D")


def _years(axes: Axes) -> None:
    """Whole years to 2023, the withheld ones shaded."""
    axes.axvspan(_at(WITHHELD_FROM), _at(END), color=WITHHELD, linewidth=0, zorder=0)
    axes.set_xlim(_at(FIRST), _at(END))
    axes.xaxis.set_major_locator(YearLocator())  # type: ignore[no-untyped-call]


def _boundary(axes: Axes, locale: Locale) -> None:
    """Where training ends and validation begins."""
    axes.axvline(_at(VALIDATION.start), color=GREY, linewidth=0.6, linestyle=":")
    top = axes.get_ylim()[1]
    axes.text(
        _at(VALIDATION.start), top, " " + locale.gettext("validation"), color=GREY, fontsize=6, ha="left", va="top"
    )
    axes.text(
        _at(VALIDATION.start), top, locale.gettext("training years") + " ", color=GREY, fontsize=6, ha="right", va="top"
    )


def _race(axes: Axes, scored: list[ScoredForecast], locale: Locale) -> None:
    """Sum of the score so far, baseline minus model: above zero the model is ahead."""
    model = scored[0].values["crps"]
    months = [_middle(observations()[name].start) for name in scored[0].names]
    title = locale.gettext("Cumulative score gained on each baseline (CRPS, persons; above zero: the model is better)")
    panel_title(axes, "b", title)
    axes.axhline(0, color=SIMULATED, linewidth=1.0)
    for item in scored[1:]:
        if item.forecast in COLOURS:
            lead = np.cumsum(item.values["crps"] - model)
            label = locale.gettext(_BASELINES[item.forecast])
            axes.plot(np.array(months), lead, color=COLOURS[item.forecast], label=label)
    axes.set_xlim(_at(VALIDATION.start), _at(WITHHELD_FROM))
    axes.legend(loc="upper left", ncols=3)


def _bars(axes: Axes, predictive: pd.DataFrame, prefix: str) -> None:
    """Ranges by year as bars, the median a line across, the record a point."""
    names = [name for name in observed() if name.startswith(f"{prefix}/") and name in predictive.columns]
    year = np.array([int(name.rsplit("/", 1)[1]) for name in names])
    low, lower, median, upper, high = np.quantile(predictive[names].to_numpy(), QUANTILES, axis=0)
    axes.bar(year, high - low, bottom=low, width=0.6, color=SIMULATED, alpha=PALE, linewidth=0)
    axes.bar(year, upper - lower, bottom=lower, width=0.6, color=SIMULATED, alpha=DARK, linewidth=0)
    axes.hlines(median, year - 0.3, year + 0.3, color=SIMULATED)
    draw_record(axes, year, [observed()[name] for name in names], size=2.6)
    axes.axvspan(2020.5, 2023.5, color=WITHHELD, linewidth=0, zorder=0)
    axes.axvline(VALIDATION.start.year - 0.5, color=GREY, linewidth=0.6, linestyle=":")
    axes.set_xlim(2013.5, 2023.5)
    axes.set_ylim(bottom=0)
    axes.set_xticks(range(2014, 2024))


def _pit(axes: Axes, values: FloatArray, locale: Locale) -> None:
    """Histogram of ranks with the 90 % range that chance alone allows in a bin."""
    from scipy import stats

    share = 1 / PIT_BINS
    low, high = stats.binom.ppf([0.05, 0.95], len(values), share)
    axes.axhspan(low, high, color=WITHHELD, linewidth=0, zorder=0)
    axes.axhline(len(values) * share, color=GREY, linewidth=0.6)
    axes.hist(values, bins=np.linspace(0, 1, PIT_BINS + 1).tolist(), color=SIMULATED, alpha=PALE + DARK, rwidth=0.9)
    axes.set_xlim(0, 1)
    axes.set_xlabel(locale.gettext("rank of the record among the draws"))
    axes.set_ylabel(locale.gettext("months (grey: by chance)"))


def _coverage(axes: Axes, runs: FloatArray, truth: FloatArray, colour: str, label: str) -> None:
    reached = [float(coverage(runs, truth, float(share)).mean()) for share in SHOWN_SHARES]
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle=":")
    axes.plot(SHOWN_SHARES, reached, color=colour, marker="o", markersize=2, label=label)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)


def _legend(axes: Axes, runs: int, locale: Locale) -> None:
    _ = locale.gettext
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=SIMULATED, label=_("median of {n} draws", n=runs)),
        Patch(color=SIMULATED, alpha=PALE + DARK, linewidth=0, label=_("middle 50 %")),
        Patch(color=SIMULATED, alpha=PALE, linewidth=0, label=_("90 %")),
        Line2D([], [], color=RECORD, marker="o", markersize=2.4, linestyle="none", label=_("record")),
        Patch(color=WITHHELD, label=_("record withheld for testing")),
    ]
    axes.set_axis_off()
    axes.legend(handles=handles, loc="center left", ncols=5, borderaxespad=0, columnspacing=1.4, labelcolor=GREY)
