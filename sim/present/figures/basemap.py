"""The ground of a map of Mali: land, regions, roads, bases, scale."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from sim.present.figures.map_layers import region_rings, road_lines
from sim.present.figures.style import BLACK

WEST, EAST, SOUTH, NORTH = -12.5, 4.5, 9.9, 25.2  # degrees
MIDDLE = np.cos(np.radians((SOUTH + NORTH) / 2))  # width of a degree of longitude, in degrees of latitude
ASPECT = float((EAST - WEST) * MIDDLE / (NORTH - SOUTH))  # width of the map over its height
KM_PER_DEGREE = 111.2
LAND, BORDER, ROAD = "#F6F6F3", "0.55", "0.3"
NAME_SIZE = 5.2  # points
STRENGTHS = (200, 1000, 3000)  # persons, in the legend
ROAD_STYLE: dict[str, Any] = {"linewidth": 0.6, "linestyle": (0, (4, 1.5))}
# where the name of a base stands beside it: horizontal and vertical, so that no two names meet
NAME_SIDE = {
    "Ansongo": (1, -1),
    "Ber": (1, 1),
    "Diabaly": (-1, 0),
    "Gao": (-1, 0),
    "Gossi": (-1, 1),
    "Goundam": (-1, 0),
    "Lere": (-1, 0),
    "Mopti": (-1, 0),
    "Ogossagou": (1, -1),
    "Tombouctou": (-1, 1),
}
REGION_NAMES = {
    "Gao": (2.9, 16.85),
    "Kayes": (-10.3, 13.6),
    "Kidal": (3.05, 19.75),
    "Koulikoro": (-7.45, 13.75),
    "Mopti": (-4.3, 15.2),
    "Segou": (-5.0, 13.5),
    "Sikasso": (-6.4, 10.85),
    "Tombouctou": (-3.3, 21.8),
}
_HALO = [withStroke(linewidth=1.2, foreground="white")]


def draw_land(axes: Axes) -> None:
    """Set the frame of the map and fill the country."""
    axes.set_xlim(WEST, EAST)
    axes.set_ylim(SOUTH, NORTH)
    axes.set_aspect(1 / MIDDLE)
    axes.set_axis_off()
    rings = [ring for part in region_rings().values() for ring in part]
    axes.add_collection(PolyCollection(rings, facecolors=LAND, linewidths=0, zorder=0))


def draw_regions(axes: Axes) -> None:
    """Borders and names of regions."""
    rings = [ring for part in region_rings().values() for ring in part]
    axes.add_collection(LineCollection(rings, colors=BORDER, linewidths=0.5, zorder=2))
    for region, (lon, lat) in REGION_NAMES.items():
        style: dict[str, Any] = {"color": "0.4", "fontsize": 5, "ha": "center", "va": "center"}
        axes.text(lon, lat, region.upper(), zorder=5, path_effects=_HALO, **style)


def draw_roads(axes: Axes) -> None:
    """Roads, dashed: straight between towns."""
    axes.add_collection(LineCollection(list(road_lines()), colors=ROAD, zorder=3, **_plural(ROAD_STYLE)))


def draw_bases(axes: Axes, bases: pd.DataFrame) -> None:
    """Bases as squares whose area is their strength, with their names."""
    axes.scatter(bases["lon"], bases["lat"], s=marker_area(bases["strength"].to_numpy()), zorder=4, **base_style())
    for base in bases.itertuples():
        right, up = NAME_SIDE.get(base.base, (1, 0))
        reach = np.sqrt(marker_area(base.strength)) / 2 + 1.0  # points
        lift = up * (reach if not right else reach * 0.7)
        style: dict[str, Any] = {"fontsize": NAME_SIZE, "ha": {1: "left", -1: "right"}[right]}
        style["va"] = {0: "center_baseline", 1: "bottom", -1: "top"}[up]
        place: Any = (base.lon, base.lat)
        axes.annotate(
            base.base,
            place,
            (right * reach, lift),
            textcoords="offset points",
            zorder=6,
            path_effects=_HALO,
            **style,
        )


def base_style() -> dict[str, Any]:
    """Look of a base on the map and in the legend."""
    return {"marker": "s", "facecolor": "white", "edgecolor": BLACK, "linewidth": 0.7}


def marker_area(strength: float | npt.NDArray[np.float64]) -> Any:
    """Area of a base's marker in square points, for a strength in persons."""
    return 4.0 + np.asarray(strength) / 70


def draw_scale(axes: Axes, km: int = 300) -> None:
    """A bar of so many kilometres in the lower right corner, true at the latitude where it is drawn."""
    lat = SOUTH + 0.9
    span = km / (KM_PER_DEGREE * np.cos(np.radians(lat)))
    left = EAST - 0.3 - span
    axes.plot([left, left + span], [lat, lat], color=BLACK, linewidth=1.2, solid_capstyle="butt")
    axes.text(left + span / 2, lat + 0.15, f"{km} km", fontsize=NAME_SIZE, ha="center", va="bottom")


def ground_legend(axes: Axes) -> None:
    """What squares and dashes mean, in a row of its own."""
    axes.set_axis_off()
    handles: list[Any] = [
        axes.scatter(
            [],
            [],
            s=marker_area(float(persons)),
            label=f"base, {persons:,} persons on average",
            **base_style(),
        )
        for persons in STRENGTHS
    ]
    handles.append(Line2D([], [], color=ROAD, label="road (straight between towns)", **ROAD_STYLE))
    axes.legend(handles=handles, loc="center left", ncols=4, borderaxespad=0, columnspacing=1.2)


def _plural(style: dict[str, Any]) -> dict[str, Any]:
    return {f"{key}s": value for key, value in style.items()}
