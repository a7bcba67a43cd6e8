"""Mutants of the rules of the day: held against the readable model, then against their own tests."""

import hashlib
import pickle
import sys
from pathlib import Path

from sim.calibration.mission import MISSION
from sim.model.engine import fingerprint
from tools.mutation.campaign import KEPT, Check, ResultsTable, campaign
from tools.mutation.day_history import History
from tools.mutation.mutants import ROOT, Mutant
from tools.mutation.targets import BY_HAND, PROCESS_MODULES, SHARED_RULES, UNIT_TESTS
from tools.mutation.test_selection import Selected, failing

READABLE = "readable model"
SAMPLE = 30  # mutants of a module, or all where there are fewer
LIMIT = 60.0  # seconds
SEEDS = 12  # versions of each day
MOMENTS = 120  # at which a line is tried


def run(only: str, sample: int, again: tuple[str, ...], kept: Path | None) -> None:
    """Try mutants of all processes, then of the functions that they share."""
    table = ResultsTable(kept or KEPT)
    processes = [module for module in PROCESS_MODULES if only in module]
    shared = [module for module in SHARED_RULES if only in module]
    if not processes and not shared:
        return
    history = remembered()
    by_hand = Selected.measured(PROCESS_MODULES, BY_HAND)
    for module in processes:
        campaign(module, _of_process(history, by_hand), LIMIT, table, sample, again)
    if not shared:
        return
    units = Selected.measured(SHARED_RULES, UNIT_TESTS)
    for module in shared:
        campaign(module, _of_shared(history, units), LIMIT, table, sample, again)


def remembered() -> History:
    """The days, from build/mutation where they were run before with this version of the model and of the days."""
    text = (ROOT / "tests" / "any_day.py").read_bytes() + (ROOT / "tests" / "reference" / "worlds.py").read_bytes()
    kept = ROOT / "build" / "mutation" / f"{fingerprint(MISSION)[:16]}-{hashlib.sha256(text).hexdigest()[:8]}.pickle"
    if not kept.exists():
        history = History.of(SEEDS, (*PROCESS_MODULES, *SHARED_RULES))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(history))
    history = pickle.loads(kept.read_bytes())
    sys.stderr.write("the days are there\n")
    return history


def _of_process(history: History, units: Selected) -> Check:
    def check(mutant: Mutant) -> str:
        if history.parts(history.reaching(mutant.module, mutant.line, MOMENTS)):
            return READABLE
        tests = units.of(mutant.module, mutant.line, 5.0)
        return failing(tests or units.others(mutant.module, (), 5.0))  # no test runs the line of a constant

    return check


def _of_shared(history: History, units: Selected) -> Check:
    def check(mutant: Mutant) -> str:
        tests = units.of(mutant.module, mutant.line, 5.0)
        if found := failing(tests):
            return found
        if history.parts(history.reaching(mutant.module, mutant.line, MOMENTS)):
            return READABLE
        return failing(units.others(mutant.module, tests, 10.0))

    return check
