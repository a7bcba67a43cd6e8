"""`minusim list`: the names that a scenario may use, with what they mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import click

Row = dict[str, Any]


def _measures() -> Iterable[Row]:
    from sim.scenario import MEASURES

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


def _shocks() -> Iterable[Row]:
    from sim.scenario import SHOCKS

    for row in SHOCKS.values():
        numbers = "; ".join(f"{key} ({lever.unit})" for key, lever in row.levers.items())
        yield {"shock": row.name, "number": numbers, "claim": row.claim, "off": row.off_note}


def _outcomes() -> Iterable[Row]:
    from sim.scenario import OUTCOMES

    for row in OUTCOMES.values():
        yield {"outcome": row.name, "unit": row.unit, "definition": row.definition, "overlaps": row.overlaps}


def _parameters() -> Iterable[Row]:
    from sim.missions import table

    columns = ["name", "value", "low", "high", "unit", "status", "source"]
    yield from table("parameters")[columns].to_dict(orient="records")


def _scenarios() -> Iterable[Row]:
    from sim.scenario import load, packaged_names

    for name in packaged_names():
        scenario = load(name)
        period = f"{scenario.period.start} to {scenario.period.end}"
        variants = ", ".join(scenario.variants)
        yield {"scenario": name, "period": period, "title": scenario.title, "variants": variants}


def _regions() -> Iterable[Row]:
    from sim.missions import table

    grouped = table("cells").groupby("region", sort=True)
    for region, cells in grouped:
        people = (cells["population_2022"]).sum()
        labels = ", ".join(sorted(set(cells["region_new"]) - {region, ""}))
        yield {"region": region, "cells": len(cells), "population 2022": int(people), "with": labels}


def _bases() -> Iterable[Row]:
    from sim.missions import table

    columns = ["base", "region", "sector", "hub", "opened", "closed", "status"]
    yield from table("bases")[columns].to_dict(orient="records")


def _organisations() -> Iterable[Row]:
    from sim.missions import table

    columns = ["organisation", "family", "founded", "ended", "merges_into", "fighters", "low", "high"]
    yield from table("organisations")[columns].to_dict(orient="records")


def _processes() -> Iterable[Row]:
    from sim.scenario.registry import PROCESSES

    for process in PROCESSES:
        yield {"phase": process.phase, "process": process.name, "claim": process.claim}


LISTS: dict[str, Callable[[], Iterable[Row]]] = {
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


@click.command("list", short_help="List the names a scenario may use, with what they mean.")
@click.argument("what", type=click.Choice(list(LISTS)), metavar="WHAT")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(what: str, as_json: bool) -> None:
    """List WHAT a scenario may name.

    WHAT is measures, shocks, outcomes, parameters, scenarios, regions, bases, organisations or processes.
    """
    rows = list(LISTS[what]())
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False, default=str))
        return
    from sim.present.terminal_tables import print_rows

    print_rows(rows)
