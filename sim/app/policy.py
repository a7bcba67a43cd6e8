"""A policy as the page sets it: a variant of the scenario and levels of measures laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sim._util.immutable import freeze
from sim.scenario import MEASURES, FrozenMap, Scenario
from sim.scenario.inheritance import merge, variant, without
from sim.scenario.layers import Layer
from sim.scenario.registry import SHOWN_FIRST
from sim.scenario.scenario import build

if TYPE_CHECKING:
    from sim.scenario import Measure

FIRST, SECOND = "policy_a", "policy_b"
OFF = None


@dataclass(frozen=True)
class Policy:
    """``variant`` of the scenario ('' for none), and ``levels``: measure -> level, OFF for its reference level."""

    variant: str = ""
    levels: FrozenMap[str, float | None] = field(default_factory=FrozenMap)

    def set(self, measure: str, level: float | None) -> Policy:
        """The policy with another level of one measure."""
        return Policy(self.variant, FrozenMap({**self.levels, measure: level}))

    def cleared(self, measure: str) -> Policy:
        """With a measure as the scenario has it."""
        return Policy(self.variant, FrozenMap({name: at for name, at in self.levels.items() if name != measure}))


def first_policies(scenario: Scenario) -> tuple[Policy, Policy]:
    """The baseline and the first other variant; without variants, the scenario and the scenario without the measures
    shown first."""
    if len(scenario.variants) > 1:
        baseline = scenario.baseline or next(iter(scenario.variants))
        return Policy(baseline), Policy(next(name for name in scenario.variants if name != baseline))
    return Policy(), Policy(levels=FrozenMap(dict.fromkeys(SHOWN_FIRST, OFF)))


@lru_cache(maxsize=128)
def composed(scenario: Scenario, first: Policy, second: Policy, seed: int) -> Scenario:
    """The scenario with two variants, FIRST (the baseline) and SECOND: what is on the screen, as a file has it.

    ScenarioError where a level is out of its range or a variant is unknown.
    """
    said = {FIRST: overrides(scenario, first), SECOND: overrides(scenario, second)}
    over = Layer({"seed": seed, "baseline": FIRST, "variants": said}, {})
    layer = merge(without(scenario.layer, "variants", "baseline", "seed"), over)
    case = replace(scenario, seed=seed, baseline=FIRST, variants=freeze(said), layer=layer)
    # what `build` would make of the layer, without reading again what a slider does not change
    built = {FIRST: _as_variant(scenario, FIRST, first, seed), SECOND: _as_variant(scenario, SECOND, second, seed)}
    return case.with_variants_built(built)


@lru_cache(maxsize=256)
def _as_variant(scenario: Scenario, name: str, policy: Policy, seed: int) -> Scenario:
    over = Layer({"seed": seed, "variants": {name: overrides(scenario, policy)}}, {})
    return build(
        variant(merge(without(scenario.layer, "variants", "baseline", "seed"), over), name), scenario.name, name
    )


def overrides(scenario: Scenario, policy: Policy) -> dict[str, Any]:
    """What a variant has to say to be this policy."""
    written = _plain(scenario.variant(policy.variant) and scenario.variants[policy.variant]) if policy.variant else {}
    kept = {
        key: value for key, value in written.items() if key.split(".")[1:2] not in ([name] for name in policy.levels)
    }
    if not policy.levels:
        return kept
    measures = dict(kept.get("measures") or {})
    for name, level in policy.levels.items():
        measures[name] = OFF if level is OFF else {MEASURES[name].key: level}
    return {**kept, "measures": measures}


def level_at_start(scenario: Scenario, measure: str) -> float | None:
    """The highest level of a measure on the middle day of the period, OFF where nothing is in force then."""
    middle = scenario.period.start + (scenario.period.end - scenario.period.start) / 2
    levels = [
        float(episode.level.at(middle))
        for episode in scenario.measures[measure]
        if episode.start <= middle <= episode.end
    ]
    return max(levels) if levels else OFF


def step_of(measure: Measure) -> float:
    """The step of a slider: a round number, some forty over the range."""
    span = measure.maximum - measure.minimum
    return next(step for step in (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10) if span / step <= 72)


def _plain(value: Any) -> Any:
    """Immutable data as plain lists and mappings for YAML."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
