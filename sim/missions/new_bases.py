"""Bases that a mission did not have: their rows in the tables of bases and corridors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, hypot, radians
from typing import TYPE_CHECKING

from sim.missions.errors import MissionError

if TYPE_CHECKING:
    from sim.missions.mission import Mission

Row = dict[str, str]
KM_PER_DEGREE = 111.195
DETOUR = 1.1  # of a track over the straight line, as in the packaged corridors
HALF_CELL = 0.25  # degrees: half a PRIO-GRID cell


@dataclass(frozen=True)
class NewBase:
    """A base of a scenario's own, in degrees; ``town`` as in the tables, or the base's own name."""

    name: str
    town: str
    lat: float
    lon: float
    opened: date


def tables_with(mission: Mission, bases: Sequence[NewBase]) -> dict[str, tuple[Row, ...]]:
    """The rows that these bases add, by table.  MissionError for a place outside the country.

    Each is supplied from the nearest hub, along the roads that there are; where its town lies at none of them, a track
    leads to the nearest town that does.
    """
    added: dict[str, tuple[Row, ...]] = {"bases": (), "corridors": ()}
    for base in bases:
        added["bases"] += (_base(mission, base),)
        nodes = _nodes([*mission.rows("corridors"), *added["corridors"]])
        if base.town not in nodes:
            added["corridors"] += (_track(base, nodes),)
    return added


def _base(mission: Mission, base: NewBase) -> Row:
    cell = next((row for row in mission.rows("cells") if _holds(row, base)), None)
    if cell is None:
        raise MissionError(f"{base.name} at {base.lat:g}, {base.lon:g} lies outside the country")
    known = mission.rows("bases")
    hubs = {row["hub"] for row in known if row["hub"]}
    hub = min((row for row in known if row["base"] in hubs), key=lambda row: _km(base, *_point(row)))
    text = {"base": base.name, "town": base.town, "lat": f"{base.lat:g}", "lon": f"{base.lon:g}", "gid": cell["gid"]}
    text |= {"region": cell["region"], "hub": hub["base"], "opened": base.opened.isoformat()}
    text |= {"hospital": "0", "helicopters": "0", "status": "assumed", "source": "assumption"}
    return {column: text.get(column, "") for column in known[0]}


def _holds(cell: Row, base: NewBase) -> bool:
    lat, lon = _point(cell)
    return -HALF_CELL <= base.lat - lat < HALF_CELL and -HALF_CELL <= base.lon - lon < HALF_CELL


def _nodes(corridors: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """The places that roads join, with latitude and longitude."""
    ends = ("from", "to")
    return {
        row[f"{end}_town"]: (float(row[f"{end}_lat"]), float(row[f"{end}_lon"])) for row in corridors for end in ends
    }


def _track(base: NewBase, nodes: dict[str, tuple[float, float]]) -> Row:
    town = min(nodes, key=lambda name: _km(base, *nodes[name]))
    lat, lon = nodes[town]
    row = {"corridor": f"track to {base.name}", "from_town": town, "to_town": base.town, "surface": "track"}
    row |= {"from_lat": str(lat), "from_lon": str(lon), "to_lat": str(base.lat), "to_lon": str(base.lon)}
    return row | {
        "km": f"{max(1.0, DETOUR * _km(base, lat, lon)):.1f}",
        "confidence": "recalled",
        "source": "assumption",
    }


def _point(row: Row) -> tuple[float, float]:
    return float(row["lat"]), float(row["lon"])


def _km(base: NewBase, lat: float, lon: float) -> float:
    return KM_PER_DEGREE * hypot(lat - base.lat, (lon - base.lon) * cos(radians(base.lat)))
