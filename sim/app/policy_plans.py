"""Plans for policies: only the levers are rebuilt where two scenarios differ in measures alone.

A plan takes about a second to make, its levers some thousandths: that is the time between a slider and its result.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sim.model.plan import Plan, levels, window
from sim.model.tables import REGION_LEVERS
from sim.scenario import MEASURES, Scenario
from sim.scenario.scenario import NOT_HASHED

if TYPE_CHECKING:
    import numpy.typing as npt

_SEEN = sorted({item.name for item in fields(Scenario)} - NOT_HASHED - {"layer", "measures", "seed"})
LEVERS = tuple(f"lever_{name}" for name in MEASURES)


def plan_of(scenario: Scenario) -> Plan:
    """The plan of a scenario; equal to ``Plan.build`` to the bit."""
    return with_measures(_built(_Root(scenario)), scenario)


def with_measures(plan: Plan, scenario: Scenario) -> Plan:
    """The plan of a scenario that differs from the plan's own in nothing but measures."""
    own = plan.scenario.measures
    changed = {
        f"lever_{name}": _lever(plan, scenario, name) for name in MEASURES if scenario.measures[name] != own[name]
    }
    return replace(plan, scenario=scenario, inputs=plan.inputs | changed)


class _Root:
    """A scenario that is equal to all those that differ from it in measures (or in what no run can see) alone."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.key = tuple(getattr(scenario, name) for name in _SEEN)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Root) and self.key == other.key


@lru_cache(maxsize=6)
def _built(root: _Root) -> Plan:
    return Plan.build(root.scenario)


def _lever(plan: Plan, scenario: Scenario, name: str) -> npt.NDArray[np.float64]:
    """The lever of a measure, float64 [days, bases or regions]; before the period it stays the run-up's."""
    clock = scenario.mission.clock
    places = scenario.mission.regions if name in REGION_LEVERS else plan.world.bases
    lever = np.array(plan.inputs[f"lever_{name}"])
    lever[plan.report[0] :] = MEASURES[name].reference
    for episode in scenario.measures[name]:
        span = window(clock, max(episode.start, scenario.period.start), episode.end, len(lever))
        covered = episode.place.regions if name in REGION_LEVERS else episode.place.bases
        if span.stop > span.start and covered:
            lever[span, [places.index(place) for place in covered]] = levels(episode, span, clock)[:, None]
    if name == "coordination":  # who has stopped operating has nobody to talk to (see Plan.build)
        lever[plan.report[0] :] *= plan.inputs["national_activity"][plan.report[0] :]
    return lever
