"""Runs of a policy from a shared start of the period: earlier days are simulated once per replication, and kept.

Results are equal to the bit to those of a study of the same scenario (tests hold the two together).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sim.app.policy_plans import LEVERS, plan_of
from sim.model.simulation import Simulation, Snapshot
from sim.study.draws import drawn_plan
from sim.study.executor import Failure
from sim.study.plan_difference import first_difference
from sim.study.run_up import ON_THE_DAY, RunUps
from sim.study.task import RunResult, draws_of, reduced

if TYPE_CHECKING:
    from sim.model.plan import Plan
    from sim.scenario import Scenario


@dataclass(frozen=True)
class PeriodStart:
    """A replication on the first day of the period.

    values: its draw; root: the plan it began with; plan: the same under the draw, levers left as they were; state: None
    where the period begins on day 0.
    """

    values: Mapping[str, float]
    root: Plan
    plan: Plan
    state: Snapshot | None


def run_batch(scenario: Scenario, variant: str, replications: Sequence[int]) -> list[RunResult]:
    """What is kept of some replications of a variant; a failure is a result like any other."""
    case = case_of(scenario, variant)
    results = []
    for number in replications:
        start = time.perf_counter()
        try:
            kept = reduced(model_at_period_start(case, number).run())
        except Exception as problem:
            kept = Failure.of("run", problem)  # type: ignore[assignment]
        results.append(RunResult(variant, number, kept, time.perf_counter() - start))
    return results


def case_of(scenario: Scenario, variant: str) -> Case:
    """What the replications of a variant share: made once for all of them."""
    return Case(scenario, plan_of(scenario.variant(variant)))


def model_at_period_start(case: Case, replication: int) -> Simulation:
    """The model of a replication, at the first day of the period."""
    start = _period_start(case, replication)
    model = Simulation(_under(start, case.plan), case.scenario.seed, replication)
    if start.state is not None:
        model.restore(start.state)
    return model


class Case:
    """A variant of a scenario, and what is drawn; equal to another whose histories are one until the period begins."""

    def __init__(self, scenario: Scenario, plan: Plan) -> None:
        self.scenario, self.plan = scenario, plan
        self.draws = draws_of(scenario)
        names = tuple(quantity.name for quantity in self.draws.quantities)
        self.key = (self.draws.identity, names, scenario.seed, plan.report)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Case) or self.key != other.key:
            return False
        return first_difference(self.plan, other.plan) >= self.plan.report[0]


@lru_cache(maxsize=256)
def _period_start(case: Case, replication: int) -> PeriodStart:
    """About a megabyte each."""
    values = case.draws.values(replication)
    plan = drawn_plan(case.plan, {name: value for name, value in values.items() if not _is_lever(name)})
    if case.plan.report[0] == 0:
        return PeriodStart(values, case.plan, plan, None)
    model = Simulation(drawn_plan(plan, _levers(values)), case.scenario.seed, replication)
    _run_ups(case).advance(model)
    model.advance_to(case.plan.report[0] - 1)
    return PeriodStart(values, case.plan, plan, model.snapshot(ON_THE_DAY))


@lru_cache(maxsize=6)
def _run_ups(case: Case) -> RunUps:
    return RunUps((case.plan,))


def _under(start: PeriodStart, plan: Plan) -> Plan:
    """The plan of a policy under the draw of the start; quick where it differs from the root in levers alone."""
    same = all(plan.inputs[name] is start.root.inputs[name] for name in plan.inputs if name not in LEVERS)
    if not same or any(name.startswith("shocks.") for name in start.values):
        return drawn_plan(plan, start.values)
    levers = {name: plan.inputs[name] for name in LEVERS}
    return drawn_plan(
        replace(start.plan, scenario=plan.scenario, inputs=start.plan.inputs | levers), _levers(start.values)
    )


def _levers(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if _is_lever(name)}


def _is_lever(name: str) -> bool:
    return name.startswith("measures.")
