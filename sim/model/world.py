"""The map: cells of the PRIO-GRID lattice (or a finer one nested in it), roads, bases, routes and patrol areas.

Built from the packaged facts and read-only afterwards.  Cell order is by gid, base order as in ``bases.csv``.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import cos, hypot, radians

import networkx as nx
import numpy as np
import pandas as pd

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
    lattice = _Lattice(mission.table("cells"), round(PRIO_DEGREES / degrees))
    segments = _segments(lattice, mission)
    cells = _cells(lattice, segments, mission)
    bases = mission.table("bases")
    names = tuple(bases["base"])
    base_cell = np.array([_cell_of_base(lattice, row) for row in bases.itertuples()], np.int64)
    hub = np.array([names.index(h) if isinstance(h, str) and h else -1 for h in bases["hub"]], np.int64)
    return World(
        mission=mission,
        degrees=degrees,
        cells=cells,
        bases=names,
        base_cell=base_cell,
        base_region=np.array([mission.regions.index(r) for r in bases["region"]], np.int64),
        base_hub=hub,
        routes=_routes(bases, names, hub, segments, base_cell),
        rings=_rings(cells, base_cell, patrol_range_km),
        rescue_km=_rescue_km(bases),
        refuge=_refuges(cells),
        towns=_towns(lattice, mission),
    )


class _Lattice:
    """Index arithmetic of the lattice; a PRIO-GRID cell is cut into factor x factor cells."""

    def __init__(self, cells: pd.DataFrame, factor: int) -> None:
        self.factor = factor
        self.degrees = PRIO_DEGREES / factor
        self.prio = cells.sort_values("gid").reset_index(drop=True)
        self.parent = np.repeat(np.arange(len(self.prio)), factor * factor)
        sub = np.tile(np.arange(factor * factor), len(self.prio))
        row = (self.prio["row"].to_numpy()[self.parent] - 1) * factor + sub // factor
        col = (self.prio["col"].to_numpy()[self.parent] - 1) * factor + sub % factor
        self.lat = -90.0 + (row + 0.5) * self.degrees
        self.lon = -180.0 + (col + 0.5) * self.degrees
        gid = self.prio["gid"].to_numpy()[self.parent]
        self.gid = gid if factor == 1 else gid * 100 + sub
        self.at = {(int(r), int(c)): i for i, (r, c) in enumerate(zip(row, col, strict=True))}
        self.row, self.col = row, col

    def find(self, lat: float, lon: float) -> int:
        """The cell of a point, -1 outside the country."""
        key = (int((lat + 90.0) / self.degrees), int((lon + 180.0) / self.degrees))
        return self.at.get(key, -1)


def _cell_of_base(lattice: _Lattice, row: object) -> int:
    """The table's gid decides at 0.5 degrees, because a base may lie on a cell edge; the point decides on finer
    lattices."""
    if lattice.factor == 1:
        return int(np.flatnonzero(lattice.gid == row.gid)[0])  # type: ignore[attr-defined]
    return lattice.find(row.lat, row.lon)  # type: ignore[attr-defined]


def _cells(lattice: _Lattice, segments: "dict[tuple[str, str], _Segment]", mission: Mission) -> Cells:
    prio = lattice.prio
    region = np.array([mission.regions.index(r) for r in prio["region"]], np.int64)
    counted = mission.table("population_region")
    totals = counted[counted["year"] == mission.facts.population.base_year].set_index("region")["population"]
    of_region = prio.groupby("region")["population"].transform("sum")
    people = prio["population"] / of_region * prio["region"].map(totals)
    shared = people.to_numpy()[lattice.parent] / lattice.factor**2
    town = np.zeros(len(lattice.gid))
    for row in mission.table("towns").itertuples():
        cell = lattice.find(row.lat, row.lon)
        if cell >= 0:
            town[cell] += max(0.0, float(np.nan_to_num(row.population)))
    road = np.zeros(len(lattice.gid))
    for segment in segments.values():
        np.add.at(road, segment.cells, segment.km)
    return Cells(
        gid=lattice.gid.astype(np.int64),
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
    steps = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]
    rows = [
        [lattice.at.get((int(r) + dr, int(c) + dc), -1) for dr, dc in steps]
        for r, c in zip(lattice.row, lattice.col, strict=True)
    ]
    return np.array(rows, np.int64)


@dataclass(frozen=True)
class _Segment:
    cells: list[int]
    km: list[float]
    paved: float
    length: float


def _segments(lattice: _Lattice, mission: Mission) -> dict[tuple[str, str], _Segment]:
    return {(row.from_town, row.to_town): _trace(lattice, row) for row in mission.table("corridors").itertuples()}


def _trace(lattice: _Lattice, row: object) -> _Segment:
    """Walk a straight corridor in steps of about a kilometre; points outside the country count to the last cell
    inside."""
    length = float(row.km)  # type: ignore[attr-defined]
    start = np.array([row.from_lat, row.from_lon])  # type: ignore[attr-defined]
    end = np.array([row.to_lat, row.to_lon])  # type: ignore[attr-defined]
    steps = max(4, int(length))
    cells: list[int] = []
    km: list[float] = []
    for i in range(steps):
        lat, lon = start + (end - start) * (i + 0.5) / steps
        cell = lattice.find(lat, lon)
        if cell < 0:
            cell = cells[-1] if cells else lattice.find(*start)
        if cells and cells[-1] == cell:
            km[-1] += length / steps
        else:
            cells.append(cell)
            km.append(length / steps)
    return _Segment(cells, km, float(row.surface == "paved"), length)  # type: ignore[attr-defined]


def _routes(
    bases: pd.DataFrame,
    names: tuple[str, ...],
    hub: np.ndarray,
    segments: dict[tuple[str, str], _Segment],
    base_cell: np.ndarray,
) -> Runs:
    graph = nx.Graph()
    for (a, b), segment in segments.items():
        graph.add_edge(a, b, weight=segment.length)
    town = dict(zip(bases["base"], bases["town"], strict=True))
    rows: list[list[tuple[int, float, float]]] = []
    for base, name in enumerate(names):
        if hub[base] < 0:
            rows.append([(int(base_cell[base]), 1.0, 1.0)])
            continue
        path = nx.shortest_path(graph, town[names[hub[base]]], town[name], weight="weight")
        rows.append(_along(path, segments))
    return _ragged(rows)


def _along(path: list[str], segments: dict[tuple[str, str], _Segment]) -> list[tuple[int, float, float]]:
    row: list[tuple[int, float, float]] = []
    for a, b in pairwise(path):
        forward = (a, b) in segments
        segment = segments[(a, b) if forward else (b, a)]
        pairs = list(zip(segment.cells, segment.km, strict=True))
        row += [(cell, km, segment.paved) for cell, km in (pairs if forward else reversed(pairs))]
    return row


def _rings(cells: Cells, base_cell: np.ndarray, reach_km: float) -> Runs:
    rows = []
    for b in base_cell:
        scale = cos(radians(cells.lat[b]))
        row = []
        for c in range(len(cells.gid)):
            km = KM_PER_DEGREE * hypot(cells.lat[c] - cells.lat[b], (cells.lon[c] - cells.lon[b]) * scale)
            if km <= reach_km:
                row.append((c, km, 0.0))
        rows.append(row)
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


def _rescue_km(bases: pd.DataFrame) -> np.ndarray:
    """Distance from each base to the nearest base with a hospital and helicopters."""
    care = bases[(bases["hospital"] == 1) & (bases["helicopters"] == 1)]
    lat, lon = bases["lat"].to_numpy(), bases["lon"].to_numpy()
    away = [
        KM_PER_DEGREE * np.hypot(lat - row.lat, (lon - row.lon) * np.cos(np.radians(lat))) for row in care.itertuples()
    ]
    return np.asarray(np.min(away, axis=0), np.float64)


def _refuges(cells: Cells) -> np.ndarray:
    """For each cell the nearest other cell with a town of at least 15,000."""
    towns = np.flatnonzero(cells.town >= 15_000)
    scale = np.cos(np.radians(cells.lat))
    refuge = np.zeros(len(cells.gid), np.int64)
    for c in range(len(cells.gid)):
        away = np.hypot(cells.lat[towns] - cells.lat[c], (cells.lon[towns] - cells.lon[c]) * scale[c])
        away[towns == c] = np.inf
        refuge[c] = towns[np.argmin(away)]
    return refuge


def _towns(lattice: _Lattice, mission: Mission) -> dict[str, int]:
    """Cell of every named town and corridor node."""
    found: dict[str, int] = {}
    for row in mission.table("towns").itertuples():
        found[row.town] = lattice.find(row.lat, row.lon)
    for row in mission.table("corridors").itertuples():
        found[row.from_town] = lattice.find(row.from_lat, row.from_lon)
        found[row.to_town] = lattice.find(row.to_lat, row.to_lon)
    return found
