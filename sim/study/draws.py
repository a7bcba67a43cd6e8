"""Uncertain parameters and intensities, drawn once per replication: the same for all variants."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from sim.missions import Mission
from sim.missions.parameters import Prior
from sim.missions.posterior import Posterior
from sim.model import forces_plan
from sim.model import population_plan as people_plan
from sim.model.plan import SPARE_BANDS, Plan, parameter_values, threat_mean, window
from sim.model.tables import COLUMNS, REGION_LEVERS, STATE, empty_state
from sim.model.world import World
from sim.scenario import MEASURES, FrozenMap, Path, Period, Withdrawal
from sim.study.executor import available_processors

if TYPE_CHECKING:
    from sim.model.recorder import RunRecord
    from sim.scenario import Scenario

# of a measure's distance from its reference level; assumption: half to twice what is stated
FACTOR = Prior("loguniform", 0.5, 1.0, 2.0)
AT_ONCE = 2 * available_processors()  # replications under way, one in each thread, and some to spare
AT_THE_START = (*forces_plan.PARAMETERS, *people_plan.PARAMETERS)  # parameters that also decide the first day


@dataclass(frozen=True)
class Quantity:
    """A number that is drawn independently of others."""

    name: str
    prior: Prior

    def draw(self, seed: int, replication: int) -> float:
        """The draw of a replication; it depends on no other quantity, so that adding one changes no other."""
        return self.prior.quantile(_uniform(f"draw:{seed}:{replication}:{self.name}"))


@dataclass(frozen=True)
class Draws:
    """The drawn quantities of a study.  ``identity`` tells draws of one kind from those of another."""

    seed: int
    quantities: tuple[Quantity, ...]
    identity: str
    posterior: Posterior | None = None
    fixed: frozenset[str] = frozenset()  # what the scenario sets itself

    @classmethod
    def of(cls, scenario: Scenario, variants: Iterable[Scenario]) -> Draws:
        """As the scenario's ``uncertainties`` say: a range each, priors, or the posterior.

        Under the posterior, what the record speaks about comes from one of its sets, and the intensities that nobody
        published from their priors.
        """
        chosen = scenario.uncertainties
        text = json.dumps([chosen.kind, sorted(chosen.ranges.items())])
        known = scenario.mission.posterior() if chosen.kind == "posterior" else None
        identity = hashlib.sha256(f"{text}{known.identity if known else ''}".encode()).hexdigest()
        fixed = frozenset(scenario.parameters)
        if chosen.kind == "posterior":
            return cls(scenario.seed, tuple(factors(variants)), identity, known, fixed)
        if chosen.kind == "prior":
            return cls(scenario.seed, (*_uncertain(scenario), *factors(variants)), identity)
        ranges = (Quantity(name, Prior("uniform", low, low, high)) for name, (low, high) in chosen.ranges.items())
        return cls(scenario.seed, tuple(ranges), identity)

    def values(self, replication: int) -> dict[str, float]:
        """The draw of one replication by name."""
        own = {quantity.name: quantity.draw(self.seed, replication) for quantity in self.quantities}
        if self.posterior is None:
            return own
        found = self.posterior.values(self.seed, replication)
        return {name: value for name, value in found.items() if name not in self.fixed} | own

    def frame(self, replications: Iterable[int]) -> pd.DataFrame:
        """A row per replication, a column per quantity."""
        index = pd.Index(list(replications), name="replication", dtype=np.int64)
        rows = [self.values(number) for number in index]
        names = list(rows[0] if rows else self.values(0))
        values = np.array([[row[name] for name in names] for row in rows], np.float64).reshape(len(rows), len(names))
        return pd.DataFrame(values, index=index, columns=names)

    @staticmethod
    def stream(replication: int) -> int:
        """The replication under which its random numbers are drawn: itself."""
        return replication


class Numbering(Protocol):
    """What the number of a task stands for: the values that are drawn, and the random numbers of its runs."""

    def values(self, replication: int) -> dict[str, float]:
        """The draw by name."""

    def stream(self, replication: int) -> int:
        """The replication under which random numbers are drawn; tasks of one stream share them."""


Levers = dict[tuple[str, int], tuple[np.ndarray, np.ndarray]]  # measure and id of a lever -> the lever, as drawn


def drawn_plan(plan: Plan, values: Mapping[str, float], known: Levers | None = None) -> Plan:
    """The plan under a draw; what its scenario sets itself stays as set.

    ``known`` collects drawn levers: plans that hold one lever and are drawn with the same values hold one again.
    """
    own = {name: value for name, value in values.items() if name not in plan.scenario.parameters}
    shocks = {name: value for name, value in own.items() if name.startswith("shocks.")}
    if shocks:  # dates and places of a shock reach many inputs: the one case that has to be planned again
        plan = Plan.build(plan.scenario.with_draw(shocks))
    plan = _with_parameters(plan, {name: value for name, value in own.items() if "." not in name})
    plan = _with_threat(plan, {name: value for name, value in own.items() if name.startswith("threat.")})
    levers = {name: value for name, value in own.items() if name.startswith("measures.")}
    known = {} if known is None else known
    changed = {f"lever_{name.split('.')[1]}": _lever(plan, name, value, known) for name, value in levers.items()}
    return replace(plan, inputs=plan.inputs | changed) if changed else plan


def told(record: RunRecord, values: Mapping[str, float]) -> RunRecord:
    """The record of a drawn run with the drawn parameters in its scenario, for those who look at it."""
    known = {name: value for name, value in values.items() if name in record.scenario.mission.parameters}
    scenario = replace(record.scenario, parameters=FrozenMap({**known, **record.scenario.parameters}))
    return replace(record, scenario=scenario)


def _uncertain(scenario: Scenario) -> list[Quantity]:
    known = scenario.mission.parameters.values()
    rows = [row for row in known if row.status != "reported" and row.name not in scenario.parameters]
    return [Quantity(row.name, row.law) for row in rows]


def factors(variants: Iterable[Scenario]) -> list[Quantity]:
    """One for each measure that is in force in some variant."""
    used = {name for variant in variants for name, episodes in variant.measures.items() if episodes}
    return [Quantity(f"measures.{name}", FACTOR) for name in MEASURES if name in used]


def _with_parameters(plan: Plan, values: Mapping[str, float]) -> Plan:
    if not values:
        return plan
    drawn = [(row, values[name]) for row, name in enumerate(plan.scenario.mission.parameters) if name in values]
    vector = plan.parameters.copy()
    vector[[row for row, _ in drawn]] = [value for _, value in drawn]
    plan = replace(plan, parameters=vector)
    return _from_the_start(plan, values) if any(name in AT_THE_START for name in values) else plan


def _with_threat(plan: Plan, knots: dict[str, float]) -> Plan:
    if not knots:
        return plan
    days = len(plan.inputs["threat_mean"])
    return replace(plan, inputs=plan.inputs | {"threat_mean": _threat(plan.scenario.mission, days, FrozenMap(knots))})


@lru_cache(maxsize=AT_ONCE)  # equal for all variants of a replication
def _threat(mission: Mission, days: int, knots: FrozenMap[str, float]) -> np.ndarray:
    return threat_mean(mission, days, knots)


def _from_the_start(plan: Plan, values: Mapping[str, float]) -> Plan:
    """People and garrisons as they stand on the first day under drawn parameters."""
    scenario, known = plan.scenario, parameter_values(plan.scenario) | dict(values)
    wanted = FrozenMap((name, known[name]) for name in people_plan.PARAMETERS)
    people = _people(scenario.settings.persons_per_community, plan.world, wanted)
    start, inputs = plan.start | people.start, dict(plan.inputs)
    if any(name in values for name in forces_plan.PARAMETERS):
        days = len(plan.inputs["month_of_day"])
        own = FrozenMap((name, known[name]) for name in forces_plan.PARAMETERS)
        leaving = scenario.shocks.withdrawal
        inputs |= _garrisons(_Garrisons(scenario.mission, scenario.forces, leaving, scenario.period, days, own, plan))
        of_nationals = [column for column in STATE if "nationals" in column.shape]
        start |= empty_state({"nationals": len(inputs["national_key"])}, of_nationals)
    return replace(plan, inputs=inputs, start=start)


@lru_cache(maxsize=AT_ONCE)
def _people(persons_per_community: int, world: World, values: FrozenMap[str, float]) -> people_plan.PeoplePlan:
    return people_plan.build(persons_per_community, world, values)


@dataclass(frozen=True)
class _Garrisons:
    """What national forces are planned from; equal for most variants of a replication."""

    mission: Mission
    forces: FrozenMap[str, Path]
    withdrawal: Withdrawal | None
    period: Period
    days: int
    values: FrozenMap[str, float]
    plan: Plan = field(compare=False)


@lru_cache(maxsize=2 * AT_ONCE)
def _garrisons(known: _Garrisons) -> dict[str, np.ndarray]:
    plan = known.plan
    calendar = plan.scenario.mission.clock.calendar(known.days)
    forces = forces_plan.build(plan.scenario, calendar, plan.world, known.values, SPARE_BANDS)
    return {name: array for name, array in forces.inputs.items() if "nationals" in COLUMNS[name].shape}


def _lever(plan: Plan, name: str, value: float, known: Levers) -> np.ndarray:
    """The lever array under a factor (``measures.x``) or at a drawn level (``measures.x.<key>``) where in force."""
    _, measure, *key = name.split(".")
    row, lever = MEASURES[measure], plan.inputs[f"lever_{measure}"]
    if not key:
        if (measure, id(lever)) not in known:
            drawn = np.clip(row.reference + value * (lever - row.reference), row.minimum, row.maximum)
            known[measure, id(lever)] = lever, np.asarray(drawn)  # kept: its id belongs to it while it lives
        return known[measure, id(lever)][1]
    lever = lever.copy()
    mission = plan.scenario.mission
    places = mission.regions if measure in REGION_LEVERS else plan.world.bases
    for episode in plan.scenario.measures[measure]:
        covered = episode.place.regions if measure in REGION_LEVERS else episode.place.bases
        span = window(mission.clock, max(episode.start, plan.scenario.period.start), episode.end, len(lever))
        level = row.level(value) if key == ["intensity"] else value
        lever[span, [places.index(place) for place in covered]] = level
    return lever


def _uniform(text: str) -> float:
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
    return ((number >> 11) + 0.5) / 2.0**53
