"""The readable model put down in the middle of a history: places and agents as the columns of a morning say."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from sim.model.plan import Plan
from sim.model.tables import BALANCE
from tests.reference.agents import TARGETS, ArmedGroup, Convoy
from tests.reference.columns import BASE, CELL, COMMUNITY, ORGANISATION, REGION, UNIT
from tests.reference.model import ReferenceModel

Columns = dict[str, np.ndarray]


def placed(plan: Plan, columns: Columns, day: int, key: int) -> ReferenceModel:
    """A model in the morning of a day; ``plan`` gives parameters and what is switched on, the columns all the rest."""
    inputs = {name: columns[name] for name in plan.inputs}
    model = ReferenceModel(replace(plan, inputs=inputs))
    model.key, model.day = key, day
    values = {name: column.tolist() for name, column in columns.items() if name not in (*inputs, "events", "ledger")}
    _take(model.regions, "region", REGION, values)
    _take(model.bases, "base", BASE, values)
    _take(model.organisations, "organisation", ORGANISATION, values)
    for table, entities, names in (("cell", model.cells, CELL), ("unit", model.units, UNIT),
                                   ("community", model.communities, COMMUNITY)):  # fmt: skip
        _take(entities, table, names, values)
    for unit in model.units:
        unit.cell = _at(model.cells, unit.cell)
    for community in model.communities:
        community.refuge = _at(model.cells, community.refuge)
    for n, unit in enumerate(model.national_units):
        unit.strength, unit.cell = values["national_strength"][n], model.cells[values["national_cell"][n]]
    _bands(model, values)
    _convoys(model, values)
    model.events = [None] * values["event_count"][0]  # of days before, which nobody looks at
    model.balance = Counter(dict(zip(BALANCE, values["balance"], strict=True)))
    model.gather()
    model.start_day()
    return model


def _take(entities: list[Any], table: str, names: tuple[str, ...], values: dict[str, Any]) -> None:
    for name in names:
        for entity, value in zip(entities, values[f"{table}_{name}"], strict=True):
            setattr(entity, name, value)


def _at(entities: list[Any], row: Any) -> Any:
    return entities[row] if row >= 0 else None


def _bands(model: ReferenceModel, values: dict[str, Any]) -> None:
    for n, row in enumerate(model.rows):
        born = values["band_born"][n]
        row.taken = born if born < model.day else None
        if row.founding is not None and born >= model.day:
            row.founding = replace(row.founding, day=born)
        row.band = _band(model, values, n, values["band_key"][n]) if values["band_strength"][n] > 0 else None
    for cell, owner, key, organisation in zip(
        model.cells, *(values[f"cell_owner{name}"] for name in ("", "_key", "_organisation")), strict=True
    ):
        if owner >= 0:
            there = model.rows[owner].band
            cell.layer = there if there and there.key == key else _gone(model, values, owner, key)
            cell.laid_by = model.organisations[organisation]


def _band(model: ReferenceModel, values: dict[str, Any], n: int, key: int) -> ArmedGroup:
    cells = model.cells
    band = model.new_band(key, model.organisations[values["band_organisation"][n]], cells[values["band_home"][n]])
    band.cell = cells[values["band_cell"][n]]
    for name in ("strength", "skill", "deterred", "found", "born", "children"):
        setattr(band, name, values[f"band_{name}"][n])
    band.weight, band.gain = (dict(zip(TARGETS, values[f"band_{name}"][n], strict=True)) for name in ("weight", "gain"))
    return band


def _gone(model: ReferenceModel, values: dict[str, Any], n: int, key: int) -> ArmedGroup:
    """Who laid a device and is no more."""
    band = _band(model, values, n, key)
    band.strength = 0
    return band


def _convoys(model: ReferenceModel, values: dict[str, Any]) -> None:
    for n in (n for n, active in enumerate(values["convoy_active"]) if active):
        of = {name: values[f"convoy_{name}"][n] for name in (
            "key", "base", "unit", "clearing_unit", "born", "position", "km", "direction", "wait", "trucks", "cargo",
            "escort", "searchers", "withdrawal", "cell")}  # fmt: skip
        base = model.bases[of["base"]]
        convoy = model.convoys[n] = Convoy(model, of["key"], n, base, of["trucks"])
        for name in ("born", "km", "direction", "wait", "cargo", "escort", "searchers"):
            setattr(convoy, name, of[name])
        convoy.withdrawal, convoy.cell = of["withdrawal"] == 1, model.cells[of["cell"]]
        convoy.unit, convoy.clearing_unit = _at(model.units, of["unit"]), _at(model.units, of["clearing_unit"])
        convoy.position = of["position"] - int(model.plan.inputs["route_first"][of["base"]])
