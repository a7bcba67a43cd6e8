"""The two verbs for Python users: load a scenario, run it."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TYPE_CHECKING

from sim import scenario as scenarios
from sim.model import MissionModel
from sim.plan import Plan
from sim.plots import RunPlots
from sim.results import Results

if TYPE_CHECKING:
    from sim.scenario import Scenario


def load(source: str | PathLike[str]) -> Scenario:
    """The scenario of a file, or of a packaged name such as `quickstart`. ScenarioError for bad input."""
    return scenarios.load(fspath(source))


def run(scenario: Scenario | str | PathLike[str], seed: int | None = None) -> Results:
    """Simulate a scenario once, with this seed (default: the scenario's own).

    The same scenario and seed give the same results to the bit. ScenarioError for bad input.
    """
    chosen = load(scenario) if isinstance(scenario, str | PathLike) else scenario
    return run_plan(Plan.build(chosen), chosen.seed if seed is None else seed)


def run_plan(plan: Plan, seed: int) -> Results:
    """Simulate a plan that is built already; one plan serves any number of seeds."""
    model = MissionModel(plan, seed=seed)
    try:
        record = model.run()
    finally:
        model.close()
    return Results(record, plots=RunPlots)
