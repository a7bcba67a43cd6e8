"""Sensitivity of one output: the screening of all quantities, and the shares of variance of the chosen ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.model.engine import fingerprint
from sim.present.figures.caption import engine_mark, scenario_mark, simulated
from sim.present.figures.style import (
    BLACK,
    BLUE,
    FORMATS,
    GREY,
    PAGE,
    SKY,
    finish,
    house_style,
    new_figure,
    panel_title,
)
from sim.present.figures.ticks import numbers
from sim.present.figures.writer import draw
from sim.present.labels import outcome_unit
from sim.present.locale import ENGLISH, N_, Locale
from sim.present.sensitivity_text import subject

if TYPE_CHECKING:
    import pandas as pd

    from sim.inference.sensitivity.analysis import Explained, Sensitivity
    from sim.inference.sensitivity.indices import Indices

LABELLED = 8  # quantities named in the screening
HEIGHT, ROW = 62.0, 6.2  # mm: the least height, and what a bar takes
BESIDE = 0.02  # of the width: from a point to its name
FLAT = 0.05  # of the width: what the height is at least, where effects have no spread
LOWEST = 0.03  # of the height: clear of the axis
LINE_HEIGHT = 0.055  # of the height: the least distance of two names


def save_figures(found: Sensitivity, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """sensitivity-<outcome> and sensitivity-<outcome>-<variant> in each of ``formats``."""
    figures = {f"sensitivity-{each.output.label}": partial(sensitivity, found, each) for each in found.outputs}
    return draw(figures, folder, formats)


def sensitivity(found: Sensitivity, each: Explained, locale: Locale = ENGLISH) -> Figure:
    """The figure of one output."""
    _ = locale.gettext
    with house_style():
        figure = new_figure(PAGE, max(HEIGHT, ROW * (len(found.chosen) + 1) + 34.0))
        grid = figure.add_gridspec(2, 2, height_ratios=[1.0, 0.07])
        left, right = figure.add_subplot(grid[:, 0]), figure.add_subplot(grid[0, 1])
        panel_title(left, "a", _("Screening: {n} quantities, one at a time", n=len(found.swept)))
        _screening(left, each.screened, outcome_unit(locale, each.output.outcome), locale)
        panel_title(right, "b", _("Parts of the variance of single runs"))
        _bars(right, each.indices, locale)
        _legend(figure.add_subplot(grid[1, 1]), locale)
        title = _("Simulated sensitivity: {output}", output=subject(found, each, locale))
        finish(figure, title, _source(found, locale))
    return figure


def _screening(axes: Axes, table: pd.DataFrame, unit: str, locale: Locale) -> None:
    """Average size of the effect against its spread; what chance alone would give is shaded."""
    noise = float(table["noise"].median())
    axes.axvspan(0, noise, color="#EDEDED", linewidth=0, zorder=0)
    named = table[table["signal"] > 0].nlargest(LABELLED, "signal")
    axes.plot(table["mu_star"], table["sigma"], "o", color=GREY, markersize=2.2, alpha=0.6, zorder=2)
    axes.errorbar(
        named["mu_star"], named["sigma"], xerr=named["mu_star_conf"], fmt="o", color=BLUE, markersize=3.2,
        elinewidth=0.6, zorder=3,
    )  # fmt: skip
    right = 1.1 * float((table["mu_star"] + table["mu_star_conf"]).max()) or 1.0
    top = max(1.1 * float(table["sigma"].max()), FLAT * right)
    axes.set_xlim(0, 1.45 * right)  # room for the names
    axes.set_ylim(0, top)
    _names(axes, named, right, top)
    size, spread = (locale.gettext(text) for text in (N_("average size of the effect"), N_("spread of the effect")))
    axes.set_xlabel(rf"$\mu^*$: {size}, {unit}")
    axes.set_ylabel(rf"$\sigma$: {spread}, {unit}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(numbers(locale))
    if noise > 0:
        axes.text(
            noise, 0.99 * top, " " + locale.gettext("chance alone"), fontsize=5.5, color=GREY, ha="left", va="top"
        )


def _names(axes: Axes, named: pd.DataFrame, right: float, top: float) -> None:
    """Names in a column at the right, in the order of their points' heights, with a thin line to each."""
    ordered = named.sort_values("sigma")
    heights = np.maximum(np.array(ordered["sigma"], dtype=np.float64) / top, LOWEST)
    for n in range(1, len(heights)):
        heights[n] = max(heights[n], heights[n - 1] + LINE_HEIGHT)
    heights = np.minimum(heights, 0.93)
    for n in range(len(heights) - 2, -1, -1):
        heights[n] = min(heights[n], heights[n + 1] - LINE_HEIGHT)
    for row, height in zip(ordered.itertuples(), heights, strict=True):
        axes.annotate(
            row.quantity,
            (row.mu_star, row.sigma),
            (right * (1 + BESIDE), height * top),
            fontsize=6,
            va="center",
            ha="left",
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.35, "shrinkA": 1, "shrinkB": 2},
            annotation_clip=False,
        )


def _bars(axes: Axes, indices: Indices, locale: Locale) -> None:
    table = indices.table.sort_values("total", ascending=False, kind="stable")
    places = np.arange(len(table), 0, -1, dtype=np.float64)
    axes.barh(places + 0.2, table["first"], height=0.36, color=BLUE, zorder=2)
    axes.barh(places - 0.2, table["total"], height=0.36, color=SKY, zorder=2)
    axes.barh(0.0, indices.chance, height=0.6, color=GREY, zorder=2)
    error: dict[str, Any] = {"fmt": "none", "ecolor": BLACK, "elinewidth": 0.7, "zorder": 3}
    axes.errorbar(table["first"], places + 0.2, xerr=table["first_conf"], **error)
    axes.errorbar(table["total"], places - 0.2, xerr=table["total_conf"], **error)
    axes.errorbar(indices.chance, 0.0, xerr=indices.chance_conf, **error)
    axes.axvline(0, color=BLACK, linewidth=0.6)
    axes.set_yticks([*places, 0.0], [*table["quantity"], locale.gettext("chance")])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(-0.6, len(table) + 0.6)
    axes.set_xlabel(locale.gettext("part of the variance, with 95 % interval"))
    axes.xaxis.set_major_formatter(numbers(locale))


def _legend(axes: Axes, locale: Locale) -> None:
    _ = locale.gettext
    axes.set_axis_off()
    handles = [
        Patch(color=BLUE, label=_("by itself (first order)")),
        Patch(color=SKY, label=_("with interactions (total)")),
        Patch(color=GREY, label=_("chance")),
    ]
    axes.legend(handles=handles, loc="center", ncols=3, borderaxespad=0, columnspacing=1.0)


def _source(found: Sensitivity, locale: Locale) -> str:
    _, scenario, size = locale.gettext, found.scenario, found.size
    facts = _(
        "{trajectories} trajectories; {samples} Sobol' samples of {n} quantities, the others held; {replications} "
        "replications. Period {first} to {last}.",
        trajectories=size.trajectories, samples=size.samples, n=len(found.chosen), replications=size.replications,
        first=scenario.period.start, last=scenario.period.end,
    )  # fmt: skip
    which = [
        engine_mark(fingerprint(scenario.mission), locale),
        scenario_mark(scenario, locale),
        _("seed {seed}", seed=scenario.seed),
    ]
    return simulated([*which, _("varied over the {within}", within=_(found.within))], locale) + f"\n{facts}"
