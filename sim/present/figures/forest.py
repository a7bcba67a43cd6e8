"""Forest plot: the difference of every variant to the baseline, one panel per outcome, three spreads apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.present.answer_sentences import NAMES, unit
from sim.present.figures.comparison_caption import period_of, study_line, title_of
from sim.present.figures.style import BLACK, BLUE, GREY, PAGE, WITHHELD, finish, house_style, new_figure, panel_title

if TYPE_CHECKING:
    from sim.inference.comparison import Answer, Difference

ROW, HEAD, FOOT = 4.6, 17.0, 24.0  # mm: a variant, above and below the rows of a panel
ACROSS = 3  # panels side by side
SHOWN = 6  # outcomes


def forest(answer: Answer) -> Figure:
    """The figure; the first six outcomes reported."""
    outcomes = answer.outcomes[:SHOWN]
    across = min(ACROSS, len(outcomes))
    down = -(-len(outcomes) // across)
    height = down * (ROW * len(answer.compared) + HEAD) + FOOT
    with house_style():
        figure = new_figure(PAGE, height)
        grid = figure.add_gridspec(down + 1, across, height_ratios=[1.0] * down + [0.12])
        for number, outcome in enumerate(outcomes):
            axes = figure.add_subplot(grid[number // across, number % across])
            panel_title(axes, "abcdef"[number], NAMES[outcome])
            _panel(axes, answer, outcome, named=number % across == 0)
        floor = any(row.chance_at_least for row in answer.differences)
        _legend(figure.add_subplot(grid[down, :]), floor)
        base = answer.frame.baseline
        title = f"Simulated differences to {base}: {title_of(answer.frame)}, {period_of(answer.frame)}"
        finish(figure, title, study_line(answer.frame))
    return figure


def _panel(axes: Axes, answer: Answer, outcome: str, named: bool) -> None:
    rows = [answer.of(name, outcome) for name in answer.compared]
    places = np.arange(len(rows))[::-1]
    axes.axvline(0, color=BLACK, linewidth=0.6, zorder=1)
    for place, row in zip(places, rows, strict=True):
        _row(axes, float(place), row)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_yticks(places, [row.variant for row in rows] if named else [""] * len(rows))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"difference, {unit(outcome)}")
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
    axes.xaxis.set_major_formatter(_short)


def _short(value: float, _: float | None) -> str:
    """A tick label that leaves room for its neighbours: -50 k, 2 M."""
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= 10 * size or (abs(value) >= size and value % (size / 10) == 0):
            return f"{value / size:g}{letter}".replace("-", "\N{MINUS SIGN}")
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _legend(axes: Axes, floor: bool) -> None:
    axes.set_axis_off()
    point: dict[str, Any] = {"marker": "o", "markersize": 3.6, "linewidth": 2.0}
    handles = [
        Line2D([], [], color=BLUE, label="average with 95 % interval: likely or very likely", **point),
        Line2D([], [], color=GREY, markerfacecolor="white", label="cannot tell, or rests on assumption", **point),
        Line2D([], [], color=GREY, linewidth=0.7, label="95 % for all variants at once"),
        Patch(color=WITHHELD, label=f"95 % of what chance alone makes of two histories{', at least' if floor else ''}"),
    ]
    axes.legend(handles=handles, loc="center", ncols=2, borderaxespad=0, columnspacing=1.4)
