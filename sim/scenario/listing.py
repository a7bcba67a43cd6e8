"""Lists of the names that a scenario may use, with their meaning: rows of `minusim list` and of `sim.list_*`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sim.scenario.packaged import names as packaged_names
from sim.scenario.registry import MEASURES, OUTCOMES, PROCESSES, SHOCKS
from sim.scenario.scenario import load

if TYPE_CHECKING:
    from sim.missions import Mission

Row = dict[str, Any]


def _measures(mission: Mission) -> Iterable[Row]:  # noqa: ARG001  # called alike
    for row in MEASURES.values():
        yield {
            "measure": row.name,
            "number": f"{row.key} ({row.unit})",
            "off": row.reference,
            "from": row.minimum,
            "to": row.maximum,
            "where": row.scope,
            "claim": row.claim,
        }


def _shocks(mission: Mission) -> Iterable[Row]:  # noqa: ARG001  # called alike
    for row in SHOCKS.values():
        numbers = "; ".join(f"{key} ({lever.unit})" for key, lever in row.levers.items())
        yield {"shock": row.name, "number": numbers, "claim": row.claim, "off": row.off_note}


def _outcomes(mission: Mission) -> Iterable[Row]:  # noqa: ARG001  # called alike
    for row in OUTCOMES.values():
        yield {"outcome": row.name, "unit": row.unit, "definition": row.definition, "overlaps": row.overlaps}


def _parameters(mission: Mission) -> Iterable[Row]:
    columns = ("name", "value", "low", "high", "unit", "status", "source")
    for row in mission.parameters.values():
        yield {column: getattr(row, column) for column in columns}


def _scenarios(mission: Mission) -> Iterable[Row]:  # noqa: ARG001  # called alike
    for name in packaged_names():
        scenario = load(name)
        period = f"{scenario.period.start} to {scenario.period.end}"
        variants = ", ".join(scenario.variants)
        yield {"scenario": name, "period": period, "title": scenario.title, "variants": variants}


def _regions(mission: Mission) -> Iterable[Row]:
    people = f"population {mission.facts.population.census_year}"
    cells = mission.rows("cells")
    for region in sorted({row["region"] for row in cells}):
        own = [row for row in cells if row["region"] == region]
        labels = ", ".join(sorted({row["region_new"] for row in own} - {region, ""}))
        yield {"region": region, "cells": len(own), people: int(sum(map(_people, own))), "with": labels}


def _people(cell: Mapping[str, str]) -> float:
    return float(cell["population"])


def _bases(mission: Mission) -> Iterable[Row]:
    columns = ["base", "region", "sector", "hub", "opened", "closed", "status"]
    for row in mission.rows("bases"):
        yield {column: row.get(column, "") for column in columns}


def _organisations(mission: Mission) -> Iterable[Row]:
    texts, numbers = ("organisation", "family", "founded", "ended", "merges_into"), ("fighters", "low", "high")
    for row in mission.rows("organisations"):
        known = {column: float(row[column]) if row.get(column) else None for column in numbers}
        yield {**{column: row[column] for column in texts}, **known}


def _processes(mission: Mission) -> Iterable[Row]:  # noqa: ARG001  # called alike
    for process in PROCESSES:
        yield {"phase": process.phase, "process": process.name, "claim": process.claim}


LISTS: dict[str, Callable[[Mission], Iterable[Row]]] = {
    "measures": _measures,
    "shocks": _shocks,
    "outcomes": _outcomes,
    "parameters": _parameters,
    "scenarios": _scenarios,
    "regions": _regions,
    "bases": _bases,
    "organisations": _organisations,
    "processes": _processes,
}
