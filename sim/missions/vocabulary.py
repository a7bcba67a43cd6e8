"""The names and facts a scenario may refer to, read from the tables of a mission pack."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from sim._util.dated import Path

if TYPE_CHECKING:
    from sim.missions.mission import Mission

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Base:
    """A base: its region, the day it was opened, and the day it was closed, None where it is still open."""

    region: str
    opened: date
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
    """Everything a scenario may name, each in the order of its table, and the days that a dated input may have."""

    first_day: date
    last_day: date
    regions: tuple[str, ...]
    bases: dict[str, Base]
    contributors: tuple[str, ...]
    organisations: dict[str, Lifetime]
    forces: dict[str, Path]
    parameters: dict[str, Range]
    strength: Path
    planned_strength: Path
    elections: tuple[Vote, ...]

    @property
    def legal(self) -> tuple[date, date]:
        """First and last day that a dated input may have."""
        return self.first_day, self.last_day


@lru_cache(maxsize=32)
def read_vocabulary(mission: "Mission") -> Vocabulary:
    """The vocabulary of a pack's tables."""
    return Vocabulary(
        first_day=mission.first_day,
        last_day=mission.last_day,
        regions=mission.regions,
        bases={
            row["base"]: Base(row["region"], date.fromisoformat(row["opened"]), _day(row["closed"]))
            for row in mission.rows("bases")
        },
        contributors=tuple(sorted({row["contributor"] for row in mission.rows("contingents")})),
        organisations={row["organisation"]: _lifetime(row) for row in mission.rows("organisations")},
        forces=_forces(mission),
        parameters={row["name"]: _range(row) for row in mission.parameter_rows()},
        strength=_strength(mission, "strength"),
        planned_strength=_strength(mission, "planned_strength"),
        elections=tuple(_elections(mission)),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _base(row: Row) -> Base:
    return Base(row["region"], date.fromisoformat(row["opened"]), _day(row["closed"]))


def _lifetime(row: Row) -> Lifetime:
    return Lifetime(date.fromisoformat(row["founded"]), _day(row["ended"]))


def _range(row: Row) -> Range:
    low, high = row["low"], row["high"]
    return Range(float(low) if low else -inf, float(high) if high else inf, row["unit"], row["note"])


def _forces(mission: "Mission") -> dict[str, Path]:
    knots: dict[str, list[tuple[date, float]]] = {}
    for row in mission.rows("other_forces"):
        knots.setdefault(row["force"], []).append((date.fromisoformat(row["date"]), float(row["strength"])))
    return {force: Path.of(path, linear=True) for force, path in knots.items()}


def _strength(mission: "Mission", table: str) -> Path:
    rows = mission.rows(table)
    return Path.of(((date.fromisoformat(row["date"]), float(row["uniformed"])) for row in rows), linear=True)


def _elections(mission: "Mission") -> Iterator[Vote]:
    for row in mission.rows("dated_events"):
        if row["kind"] == "election":
            start = date.fromisoformat(row["start"])
            yield Vote(start, _day(row["end"]) or start, row["place"])
