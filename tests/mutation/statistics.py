"""Mutants of the statistics: held against the tests that run the changed line, then the others of those files."""

import importlib
import sys
import time

from sim.engine import compiled_days
from tests.mutation.campaign import Book, Check, campaign
from tests.mutation.mutants import Mutant
from tests.mutation.selected import Selected, failing
from tests.mutation.targets import STATISTICS

LIMIT = 40.0  # seconds
NEAR = 6.0  # seconds of the tests that run the line
OTHERS = 6.0  # of the others


def run(only: str, sample: int, again: tuple[str, ...]) -> None:
    """Group by group; the tests of a group are measured once."""
    book = Book()
    compiled_days()
    for modules, files in STATISTICS.items():
        chosen = [module for module in modules if only in module]
        if not chosen:
            continue
        for module in chosen:
            importlib.import_module(module.removesuffix(".py").replace("/", "."))
        began = time.perf_counter()
        tests = Selected.measured(chosen, files)
        sys.stderr.write(f"{len(tests.seconds)} tests in {time.perf_counter() - began:.0f} s\n")
        for module in chosen:
            campaign(module, _of(module, tests), LIMIT, book, sample, again)


def _of(module: str, tests: Selected) -> Check:
    def check(mutant: Mutant) -> str:
        near = tests.of(module, mutant.line, NEAR)
        return failing(near) or failing(tests.others(module, near, OTHERS))

    return check
