"""The hottest process, roaming, as NumPy alone, against the compiled one: the same steps to the bit.

Both let the bands of a day of the historical mission roam for some days with everything else held.  Each random number
is a function of band and day, so the two can be compared band by band.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit

from benchmarks.timing import Pairs, cpu_seconds
from sim.calibration.mission import CLOCK, MISSION
from sim.model.code_generation import arguments_for
from sim.model.conflict import COMPANY, FORCES, TRAFFIC
from sim.model.plan import Plan
from sim.model.processes.roaming import roaming
from sim.model.simulation import STREAMS, Simulation
from sim.model.streams import philox
from sim.scenario import load
from sim.scenario.registry import PROCESSES
from sim.scenario.registry.process_source import reads_of

PAIRS = 9
FROM = "2016-07-01"
NUMBER = next(number for number, process in enumerate(PROCESSES) if process.name == "roaming")
LOW, SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)
NAMES = (*reads_of("roaming").columns, *reads_of("roaming").parameters)
RESULTS = ("band_cell", "band_next", "cell_band", "cell_crowd", "cell_crowd_ratio", "band_chance")
Columns = dict[str, np.ndarray]
Values = Mapping[str, float]


def uniforms(key: np.uint64, entities: np.ndarray, day: int, stream: int) -> tuple[np.ndarray, np.ndarray]:
    """The first two uniforms of every entity, as ``sim.model.streams.uniforms`` has them: float64 [n] each."""
    shape = len(entities)
    counter = (entities & LOW, entities >> SHIFT, np.full(shape, day, np.uint64), np.full(shape, stream, np.uint64))
    c0, c1, _, _ = philox.py_func(*counter, key & LOW, key >> SHIFT)
    return tuple((word.astype(np.float64) + 0.5) / 4294967296.0 for word in (c0, c1))  # type: ignore[return-value]


def roam(columns: Columns, values: Values, key: np.uint64, stream: int, day: int) -> None:
    """One day of roaming, every band at once; changes RESULTS in ``columns``."""
    chance, second = uniforms(key, columns["band_key"], day, stream)
    columns["band_chance"][:] = chance
    movers = np.flatnonzero((columns["band_strength"] > 0) & (chance < values["roaming_rate"]))
    here = columns["band_cell"][movers]
    choices = np.column_stack([columns["cell_neighbour"][here], here])
    reached = np.add.accumulate(_utility(columns, values, movers, choices), axis=1)  # in order, as the loop adds
    passed = reached[:, :8] >= (second[movers] * reached[:, 8])[:, None]
    taken = np.where(passed.any(axis=1), passed.argmax(axis=1), 8)
    columns["band_cell"][movers] = choices[np.arange(len(movers)), taken]
    _list_bands(columns)


def _utility(columns: Columns, values: Values, movers: np.ndarray, choices: np.ndarray) -> np.ndarray:
    """The appeal of nine cells to each band that moves: float64 [movers, 9], zero outside the country."""
    cell, home = np.maximum(choices, 0), columns["band_home"][movers][:, None]
    lat, lon, weight = columns["cell_lat"], columns["cell_lon"], columns["band_weight"][movers]
    apart = np.abs(lat[cell] - lat[home]) + np.abs(lon[cell] - lon[home])
    forces = (columns["cell_national"][cell] + values["partner_menace"] * columns["cell_partner"][cell]) / COMPANY
    mission = columns["cell_presence"][cell] / values["roaming_presence"]
    appetite = (weight[:, [TRAFFIC]] - 1.0) * np.minimum(1.0, mission)
    appetite = appetite + (weight[:, [FORCES]] - 1.0) * np.minimum(1.0, forces)
    friendly = 1.0 - values["crowd_state_trust"] * columns["cell_state_trust"][cell]
    people = values["crowd_appeal"] * _crowd(columns, values, choices)[cell] * friendly
    avoided = values["evasion"] * np.minimum(values["evasion_limit"], forces + values["evasion_mission"] * mission)
    return np.where(choices >= 0, np.exp(people + appetite - avoided - values["home_pull"] * apart), 0.0)


def _crowd(columns: Columns, values: Values, choices: np.ndarray) -> np.ndarray:
    """The logarithm of people in each cell, computed again where they changed and a band looks."""
    ratio = columns["cell_population"] / values["crowd_people"]
    seen = np.unique(choices[choices >= 0])
    changed = seen[ratio[seen] != columns["cell_crowd_ratio"][seen]]
    columns["cell_crowd_ratio"][changed] = ratio[changed]
    # NumPy's own log1p may differ in the last bit
    columns["cell_crowd"][changed] = [math.log1p(value) for value in ratio[changed]]
    return columns["cell_crowd"]


def _list_bands(columns: Columns) -> None:
    """Chain the living bands of every cell, the last in front, as ``sim.model.conflict.list_bands``."""
    alive = np.flatnonzero(columns["band_strength"] > 0)
    order = alive[np.argsort(columns["band_cell"][alive], kind="stable")]
    cells = columns["band_cell"][order]
    starts = np.append(True, cells[1:] != cells[:-1])[: len(cells)]
    ends = np.append(cells[1:] != cells[:-1], True)[: len(cells)]
    columns["band_next"][order] = np.where(starts, -1, np.concatenate([order[:1], order[:-1]]))
    columns["cell_band"][:] = -1
    columns["cell_band"][cells[ends]] = order[ends]


@njit(no_cfunc_wrapper=True)
def _compiled(inputs, key, stream, first, last):  # type: ignore[no-untyped-def]
    for day in range(first, last + 1):
        arguments = (*inputs, key, stream, day)
        roaming(*arguments)


class Ground:
    """A day of the mission from which the bands roam."""

    def __init__(self, first: str, seed: int = 1) -> None:
        plan = Plan.build(load("historical"))
        model = Simulation(plan, seed)
        self.day, self.key, self.stream = CLOCK.day_index(np.datetime64(first).item()), model.key, int(STREAMS[NUMBER])
        model.advance_to(self.day - 1)
        self.columns = {name: model.columns[name].copy() for name in NAMES if name in model.columns}
        numbers = dict(zip(MISSION.parameters, plan.parameters.tolist(), strict=True))
        self.values = {name: numbers[name] for name in NAMES if name not in self.columns}

    def copy(self) -> Columns:
        """Fresh columns."""
        return {name: column.copy() for name, column in self.columns.items()}

    def compiled(self, days: int) -> tuple[Columns, float]:
        """The columns after some days, and the seconds they took."""
        columns = self.copy()
        inputs = arguments_for(PROCESSES[NUMBER], columns, self.values, self.key, self.stream, self.day)[:-3]
        last = self.day + days - 1
        return columns, cpu_seconds(lambda: _compiled(inputs, self.key, self.stream, self.day, last))

    def numpy(self, days: int) -> tuple[Columns, float]:
        """As ``compiled``."""
        columns = self.copy()

        def run() -> None:
            for day in range(self.day, self.day + days):
                roam(columns, self.values, self.key, self.stream, day)

        return columns, cpu_seconds(run)


def differing(ground: Ground, days: int) -> list[str]:
    """Columns in which the two differ after some days; none, or one of them is wrong."""
    compiled, _ = ground.compiled(days)
    numpy, _ = ground.numpy(days)
    # the compiled day draws for the rows in use alone
    rows = {"band_chance": int(np.flatnonzero(compiled["band_strength"])[-1]) + 1}
    return [
        name for name in RESULTS if not np.array_equal(compiled[name][: rows.get(name)], numpy[name][: rows.get(name)])
    ]


def measure(days: int = 2000, pairs: int = PAIRS) -> dict[str, Any]:
    """How many times faster compiled roaming is.  SystemExit where the two differ."""
    ground = Ground(FROM)
    found = differing(ground, days)
    if found:
        raise SystemExit(f"NumPy and the compiled process differ in {', '.join(found)}")
    timed = Pairs.measured(lambda _: ground.numpy(days)[1], lambda _: ground.compiled(days)[1], pairs)
    bands = int((ground.columns["band_strength"] > 0).sum())
    return {"process": "roaming", "days": days, "bands": bands, **timed.figures("numpy", "compiled")}
