"""Sensitivity of one output: the screening of all quantities, and the shares of variance of the chosen ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.model.engine import fingerprint, software_version
from sim.present.answer_sentences import unit
from sim.present.figures.style import BLACK, BLUE, GREY, PAGE, SKY, finish, house_style, new_figure, panel_title
from sim.present.figures.writer import draw
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


def save_figures(found: Sensitivity, folder: Path) -> list[Path]:
    """sensitivity-<outcome> and sensitivity-<outcome>-<variant> as png, pdf and svg."""
    figures = {f"sensitivity-{each.output.label}": partial(sensitivity, found, each) for each in found.outputs}
    return draw(figures, folder)


def sensitivity(found: Sensitivity, each: Explained) -> Figure:
    """The figure of one output."""
    with house_style():
        figure = new_figure(PAGE, max(HEIGHT, ROW * (len(found.chosen) + 1) + 34.0))
        grid = figure.add_gridspec(2, 2, height_ratios=[1.0, 0.07])
        left, right = figure.add_subplot(grid[:, 0]), figure.add_subplot(grid[0, 1])
        panel_title(left, "a", f"Screening: {len(found.swept)} quantities, one at a time")
        _screening(left, each.screened, unit(each.output.outcome))
        panel_title(right, "b", "Parts of the variance of single histories")
        _bars(right, each.indices)
        _legend(figure.add_subplot(grid[1, 1]))
        finish(figure, f"Simulated sensitivity: {subject(found, each)}", _source(found))
    return figure


def _screening(axes: Axes, table: pd.DataFrame, what: str) -> None:
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
    axes.set_xlabel(rf"$\mu^*$: average size of the effect over the range, {what}")
    axes.set_ylabel(rf"$\sigma$: spread of the effect, {what}")
    if noise > 0:
        axes.text(noise, 0.99 * top, " chance alone", fontsize=5.5, color=GREY, ha="left", va="top")


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


def _bars(axes: Axes, indices: Indices) -> None:
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
    axes.set_yticks([*places, 0.0], [*table["quantity"], "chance"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(-0.6, len(table) + 0.6)
    axes.set_xlabel("part of the variance, with 95 % interval")


def _legend(axes: Axes) -> None:
    axes.set_axis_off()
    handles = [
        Patch(color=BLUE, label="by itself (first order)"),
        Patch(color=SKY, label="with interactions (total)"),
        Patch(color=GREY, label="chance"),
    ]
    axes.legend(handles=handles, loc="center", ncols=3, borderaxespad=0, columnspacing=1.0)


def _source(found: Sensitivity) -> str:
    scenario, size = found.scenario, found.size
    which = f"scenario {scenario.hash[:12]}, seed {scenario.seed}; swept over the {found.within}"
    engine = fingerprint(scenario.mission)[:12]
    run = f"Simulated by minusim {software_version()} (engine {engine}, {which}); not observed."
    return (
        f"{run}\n{size.trajectories} trajectories; {size.samples} Sobol' samples of {len(found.chosen)} quantities, "
        f"the others held; {size.replications} replications. Period {scenario.period.start} to {scenario.period.end}."
    )
