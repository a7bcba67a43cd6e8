"""The campaign: every module in turn, a sample of its mutants, each tried in a forked copy of this process."""

import hashlib
import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from types import ModuleType

import pandas as pd

from tools.mutation.isolation import TIMEOUT, Verdict, judged
from tools.mutation.module_patch import forgetting, install
from tools.mutation.mutants import ROOT, Mutant, Source

KEPT = ROOT / "results" / "reliability" / "mutation.csv"
SEED = 2018
Check = Callable[[Mutant], str]


@dataclass(frozen=True)
class Row:
    """One mutant and what became of it; ``text`` is the start of the hash of the module it was made from."""

    module: str
    text: str
    places: int
    line: int
    operator: str
    occurrence: int
    before: str
    after: str
    result: str
    check: str
    seconds: float

    @classmethod
    def of(cls, mutant: Mutant, source: Source, verdict: Verdict) -> "Row":
        """The row of a verdict."""
        where = (mutant.module, digest(source), len(source.places), mutant.line, mutant.operator, mutant.occurrence)
        return cls(*where, mutant.before, mutant.after, verdict.result, verdict.check, verdict.seconds)


def digest(source: Source) -> str:
    """By which a row is known to be of this text of the module."""
    return hashlib.sha256(source.text.encode()).hexdigest()[:12]


class ResultsTable:
    """The rows so far, in a file that is whole or as it was."""

    def __init__(self, path: Path = KEPT) -> None:
        self.path = path
        self.rows = self._kept()
        self.own: set[str] = set()  # modules of this campaign; another part may be at work on others

    def _kept(self) -> dict[tuple[str, str, str, int], Row]:
        if not self.path.exists():
            return {}
        frame = pd.read_csv(self.path, keep_default_na=False)
        rows = [Row(*values) for values in frame.itertuples(index=False)]
        return {_key(row): row for row in rows}

    def has(self, mutant: Mutant, text: str, again: Sequence[str]) -> bool:
        """Whether a mutant was tried on this text; results that are asked for again do not count."""
        row = self.rows.get((mutant.module, text, mutant.operator, mutant.occurrence))
        return row is not None and row.result not in again

    def add(self, row: Row) -> None:
        """Keep a row; rows of older texts of the module go."""
        self.rows = {key: old for key, old in self.rows.items() if old.module != row.module or old.text == row.text}
        self.rows[_key(row)] = row
        self.own.add(row.module)

    def write(self) -> None:
        """Sorted, so that a second campaign gives the same file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        others = {key: row for key, row in self._kept().items() if row.module not in self.own}
        self.rows = others | {key: row for key, row in self.rows.items() if row.module in self.own}
        rows = sorted(self.rows.values(), key=lambda row: (row.module, row.line, row.operator, row.occurrence))
        unfinished = self.path.with_suffix(".unfinished")
        frame = pd.DataFrame([astuple(row) for row in rows], columns=[field.name for field in fields(Row)])
        frame.to_csv(unfinished, index=False, lineterminator="\n")
        unfinished.replace(self.path)


def _key(row: Row) -> tuple[str, str, str, int]:
    return row.module, row.text, row.operator, row.occurrence


def campaign(
    module: str, check: Check, limit: float, table: ResultsTable, sample: int, again: Sequence[str] = (),
    near: Sequence[ModuleType] = (),
) -> None:  # fmt: skip
    """Try a sample of the mutants of one module; what modules ``near`` remember from before the change is forgotten."""
    source = Source(module)
    text = digest(source)
    loaded = importlib.import_module(module.removesuffix(".py").replace("/", "."))
    for mutant in source.sample(sample, SEED):
        if table.has(mutant, text, again):
            continue

        def tried(mutant: Mutant = mutant) -> str:
            warnings.simplefilter("ignore")
            install(loaded, mutant.code)
            for other in (loaded, *near):
                forgetting(other)
            return check(mutant)

        verdict = judged(tried, limit)
        table.add(Row.of(mutant, source, verdict))
    table.write()
    mine = [row for row in table.rows.values() if row.module == module]
    noticed = sum(row.result != "survived" for row in mine)
    late = sum(row.result == TIMEOUT for row in mine)
    seconds = sum(row.seconds for row in mine)
    sys.stderr.write(
        f"{module}: {noticed} of {len(mine)} noticed ({late} by time), {len(source.places)} places, {seconds:.0f} s\n"
    )
