"""Ranges over seeds, drawn in one way everywhere: 90 % pale, 50 % darker, the median a line."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from sim.present.figures.style import ONE_SEED, RECORD, SIMULATED
from sim.results.panel import FloatArray

PALE, DARK = 0.18, 0.30  # opacity of the 90 % range, and of the 50 % range over it
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def draw_band(axes: Axes, x: npt.NDArray[Any], seeds: FloatArray) -> None:
    """The range of ``seeds``, float64 [seeds, len(x)]; nothing for fewer than two seeds."""
    if len(seeds) < 2:
        return
    low, lower, median, upper, high = np.quantile(seeds, QUANTILES, axis=0)
    axes.fill_between(x, low, high, alpha=PALE, color=SIMULATED, linewidth=0)
    axes.fill_between(x, lower, upper, alpha=DARK, color=SIMULATED, linewidth=0)
    axes.plot(x, median, color=SIMULATED, linewidth=1.0)


def draw_one(axes: Axes, x: npt.NDArray[Any], values: FloatArray) -> None:
    """The one seed, a thin line."""
    axes.plot(x, values, color=ONE_SEED, linewidth=0.7)


def draw_steps(axes: Axes, edges: npt.NDArray[Any], seeds: FloatArray, own: FloatArray) -> None:
    """Range and one seed of totals per bin: ``edges`` are one more than the bins of the others."""
    x = np.repeat(edges, 2)[1:-1]
    draw_band(axes, x, np.repeat(seeds, 2, axis=-1))
    draw_one(axes, x, np.repeat(own, 2))


def draw_record(axes: Axes, x: Any, values: Any, size: float = 3.2) -> None:
    """Observations, black points; a zero stands whole on the axis."""
    style: dict[str, Any] = {"linestyle": "none", "marker": "o", "markeredgewidth": 0}
    (points,) = axes.plot(x, values, color=RECORD, markersize=size, zorder=5, clip_on=False, **style)
    points.set_in_layout(False)  # without points its extent would be empty, and the layout collapse
