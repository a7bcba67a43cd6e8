"""Frontier: lives of peacekeepers against lives of civilians, and against effort, one point per variant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from sim.comparison.pairs import Pairs
from sim.comparison.precision import half_width
from sim.plots.comparison_source import period_of, study_line, title_of
from sim.plots.style import BLACK, BLUE, GREY, PAGE, VERMILLION, finish, house_style, new_figure, panel_title

if TYPE_CHECKING:
    from sim.comparison import Answer
    from sim.study import StudyFrame

HEIGHT = 92.0  # mm
HALO = [withStroke(linewidth=1.4, foreground="white")]
AXES = {
    "peacekeepers_killed": ("peacekeepers killed, difference (persons)", 1.0),
    "civilians_killed": ("civilians killed, difference (persons)", 1.0),
    "effort_person_days": ("effort, difference (thousand person-days)", 1e-3),
}
FloatArray = npt.NDArray[np.float64]


def frontier(answer: Answer) -> Figure:
    """Two panels; who is better in both at once dominates, and the others stand on the line."""
    points = {name: _points(answer.frame, name) for name in AXES}
    names = (answer.frame.baseline, *answer.compared)
    with house_style():
        figure = new_figure(PAGE, HEIGHT)
        grid = figure.add_gridspec(2, 2, height_ratios=[1, 0.07])
        pairs = (("civilians_killed", "peacekeepers_killed"), ("effort_person_days", "peacekeepers_killed"))
        titles = ("Two kinds of lives", "Effort and lives of peacekeepers")
        for number, ((across, up), title) in enumerate(zip(pairs, titles, strict=True)):
            axes = figure.add_subplot(grid[0, number])
            panel_title(axes, "ab"[number], title)
            _panel(axes, points[across], points[up], names)
            axes.set_xlabel(AXES[across][0])
            axes.set_ylabel(AXES[up][0])
        _legend(figure.add_subplot(grid[1, :]))
        title = f"Simulated costs and lives: {title_of(answer.frame)}, {period_of(answer.frame)}"
        finish(figure, title, study_line(answer.frame))
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


def _panel(axes: Axes, across: FloatArray, up: FloatArray, names: tuple[str, ...]) -> None:
    known = np.flatnonzero(~np.isnan(across[:, 0] + up[:, 0]))
    line = known[undominated(across[known, 0], up[known, 0])]
    axes.axhline(0, color=GREY, linewidth=0.4, zorder=0)
    axes.axvline(0, color=GREY, linewidth=0.4, zorder=0)
    axes.step(across[line, 0], up[line, 0], where="post", color=BLUE, linewidth=0.8, linestyle="--", zorder=1)
    for n in known:
        colour = BLACK if n == 0 else BLUE if n in line else VERMILLION
        style: dict[str, Any] = {"fmt": "o", "color": colour, "markersize": 3.6, "elinewidth": 0.6, "alpha": 0.9}
        axes.errorbar(across[n, :1], up[n, :1], yerr=up[n, 1:], xerr=across[n, 1:], zorder=3, **style)
    axes.margins(0.14)
    _names(axes, across[known, 0], up[known, 0], [names[n] for n in known])


def _names(axes: Axes, across: FloatArray, up: FloatArray, names: list[str]) -> None:
    """Names beside points, moved up or down where two would meet."""
    low, high = axes.get_ylim()
    left, right = axes.get_xlim()
    gap, taken = (high - low) * 0.045, np.zeros((0, 2))
    for n in np.argsort(-up):
        place, side = float(up[n]) + 0.6 * gap, 1 if across[n] < (left + right) / 2 else -1
        while _meets(taken, across[n] / (right - left), place / gap):
            place -= gap
        taken = np.vstack([taken, [across[n] / (right - left), place / gap]])
        style: dict[str, Any] = {"fontsize": 5.8, "ha": "left" if side > 0 else "right", "va": "center"}
        at = (across[n] + side * (right - left) * 0.02, place)
        axes.annotate(names[n], (across[n], up[n]), at, zorder=5, path_effects=HALO, **style)


def _meets(taken: FloatArray, across: float, up: float) -> bool:
    """Whether a name there, in widths of the panel and heights of a line, would run into one already set."""
    near = (np.abs(taken[:, 0] - across) < 0.35) & (np.abs(taken[:, 1] - up) < 0.95)
    return bool(near.any())


def _legend(axes: Axes) -> None:
    axes.set_axis_off()
    marks = ((BLACK, "baseline"), (BLUE, "no other is better in both"), (VERMILLION, "another is better in both"))
    style: dict[str, Any] = {"marker": "o", "markersize": 3.6, "linewidth": 0.6}
    handles = [Line2D([], [], color=colour, label=text, **style) for colour, text in marks]
    axes.legend(handles=handles, loc="center", ncols=3, borderaxespad=0,
                title="means with 95 % Monte Carlo error", title_fontsize=6.5)  # fmt: skip
