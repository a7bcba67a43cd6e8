"""What a map shows besides the run: outlines of regions, roads, bases and their mean strength."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.missions import Mission
from sim.model.recorder import LEDGER_ITEMS, RunRecord
from sim.results.panel import dates

Ring = npt.NDArray[np.float64]


@lru_cache(maxsize=8)
def region_rings(mission: Mission) -> Mapping[str, Sequence[Ring]]:
    """Outline of each region: rings of longitude and latitude, float64 [points, 2].  Read once; do not change them."""
    document = json.loads((mission.folder / "region_outlines.geojson").read_text(encoding="utf-8"))
    return {feature["properties"]["region"]: _rings(feature["geometry"]) for feature in document["features"]}


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [np.array(ring, dtype=np.float64) for polygon in polygons for ring in polygon]


def road_lines(mission: Mission) -> npt.NDArray[np.float64]:
    """Roads as straight pieces, float64 [roads, 2 ends, longitude and latitude]."""
    roads = mission.table("corridors")
    ends = roads[["from_lon", "from_lat", "to_lon", "to_lat"]].to_numpy(dtype=np.float64)
    return np.asarray(ends.reshape(-1, 2, 2))


def open_bases(record: RunRecord) -> pd.DataFrame:
    """Bases open on a day of the period: base, lat, lon, and strength.

    strength: mean persons over the days of the period on which the base was open: the mission's simulated
    personnel times the base's share of it in each year.
    """
    mission = record.scenario.mission
    bases, days = mission.table("bases"), dates(record)
    last = mission.clock.date_of(record.last_day + 1).isoformat()
    opened = bases["opened"].to_numpy().astype("datetime64[D]")
    closed = bases["closed"].replace("", last).to_numpy().astype("datetime64[D]")
    is_open = (days[:, None] >= opened) & (days[:, None] < closed)
    persons = (
        _shares(mission, bases["base"], days)
        * record.ledger[:, :, LEDGER_ITEMS.index("personnel_days")].sum(axis=1)[:, None]
    )
    strength = (persons * is_open).sum(axis=0) / np.maximum(is_open.sum(axis=0), 1)
    frame = bases[["base", "lat", "lon"]].assign(strength=strength)
    return frame[is_open.any(axis=0)].reset_index(drop=True)


def _shares(mission: Mission, names: pd.Series, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
    """Each base's share of the mission on each day, float64 [days, bases]."""
    by_year = mission.table("contingents").pivot_table(
        index="year", columns="base", values="share", aggfunc="sum", fill_value=0
    )
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    shares: npt.NDArray[np.float64] = by_year.reindex(index=years, columns=names, fill_value=0).to_numpy()
    return shares
