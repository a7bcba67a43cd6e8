"""Mutants of the statistics: held against the tests that run the changed line, then the others of those files."""

import importlib
import sys
import time
from pathlib import Path

from sim.model.simulation import Simulation
from tests.engine_support import plan_of
from tests.reference import worlds
from tools.mutation.campaign import KEPT, Check, ResultsTable, campaign
from tools.mutation.mutants import Mutant
from tools.mutation.targets import STATISTICS
from tools.mutation.test_selection import Selected, failing

SAMPLE = 15  # mutants of a module, or all where there are fewer
LIMIT = 60.0  # seconds
NEAR = 6.0  # seconds of the tests that run the line
OTHERS = 20.0  # of the others


def run(only: str, sample: int, again: tuple[str, ...], kept: Path | None) -> None:
    """Group by group; the tests of a group are measured once."""
    table = ResultsTable(kept or KEPT)
    Simulation(plan_of(worlds.SMALL)).advance_to(0)  # compiled code is loaded once, not in every copy
    for modules, files in STATISTICS.items():
        chosen = [module for module in modules if only in module]
        if not chosen:
            continue
        loaded = [importlib.import_module(module.removesuffix(".py").replace("/", ".")) for module in modules]
        began = time.process_time()
        tests = Selected.measured(chosen, files)
        sys.stderr.write(f"{len(tests.seconds)} tests in {time.process_time() - began:.0f} s\n")
        for module in chosen:
            campaign(module, _of(module, tests), LIMIT, table, sample, again, loaded)


def _of(module: str, tests: Selected) -> Check:
    def check(mutant: Mutant) -> str:
        near = tests.of(module, mutant.line, NEAR)
        return failing(near) or failing(tests.others(module, near, OTHERS))

    return check
