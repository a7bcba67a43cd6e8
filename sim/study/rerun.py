"""One run of a study by itself, in full: what a task did, without the other variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.scenario import ScenarioError
from sim.study.draws import drawn_plan
from sim.study.task import draws_of, variants_of

if TYPE_CHECKING:
    from sim.model.recorder import RunRecord
    from sim.scenario import Scenario


def model_of(scenario: Scenario, variant: str, replication: int) -> Simulation:
    """The model of a run, at its first day.  ScenarioError for a variant that there is not."""
    variants = variants_of(scenario)
    if variant not in variants:
        raise ScenarioError(f"{scenario.name}: no variant {variant!r}; it has {', '.join(variants)}")
    plan = drawn_plan(Plan.build(variants[variant]), draws_of(scenario).values(replication))
    return Simulation(plan, scenario.seed, replication)


def rerun(scenario: Scenario, variant: str, replication: int) -> RunRecord:
    """The record of a run of a study; whatever went wrong in it is raised."""
    return model_of(scenario, variant, replication).run()
