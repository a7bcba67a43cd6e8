"""The state of the readable model beside the engine's columns: what differs, column and row."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.model.mission_model import MissionModel
from sim.model.recorder import LEDGER_ITEMS
from sim.model.tables import BALANCE
from tests.reference.agents import TARGETS
from tests.reference.model import ReferenceModel

# attributes that are columns of the same name, by table
CELL = (
    "population", "presence", "police", "traffic", "devices", "tip", "informed", "harm", "revenge", "abuse", "trust",
    "state_trust", "fear", "national", "partner",
)  # fmt: skip
REGION = ("threat", "deviation", "tempo")
BASE = (
    "strength", "demand", "stock", "in_transit", "convoys", "evacuated", "scale", "standby", "checkpoints", "projects",
    "analysis", "guards", "caution",
)  # fmt: skip
UNIT = (
    "strength", "training", "drill", "protection", "escorting", "clearing", "free", "planned", "credit", "patrols",
    "cell", "training_days", "drill_days",
)  # fmt: skip
NATIONAL = ("cell",)
COMMUNITY = ("population", "displaced", "refuge", "trust", "state_trust", "fear", "losses")
ORGANISATION = ("charge", "seen")
CONVOY = (
    "key", "base", "unit", "clearing_unit", "born", "km", "direction", "wait", "trucks", "cargo", "escort",
    "searchers", "withdrawal", "cell",
)  # fmt: skip
BAND = ("key", "organisation", "strength", "cell", "home", "skill", "deterred", "found", "born", "children")
TRIP = ("key", "clock", "unit", "cell", "km", "groups", "persons", "vehicles", "trucks", "cleared", "joint")

Found = tuple[str, int, Any, Any]  # column, row, engine's value, reference's value


def differences(engine: MissionModel, reference: ReferenceModel) -> list[Found]:
    """Where the two stand apart now; both must be at the same day and process."""
    return [
        (name, row, mine, theirs)
        for name, rows, values in _compared(reference)
        for row, mine, theirs in _apart(engine.columns[name], rows, values)
    ] + _events_apart(engine, reference)


def ledger_differences(engine: MissionModel, reference: ReferenceModel) -> list[Found]:
    """Where the books of finished days stand apart; the row is the day."""
    books = np.array([[[region.get(item, 0.0) for item in LEDGER_ITEMS] for region in day] for day in reference.books])
    kept = engine.columns["ledger"][: len(books)]
    return [
        (f"ledger {LEDGER_ITEMS[item]} in {reference.plan.names.regions[region]}", int(day), *values)
        for day, region, item in np.argwhere(kept != books)
        for values in [(float(kept[day, region, item]), float(books[day, region, item]))]
    ]


def _apart(column: np.ndarray, rows: list[int], values: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    if not rows:
        return
    theirs = np.array(values, column.dtype)
    mine = column[rows]
    for n in np.flatnonzero((mine != theirs).reshape(len(rows), -1).any(axis=1)):
        yield rows[n], mine[n].tolist(), theirs[n].tolist()


def _compared(model: ReferenceModel) -> Iterator[tuple[str, list[int], list[Any]]]:
    """Column, its rows that hold somebody, and the values of the readable model."""
    tables = {
        "cell": (CELL, list(enumerate(model.cells))),
        "region": (REGION, list(enumerate(model.regions))),
        "base": (BASE, list(enumerate(model.bases))),
        "unit": (UNIT, list(enumerate(model.units))),
        "national": (NATIONAL, [(n, unit) for n, unit in enumerate(model.national_units) if unit.strength > 0]),
        "community": (COMMUNITY, list(enumerate(model.communities))),
        "organisation": (ORGANISATION, list(enumerate(model.organisations))),
        "convoy": (CONVOY, [(n, convoy) for n, convoy in enumerate(model.convoys) if convoy is not None]),
        "band": (BAND, [(n, row.band) for n, row in enumerate(model.rows) if row.band and row.band.strength > 0]),
        "trip": (TRIP, list(enumerate(model.trips))),
    }
    for table, (attributes, entries) in tables.items():
        rows = [row for row, _ in entries]
        for attribute in attributes:
            yield f"{table}_{attribute}", rows, [_number(getattr(entity, attribute)) for _, entity in entries]
    bands = tables["band"][1]
    for name in ("weight", "gain"):
        values = [[getattr(band, name)[target] for target in TARGETS] for _, band in bands]
        yield f"band_{name}", [row for row, _ in bands], values
    for name, strength in {
        "band_strength": [row.band.strength if row.band else 0 for row in model.rows],
        "national_strength": [unit.strength for unit in model.national_units],
    }.items():
        yield name, list(range(len(strength))), strength
    laid = [cell for cell in model.cells if cell.layer is not None]
    yield "cell_owner_key", [cell.index for cell in laid], [cell.layer.key for cell in laid]
    yield "cell_owner_organisation", [cell.index for cell in laid], [cell.laid_by.index for cell in laid]
    yield "convoy_active", list(range(len(model.convoys))), [int(convoy is not None) for convoy in model.convoys]
    yield "trip_count", [0], [len(model.trips)]
    yield "event_count", [0], [len(model.events)]
    yield "balance", list(range(len(BALANCE))), [model.balance[name] for name in BALANCE]


def _events_apart(engine: MissionModel, reference: ReferenceModel) -> list[Found]:
    """Events of today that differ, whole."""
    count = len(reference.organisations)
    today = [event.row(count) for event in reference.events_today]
    first = len(reference.events) - len(today)
    rows = list(range(first, first + len(today)))
    return [("events", row, mine, theirs) for row, mine, theirs in _apart(engine.columns["events"], rows, today)]


def _number(value: Any) -> Any:
    """A position in place of an agent or a place, -1 for none."""
    if value is None:
        return -1
    return getattr(value, "index", value)
