"""What a Python user calls: load, run, compare, attribute, forecast, and lists of the names a scenario may use."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date
from operator import index
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

from sim import scenario as scenarios
from sim.missions import DEFAULT, load_mission
from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.present.figures import RunPlots
from sim.results import Results
from sim.study.run_up import RunUps
from sim.study.scale import off_scale

if TYPE_CHECKING:
    import pandas as pd

    from sim.inference.attribution import Attribution
    from sim.model.recorder import RunRecord
    from sim.present.comparison import Comparison
    from sim.scenario import Scenario
    from sim.study import Study

ATTRIBUTED = ("peacekeepers_killed", "civilians_killed")


def load(source: str | PathLike[str]) -> Scenario:
    """The scenario of a file, or of a packaged name such as `quickstart`. ScenarioError for bad input."""
    return scenarios.load(fspath(source))


def run(scenario: Scenario | str | PathLike[str], seed: int | None = None, seeds: int = 1, workers: int = 0) -> Results:
    """Simulate a scenario with this seed (default: the scenario's own).

    With `seeds` above 1 the seeds that follow are run as well, and `results.range` has 5, 50 and 95 % of every outcome
    over all of them; `workers` is as in `compare`. The same scenario and seed give the same results to the bit.
    ScenarioError for bad input, TypeError for a seed that is no whole number, ValueError for one out of range;
    UserWarning for a scale other than the calibrated one, and for seeds that failed.
    """
    chosen = _scenario_of(scenario)
    warning = off_scale(chosen)
    if warning:
        warnings.warn(warning, stacklevel=2)
    plan = Plan.build(chosen)
    results = run_plan(plan, chosen.seed if seed is None else seed)
    if index(seeds) > 1:
        results.range = _range(plan, results, index(seeds), workers)
    return results


def compare(
    scenario: Scenario | str | PathLike[str],
    replications: int | None = None,
    workers: int = 0,
    store: str | PathLike[str] | None = None,
) -> Comparison:
    """Run the variants of a scenario with shared random numbers, and compare them with its baseline.

    A file without variants is compared with what it extends.
    `replications` defaults to the scenario's; `workers` 0 means as many threads as help; with a `store` (a folder)
    finished runs are kept and reused. ScenarioError for bad input, StoreError for a folder that cannot serve.
    """
    from sim.present.comparison import Comparison

    chosen = _scenario_of(scenario).against_base()
    return Comparison(_study(chosen, replications or chosen.replications, workers, store).run())


def attribute(
    scenario: Scenario | str | PathLike[str],
    measures: Sequence[str] | None = None,
    outcomes: Sequence[str] = ATTRIBUTED,
    replications: int | None = None,
    workers: int = 0,
    store: str | PathLike[str] | None = None,
) -> dict[str, Attribution]:
    """Run every subset of a package of measures, and share what it averts among them by Shapley values, by outcome.

    `measures` defaults to those that the variants of the scenario switch off, at most seven; the other arguments are
    those of `compare`. ScenarioError for bad input, StoreError for a folder that cannot serve.
    """
    from sim.inference.attribution import attribute as shares
    from sim.inference.attribution import factorial, package

    chosen = _scenario_of(scenario)
    names = tuple(measures) if measures is not None else package(chosen)
    frame = _study(factorial(chosen, names), replications or chosen.replications, workers, store).run()
    return {outcome: shares(frame, names, outcome) for outcome in outcomes}


def forecast(
    scenario: Scenario | str | PathLike[str],
    start: date,
    end: date,
    draws: int = 200,
    assimilate: bool = True,
    ex_ante: bool = False,
    workers: int = 0,
) -> pd.DataFrame:
    """Forecast the months from `start` to `end`, given by any of their days; each draw is a run under a posterior set.

    The columns are draw, month, region (the country for the total), outcome, value, simulated. With `assimilate` draws
    are weighted by the record up to the month before `start`; with `ex_ante` inputs dated later are unknown.
    ScenarioError for bad input.
    """
    from sim.study.executor import Threads
    from sim.validation.forecast.posterior_draws import ForecastRequest, monthly_draws

    months = (start, end)
    asked = _scenario_of(scenario)
    request = ForecastRequest.of_months(asked, asked.mission.posterior(), months, draws, assimilate, not ex_ante)
    return monthly_draws(request, Threads(workers))[0]


def list_measures(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The measures with their unit, reference level, range and claim, a row each."""
    return _listed("measures", mission)


def list_shocks(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The shocks with their levers and claims, a row each."""
    return _listed("shocks", mission)


def list_outcomes(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The outcomes with unit, definition and overlaps, a row each."""
    return _listed("outcomes", mission)


def list_parameters(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The parameters with value, range, unit, status and source, a row each."""
    return _listed("parameters", mission)


def list_scenarios(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The packaged scenarios with period, title and variants, a row each."""
    return _listed("scenarios", mission)


def list_regions(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The regions with the number of cells and people, a row each."""
    return _listed("regions", mission)


def list_bases(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The bases with place, opening and closure, a row each."""
    return _listed("bases", mission)


def list_organisations(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The armed organisations with family, dates and fighters, a row each."""
    return _listed("organisations", mission)


def list_processes(mission: str | PathLike[str] = DEFAULT) -> pd.DataFrame:
    """The processes with phase and claim, a row each."""
    return _listed("processes", mission)


def _listed(what: str, mission: str | PathLike[str]) -> pd.DataFrame:
    import pandas as pd

    from sim.scenario.listing import LISTS

    return pd.DataFrame(LISTS[what](load_mission(fspath(mission))))


def _range(plan: Plan, results: Results, seeds: int, workers: int) -> pd.DataFrame:
    """outcome, low, median, high over the seed of some results and those that follow it."""
    import pandas as pd

    from sim.inference.seed_ranges import seed_range
    from sim.study.executor import Threads
    from sim.study.seeds import SeedFailure, run_seeds, seeds_from

    others = run_seeds(plan, seeds_from(results.record.seed, seeds)[1:], _summary, Threads(workers))
    found = [results.summary()]
    for each in others:
        if isinstance(each, SeedFailure):
            warnings.warn(f"seed {each.seed} failed: {each.reason}", stacklevel=3)
        else:
            found.append(each)
    bounds = {name: seed_range([each[name] for each in found]) for name in found[0]}
    rows = [(name, *each) for name, each in bounds.items() if each is not None]
    return pd.DataFrame(rows, columns=["outcome", "low", "median", "high"])


def _summary(record: RunRecord) -> dict[str, float]:
    return Results(record).summary()


def _scenario_of(source: Scenario | str | PathLike[str]) -> Scenario:
    return load(source) if isinstance(source, str | PathLike) else source


def _study(scenario: Scenario, replications: int, workers: int, store: str | PathLike[str] | None) -> Study:
    from sim.study import Study

    study = Study(scenario, None if store is None else Path(store), replications, workers)
    for notice in study.notices:
        warnings.warn(notice, stacklevel=3)
    return study


def run_plan(plan: Plan, seed: int) -> Results:
    """Simulate a plan that is built already; one plan serves any number of seeds."""
    model = Simulation(plan, seed)
    RunUps((plan,)).advance(model)
    return Results(model.run(), plots=RunPlots)
