"""Where harm fell: two maps, peacekeepers and civilians killed, with roads and bases."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import BoundaryNorm, ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path as Outline

from sim.model.recorder import RunRecord
from sim.present.figures.basemap import (
    aspect,
    draw_bases,
    draw_land,
    draw_regions,
    draw_roads,
    draw_scale,
    ground_legend,
)
from sim.present.figures.caption import run_source, run_title
from sim.present.figures.map_layers import open_bases, region_rings
from sim.present.figures.style import BLUE, PAGE, VERMILLION, axes_at, finish, house_style, new_figure, panel_title
from sim.present.figures.ticks import numbers
from sim.present.locale import ENGLISH, N_, Locale
from sim.results.summary import SeedSummary, summarise

WIDTH, HEIGHT = 89.0, 126.0  # mm, of one map and of the figure
STEPS = np.array([1, 2, 5])
CLASSES = 6
PANELS = (
    ("peacekeepers_killed", N_("Peacekeepers killed by malicious acts"), BLUE),
    ("civilians_killed", N_("Civilians killed"), VERMILLION),
)


def map_of_harm(record: RunRecord, seeds: Sequence[SeedSummary] = (), locale: Locale = ENGLISH) -> Figure:
    """The figure: the mean of the seeds in each cell, or the one run where fewer than two seeds are given."""
    runs = seeds if len(seeds) > 1 else (summarise(record),)
    bases = open_bases(record)
    with house_style():
        figure = new_figure(PAGE, HEIGHT)
        for number, (outcome, title, colour) in enumerate(PANELS):
            left = 1.8 + number * (WIDTH + 1.5)
            axes = axes_at(figure, left, 30, WIDTH, WIDTH / aspect(record.scenario.mission))
            panel_title(axes, "ab"[number], locale.gettext(title))
            harm = np.mean([run.by_cell[outcome] for run in runs], axis=0)
            cells = _draw_panel(axes, record, harm, colour, bases, locale)
            text = _meaning(len(runs), record.seed, locale)
            _colour_bar(axes_at(figure, left + 8, 25.5, WIDTH - 16, 2), cells, text, locale)
        ground_legend(axes_at(figure, 2.5, 11.5, PAGE - 5, 4), locale)
        title = locale.gettext("Simulated harm: {title}", title=run_title(record, locale))
        finish(figure, title, run_source(record, len(seeds), record.scenario.mission.facts.map.credit, locale), lines=3)
    return figure


def _draw_panel(
    axes: Axes, record: RunRecord, harm: npt.NDArray[np.float64], colour: str, bases: pd.DataFrame, locale: Locale
) -> PatchCollection:
    mission = record.scenario.mission
    draw_land(axes, mission)
    cells = draw_harm(axes, record, harm, colour)
    draw_regions(axes, mission, locale)
    draw_roads(axes, mission)
    draw_bases(axes, bases, mission)
    draw_scale(axes, mission)
    return cells


def _colour_bar(axes: Axes, cells: PatchCollection, label: str, locale: Locale) -> None:
    figure = cells.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(cells, cax=axes, orientation="horizontal", format=numbers(locale))
        bar.set_label(label, labelpad=2)
        axes.spines[:].set_linewidth(0.4)
        axes.tick_params(length=1.5, pad=1.5)


def draw_harm(axes: Axes, record: RunRecord, harm: npt.NDArray[np.float64], colour: str) -> PatchCollection:
    """Shade cells by deaths, float64 [cells], in classes; below the lowest class the land stays bare."""
    bounds = class_bounds(float(harm.max(initial=0)), whole=bool((harm == harm.round()).all()))
    size = float(np.diff(np.unique(record.names.lats)).min())  # degrees
    shown = np.flatnonzero(harm >= bounds[0])
    west, south = record.names.lons[shown] - size / 2, record.names.lats[shown] - size / 2
    squares = [Rectangle(corner, size, size) for corner in zip(west, south, strict=True)]
    cells = PatchCollection(squares, cmap=_shades(colour, CLASSES), norm=BoundaryNorm(bounds, CLASSES), linewidths=0)
    cells.set_array(harm[shown])
    cells.set_zorder(1)
    axes.add_collection(cells)
    country = [Outline(ring) for part in region_rings(record.scenario.mission).values() for ring in part]
    cells.set_clip_path(Outline.make_compound_path(*country), axes.transData)
    return cells


def class_bounds(most: float, whole: bool = False) -> npt.NDArray[np.float64]:
    """CLASSES + 1 bounds from the ladder 1, 2, 5, 10, ...; the last is the first that exceeds ``most``.

    ``whole`` numbers, those of a single run, have no class below 1.
    """
    ladder = np.concatenate([STEPS * 10.0**power for power in range(-5, 8)])
    top = int(np.searchsorted(ladder, max(most, 1.0), side="right"))
    if whole:
        top = max(top, int(np.searchsorted(ladder, 1.0)) + CLASSES)
    return np.asarray(ladder[top - CLASSES : top + 1], dtype=np.float64)


def _shades(colour: str, n: int) -> ListedColormap:
    """From nearly white to the full colour in n steps."""
    weights = np.linspace(0.16, 1.0, n)[:, None]
    return ListedColormap(1 - weights * (1 - np.array(to_rgb(colour))))


def _meaning(runs: int, seed: int, locale: Locale) -> str:
    if runs > 1:
        return locale.gettext("simulated deaths per cell in the period, mean of {n} seeds", n=runs)
    return locale.gettext("simulated deaths per cell in the period, seed {n}", n=seed)
