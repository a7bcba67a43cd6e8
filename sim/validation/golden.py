"""Golden runs: a few short runs whose numbers are stored, to show that a machine reproduces them.

``python -m sim.validation.golden`` compares this machine with the stored numbers; ``--renew``, after a change that is
meant to change them, prints old -> new and stores the new ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType

import numpy as np

from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.model.tables import STATE
from sim.results import Results
from sim.scenario import MEASURES, load
from sim.validation.machine import Machine, this_machine

FILE = Path(__file__).with_name("golden_runs.json")
OUTCOMES = (
    "peacekeepers_killed",
    "peacekeepers_wounded",
    "peacekeepers_died_other",
    "contractors_killed",
    "civilians_killed",
    "malian_forces_killed",
    "fighters_killed",
    "ied_found",
    "convoys_completed",
    "internally_displaced",
)
BITS = "bits"  # the one number that may differ between classes of machines
DIGITS = 16  # of a sha256 in hex
Numbers = dict[str, int | str]  # events, OUTCOMES, and two digests
Runs = dict[str, dict[str, Numbers]]  # by name of the run and seed


@dataclass(frozen=True)
class GoldenRun:
    """A packaged scenario, what is changed in it (by dotted key), and the seeds that are run."""

    name: str
    scenario: str
    changes: Mapping[str, object]
    seeds: tuple[int, ...]


RUNS = (
    # few agents and all measures, so that plain Python ends it within seconds and every process has something to do
    GoldenRun(
        "first_weeks",
        "historical",
        MappingProxyType(
            {"period.end": "2013-08-15", "settings.persons_per_community": 1_000_000}
            | {f"measures.{name}.intensity": 0.5 for name in MEASURES}
        ),
        (1, 2),
    ),
    GoldenRun("year_of_the_measures", "quickstart", MappingProxyType({}), (1, 2, 3)),
    GoldenRun("withdrawal", "withdrawal_2023", MappingProxyType({"period.end": "2024-03-31"}), (1, 2, 3)),
)


class Verdict(IntEnum):
    """How far two sets of golden runs agree."""

    EQUAL_TO_THE_BIT = 0
    EQUAL_IN_EVENTS = 1
    DIFFERENT = 2


@dataclass(frozen=True)
class NumberDifference:
    """A number that differs from the stored one; None where one of the two is missing."""

    run: str
    seed: str
    name: str
    kept: int | str | None
    found: int | str | None

    def __str__(self) -> str:
        return f"{self.run}, seed {self.seed}: {self.name} {self.kept} -> {self.found}"


def run_golden(names: Iterable[str] = ()) -> Runs:
    """The numbers of the golden runs of these names (none: of all) on this machine."""
    chosen = tuple(names) or tuple(golden.name for golden in RUNS)
    return {golden.name: dict(_numbers(golden)) for golden in RUNS if golden.name in chosen}


def stored_numbers() -> tuple[Runs, dict[str, str]]:
    """The stored numbers, and the class of machine of their bits (its CPU and C library)."""
    document = json.loads(FILE.read_text("utf-8"))
    return document["runs"], document["bits_of"]


def store_numbers(runs: Runs, machine: Machine) -> None:
    """Store these numbers."""
    text = json.dumps({"bits_of": machine.kind, "runs": runs}, indent=2)
    FILE.write_text(text + "\n", encoding="utf-8", newline="\n")


def compare_runs(found: Runs, known: Runs) -> tuple[Verdict, list[NumberDifference]]:
    """How far the runs found agree with those known, and every number that is another; runs not asked for are left."""
    differences = [
        NumberDifference(name, seed, number, old.get(number), new.get(number))
        for name, seeds in found.items()
        for seed, new in seeds.items()
        for old in [known.get(name, {}).get(seed, {})]
        for number in {**new, **old}
        if old.get(number) != new.get(number)
    ]
    if not differences:
        return Verdict.EQUAL_TO_THE_BIT, []
    same_events = {difference.name for difference in differences} == {BITS}
    return (Verdict.EQUAL_IN_EVENTS if same_events else Verdict.DIFFERENT), differences


def _numbers(golden: GoldenRun) -> Iterator[tuple[str, Numbers]]:
    plan = Plan.build(load(golden.scenario).with_values(golden.changes))
    for seed in golden.seeds:
        model = Simulation(plan, seed)
        record = model.run()
        totals = Results(record).summary()
        numbers: Numbers = {"events": len(record.events)}
        numbers |= {name: round(totals[name]) for name in OUTCOMES}
        numbers["events_sha256"] = _digest([record.events])
        numbers[BITS] = _digest(model.columns[column.name] for column in STATE)
        yield str(seed), numbers


def _digest(columns: Iterable[np.ndarray]) -> str:
    """The first digits of the sha256 over the bytes of columns, whatever the byte order of the machine."""
    digest = hashlib.sha256()
    for column in columns:
        digest.update(np.ascontiguousarray(column, column.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()[:DIGITS]


def main() -> int:
    """Exit code: 0 if every event is as stored, or after renewing; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m sim.validation.golden", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="RUN", help="only these: " + ", ".join(r.name for r in RUNS))
    parser.add_argument("--renew", action="store_true", help="print old -> new and keep the new numbers")
    asked = parser.parse_args()
    known, _ = stored_numbers() if FILE.exists() else ({}, {})
    unknown = set(asked.names) - {run.name for run in RUNS}
    if unknown or (asked.renew and asked.names):
        parser.error(f"no run {min(unknown)!r}" if unknown else "--renew renews all runs; name none")
    found = run_golden(asked.names)
    verdict, differences = compare_runs(found, known)
    sys.stdout.write("".join(f"{difference}\n" for difference in differences))
    machine = this_machine()
    sys.stdout.write(f"{verdict.name.lower().replace('_', ' ')}: {machine}\n")
    if asked.renew:
        store_numbers(found, machine)
    return int(verdict == Verdict.DIFFERENT and not asked.renew)


if __name__ == "__main__":
    sys.exit(main())
