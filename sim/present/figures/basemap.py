"""The ground of a map: land, regions, roads, bases, scale."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from sim.missions import Mission
from sim.present.figures.map_layers import region_rings, road_lines
from sim.present.figures.style import BLACK
from sim.present.locale import ENGLISH, Locale

KM_PER_DEGREE = 111.2
LAND, BORDER, ROAD = "#F6F6F3", "0.55", "0.3"
NAME_SIZE = 5.2  # points
STRENGTHS = (200, 1000, 3000)  # persons, in the legend
ROAD_STYLE: dict[str, Any] = {"linewidth": 0.6, "linestyle": (0, (4, 1.5))}
_HALO = [withStroke(linewidth=1.2, foreground="white")]


def aspect(mission: Mission) -> float:
    """Width of the map over its height."""
    frame = mission.facts.map
    return float((frame.east - frame.west) * _narrowing(mission) / (frame.north - frame.south))


def _narrowing(mission: Mission) -> float:
    """Width of a degree of longitude in the middle of the map, in degrees of latitude."""
    return float(np.cos(np.radians((mission.facts.map.south + mission.facts.map.north) / 2)))


def draw_land(axes: Axes, mission: Mission) -> None:
    """Set the frame of the map and fill the country."""
    frame = mission.facts.map
    axes.set_xlim(frame.west, frame.east)
    axes.set_ylim(frame.south, frame.north)
    axes.set_aspect(1 / _narrowing(mission))
    axes.set_axis_off()
    rings = [ring for part in region_rings(mission).values() for ring in part]
    axes.add_collection(PolyCollection(rings, facecolors=LAND, linewidths=0, zorder=0))


def draw_regions(axes: Axes, mission: Mission, locale: Locale = ENGLISH) -> None:
    """Borders and names of regions."""
    rings = [ring for part in region_rings(mission).values() for ring in part]
    axes.add_collection(LineCollection(rings, colors=BORDER, linewidths=0.5, zorder=2))
    style: dict[str, Any] = {"color": "0.4", "fontsize": 5, "ha": "center", "va": "center"}
    for region, facts in mission.facts.regions.items():
        if facts.label_at is not None:
            axes.text(*facts.label_at, locale.gettext(region).upper(), zorder=5, path_effects=_HALO, **style)


def draw_roads(axes: Axes, mission: Mission) -> None:
    """Roads, dashed: straight between towns."""
    axes.add_collection(LineCollection(list(road_lines(mission)), colors=ROAD, zorder=3, **_plural(ROAD_STYLE)))


def draw_bases(axes: Axes, bases: pd.DataFrame, mission: Mission) -> None:
    """Bases as squares whose area is their strength, with their names."""
    axes.scatter(bases["lon"], bases["lat"], s=marker_area(bases["strength"].to_numpy()), zorder=4, **base_style())
    for base in bases.itertuples():
        right, up = mission.facts.map.base_names.get(base.base, (1, 0))
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


def draw_scale(axes: Axes, mission: Mission) -> None:
    """A bar of kilometres in the lower right corner, true at the latitude where it is drawn."""
    frame, km = mission.facts.map, mission.facts.map.scale_km
    lat = frame.south + (frame.north - frame.south) * 0.059
    span = km / (KM_PER_DEGREE * np.cos(np.radians(lat)))
    left = frame.east - 0.3 - span
    axes.plot([left, left + span], [lat, lat], color=BLACK, linewidth=1.2, solid_capstyle="butt")
    axes.text(left + span / 2, lat + 0.15, f"{km} km", fontsize=NAME_SIZE, ha="center", va="bottom")


def ground_legend(axes: Axes, locale: Locale = ENGLISH) -> None:
    """What squares and dashes mean, in a row of its own."""
    axes.set_axis_off()
    handles: list[Any] = [
        axes.scatter(
            [],
            [],
            s=marker_area(float(persons)),
            label=locale.gettext("base, {n} persons on average", n=locale.number(persons)),
            **base_style(),
        )
        for persons in STRENGTHS
    ]
    handles.append(Line2D([], [], color=ROAD, label=locale.gettext("road (straight between towns)"), **ROAD_STYLE))
    axes.legend(handles=handles, loc="center left", ncols=4, borderaxespad=0, columnspacing=1.2)


def _plural(style: dict[str, Any]) -> dict[str, Any]:
    return {f"{key}s": value for key, value in style.items()}
