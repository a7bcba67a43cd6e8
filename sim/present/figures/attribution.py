"""Attribution bars: what each measure of a package averts, with its interval; the bars add up to the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.present.figures.caption import study_source, study_title
from sim.present.figures.style import BLACK, BLUE, GREY, PAGE, VERMILLION, finish, house_style, new_figure
from sim.present.figures.ticks import numbers
from sim.present.labels import attribution_name, outcome_name, outcome_unit
from sim.present.locale import ENGLISH, Locale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.inference.attribution import Attribution

ROW, ROOM = 7.0, 36.0  # mm


def attribution(found: Attribution, locale: Locale = ENGLISH) -> Figure:
    """The figure: a bar per measure, the package last."""
    _ = locale.gettext
    with house_style():
        figure = new_figure(PAGE, ROW * (len(found.shares) + 1) + ROOM)
        grid = figure.add_gridspec(2, 1, height_ratios=[1, 0.08])
        axes = figure.add_subplot(grid[0])
        _bars(axes, found, locale)
        values = {"outcome": outcome_name(locale, found.outcome), "unit": outcome_unit(locale, found.outcome)}
        axes.set_xlabel(_("{outcome} averted ({unit})", **values))
        _legend(figure.add_subplot(grid[1]), locale)
        title = _("Simulated share of each measure: {title}", title=study_title(found.frame, locale))
        finish(figure, title, study_source(found.frame, locale))
    return figure


def _bars(axes: Axes, found: Attribution, locale: Locale) -> None:
    shares = [*found.shares, found.total]
    places = np.append(np.arange(len(shares), 1, -1) - 0.6, 0.0)
    for place, share in zip(places, shares, strict=True):
        colour = GREY if share is found.total else BLUE if share.averted >= 0 else VERMILLION
        axes.barh(place, share.averted, height=0.62, color=colour, alpha=0.85, zorder=2)
        axes.hlines(place, share.low, share.high, color=BLACK, linewidth=0.9, zorder=3)
        if share is not found.total:
            axes.plot(share.alone, place, "|", color=BLACK, markersize=7, zorder=4)
            axes.plot(share.last, place, "x", color=BLACK, markersize=4, zorder=4)
        where: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "fontsize": 6.5, "va": "center"}
        axes.annotate(locale.signed(share.averted), (1.0, place), **where)
    axes.axvline(0, color=BLACK, linewidth=0.6)
    axes.set_yticks(places, [attribution_name(locale, share.measure) for share in shares])
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(numbers(locale))
    axes.spines["left"].set_visible(False)


def _legend(axes: Axes, locale: Locale) -> None:
    _ = locale.gettext
    axes.set_axis_off()
    handles = [
        Line2D([], [], color=BLUE, linewidth=5, alpha=0.85, label=_("averts harm")),
        Line2D([], [], color=VERMILLION, linewidth=5, alpha=0.85, label=_("adds harm")),
        Line2D([], [], color=BLACK, linewidth=0.9, label=_("95 % interval of the average")),
        Line2D([], [], color=BLACK, marker="|", markersize=7, linestyle="none", label=_("alone")),
        Line2D([], [], color=BLACK, marker="x", markersize=4, linestyle="none", label=_("added last")),
    ]
    axes.legend(handles=handles, loc="center", ncols=5, borderaxespad=0)
