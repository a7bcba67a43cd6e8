"""Runs of a design, stored as they finish, so that an interrupted analysis can be resumed.

A run is identified by its step, the row of the design, the replication and the variant.  A folder that was made by
another scenario or another version of the model is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sim._util.signals import defer_interrupts
from sim.inference.sensitivity.design import MOST, Design, FloatArray
from sim.results.panel import OUTCOME_NAMES
from sim.study.batch_writer import BatchWriter
from sim.study.executor import Failure
from sim.study.identity import fingerprint
from sim.study.manifest import NotAsWritten, is_empty, settle, unsealed, vouched
from sim.study.store import Folder, StoreError, origin, read_numbers
from sim.study.task import Blueprint, RunResult, RunTables, variants_of
from sim.study.work import Results, run_tasks, totals_only

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.executor import Executor

FILE = "sensitivity.json"
PART_RUNS = 500
PART_EVERY = 10.0  # s

Key = tuple[int, str]  # number of the run in its design, variant
Progress = Callable[[Iterator[RunResult], int], Iterator[RunResult]]


def claim_of(scenario: Scenario, sources: Mapping[str, str]) -> dict[str, Any]:
    """What a folder must have been made with; ``sources`` names where the distributions come from."""
    hashes = {name: variant.hash for name, variant in variants_of(scenario).items()}
    return {
        "simulated": True,
        "scenario": scenario.name,
        "hash": scenario.hash,
        "seed": scenario.seed,
        "variants": hashes,
        "model": fingerprint(scenario.mission),
        **sources,
    }


class Evaluations:
    """The folder of an analysis.  StoreError where it is not free for it; then nothing is written."""

    def __init__(self, path: Path, claim: Mapping[str, Any], resume: bool) -> None:
        self.path = path
        self.folder = Folder(path, dict(claim))
        self.notices: list[str] = []
        if self._known(claim) and not resume:
            raise StoreError(f"{path}: holds this analysis already; add --resume to continue it")
        try:
            self.notices += settle(self.folder, FILE, claim, {})
        except FileExistsError:  # somebody else came at the same moment
            self._known(claim)

    def _known(self, claim: Mapping[str, Any]) -> bool:
        if is_empty(self.path, {}):
            return False
        try:
            stored = unsealed(self.path / FILE)
        except NotAsWritten:
            return vouched(self.path, FILE, self.path.glob("*_*-*.parquet"), claim)
        differing = [name for name in claim if stored.get(name) != claim[name]]
        if differing:
            raise StoreError(
                f"{self.path}: holds another analysis (its {', '.join(differing)} differ); nothing was changed; "
                "name another folder"
            )
        return True

    def runs(self, step: str) -> dict[Key, FloatArray]:
        """What is done of a step: totals by outcome.  A part that is damaged is set aside, and its runs are missing."""
        found: dict[Key, FloatArray] = {}
        for file in sorted(self.path.glob(f"{step}-*.parquet")):
            try:
                table = read_numbers(file, ("row", "replication", *OUTCOME_NAMES), texts=("variant",))
            except StoreError:
                self.notices.append(f"{file}: {self.folder.set_aside(file)}, and its runs are done again")
                continue
            if origin(table) not in (None, self.folder.made_by):
                self.notices.append(f"{file}: made by another scenario or version; left out")
                continue
            numbers = table["row"].to_numpy() * MOST + table["replication"].to_numpy()
            totals = np.column_stack([table[name].to_numpy() for name in OUTCOME_NAMES])
            found |= dict(zip(zip(numbers.tolist(), table["variant"].to_pylist(), strict=True), totals, strict=True))
        return found

    def add(self, step: str, results: Sequence[RunResult]) -> None:
        """Keep the runs that ended.  StoreError where that is not possible; what was written before is safe."""
        ended = [(result, result.kept) for result in results if isinstance(result.kept, RunTables)]
        if not ended:
            return
        totals = np.array([kept.totals[: len(OUTCOME_NAMES)] for _, kept in ended])
        columns: dict[str, Any] = {
            "row": [result.replication // MOST for result, _ in ended],
            "replication": [result.replication % MOST for result, _ in ended],
            "variant": [result.variant for result, _ in ended],
            "simulated": [True] * len(ended),
        }
        columns |= {name: totals[:, number] for number, name in enumerate(OUTCOME_NAMES)}
        self.folder.put(step, pa.table(columns))


@dataclass(frozen=True)
class Evaluated:
    """``totals`` [rows, replications, variants, outcomes of OUTCOME_NAMES], NaN where a run failed; what failed."""

    design: Design
    variants: tuple[str, ...]
    totals: FloatArray
    failed: tuple[RunResult, ...]

    def of(self, outcome: str, variant: str) -> FloatArray:
        """[rows, replications] of one outcome."""
        return np.asarray(self.totals[:, :, self.variants.index(variant), OUTCOME_NAMES.index(outcome)])

    def whole_blocks(self) -> Evaluated:
        """Without the blocks in which a run failed.  StoreError where fewer than two are left."""
        broken = np.isnan(self.totals).any(axis=(1, 2, 3))
        kept = ~np.isin(self.design.block, self.design.block[broken])
        if len(np.unique(self.design.block[kept])) < 2:
            raise StoreError(f"{len(self.failed)} runs failed; too few are left to analyse: {_reason(self.failed)}")
        design = replace(self.design, points=self.design.points[kept], block=self.design.block[kept])
        return replace(self, design=design, totals=self.totals[kept])


def step_name(kind: str, design: Design) -> str:
    """The name of a step's files: other quantities, other files."""
    about = json.dumps([design.names, [quantity.name for quantity in design.resting]])
    return f"{kind}_{sha256(about.encode()).hexdigest()[:12]}"


def evaluate(
    blueprint: Blueprint,
    design: Design,
    replications: int,
    kept: Evaluations,
    kind: str,
    executor: Executor,
    progress: Progress,
) -> Evaluated:
    """All runs of a design; missing ones are run and stored.  On Ctrl-C finished runs are stored first."""
    step, names = step_name(kind, design), tuple(blueprint.plans)
    with defer_interrupts():
        known = kept.runs(step)
        tasks = [(number, _missing(known, number, names)) for number in design.numbers(replications)]
        tasks = [task for task in tasks if task[1]]
        failed: list[RunResult] = []
        total = sum(len(own) for _, own in tasks)
        running = run_tasks(executor, replace(blueprint, draws=design), tasks, totals_only)
        with closing(_kept(running, kept, step)) as ended:
            for result in progress(ended, total):
                if isinstance(result.kept, RunTables):
                    known[result.replication, result.variant] = result.kept.totals[: len(OUTCOME_NAMES)]
                else:
                    failed.append(result)
    blank = np.full(len(OUTCOME_NAMES), np.nan)
    flat = [[known.get((number, name), blank) for name in names] for number in design.numbers(replications)]
    totals = np.array(flat, np.float64).reshape(len(design.points), replications, len(names), len(OUTCOME_NAMES))
    return Evaluated(design, names, totals, tuple(failed))


def _missing(known: Mapping[Key, FloatArray], number: int, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if (number, name) not in known)


def _kept(running: Results, kept: Evaluations, step: str) -> Generator[RunResult, None, None]:
    """Each run as it finishes; written every few seconds, and at the end whatever ends it."""
    with (
        BatchWriter[RunResult](lambda runs: kept.add(step, runs), PART_RUNS, PART_EVERY) as writer,
        closing(running) as ended,
    ):
        for results in ended:
            writer.add(results)
            yield from results


def _reason(failed: Sequence[RunResult]) -> str:
    problems = [run.kept.traceback.strip().splitlines() for run in failed if isinstance(run.kept, Failure)]
    return next((lines[-1] for lines in problems if lines), "unknown")
