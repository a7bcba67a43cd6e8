"""Forest plot: the difference of every variant from the baseline, a panel per outcome; three kinds of uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.present.figures.caption import study_source, study_title
from sim.present.figures.style import BLACK, BLUE, GREY, PAGE, WITHHELD, finish, house_style, new_figure, panel_title
from sim.present.figures.ticks import thousands
from sim.present.labels import outcome_name, outcome_unit, policy_names
from sim.present.locale import ENGLISH, Locale

if TYPE_CHECKING:
    from sim.inference.comparison import Answer, Difference

ROW, HEAD, FOOT = 4.6, 17.0, 24.0  # mm: a variant, above and below the rows of a panel
ACROSS = 3  # panels side by side
SHOWN = 6  # outcomes


def forest(answer: Answer, locale: Locale = ENGLISH) -> Figure:
    """The figure; the first six outcomes reported."""
    names, outcomes = policy_names(answer.frame, locale), answer.outcomes[:SHOWN]
    across = min(ACROSS, len(outcomes))
    down = -(-len(outcomes) // across)
    height = down * (ROW * len(answer.compared) + HEAD) + FOOT
    with house_style():
        figure = new_figure(PAGE, height)
        grid = figure.add_gridspec(down + 1, across, height_ratios=[1.0] * down + [0.12])
        for number, outcome in enumerate(outcomes):
            axes = figure.add_subplot(grid[number // across, number % across])
            panel_title(axes, "abcdef"[number], outcome_name(locale, outcome))
            _panel(axes, [answer.of(name, outcome) for name in answer.compared], locale)
            if number % across:
                axes.set_yticklabels([])
            else:
                axes.set_yticklabels([names[variant] for variant in answer.compared])
        floor = any(row.chance_at_least for row in answer.differences)
        _legend(figure.add_subplot(grid[down, :]), floor, locale)
        values = {"base": names[answer.frame.baseline], "title": study_title(answer.frame, locale)}
        title = locale.gettext("Simulated differences from “{base}”: {title}", **values)
        finish(figure, title, study_source(answer.frame, locale))
    return figure


def _panel(axes: Axes, rows: list[Difference], locale: Locale) -> None:
    places = np.arange(len(rows))[::-1]
    axes.axvline(0, color=BLACK, linewidth=0.6, zorder=1)
    for place, row in zip(places, rows, strict=True):
        _row(axes, float(place), row)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_yticks(places)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(locale.gettext("difference, {unit}", unit=outcome_unit(locale, rows[0].outcome)))
    axes.xaxis.set_major_formatter(thousands(locale))
    _frame(axes, rows)


def _row(axes: Axes, place: float, row: Difference) -> None:
    axes.barh(place, row.chance_high - row.chance_low, left=row.chance_low, height=0.8, color=WITHHELD, zorder=0)
    sure = row.verdict.side != ""
    colour = BLUE if sure else GREY
    axes.hlines(place, row.joint_low, row.joint_high, color=colour, linewidth=0.7, zorder=3)
    axes.hlines(place, row.low, row.high, color=colour, linewidth=2.0, zorder=3)
    face = colour if sure else "white"
    axes.plot(row.mean, place, "o", markersize=3.6, markerfacecolor=face, markeredgecolor=colour, zorder=4)


def _frame(axes: Axes, rows: list[Difference]) -> None:
    """Wide enough for the intervals; where chance alone reaches further, it is cut at the edge."""
    ends = np.array([[row.joint_low, row.joint_high, row.mean] for row in rows])
    reach = float(np.nanmax(np.abs(ends), initial=0.0)) * 1.15
    chance = float(np.nanmax([row.chance_high for row in rows], initial=0.0))
    reach = min(max(reach, chance * 1.1), 3 * reach) if reach > 0 else max(chance, 1.0)
    axes.set_xlim(-reach, reach)
    axes.locator_params(axis="x", nbins=4)


def _legend(axes: Axes, floor: bool, locale: Locale) -> None:
    _ = locale.gettext
    chance = _("95 % of the differences of two runs of one policy")
    at_least = _("95 % of the differences of two runs of one policy, at least")
    axes.set_axis_off()
    point: dict[str, Any] = {"marker": "o", "markersize": 3.6, "linewidth": 2.0}
    handles = [
        Line2D([], [], color=BLUE, label=_("average with 95 % interval: likely or very likely"), **point),
        Line2D([], [], color=GREY, markerfacecolor="white", label=_("cannot tell, or rests on assumption"), **point),
        Line2D([], [], color=GREY, linewidth=0.7, label=_("95 % for all policies at once")),
        Patch(color=WITHHELD, label=at_least if floor else chance),
    ]
    axes.legend(handles=handles, loc="center", ncols=2, borderaxespad=0, columnspacing=1.4)
