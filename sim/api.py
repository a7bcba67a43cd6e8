"""The verbs for Python users: load a scenario, run it, compare its variants."""

from __future__ import annotations

import warnings
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from sim import scenario as scenarios
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.present.comparison import Comparison
from sim.present.figures import RunPlots
from sim.results import Results
from sim.study import Study
from sim.study.scale import off_scale

if TYPE_CHECKING:
    from sim.scenario import Scenario


def load(source: str | PathLike[str]) -> Scenario:
    """The scenario of a file, or of a packaged name such as `quickstart`. ScenarioError for bad input."""
    return scenarios.load(fspath(source))


def run(scenario: Scenario | str | PathLike[str], seed: int | None = None) -> Results:
    """Simulate a scenario once, with this seed (default: the scenario's own).

    The same scenario and seed give the same results to the bit. ScenarioError for bad input; UserWarning for a scale
    other than the calibrated one.
    """
    chosen = load(scenario) if isinstance(scenario, str | PathLike) else scenario
    warning = off_scale(chosen)
    if warning:
        warnings.warn(warning, stacklevel=2)
    return run_plan(Plan.build(chosen), chosen.seed if seed is None else seed)


def compare(
    scenario: Scenario | str | PathLike[str],
    replications: int | None = None,
    workers: int = 0,
    store: str | PathLike[str] | None = None,
) -> Comparison:
    """Run the variants of a scenario with shared random numbers, and compare them with its baseline.

    `replications` defaults to the scenario's; `workers` 0 means as many threads as help; with a `store` (a folder)
    finished runs are kept and reused. ScenarioError for bad input, StoreError for a folder that cannot serve.
    """
    chosen = load(scenario) if isinstance(scenario, str | PathLike) else scenario
    folder = None if store is None else Path(store)
    study = Study(chosen, folder, replications or chosen.replications, workers)
    for notice in study.notices:
        warnings.warn(notice, stacklevel=2)
    return Comparison(study.run())


def run_plan(plan: Plan, seed: int) -> Results:
    """Simulate a plan that is built already; one plan serves any number of seeds."""
    model = MissionModel(plan, seed=seed)
    try:
        record = model.run()
    finally:
        model.close()
        model.columns.clear()  # Mesa's models are cycles: their arrays would wait for the garbage collector
    return Results(record, plots=RunPlots)
