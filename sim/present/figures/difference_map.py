"""Difference map: where a variant has fewer and more killed than the baseline, in blue and in vermillion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import BoundaryNorm, ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Outline

from sim.missions import Mission
from sim.present.figures.basemap import aspect, draw_land, draw_regions, draw_roads, draw_scale
from sim.present.figures.caption import study_source, study_title
from sim.present.figures.map_layers import region_rings
from sim.present.figures.style import BLUE, PAGE, VERMILLION, axes_at, finish, house_style, new_figure, panel_title
from sim.present.figures.ticks import numbers
from sim.present.labels import policy_names
from sim.present.locale import ENGLISH, N_, Locale

if TYPE_CHECKING:
    from sim.inference.comparison import Answer

WIDTH, HEIGHT = 89.0, 122.0  # mm, of one map and of the figure
LADDER = np.array([1.0, 2.0, 5.0])
SIDES = 4  # classes on each side
PANELS = {
    "peacekeepers_killed": N_("Peacekeepers killed: {n} in all"),
    "civilians_killed": N_("Civilians killed: {n} in all"),
}

FloatArray = npt.NDArray[np.float64]


def difference_map(answer: Answer, variant: str | None = None, locale: Locale = ENGLISH) -> Figure:
    """The figure of one variant; by default the one that differs most in the main outcome."""
    frame, mission = answer.frame, answer.frame.scenario.mission
    most = answer.most_different()
    chosen = variant or (most.variant if most else answer.compared[0])
    with house_style():
        figure = new_figure(PAGE, HEIGHT)
        for number, (outcome, title) in enumerate(PANELS.items()):
            left = 1.8 + number * (WIDTH + 1.5)
            axes = axes_at(figure, left, 26, WIDTH, WIDTH / aspect(mission))
            cells = frame.cells(outcome)
            change = cells[frame.variants.index(chosen)] - cells[frame.variants.index(frame.baseline)]
            panel_title(axes, "ab"[number], locale.gettext(title, n=locale.signed(float(change.sum()))))
            shades = _draw(axes, change, mission, locale)
            text = locale.gettext("fewer  |  more deaths per cell, mean of {n} pairs", n=len(frame.replications))
            _bar(figure, axes_at(figure, left + 8, 21.5, WIDTH - 16, 2), shades, text, locale)
        names = policy_names(frame, locale)
        values = {"variant": names[chosen], "base": names[frame.baseline], "title": study_title(frame, locale)}
        title = locale.gettext("Simulated difference, “{variant}” minus “{base}”: {title}", **values)
        finish(figure, title, study_source(frame, locale, frame.scenario.mission.facts.map.credit), lines=3)
    return figure


def _draw(axes: Axes, change: FloatArray, mission: Mission, locale: Locale) -> PatchCollection:
    draw_land(axes, mission)
    bounds = class_bounds(float(np.abs(change).max(initial=0.0)))
    facts = mission.table("cells")
    size = float(np.diff(np.unique(facts["lat"])).min())  # degrees
    least = bounds[SIDES + 1]
    shown = np.flatnonzero(np.abs(change) > least * (1 + 1e-9))  # on the bound: neither fewer nor more
    west, south = facts["lon"].to_numpy()[shown] - size / 2, facts["lat"].to_numpy()[shown] - size / 2
    squares = [Rectangle(corner, size, size) for corner in zip(west, south, strict=True)]
    cells = PatchCollection(squares, cmap=_colours(), norm=BoundaryNorm(bounds, 2 * SIDES + 1), linewidths=0, zorder=1)
    cells.set_array(change[shown])
    axes.add_collection(cells)
    country = [Outline(ring) for part in region_rings(mission).values() for ring in part]
    cells.set_clip_path(Outline.make_compound_path(*country), axes.transData)
    draw_regions(axes, mission, locale)
    draw_roads(axes, mission)
    draw_scale(axes, mission)
    return cells


def class_bounds(most: float) -> FloatArray:
    """Bounds from the ladder 1, 2, 5, 10, ..., alike on both sides of a class around zero, float64 [2 SIDES + 2]."""
    ladder = np.concatenate([LADDER * 10.0**power for power in range(-6, 7)])
    top = int(np.searchsorted(ladder, max(most, 0.01), side="right"))
    side = ladder[top - SIDES : top + 1]
    return np.concatenate([-side[::-1], side])


def _colours() -> ListedColormap:
    """Blue for fewer, vermillion for more, white between."""
    weights = np.linspace(1.0, 0.25, SIDES)[:, None]
    fewer, more = (1 - weights * (1 - np.array(to_rgb(colour))) for colour in (BLUE, VERMILLION))
    return ListedColormap(np.concatenate([fewer, [[1.0, 1.0, 1.0]], more[::-1]]))


def _bar(figure: Figure, axes: Axes, cells: PatchCollection, label: str, locale: Locale) -> None:
    bar = figure.colorbar(cells, cax=axes, orientation="horizontal", format=numbers(locale), spacing="uniform")
    bar.set_label(label, labelpad=2)
    bar.set_ticks(list(cells.norm.boundaries))  # type: ignore[attr-defined]
    bar.ax.tick_params(length=1.5, pad=1.5, labelsize=5.5)
    axes.spines[:].set_linewidth(0.4)
