"""The basemap of the page: regions, roads, bases, cells, towns; and observed totals by month or quarter."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from sim.missions import Mission
from sim.model.recorder import ACTIVITIES, KINDS, TACTICS
from sim.model.world import build
from sim.scenario import packaged_names


@cache
def basemap(mission: Mission, cell_size: float = 0.5) -> dict[str, Any]:
    """Plain JSON data; degrees with two decimals."""
    world = build(mission, cell_size)
    towns = mission.table("towns")
    roads = mission.table("corridors")[["from_lon", "from_lat", "to_lon", "to_lat"]].to_numpy(float)
    bases = mission.table("bases").set_index("base").loc[list(world.bases)]
    return {
        "cellSize": cell_size,
        "regions": {name: [np.round(ring, 2).tolist() for ring in rings] for name, rings in _rings(mission).items()},
        "roads": np.round(roads, 2).tolist(),
        "bases": [
            {"name": name, "lon": round(float(row.lon), 3), "lat": round(float(row.lat), 3), "cell": int(cell)}
            for (name, row), cell in zip(bases.iterrows(), world.base_cell, strict=True)
        ],
        "cells": {
            "gid": world.cells.gid.tolist(),
            "lon": np.round(world.cells.lon, 3).tolist(),
            "lat": np.round(world.cells.lat, 3).tolist(),
            "region": world.cells.region.tolist(),
        },
        "frame": mission.facts.map.model_dump(include={"west", "east", "south", "north"}),
        "labels": {name: row.label_at for name, row in mission.facts.regions.items() if row.label_at},
        "labelled": list(mission.facts.map.named_in_view),
        "regionNames": list(mission.regions),
        "towns": [[str(t.town), round(float(t.lon), 2), round(float(t.lat), 2)] for t in towns.itertuples()],
        "kinds": list(KINDS),
        "tactics": list(TACTICS),
        "activities": list(ACTIVITIES),
        "scenarios": list(packaged_names()),
    }


def _rings(mission: Mission) -> dict[str, Any]:
    from sim.present.figures.map_layers import region_rings

    return dict(region_rings(mission))


@lru_cache(maxsize=64)  # the same for every session
def record_series(mission: Mission, outcome: str, edges: tuple[str, ...]) -> list[list[Any]]:
    """[first month, month after the last, observed total per bin] over the bins; nothing where nothing was observed.

    A yearly total is spread evenly over its bins.  Withheld years are never here.
    """
    from sim.missions.record import SERIES

    series = SERIES.get(outcome)
    if series is None or series.measure != "total":
        return []
    seen = series.observations(mission)
    first = np.array(seen["start"].to_numpy(), dtype="datetime64[M]")
    last = np.array(seen["end"].to_numpy(), dtype="datetime64[M]") + 1
    bins = np.array(edges, dtype="datetime64[M]")
    width = int((bins[1] - bins[0]).astype(int))
    inside = (first >= bins[0]) & (last <= bins[-1])
    rows = list(zip(first[inside], last[inside], seen["value"].to_numpy()[inside], strict=True))
    if rows and (rows[0][1] - rows[0][0]).astype(int) < width:
        rows = _joined(rows, bins)
    return [[str(a), str(b), round(float(v) * width / int((b - a).astype(int)), 2)] for a, b, v in rows]


def _joined(rows: list[Any], bins: Any) -> list[Any]:
    """Months added up to the bins that they fill."""
    joined = []
    for left, right in pairwise(bins):
        inside = [value for first, last, value in rows if first >= left and last <= right]
        if len(inside) == (right - left).astype(int):
            joined.append((left, right, sum(inside)))
    return joined
