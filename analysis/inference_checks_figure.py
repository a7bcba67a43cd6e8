"""Is the inference calibrated?  Ranks of known truths, and how far the record narrowed each quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.present.figures.style import BLACK, BLUE, GREY, PAGE, VERMILLION, finish, house_style, new_figure, panel_title

if TYPE_CHECKING:
    from analysis.simulation_based_calibration import Uniformity

HEIGHT = 78.0  # mm
PALE = 0.35


def identifiability(found: Uniformity, learned: pd.DataFrame, source: str) -> Figure:
    """Left: empirical less uniform distribution of every quantity's ranks, over the band that all lie in at once.
    Right: posterior over prior standard deviation, in order.  ``learned``: name, sd_ratio, verdict.
    """
    with house_style():
        figure = new_figure(PAGE, HEIGHT)
        left, right = figure.subplots(1, 2)
        panel_title(left, "a", "Ranks of known truths among what was inferred")
        _ranks(left, found)
        panel_title(right, "b", "How far the record narrowed each quantity")
        _narrowed(right, learned)
        finish(figure, "Simulated: what the record can identify, and whether the inference is calibrated", source)
    return figure


def _ranks(axes: Axes, found: Uniformity) -> None:
    """Each curve over the band for as many records as it has: some quantities are of one rival structure alone."""
    guilty = {name for name, _, _ in found.rejected()}
    for name, column in zip(found.names, found.u.T, strict=True):
        u = np.sort(column[~np.isnan(column)])
        steps = (np.arange(len(u)) + 0.5) / len(u)
        style = (VERMILLION, 1.0, 3) if name in guilty else (BLUE, PALE, 2)
        axes.plot(u, (steps - u) / found.band(len(u)), color=style[0], alpha=style[1], linewidth=0.5, zorder=style[2])
    axes.axhline(0.0, color=GREY, linewidth=0.5)
    for side in (-1.0, 1.0):
        axes.axhline(side, color=BLACK, linewidth=0.8, linestyle=(0, (4, 2)))
    axes.set(xlim=(0, 1), ylim=(-1.3, 1.3))
    axes.text(0.99, 1.05, "of a right analysis no curve crosses: 99 %", ha="right", va="bottom", fontsize=6)
    axes.set_xlabel("rank of the truth, as a share")
    axes.set_ylabel("share of records below, less uniform,\nover the 99 % band for their number")


def _narrowed(axes: Axes, learned: pd.DataFrame) -> None:
    ordered = learned.sort_values("sd_ratio")["sd_ratio"].to_numpy(np.float64)
    told = ordered <= 0.8
    where = np.arange(1, len(ordered) + 1)
    for chosen, colour, label in ((told, BLUE, "learned"), (~told, GREY, "rests on assumption")):
        axes.scatter(where[chosen], ordered[chosen], s=6, color=colour, label=label, linewidths=0)
    axes.axhline(0.8, color=BLACK, linewidth=0.6, linestyle=(0, (4, 2)))
    axes.set(ylim=(0, max(1.1, 1.05 * ordered.max())))
    axes.set_xlabel("quantities, the best known first")
    axes.set_ylabel("posterior sd over prior sd")
    axes.legend(loc="lower right")
