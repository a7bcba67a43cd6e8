"""The names and facts a scenario may refer to, read from the packaged tables."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import inf
from pathlib import Path as File

from sim._util.dated import Path
from sim.missions import FOLDER

REGIONS = ("Bamako", "Gao", "Kayes", "Kidal", "Koulikoro", "Mopti", "Segou", "Sikasso", "Tombouctou")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Base:
    """A base: its region and the day it was closed, None where it is still open."""

    region: str
    closed: date | None


@dataclass(frozen=True, slots=True)
class Range:
    """The range of a parameter, in its unit; infinite where the table gives none."""

    low: float
    high: float
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When an organisation was founded and ended; None where it goes on."""

    founded: date
    ended: date | None


@dataclass(frozen=True, slots=True)
class Vote:
    """An election as the table of dated events has it; an empty place is the whole country."""

    start: date
    end: date
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Everything a scenario may name, each in the order of its table."""

    regions: tuple[str, ...]
    bases: dict[str, Base]
    contributors: tuple[str, ...]
    organisations: dict[str, Lifetime]
    forces: dict[str, Path]
    parameters: dict[str, Range]
    processes: tuple[str, ...]
    strength: Path
    planned_strength: Path
    elections: tuple[Vote, ...]


@cache
def packaged() -> Vocabulary:
    """The vocabulary of the packaged tables and of the registry of processes."""
    from sim.scenario.registry import PROCESSES  # read late: importing scenarios must stay fast

    return read(FOLDER, tuple(process.name for process in PROCESSES))


def read(folder: File, processes: tuple[str, ...]) -> Vocabulary:
    """The vocabulary of the tables in a folder."""
    return Vocabulary(
        regions=REGIONS,
        bases={row["base"]: Base(row["region"], _day(row["closed"])) for row in _rows(folder, "bases")},
        contributors=tuple(sorted({row["contributor"] for row in _rows(folder, "contingents")})),
        organisations={row["organisation"]: _lifetime(row) for row in _rows(folder, "organisations")},
        forces=_forces(folder),
        parameters={row["name"]: _range(row) for row in _rows(folder, "parameters")},
        processes=processes,
        strength=_strength(folder, "strength"),
        planned_strength=_strength(folder, "planned_strength"),
        elections=tuple(_elections(folder)),
    )


def _rows(folder: File, table: str) -> Iterator[Row]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _lifetime(row: Row) -> Lifetime:
    return Lifetime(date.fromisoformat(row["founded"]), _day(row["ended"]))


def _range(row: Row) -> Range:
    low, high = row["low"], row["high"]
    return Range(float(low) if low else -inf, float(high) if high else inf, row["unit"], row["note"])


def _forces(folder: File) -> dict[str, Path]:
    knots: dict[str, list[tuple[date, float]]] = {}
    for row in _rows(folder, "other_forces"):
        knots.setdefault(row["force"], []).append((date.fromisoformat(row["date"]), float(row["strength"])))
    return {force: Path.of(path, linear=True) for force, path in knots.items()}


def _strength(folder: File, table: str) -> Path:
    rows = _rows(folder, table)
    return Path.of(((date.fromisoformat(row["date"]), float(row["uniformed"])) for row in rows), linear=True)


def _elections(folder: File) -> Iterator[Vote]:
    for row in _rows(folder, "dated_events"):
        if row["kind"] == "election":
            start = date.fromisoformat(row["start"])
            yield Vote(start, _day(row["end"]) or start, row["place"])
