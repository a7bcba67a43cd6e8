"""Which faults are tried, how often, and the table of what came of each."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sim.calibration.mission import MISSION
from sim.study.identity import fingerprint
from tools.faults import concurrency_faults, disk_faults, process_faults
from tools.faults.file_damage import HOW
from tools.faults.fork_server import Template
from tools.faults.trial import ROOT, FaultTooLate
from tools.faults.workspace import TrialResult, Workspace, may_mount

COLUMNS = (
    "fault", "command", "number", "moment", "exit_code", "finished_before", "done_after", "message", "verdict",
    "problems", "seconds", "version", "commit",
)  # fmt: skip
ATTEMPTS = 12  # at landing a fault before everything is done


@dataclass(frozen=True)
class Kind:
    """A kind of fault and how many times it is tried."""

    name: str
    command: str
    times: int
    make: Callable[..., TrialResult]
    more: tuple[Any, ...] = ()
    mounts: bool = False


def kinds() -> Iterator[Kind]:
    """All kinds of faults."""
    for sign, times in (("SIGKILL", 12), ("SIGTERM", 12), ("SIGINT", 12)):
        yield Kind(f"command {sign}", "compare", times, process_faults.kill, (sign, "command"))
        yield Kind(f"process group {sign}", "compare", 4, process_faults.kill, (sign, "all"))
    yield Kind("SIGINT twice", "compare", 5, process_faults.kill, ("SIGINT", "twice"))
    yield Kind("SIGTERM twice", "compare", 4, process_faults.kill, ("SIGTERM", "twice"))
    yield Kind("disk full", "compare", 8, disk_faults.full, mounts=True)
    yield Kind("file size limit", "compare", 4, disk_faults.limited)
    yield Kind("store read-only", "compare", 6, disk_faults.read_only, mounts=True)
    yield from _damage("compare", ("runs-*", "monthly-*", "cells-*"), HOW, 2)
    yield from _damage("compare", ("study.json",), (*HOW, "edited"), 2)
    yield from _damage("compare", ("codebook.csv",), ("flipped", "truncated"), 2)
    for which, how in (
        ("runs-*", "flipped"),
        ("runs-*", "deleted"),
        ("monthly-*", "truncated"),
        ("cells-*", "flipped"),
    ):
        yield Kind(f"{which[:-2]} {how} under way", "compare", 2, disk_faults.under_way, (which, how))
    yield Kind("two studies at once", "compare", 4, concurrency_faults.two_at_once, (False,))
    yield Kind("two studies at once, one killed", "compare", 4, concurrency_faults.two_at_once, (True,))
    yield Kind("two scenarios claim one folder", "compare", 6, concurrency_faults.two_scenarios)
    yield Kind("Dask worker killed", "compare", 4, concurrency_faults.cluster, ("worker",))
    yield Kind("Dask scheduler killed", "compare", 4, concurrency_faults.cluster, ("scheduler",))
    yield Kind("scenario changed", "compare", 5, concurrency_faults.changed_scenario)
    yield Kind("version changed", "compare", 5, concurrency_faults.changed_version)
    for how in ("offset", "jump", "files"):
        yield Kind(f"clock: {how}", "compare", 4, concurrency_faults.clock, (how,))
    for command, parts, own in (
        ("attribute", ("runs-*", "monthly-*"), "study.json"),
        ("sensitivity", ("screening_*", "sobol_*"), "sensitivity.json"),
        ("calibrate", ("wave0-*",), "calibration.json"),
    ):
        for sign in ("SIGKILL", "SIGTERM", "SIGINT"):
            yield Kind(f"command {sign}", command, 3, process_faults.kill, (sign, "command"))
        yield Kind("SIGINT twice", command, 1, process_faults.kill, ("SIGINT", "twice"))
        yield from _damage(command, parts, ("flipped", "truncated", "deleted"), 1)
        yield from _damage(command, (own,), ("flipped", "truncated", "deleted"), 1)


def _damage(command: str, files: tuple[str, ...], how: tuple[str, ...], times: int) -> Iterator[Kind]:
    for which in files:
        for each in how:
            yield Kind(f"{which.rstrip('-_*')} {each}", command, times, disk_faults.damaged, (which, each))


@dataclass
class Campaign:
    """A campaign of faults and its table of results; faults that are in the table are skipped."""

    folder: Path
    table: Path
    seed: int
    keep: bool = False

    def __post_init__(self) -> None:
        self.workspace = Workspace(self.folder, Template())
        self.version, self.commit = fingerprint(MISSION)[:16], _commit()

    def close(self) -> None:
        """End the process that starts commands."""
        self.workspace.template.close()

    def rows(self) -> list[dict[str, str]]:
        """Rows of the table."""
        if not self.table.exists():
            return []
        with self.table.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def run(self, wanted: list[Kind], share: float, tell: Callable[[dict[str, str]], None]) -> None:
        """Try what is missing, ``share`` of the times of each kind but at least once."""
        known = {(row["fault"], row["command"], row["number"]) for row in self.rows()}
        times = [(kind, number) for kind in wanted for number in range(max(1, round(share * kind.times)))]
        for kind, number in sorted(times, key=lambda time: time[1]):  # a campaign that is stopped has tried all kinds
            if (kind.name, kind.command, str(number)) not in known:
                row = self.one(kind, number)
                self._record(row)
                tell(row)

    def one(self, kind: Kind, number: int) -> dict[str, str]:
        """Try one fault, with other moments until it strikes in time."""
        if kind.mounts and not may_mount():
            return self._row(kind, number, TrialResult(message="no filesystem can be mounted here"), "left out", 0.0)
        begun = time.monotonic()
        for attempt in range(ATTEMPTS):
            rng = Random(f"{self.seed} {kind.name} {kind.command} {number} {attempt}")
            name = f"{kind.command}-{kind.name.replace(' ', '-').replace(':', '')}-{number}"
            trial = self.workspace.trial(name, kind.command, rng)
            try:
                found = kind.make(self.workspace, trial, rng, *kind.more)
            except FaultTooLate:
                continue
            except (TimeoutError, subprocess.TimeoutExpired) as problem:  # it hangs: as bad as a loss
                found = TrialResult(problems=[str(problem)])
            finally:
                trial.stop()
            if not found.problems and not self.keep:
                shutil.rmtree(trial.folder, ignore_errors=True)
            verdict = "failed" if found.problems else "held"
            return self._row(kind, number, found, verdict, time.monotonic() - begun)
        return self._row(kind, number, TrialResult(), "never landed", time.monotonic() - begun)

    def _row(self, kind: Kind, number: int, found: TrialResult, verdict: str, seconds: float) -> dict[str, str]:
        message = found.message.replace(str(self.folder), "").strip()
        values = (
            kind.name, kind.command, number, found.moment, found.code, found.before, found.again, message, verdict,
            "; ".join(found.problems), round(seconds, 1), self.version, self.commit,
        )  # fmt: skip
        return {name: " ".join(str(value).split()) for name, value in zip(COLUMNS, values, strict=True)}

    def _record(self, row: dict[str, str]) -> None:
        self.table.parent.mkdir(parents=True, exist_ok=True)
        fresh = not self.table.exists()
        with self.table.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            if fresh:
                writer.writeheader()
            writer.writerow(row)
            file.flush()
            os.fsync(file.fileno())


def _commit() -> str:
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return asked.stdout.strip() or "unknown"
