"""Frontier: lives of peacekeepers against lives of civilians, and against effort, one point per variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.inference.comparison.pairs import Pairs
from sim.inference.comparison.precision import half_width
from sim.present.figures.caption import study_source, study_title
from sim.present.figures.style import BLACK, BLUE, GREY, PAGE, VERMILLION, finish, house_style, new_figure, panel_title
from sim.present.figures.ticks import numbers
from sim.present.labels import policy_names
from sim.present.locale import ENGLISH, N_, Locale

if TYPE_CHECKING:
    from sim.inference.comparison import Answer
    from sim.study import StudyFrame

HEIGHT, PANELS, LINE = 90.0, 60.0, 3.4  # mm: without the key, of the panels, of a line of the key
SHORT, FEW = 26, 16  # letters and number of names that fit in four columns; more are subsets, whose words are longer
SIZE, DIGIT = 7.0, 4.4  # points: of a mark that a number fits in, and of a digit in the key
INSIDE: dict[str, Any] = {"color": "white", "fontsize": 4.8, "weight": "bold", "ha": "center", "va": "center_baseline"}
AXES = {
    "peacekeepers_killed": (N_("peacekeepers killed, difference (persons)"), 1.0),
    "civilians_killed": (N_("civilians killed, difference (persons)"), 1.0),
    "effort_person_days": (N_("effort, difference (thousand person-days)"), 1e-3),
}
FloatArray = npt.NDArray[np.float64]


def frontier(answer: Answer, locale: Locale = ENGLISH) -> Figure:
    """Two panels; who is better in both at once dominates, and the others stand on the line.

    Points carry numbers, because names beside them would run into each other; the key has the names.
    """
    points = {name: _points(answer.frame, name) for name in AXES}
    labels = policy_names(answer.frame, locale)
    names = tuple(labels[name] for name in (answer.frame.baseline, *answer.compared))
    with house_style():
        columns = 4 if max(map(len, names)) <= SHORT and len(names) <= FEW else 2
        key = LINE * (1 + -(-len(answer.compared) // columns))
        figure = new_figure(PAGE, HEIGHT + key)
        grid = figure.add_gridspec(3, 2, height_ratios=[PANELS, LINE * 2, key])
        pairs = (("civilians_killed", "peacekeepers_killed"), ("effort_person_days", "peacekeepers_killed"))
        titles = (locale.gettext("Two kinds of lives"), locale.gettext("Effort and peacekeepers' lives"))
        for number, ((across, up), title) in enumerate(zip(pairs, titles, strict=True)):
            axes = figure.add_subplot(grid[0, number])
            panel_title(axes, "ab"[number], title)
            _panel(axes, points[across], points[up])
            axes.set_xlabel(locale.gettext(AXES[across][0]))
            axes.set_ylabel(locale.gettext(AXES[up][0]))
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(numbers(locale))
        _legend(figure.add_subplot(grid[1, :]), names[0], locale)
        _key(figure.add_subplot(grid[2, :]), names[1:], columns)
        title = locale.gettext("Simulated costs and lives: {title}", title=study_title(answer.frame, locale))
        finish(figure, title, study_source(answer.frame, locale))
    return figure


def undominated(across: FloatArray, up: FloatArray) -> npt.NDArray[np.intp]:
    """Points that no other beats in both (less is better), in the order of ``across``."""
    order = np.lexsort((up, across))
    best = np.minimum.accumulate(up[order])
    first = np.append(True, best[1:] < best[:-1])
    return np.asarray(order[first])


def _points(frame: StudyFrame, outcome: str) -> FloatArray:
    """Mean difference and its Monte Carlo half-width, float64 [baseline and variants, 2]."""
    scale, rows = AXES[outcome][1], [(0.0, 0.0)]
    for name in frame.variants:
        if name != frame.baseline:
            pairs = Pairs(frame, name)
            change = (pairs.values(outcome) - pairs.baseline(outcome)) * scale
            rows.append((float(change.mean()), half_width(change)) if len(change) else (np.nan, np.nan))
    return np.array(rows)


def _panel(axes: Axes, across: FloatArray, up: FloatArray) -> None:
    known = np.flatnonzero(~np.isnan(across[:, 0] + up[:, 0]))
    line = known[undominated(across[known, 0], up[known, 0])]
    axes.axhline(0, color=GREY, linewidth=0.4, zorder=0)
    axes.axvline(0, color=GREY, linewidth=0.4, zorder=0)
    axes.step(across[line, 0], up[line, 0], where="post", color=BLUE, linewidth=0.8, linestyle="--", zorder=1)
    for n in known[::-1]:  # the baseline last, on top
        colour = BLACK if n == 0 else BLUE if n in line else VERMILLION
        above = 4 + len(up) - n
        axes.errorbar(
            across[n, :1], up[n, :1], yerr=up[n, 1:], xerr=across[n, 1:], fmt="none", ecolor=colour, elinewidth=0.6
        )
        axes.plot(across[n, :1], up[n, :1], "o", color=colour, markersize=SIZE, zorder=above)
        axes.text(across[n, 0], up[n, 0], str(n) if n else "", zorder=above, **INSIDE)
    axes.margins(0.06)


def _legend(axes: Axes, baseline: str, locale: Locale) -> None:
    _ = locale.gettext
    axes.set_axis_off()
    marks = (
        (BLACK, _("{variant} (baseline)", variant=baseline)),
        (BLUE, _("no other is better in both")),
        (VERMILLION, _("another is better in both")),
    )
    style: dict[str, Any] = {"marker": "o", "markersize": 4.5, "linewidth": 0.6}
    handles = [Line2D([], [], color=colour, label=text, **style) for colour, text in marks]
    title = _("means with 95 % Monte Carlo error")
    axes.legend(handles=handles, loc="center", ncols=3, borderaxespad=0, title=title, title_fontsize=6.5)


def _key(axes: Axes, names: tuple[str, ...], columns: int) -> None:
    axes.set_axis_off()
    style: dict[str, Any] = {"linewidth": 0, "markeredgewidth": 0, "color": BLACK}
    handles = [
        Line2D([], [], marker=f"$\\bf{{{number}}}$", markersize=DIGIT * len(str(number)) ** 0.7, label=name, **style)
        for number, name in enumerate(names, 1)
    ]
    axes.legend(handles=handles, loc="upper center", ncols=columns, borderaxespad=0, columnspacing=2.5)
