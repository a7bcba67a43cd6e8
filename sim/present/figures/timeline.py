"""The course of a run on one page: seven panels, the range over seeds, one seed, and the record to 2020."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import DAILY, MONTHLY, YEARLY
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.model.recorder import RunRecord
from sim.present.figures import panels
from sim.present.figures.caption import record_credit, run_source, run_title
from sim.present.figures.fan import withheld_from
from sim.present.figures.seed_ranges import DARK, PALE
from sim.present.figures.style import (
    ONE_SEED,
    PAGE,
    RECORD,
    SIMULATED,
    WITHHELD,
    finish,
    house_style,
    new_figure,
    panel_title,
)
from sim.present.figures.ticks import date_axis
from sim.present.figures.timeline_data import Course
from sim.present.locale import ENGLISH, Locale
from sim.results.summary import SeedSummary

HEIGHT = 226.0  # mm
MOST_TICKS = {YEARLY: 12, MONTHLY: 8, DAILY: 7}
OUTCOMES = (panels.wounded, panels.attacks, panels.civilians, panels.displaced)
INPUTS = (panels.strength, panels.patrols)


def timeline(record: RunRecord, seeds: Sequence[SeedSummary] = (), locale: Locale = ENGLISH) -> Figure:
    """The figure.  ``seeds`` are runs of the same scenario; with fewer than two, no range is drawn."""
    course = Course(record, seeds)
    with house_style():
        figure = new_figure(PAGE, HEIGHT)
        grid = figure.add_gridspec(5, 2, height_ratios=(1, 1.05, 1, 1, 0.2))
        places = [grid[0, :], *(grid[row, side] for row in (1, 2, 3) for side in (0, 1))]
        draws = (panels.deaths, *OUTCOMES, *INPUTS)
        for letter, place, draw in zip("abcdefg", places, draws, strict=True):
            axes = figure.add_subplot(place)
            panel_title(axes, letter, draw(axes, course, locale))
            _time_axis(axes, course, locale)
            if draw is not panels.strength:  # an input: its record is not withheld
                _shade_withheld(axes, course)
        _legend(figure.add_subplot(grid[4, :]), course, locale)
        title = locale.gettext("Simulated course: {title}", title=run_title(record, locale))
        finish(figure, title, run_source(record, len(seeds), record_credit(record.scenario.mission), locale), lines=3)
        figure.align_ylabels()  # after the layout, which would ask every axis for its neighbours' ticks again
    return figure


def _time_axis(axes: Axes, course: Course, locale: Locale) -> None:
    start, end = _span(course)
    axes.set_xlim(start, end)
    axes.set_ylim(0, max(axes.get_ylim()[1] * 1.05, 1.0))
    date_axis(axes, locale, MOST_TICKS)


def _shade_withheld(axes: Axes, course: Course) -> None:
    start, end = _span(course)
    withheld = withheld_from(course.record.scenario.mission)
    if end > withheld:
        axes.axvspan(max(withheld, start), end, color=WITHHELD, linewidth=0, zorder=0)


def _span(course: Course) -> tuple[Any, Any]:
    """First day, and the day after the last."""
    return course.edges["month"][0], course.edges["month"][-1]


def _legend(axes: Axes, course: Course, locale: Locale) -> None:
    """What lines, bands and points mean, in a row of its own below the panels."""
    _ = locale.gettext
    handles: list[Line2D | Patch] = []
    if len(course.seeds) > 1:
        handles = [
            Line2D([], [], color=SIMULATED, label=_("simulated: median of {n} seeds", n=len(course.seeds))),
            Patch(color=SIMULATED, alpha=PALE + DARK, linewidth=0, label=_("simulated: middle 50 % of seeds")),
            Patch(color=SIMULATED, alpha=PALE, linewidth=0, label=_("simulated: 90 % of seeds")),
        ]
    one = _("simulated: seed {n}", n=course.record.seed)
    handles.append(Line2D([], [], color=ONE_SEED, linewidth=0.9, label=one))
    handles.append(Line2D([], [], color=RECORD, marker="o", markersize=3, linestyle="none", label=_("record")))
    if _span(course)[1] > withheld_from(course.record.scenario.mission):
        handles.append(Patch(color=WITHHELD, label=_("record withheld for testing")))
    axes.set_axis_off()
    axes.legend(handles=handles, loc="center left", ncols=3, borderaxespad=0)
