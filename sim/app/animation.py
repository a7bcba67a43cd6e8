"""Animation of a run: what the map shows of every day, in parts that are sent to the browser.

A part holds at most PART days and is one block of bytes: the length of a JSON head (uint32), the head (name -> type,
shape and offset), then the arrays, little-endian.  All of it is simulated.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.model.recorder import EVENT_FIELDS

if TYPE_CHECKING:
    from sim.model.simulation import Simulation
    from sim.scenario import Scenario

Array = npt.NDArray[Any]

PART = 366  # days
WEEK = 7
FIGHTERS_PER_STEP = 4  # of the byte that holds a cell's fighters
SHOWN = (
    "day", "cell", "kind", "tactic", "activity", "actor", "escorted", "cleared", "joint", "devices_found",
    "peacekeepers_killed", "peacekeepers_wounded", "peacekeepers_died_other", "contractors_killed",
    "civilians_killed", "civilians_wounded", "malian_forces_killed", "partner_forces_killed", "fighters_killed",
)  # fmt: skip
_SHOWN = [EVENT_FIELDS.index(name) for name in SHOWN]


def animation(scenario: Scenario, variant: str, replication: int) -> list[bytes]:
    """The parts of the animation of one replication, each compressed with gzip."""
    from sim.app.replication_stream import case_of, model_at_period_start  # here, so that the server reads no model

    model = model_at_period_start(case_of(scenario, variant), replication)
    return [gzip.compress(_bytes(part), 5) for part in _parts(model)]


def _parts(model: Simulation) -> Iterator[dict[str, Array]]:
    first, last = model.plan.report
    for start in range(first, last + 1, PART):
        yield _part(model, start, min(last, start + PART - 1))


def _part(model: Simulation, first: int, last: int) -> dict[str, Array]:
    """The arrays of some days, which the model runs."""
    days, weeks, convoys = [], [], []
    for day in range(first, last + 1):
        model.advance_to(day)
        days.append(_day(model))
        convoys.append(_convoys(model))
        if (day - first) % WEEK == 0:
            weeks.append(_week(model))
    sizes = [len(rows) for rows in convoys]
    events = model.columns["events"][: int(model.columns["event_count"][0])]
    events = events[(events[:, 0] >= first) & (events[:, 0] <= last)][:, _SHOWN]
    return {
        "first": np.array([first], np.int32),
        **{name: np.stack([day[name] for day in days]) for name in days[0]},
        **{name: np.stack([week[name] for week in weeks]) for name in weeks[0]},
        "convoys": np.concatenate(convoys),
        "convoy_start": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        "events": events.astype(np.int32),
    }


def _day(model: Simulation) -> dict[str, Array]:
    """fighters: uint8 [cells], in steps of four; patrols: int16 [units], the cell where each is, -1 in camp."""
    columns, cells = model.columns, len(model.columns["cell_key"])
    alive = columns["band_strength"] > 0
    fighters = np.bincount(columns["band_cell"][alive], columns["band_strength"][alive], cells)
    out = np.where((columns["unit_patrols"] > 0) & (columns["unit_strength"] > 0), columns["unit_cell"], -1)
    steps = np.ceil(fighters / FIGHTERS_PER_STEP)
    return {"fighters": np.minimum(steps, 255).astype(np.uint8), "patrols": out.astype(np.int16)}


def _convoys(model: Simulation) -> Array:
    """int16 [convoys on the road, 5]: row, cell, base it serves, persons of escort, persons searching the road."""
    columns = model.columns
    rows = np.flatnonzero(columns["convoy_active"] > 0)
    fields = [columns[f"convoy_{name}"][rows] for name in ("cell", "base", "escort", "searchers")]
    return np.stack([rows, *fields], axis=1).astype(np.int16)


def _week(model: Simulation) -> dict[str, Array]:
    """strength: uint16 [bases]; displaced, trust and fear: uint8 [cells], in percent; soldiers: uint16 [cells]."""
    columns, cells = model.columns, len(model.columns["cell_key"])
    bases = len(columns["base_key"])
    home = columns["community_home"]
    people = np.bincount(home, columns["community_population"], cells)
    away = np.bincount(home, columns["community_displaced"], cells)
    soldiers = np.bincount(columns["national_cell"], columns["national_strength"], cells)
    percent = {
        "displaced": 100 * away / np.maximum(people, 1),
        "trust": 100 * columns["cell_trust"],
        "fear": 100 * columns["cell_fear"],
    }
    return {
        "strength": np.bincount(columns["unit_base"], columns["unit_strength"], bases).astype(np.uint16),
        "people": (people / 100).astype(np.uint16),
        "soldiers": np.minimum(soldiers, 65_535).astype(np.uint16),
        **{name: np.clip(np.round(value), 0, 100).astype(np.uint8) for name, value in percent.items()},
    }


def _bytes(arrays: dict[str, Array]) -> bytes:
    head, blocks, place = {}, [], 0
    for name, array in arrays.items():
        block = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
        head[name] = {"type": array.dtype.name, "shape": array.shape, "at": place}
        block += b"\0" * (-len(block) % 8)
        blocks.append(block)
        place += len(block)
    text = json.dumps(head).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return b"".join([len(text).to_bytes(4, "little"), text, *blocks])
