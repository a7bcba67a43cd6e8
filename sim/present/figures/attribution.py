"""Attribution bars: what each measure of a package averts, with its interval; the bars add up to the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.present.answer_sentences import NAMES, signed, unit
from sim.present.figures.comparison_caption import period_of, study_line, title_of
from sim.present.figures.style import BLACK, BLUE, GREY, PAGE, VERMILLION, finish, house_style, new_figure

if TYPE_CHECKING:
    from sim.inference.attribution import Attribution

ROW, ROOM = 7.0, 36.0  # mm


def attribution(found: Attribution) -> Figure:
    """The figure: a bar per measure, the package last."""
    shares = [*found.shares, found.total]
    places = np.append(np.arange(len(shares), 1, -1) - 0.6, 0.0)
    with house_style():
        figure = new_figure(PAGE, ROW * len(shares) + ROOM)
        grid = figure.add_gridspec(2, 1, height_ratios=[1, 0.08])
        axes = figure.add_subplot(grid[0])
        for place, share in zip(places, shares, strict=True):
            colour = GREY if share is found.total else BLUE if share.averted >= 0 else VERMILLION
            axes.barh(place, share.averted, height=0.62, color=colour, alpha=0.85, zorder=2)
            axes.hlines(place, share.low, share.high, color=BLACK, linewidth=0.9, zorder=3)
            if share is not found.total:
                axes.plot(share.alone, place, "|", color=BLACK, markersize=7, zorder=4)
                axes.plot(share.last, place, "x", color=BLACK, markersize=4, zorder=4)
            axes.annotate(
                signed(share.averted), (1.0, place), xycoords=("axes fraction", "data"), fontsize=6.5, va="center"
            )
        axes.axvline(0, color=BLACK, linewidth=0.6)
        axes.set_yticks(places, [share.measure.replace("_", " ") for share in shares])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(f"{NAMES[found.outcome]} averted ({unit(found.outcome)})")
        legend = figure.add_subplot(grid[1])
        legend.set_axis_off()
        handles = [
            Line2D([], [], color=BLUE, linewidth=5, alpha=0.85, label="averts"),
            Line2D([], [], color=VERMILLION, linewidth=5, alpha=0.85, label="adds"),
            Line2D([], [], color=BLACK, linewidth=0.9, label="95 % of the average"),
            Line2D([], [], color=BLACK, marker="|", markersize=7, linestyle="none", label="alone"),
            Line2D([], [], color=BLACK, marker="x", markersize=4, linestyle="none", label="added last"),
        ]
        legend.legend(handles=handles, loc="center", ncols=5, borderaxespad=0)
        title = f"Simulated share of each measure: {title_of(found.frame)}, {period_of(found.frame)}"
        finish(figure, title, study_line(found.frame))
    return figure
