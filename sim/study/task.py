"""One task: a replication of all variants that still need it, from plans to what is kept of each run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.model.plan import Plan
from sim.model.recorder import RunRecord
from sim.results.panel import FloatArray, column, monthly_array, months, period_totals
from sim.scenario import ScenarioError
from sim.study.branches import Finished, run_branched
from sim.study.draws import Draws, Levers, Numbering, drawn_plan
from sim.study.executor import Failure
from sim.study.exposure import extras
from sim.study.frame import CELL_OUTCOMES
from sim.study.run_up import RunUps

if TYPE_CHECKING:
    from sim.scenario import Scenario

ALONE = "as_given"  # the name of the one variant of a scenario without variants

Task = tuple[int, tuple[str, ...]]  # replication, variants


@dataclass(frozen=True)
class RunTables:
    """What a run adds to the tables: totals by outcome and by extra, months x regions x outcomes, cells with deaths."""

    totals: FloatArray
    months: tuple[str, ...]
    monthly: FloatArray
    gids: npt.NDArray[np.int64]
    killed: npt.NDArray[np.int64]


@dataclass(frozen=True)
class RunResult:
    """One run of a study, or why there is none."""

    variant: str
    replication: int
    kept: RunTables | Failure
    seconds: float


@dataclass(frozen=True)
class Blueprint:
    """Everything that tasks share: the plan of each variant, or why it could not be made, and the draws."""

    scenario: Scenario
    plans: dict[str, Plan | Failure]
    draws: Numbering

    @classmethod
    def build(cls, scenario: Scenario) -> Blueprint:
        """About a second or two for each variant.  ScenarioError for uncertainties that cannot be drawn."""
        chosen = variants_of(scenario)
        draws = draws_of(scenario)
        plans = {name: _plan(variant) for name, variant in chosen.items()}
        return cls(scenario, _interned(plans), draws)

    @cached_property
    def run_ups(self) -> RunUps:
        """What was kept of the days before the period."""
        return RunUps(plan for plan in self.plans.values() if isinstance(plan, Plan))


def variants_of(scenario: Scenario) -> dict[str, Scenario]:
    """Name -> scenario of every variant; the scenario itself where it has none."""
    if not scenario.variants:
        return {ALONE: scenario}
    return {name: scenario.variant(name) for name in scenario.variants}


def draws_of(scenario: Scenario) -> Draws:
    """The draws that all variants share.  ScenarioError where a variant has uncertainties of its own."""
    chosen = variants_of(scenario)
    for name, variant in chosen.items():
        if variant.uncertainties != scenario.uncertainties:
            place = scenario.where(f"variants.{name}.uncertainties")
            raise ScenarioError(f"{place}: variants.{name}.uncertainties: a variant shares those of its scenario")
    return Draws.of(scenario, chosen.values())


def run_task(blueprint: Blueprint, task: Task) -> list[RunResult]:
    """The runs of one replication; a failure is a result like any other."""
    replication, names = task
    ready: dict[str, Plan] = {}
    results: list[RunResult] = []
    values = blueprint.draws.values(replication)
    levers: Levers = {}
    for name in names:
        plan = blueprint.plans[name]
        if isinstance(plan, Plan):
            plan = _drawn(plan, values, levers)
        if isinstance(plan, Plan):
            ready[name] = plan
        else:
            results.append(RunResult(name, replication, plan, 0.0))
    stream = blueprint.draws.stream(replication)
    for finished in run_branched(ready, blueprint.scenario.seed, stream, blueprint.run_ups):
        results.append(_kept(finished, replication))
    return results


def lost(task: Task, problem: Failure) -> list[RunResult]:
    """The results of a task whose process died."""
    return [RunResult(name, task[0], problem, 0.0) for name in task[1]]


def _plan(scenario: Scenario) -> Plan | Failure:
    try:
        return Plan.build(scenario)
    except Exception as problem:
        return Failure.of("build", problem)


def _drawn(plan: Plan, values: dict[str, float], levers: Levers) -> Plan | Failure:
    try:
        return drawn_plan(plan, values, levers) if values else plan
    except Exception as problem:
        return Failure.of("build", problem)


def _interned(plans: dict[str, Plan | Failure]) -> dict[str, Plan | Failure]:
    """Equal arrays of different plans become one: less to send and to keep, and quick to compare."""
    made = _shared({name: plan for name, plan in plans.items() if isinstance(plan, Plan)})
    return {name: made.get(name, plan) for name, plan in plans.items()}


def _shared(plans: dict[str, Plan]) -> dict[str, Plan]:
    first: list[dict[str, np.ndarray]] = []
    out = {}
    for name, plan in plans.items():
        arrays = plan.inputs | plan.start
        known = {key: _known(array, (other[key] for other in first)) for key, array in arrays.items()}
        first.append(known)
        inputs = {key: known[key] for key in plan.inputs}
        out[name] = replace(plan, inputs=inputs, start={key: known[key] for key in plan.start})
    return out


def _known(array: np.ndarray, others: Iterable[np.ndarray]) -> np.ndarray:
    same = (other for other in others if other is array or np.array_equal(other, array))
    return next(same, array)


def _kept(finished: Finished, replication: int) -> RunResult:
    record = finished.record
    try:
        kept = record if isinstance(record, Failure) else reduced(record)
    except Exception as problem:
        kept = Failure.of("reduce", problem)
    return RunResult(finished.variant, replication, kept, finished.seconds)


def reduced(record: RunRecord) -> RunTables:
    """What is kept of a run: some 60 kB for three years."""
    monthly = monthly_array(record)
    totals = period_totals(monthly.sum(axis=1))
    gids, killed = _cells(record)
    return RunTables(np.append(totals, list(extras(record).values())), months(record), monthly, gids, killed)


def _cells(record: RunRecord) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    cell = column(record.events, "cell")
    size = len(record.names.gids)
    killed = np.stack([np.bincount(cell, column(record.events, name), size) for name in CELL_OUTCOMES], axis=1)
    hit = killed.any(axis=1)
    return record.names.gids[hit].astype(np.int64), killed[hit].astype(np.int64)
