"""The map: cells of the PRIO-GRID lattice (or a finer one nested in it), roads, bases, routes and patrol areas.

Built from the packaged facts and read-only afterwards.  Cell order is by gid, base order as in ``bases.csv``.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import cos, fsum, hypot, radians

import numpy as np

from sim.missions import Mission

PRIO_DEGREES = 0.5
KM_PER_DEGREE = 111.195


@dataclass(frozen=True)
class Cells:
    """Columns of the lattice; every array has one entry a cell.  ``population`` is that of the base year."""

    gid: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    region: np.ndarray
    population: np.ndarray
    town: np.ndarray
    road_km: np.ndarray
    neighbour: np.ndarray


@dataclass(frozen=True)
class Runs:
    """Ragged rows in one array: row i is ``cell[first[i]:last[i]]`` with ``km`` (and ``paved`` for roads)."""

    first: np.ndarray
    last: np.ndarray
    cell: np.ndarray
    km: np.ndarray
    paved: np.ndarray


@dataclass(frozen=True, eq=False)  # a world is itself: what is made from one can be kept by it
class World:
    """Everything about the map that a plan needs."""

    mission: Mission
    degrees: float
    cells: Cells
    bases: tuple[str, ...]
    base_cell: np.ndarray
    base_region: np.ndarray
    base_hub: np.ndarray
    routes: Runs
    rings: Runs
    rescue_km: np.ndarray
    refuge: np.ndarray
    towns: dict[str, int]

    @cached_property
    def cell_index(self) -> dict[int, int]:
        """Cell number of a gid of this lattice."""
        return {int(gid): i for i, gid in enumerate(self.cells.gid)}

    @cached_property
    def near_base(self) -> np.ndarray:
        """The base in each cell or beside it (the cell's own first), -1 where none."""
        near = np.full(len(self.cells.gid), -1, np.int64)
        for b in reversed(range(len(self.bases))):
            around = self.cells.neighbour[self.base_cell[b]]
            near[around[around >= 0]] = b
        near[self.base_cell] = np.arange(len(self.bases))
        return near


@lru_cache(maxsize=4)
def build(mission: Mission, degrees: float = PRIO_DEGREES, patrol_range_km: float = 110.0) -> World:
    """The world of a mission at a lattice width of 0.5, 0.25 or 0.1 degrees."""
    lattice = _Lattice(mission.rows("cells"), round(PRIO_DEGREES / degrees))
    segments = {(row["from_town"], row["to_town"]): _trace(lattice, row) for row in mission.rows("corridors")}
    own = {base.town for base in mission.new_bases}  # a track to a camp draws no traffic but its own
    cells = _cells(lattice, {ends: road for ends, road in segments.items() if ends[1] not in own}, mission)
    bases = mission.rows("bases")
    names = tuple(row["base"] for row in bases)
    base_cell = np.array([_cell_of_base(lattice, row) for row in bases], np.int64)
    hub = np.array([names.index(row["hub"]) if row["hub"] else -1 for row in bases], np.int64)
    return World(
        mission=mission,
        degrees=degrees,
        cells=cells,
        bases=names,
        base_cell=base_cell,
        base_region=np.array([mission.regions.index(row["region"]) for row in bases], np.int64),
        base_hub=hub,
        routes=_routes([row["town"] for row in bases], hub, segments, base_cell),
        rings=_rings(cells, base_cell, patrol_range_km),
        rescue_km=_rescue_km(bases),
        refuge=_refuges(cells),
        towns=_towns(lattice, mission),
    )


Row = Mapping[str, str]


class _Lattice:
    """Index arithmetic of the lattice; a PRIO-GRID cell is cut into factor x factor cells."""

    def __init__(self, cells: Sequence[Row], factor: int) -> None:
        self.factor = factor
        self.degrees = PRIO_DEGREES / factor
        self.prio = sorted(cells, key=lambda row: int(row["gid"]))
        self.parent = np.repeat(np.arange(len(self.prio)), factor * factor)
        sub = np.tile(np.arange(factor * factor), len(self.prio))
        self.row = (_whole(self.prio, "row")[self.parent] - 1) * factor + sub // factor
        self.col = (_whole(self.prio, "col")[self.parent] - 1) * factor + sub % factor
        self.lat = -90.0 + (self.row + 0.5) * self.degrees
        self.lon = -180.0 + (self.col + 0.5) * self.degrees
        gid = _whole(self.prio, "gid")[self.parent]
        self.gid = gid if factor == 1 else gid * 100 + sub
        # a margin of one cell around the country, so that a neighbour of every cell can be looked up
        self._first_row, self._first_col = int(self.row.min()) - 1, int(self.col.min()) - 1
        self._at = np.full((np.ptp(self.row) + 3, np.ptp(self.col) + 3), -1, np.int64)
        self._at[self.row - self._first_row, self.col - self._first_col] = np.arange(len(self.gid))

    def at(self, row: np.ndarray, col: np.ndarray) -> np.ndarray:
        """The cells at rows and columns of the lattice, -1 outside the country."""
        r, c = row - self._first_row, col - self._first_col
        rows, cols = self._at.shape
        inside = (r >= 0) & (r < rows) & (c >= 0) & (c < cols)
        return np.where(inside, self._at[np.clip(r, 0, rows - 1), np.clip(c, 0, cols - 1)], -1)

    def find(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """The cells of points, -1 outside the country."""
        return self.at(((lat + 90.0) / self.degrees).astype(np.int64), ((lon + 180.0) / self.degrees).astype(np.int64))


def _whole(rows: Sequence[Row], column: str) -> np.ndarray:
    return np.array([int(row[column]) for row in rows], np.int64)


def _numbers(rows: Sequence[Row], column: str) -> np.ndarray:
    """A column as float64; NaN where there is no value."""
    return np.array([float(row[column] or "nan") for row in rows])


def _cell_of_base(lattice: _Lattice, row: Row) -> int:
    """The table's gid decides at 0.5 degrees, because a base may lie on a cell edge; the point decides on finer
    lattices."""
    if lattice.factor == 1:
        return int(np.flatnonzero(lattice.gid == int(row["gid"]))[0])
    return int(lattice.find(_numbers([row], "lat"), _numbers([row], "lon"))[0])


def _cells(lattice: _Lattice, segments: "Mapping[tuple[str, str], _Segment]", mission: Mission) -> Cells:
    region = np.array([mission.regions.index(row["region"]) for row in lattice.prio], np.int64)
    base_year = str(mission.facts.population.base_year)
    totals = {row["region"]: row["population"] for row in mission.rows("population_region") if row["year"] == base_year}
    listed = _numbers(lattice.prio, "population")
    of_region = np.array([fsum(listed[region == r]) for r in range(len(mission.regions))])
    people = listed / of_region[region] * np.array([float(totals[name]) for name in mission.regions])[region]
    shared = people[lattice.parent] / lattice.factor**2
    town = np.zeros(len(lattice.gid))
    towns = mission.rows("towns")
    found = lattice.find(_numbers(towns, "lat"), _numbers(towns, "lon"))
    np.add.at(town, found[found >= 0], np.nan_to_num(_numbers(towns, "population"))[found >= 0])
    road = np.zeros(len(lattice.gid))
    for segment in segments.values():
        np.add.at(road, segment.cells, segment.km)
    return Cells(
        gid=lattice.gid,
        lat=lattice.lat,
        lon=lattice.lon,
        region=region[lattice.parent],
        population=shared if lattice.factor == 1 else _towards_towns(shared, town, lattice.parent),
        town=town,
        road_km=road,
        neighbour=_neighbours(lattice),
    )


def _towards_towns(shared: np.ndarray, town: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """On finer lattices the people of a PRIO-GRID cell sit where its towns are, the rest evenly."""
    total = np.bincount(parent, shared)
    urban = np.minimum(np.bincount(parent, town), total)
    weight = np.divide(town, np.bincount(parent, town)[parent], out=np.zeros_like(town), where=town > 0)
    rural = (total - urban)[parent] / np.bincount(parent)[parent]
    return np.asarray(rural + weight * urban[parent])


def _neighbours(lattice: _Lattice) -> np.ndarray:
    steps = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])
    return lattice.at(lattice.row[:, None] + steps[:, 0], lattice.col[:, None] + steps[:, 1])


@dataclass(frozen=True)
class _Segment:
    cells: list[int]
    km: list[float]
    paved: float
    length: float


def _trace(lattice: _Lattice, row: Row) -> _Segment:
    """Walk a straight corridor in steps of about a kilometre; points outside the country count to the last cell
    inside."""
    length = float(row["km"])
    start = np.array([float(row["from_lat"]), float(row["from_lon"])])
    end = np.array([float(row["to_lat"]), float(row["to_lon"])])
    steps = max(4, int(length))
    points = start + (end - start) * (np.arange(steps)[:, None] + 0.5) / steps
    found = np.append(lattice.find(*start), lattice.find(*points.T))  # the first is where the walk starts
    found = found[np.maximum.accumulate(np.where(found >= 0, np.arange(steps + 1), 0))][1:]
    new = np.flatnonzero(np.append(True, np.diff(found) != 0))
    within = np.diff(new, append=steps)
    # added step by step: a product would differ in its last bit
    km = np.cumsum(np.full(within.max(), length / steps))[within - 1]
    return _Segment(found[new].tolist(), km.tolist(), float(row["surface"] == "paved"), length)


def _routes(
    towns: Sequence[str], hub: np.ndarray, segments: Mapping[tuple[str, str], _Segment], base_cell: np.ndarray
) -> Runs:
    """The supply route of each base, which lies in a town each, along the roads from its hub."""
    roads: dict[str, dict[str, float]] = {}
    for (a, b), segment in segments.items():
        roads.setdefault(a, {})[b] = roads.setdefault(b, {})[a] = segment.length
    rows: list[list[tuple[int, float, float]]] = []
    for base, town in enumerate(towns):
        if hub[base] < 0:
            rows.append([(int(base_cell[base]), 1.0, 1.0)])
        else:
            rows.append(_along(_shortest(roads, towns[hub[base]], town), segments))
    return _ragged(rows)


def _shortest(roads: Mapping[str, Mapping[str, float]], start: str, end: str) -> list[str]:
    """The towns on the shortest way (Dijkstra).  ValueError where there is none."""
    waiting: list[tuple[float, list[str]]] = [(0.0, [start])]
    seen = set[str]()
    while waiting:
        length, way = heapq.heappop(waiting)
        if way[-1] == end:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            for town, km in roads.get(way[-1], {}).items():
                heapq.heappush(waiting, (length + km, [*way, town]))
    raise ValueError(f"no corridor leads from {start} to {end}")


def _along(path: list[str], segments: Mapping[tuple[str, str], _Segment]) -> list[tuple[int, float, float]]:
    row: list[tuple[int, float, float]] = []
    for a, b in pairwise(path):
        forward = (a, b) in segments
        segment = segments[(a, b) if forward else (b, a)]
        pairs = list(zip(segment.cells, segment.km, strict=True))
        row += [(cell, km, segment.paved) for cell, km in (pairs if forward else reversed(pairs))]
    return row


def _rings(cells: Cells, base_cell: np.ndarray, reach_km: float) -> Runs:
    rows = []
    for lat, lon in zip(cells.lat[base_cell].tolist(), cells.lon[base_cell].tolist(), strict=True):
        scale = cos(radians(lat))
        near = np.flatnonzero(np.abs(cells.lat - lat) * KM_PER_DEGREE <= reach_km + 1.0)
        km = [KM_PER_DEGREE * hypot(cells.lat[c] - lat, (cells.lon[c] - lon) * scale) for c in near]
        rows.append([(c, away, 0.0) for c, away in zip(near.tolist(), km, strict=True) if away <= reach_km])
    return _ragged(rows)


def _ragged(rows: list[list[tuple[int, float, float]]]) -> Runs:
    lengths = np.array([len(row) for row in rows], np.int64)
    last = np.cumsum(lengths)
    flat = [entry for row in rows for entry in row]
    return Runs(
        first=last - lengths,
        last=last,
        cell=np.array([entry[0] for entry in flat], np.int64),
        km=np.array([entry[1] for entry in flat]),
        paved=np.array([entry[2] for entry in flat]),
    )


def _rescue_km(bases: Sequence[Row]) -> np.ndarray:
    """Distance from each base to the nearest base with a hospital and helicopters."""
    lat, lon = _numbers(bases, "lat"), _numbers(bases, "lon")
    care = [b for b, row in enumerate(bases) if row["hospital"] == row["helicopters"] == "1"]
    scale = np.cos(np.radians(lat))
    away = [KM_PER_DEGREE * np.hypot(lat - lat[b], (lon - lon[b]) * scale) for b in care]
    return np.asarray(np.min(away, axis=0), np.float64)


def _refuges(cells: Cells) -> np.ndarray:
    """For each cell the nearest other cell with a town of at least 15,000."""
    towns = np.flatnonzero(cells.town >= 15_000)
    north = cells.lat[towns] - cells.lat[:, None]
    east = (cells.lon[towns] - cells.lon[:, None]) * np.cos(np.radians(cells.lat))[:, None]
    away = np.hypot(north, east)
    away[towns, np.arange(len(towns))] = np.inf
    return np.asarray(towns[np.argmin(away, axis=1)])


def _towns(lattice: _Lattice, mission: Mission) -> dict[str, int]:
    """Cell of every named town and corridor node."""
    towns, corridors = mission.rows("towns"), mission.rows("corridors")
    found: dict[str, int] = {}
    for rows, prefix in ((towns, ""), (corridors, "from_"), (corridors, "to_")):
        cells = lattice.find(_numbers(rows, f"{prefix}lat"), _numbers(rows, f"{prefix}lon"))
        found |= zip([row[f"{prefix}town"] for row in rows], cells.tolist(), strict=True)
    return found
