"""The one table of parameters: name, value, range, unit, prior, status and source of every number in the model."""

import csv
from dataclasses import dataclass
from functools import cache

from sim.data import path


@dataclass(frozen=True)
class Parameter:
    """One number.  ``status`` is reported, calibrated or assumed; low and high are what sensitivity analysis sweeps."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    prior: str
    status: str
    source: str
    note: str


@cache
def parameters() -> dict[str, Parameter]:
    """Every parameter by name, in the order of names (which is the order of the vector ``p`` in a compiled day)."""
    with path("parameters").open(encoding="utf-8", newline="") as file:
        rows = [_parse(row) for row in csv.DictReader(file)]
    return {row.name: row for row in sorted(rows, key=lambda row: row.name)}


def parameter_names() -> tuple[str, ...]:
    """Names in vector order."""
    return tuple(parameters())


def _parse(row: dict[str, str]) -> Parameter:
    return Parameter(
        name=row["name"],
        value=float(row["value"]),
        low=float(row["low"]),
        high=float(row["high"]),
        unit=row["unit"],
        prior=row["prior"],
        status=row["status"],
        source=row["source"],
        note=row["note"],
    )
