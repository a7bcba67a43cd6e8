"""Every measure of the registry, from its reference to intensity 1 in 2017-18, acts through its own mechanism."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from scipy import stats

from sim.model.conflict import CAMPS, CIVILIANS, TRAFFIC
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.recorder import (
    A_ROAD,
    E_ACTIVITY,
    E_ACTOR,
    E_CELL,
    E_CLEARED,
    E_CONTRACTORS,
    E_DAY,
    E_DRILLED,
    E_FIGHTERS,
    E_FOUND,
    E_JOINT,
    E_KIND,
    E_TACTIC,
    E_UN_HIT,
    E_UN_KILLED,
    K_FIND,
    K_ONE_SIDED,
    T_COMPLEX,
    T_DIRECT,
    T_IED,
    T_IED_AMBUSH,
    T_INDIRECT,
    T_KILLING,
    T_RAID,
)
from sim.scenario import MEASURES
from tests.engine_support import (
    ALPHA,
    EVERY_WOUND_DEADLY,
    balance,
    count,
    differing,
    finished,
    ledger,
    plan_of,
    with_columns,
    with_parameters,
    without,
)
from tests.minusma import day_index

SWITCH = day_index(date(2017, 1, 1))
LONG = "extends: historical\nperiod: {start: 2013-07-01, end: 2018-12-31}\n"


@dataclass(frozen=True)
class Pair:
    """The same seeds with a measure at its reference and at intensity 1 from 2017 on, all other measures off."""

    off: tuple[MissionModel, ...]
    on: tuple[MissionModel, ...]

    def both(self, quantity: Callable[[MissionModel], float]) -> tuple[float, float]:
        return sum(quantity(model) for model in self.off), sum(quantity(model) for model in self.on)


@pytest.fixture(scope="module")
def none() -> Plan:
    return plan_of(LONG + "measures: {" + ", ".join(f"{name}: off" for name in MEASURES) + "}\n")


@pytest.fixture(scope="module")
def full() -> Plan:
    """All measures at once; single ones are made of its levers, which saves 16 plans."""
    episodes = ", ".join(f"{name}: [{{intensity: 1, start: 2017-01-01, otherwise: off}}]" for name in MEASURES)
    return plan_of(LONG + f"measures: {{{episodes}}}\n")


SEEDS = (1, 2, 3)
# shared warnings and wounds that minutes decide are rare at the packaged rates
OFTEN = {"coordination": {"tip_rate": 1.0}, "medevac": EVERY_WOUND_DEADLY}


@pytest.fixture(scope="module")
def runs_without(none: Plan) -> tuple[MissionModel, ...]:
    return tuple(finished(none, seed) for seed in SEEDS)


@pytest.fixture
def pair(request: pytest.FixtureRequest, none: Plan, full: Plan, runs_without: tuple[MissionModel, ...]) -> Pair:
    if request.param in OFTEN:
        none = with_parameters(none, **OFTEN[request.param])
        runs_without = tuple(finished(none, seed) for seed in SEEDS)
    plan = with_lever(none, full, request.param)
    return Pair(runs_without, tuple(finished(plan, seed) for seed in SEEDS))


def with_lever(none: Plan, full: Plan, name: str) -> Plan:
    lever = f"lever_{name}"
    return with_columns(none, **{lever: full.inputs[lever]})


def since(model: MissionModel, item: str) -> float:
    """A ledger item from 2017 on."""
    return float(ledger(model, item)[SWITCH:].sum())


def events_since(model: MissionModel) -> np.ndarray:
    events = model.record().events
    return events[events[:, E_DAY] >= SWITCH]


def by_strength(name: str) -> Callable[[MissionModel], float]:
    return lambda model: float(np.average(model.columns[name], weights=model.columns["unit_strength"]))


def escort_of_convoys(model: MissionModel) -> float:
    active = model.columns["convoy_active"] == 1
    return float(model.columns["convoy_escort"][active].mean())


def cleared_finds(model: MissionModel) -> float:
    events = events_since(model)
    return float(events[events[:, E_CLEARED] == 1, E_FOUND].sum())


def tip_finds(model: MissionModel) -> float:
    events = events_since(model)
    return float(((events[:, E_KIND] == K_FIND) & (events[:, E_ACTIVITY] == A_ROAD)).sum())


def told_raids(model: MissionModel) -> float:
    events = events_since(model)
    return float(((events[:, E_TACTIC] == T_RAID) & (events[:, E_JOINT] == 1)).sum())


def minutes_saved(model: MissionModel) -> float:
    """Minutes from hit to surgery, negative: mean over those hit since 2017."""
    return -since(model, "treatment_minutes") / float(events_since(model)[:, E_UN_HIT].sum())


def patrols_forgone(model: MissionModel) -> float:
    return -since(model, "patrols")


def training_forgone(model: MissionModel) -> float:
    return -since(model, "training_days")


def presence_in_villages(model: MissionModel) -> float:
    """People who see a patrol, beside those of towns: protection goes to settlements, other patrols to towns."""
    columns = model.columns
    rural = np.maximum(0.0, columns["cell_population"] - columns["cell_town"]) * (columns["cell_region"] != 0)
    return float((columns["cell_presence"] * rural).sum() / columns["cell_presence"].sum())


def trust_near_bases(model: MissionModel) -> float:
    columns = model.columns
    near = columns["cell_near_base"][columns["community_home"]] >= 0
    return float(np.average(columns["community_trust"][near], weights=columns["community_population"][near]))


# measure -> what must rise; at the end of 2018 or since 2017
RISES: dict[str, Callable[[MissionModel], float]] = {
    "training": by_strength("unit_training"),
    "patrols": lambda model: since(model, "patrols"),
    "route_clearance": cleared_finds,
    "convoy_escort": escort_of_convoys,
    "drills": by_strength("unit_drill"),
    "joint_patrols": lambda model: float(model.columns["trip_joint"][: model.columns["trip_count"][0]].sum()),
    "checkpoints": lambda model: float(model.columns["base_checkpoints"].sum()),
    "equipment": by_strength("unit_protection"),
    "base_protection": patrols_forgone,  # to guards and works; for the hits see below
    "medevac": minutes_saved,
    "quick_reaction": lambda model: float(model.columns["base_standby"].sum()),
    "coordination": told_raids,
    "information": tip_finds,
    "protection_of_civilians": presence_in_villages,
    "civil_projects": trust_near_bases,
    "election_security": training_forgone,  # to guards; for their effect see below
    "disarmament": lambda model: float(balance(model)["fighters_demobilised"]),
}
# measure -> item of the ledger that says what it costs, and rises with it
COST = {
    "training": "training_days",
    "patrols": "vehicle_days",
    "route_clearance": "vehicle_days",
    "convoy_escort": "vehicle_days",
    "drills": "training_days",
    "joint_patrols": "effort_person_days",
    "checkpoints": "effort_person_days",
    "equipment": "protected_vehicle_days",
    "base_protection": "effort_person_days",
    "medevac": "alert_hours",
    "quick_reaction": "standby_days",
    "coordination": "liaison_days",
    "information": "effort_person_days",
    "protection_of_civilians": "patrol_days",
    "civil_projects": "effort_person_days",
    "election_security": "effort_person_days",
    "disarmament": "effort_person_days",
}
# measure -> how much at least, on against off
AT_LEAST = {
    "training": 1.3,
    "patrols": 2.0,
    "convoy_escort": 3.0,
    "drills": 1.5,
    "equipment": 3.0,
    "quick_reaction": 5.0,
    "information": 1.5,
    "protection_of_civilians": 1.05,
}
# few are hit where minutes decide, and few patrols are attacked of which joint ones are more or less exposed
DECIDES_FEW = {"medevac", "joint_patrols"}


@pytest.mark.slow
@pytest.mark.parametrize(("pair", "name"), [(name, name) for name in MEASURES], indirect=["pair"])
def test_a_measure_acts_through_its_mechanism_costs_and_changes_outcomes(pair: Pair, name: str) -> None:
    off, on = pair.both(RISES[name])
    assert on > off
    assert on >= AT_LEAST.get(name, 1.0) * off or off < 0
    cost = pair.both(lambda model: since(model, COST[name]))
    assert cost[1] > cost[0], "no measure is free"
    changed = ["events" in differing(a.record(), b.record()) for a, b in zip(pair.off, pair.on, strict=True)]
    assert any(changed) if name in DECIDES_FEW else all(changed)


def test_every_measure_has_its_mechanism_named() -> None:
    assert set(RISES) == set(COST) == set(MEASURES)


def first_difference(none: Plan, full: Plan, name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The first event that differs, without and with the measure: up to there both histories are one."""
    off = finished(none, seed).record().events
    on = finished(with_lever(none, full, name), seed).record().events
    length = min(len(off), len(on))
    n = int(np.flatnonzero((off[:length] != on[:length]).any(axis=1))[0])
    return off[n], on[n]


# Draws are keyed and inverse CDFs monotone, so that the first event to differ shows the mechanism without any chance.


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_evacuation_saves_from_the_same_hits(none: Plan, full: Plan, seed: int) -> None:
    often = EVERY_WOUND_DEADLY | {"shelling_rate": 0.02}
    off, on = first_difference(with_parameters(none, **often), full, "medevac", seed)
    assert on[E_UN_HIT] == off[E_UN_HIT] > 0
    assert on[E_UN_KILLED] < off[E_UN_KILLED]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_cover_spares_from_the_same_shells(none: Plan, full: Plan, seed: int) -> None:
    """Guards and works cost patrols from the first day, so that only attacks on camps are compared."""
    plan = with_parameters(none, guard_per_hardening=0.0)
    off = finished(plan, seed).record().events
    on = finished(with_lever(plan, full, "base_protection"), seed).record().events
    length = min(len(off), len(on))
    n = int(np.flatnonzero((off[:length] != on[:length]).any(axis=1))[0])
    assert off[n, E_TACTIC] in (T_INDIRECT, T_COMPLEX)
    assert on[n, E_UN_HIT] < off[n, E_UN_HIT]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_protected_vehicles_spare_from_the_same_devices(none: Plan, full: Plan, seed: int) -> None:
    off, on = first_difference(none, full, "equipment", seed)
    harm = [E_UN_HIT, E_UN_KILLED, E_CONTRACTORS]
    assert off[E_TACTIC] in (T_IED, T_IED_AMBUSH)
    assert np.all(on[harm] <= off[harm])
    assert on[harm].sum() < off[harm].sum()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_reserve_at_hand_spares_in_the_same_attack(none: Plan, full: Plan, seed: int) -> None:
    """With people to spare: otherwise who stands ready is missing on patrol from the first day."""
    off, on = first_difference(with_parameters(none, overhead_share=0.0, guard_share=0.0), full, "quick_reaction", seed)
    assert off[E_TACTIC] in (T_DIRECT, T_COMPLEX)
    harm = [E_UN_HIT, E_CONTRACTORS]
    assert on[harm].sum() < off[harm].sum() or on[E_FIGHTERS] > off[E_FIGHTERS]


@pytest.mark.parametrize("seed", range(5))
def test_drilled_units_lose_fewer_in_the_same_attack(none: Plan, full: Plan, seed: int) -> None:
    off, on = first_difference(none, full, "drills", seed)
    assert off[E_TACTIC] in (T_DIRECT, T_COMPLEX, T_IED, T_IED_AMBUSH)
    assert on[E_UN_HIT] <= off[E_UN_HIT]
    assert on[E_DRILLED] >= off[E_DRILLED]


def test_checkpoints_stop_attacks_in_towns(none: Plan, full: Plan) -> None:
    """At a rate that gives enough of them; exact test of two Poisson counts, control with the effect taken away."""
    plan = with_parameters(none, urban_rate=4.5e-4, checkpoint_effect=0.08)
    assert fewer_town_attacks(plan, full, "checkpoints") < ALPHA
    assert fewer_town_attacks(with_parameters(plan, checkpoint_effect=0.0), full, "checkpoints") > ALPHA


def test_joint_inspections_stop_attacks_in_towns(none: Plan, full: Plan) -> None:
    plan = with_parameters(none, urban_rate=2e-3, joint_check_effect=2.0)
    assert fewer_town_attacks(plan, full, "joint_patrols") < ALPHA
    assert fewer_town_attacks(with_parameters(plan, joint_check_effect=0.0), full, "joint_patrols") > ALPHA


def fewer_town_attacks(plan: Plan, full: Plan, name: str) -> float:
    """p-value that attacks in towns did not become fewer."""
    found = [town_attacks(finished(one)) for one in (plan, with_lever(plan, full, name))]
    return float(stats.binomtest(found[1], sum(found), 0.5, alternative="less").pvalue)


def town_attacks(model: MissionModel) -> int:
    events = events_since(model)
    return int(((events[:, E_KIND] == K_ONE_SIDED) & (events[:, E_TACTIC] == T_COMPLEX)).sum())


def test_elections_are_guarded_in_their_windows_only(none: Plan, full: Plan) -> None:
    guards = {}
    for when in ("2018-07-14", "2018-07-20", "2018-08-16"):
        model = MissionModel(with_lever(none, full, "election_security"), 1)
        model.advance_to(day_index(date.fromisoformat(when)))
        guards[when] = float(model.columns["base_guards"].sum())
    assert guards["2018-07-14"] == guards["2018-08-16"] == 0.0
    assert guards["2018-07-20"] > 1000.0


def test_guarded_elections_are_safer(none: Plan, full: Plan) -> None:
    """Killings near bases, at rates that give enough of them and with an election on every day since 2017."""
    election = none.inputs["election"].copy()
    election[SWITCH:] = 1
    plan = with_columns(none, election=election)
    plan = with_parameters(plan, killing_rate=0.02, election_tempo=3.0, securing_effect=2.0)
    found = [killings_near_bases(finished(one)) for one in (plan, with_lever(plan, full, "election_security"))]
    assert stats.binomtest(found[1], sum(found), 0.5, alternative="less").pvalue < ALPHA


def killings_near_bases(model: MissionModel) -> int:
    events = events_since(model)
    killings = (events[:, E_TACTIC] == T_KILLING) & (events[:, E_ACTOR] < len(model.plan.inputs["organisation_family"]))
    return int((model.columns["cell_near_base"][events[killings, E_CELL]] >= 0).sum())


@pytest.mark.slow
def test_coordination_costs_impartiality(none: Plan, full: Plan) -> None:
    """More attacks on the mission where information is shared; at a cost large enough to be seen."""
    plan = with_parameters(none, impartiality_cost=2.0)
    off = sum(count(finished(plan, seed), kind="mission") for seed in SEEDS)
    on = sum(count(finished(with_lever(plan, full, "coordination"), seed), kind="mission") for seed in SEEDS)
    assert stats.binomtest(on, on + off, 0.5, alternative="greater").pvalue < ALPHA


def test_escorts_of_full_strength_take_troops_from_patrols(none: Plan, full: Plan) -> None:
    """No free lunch within one measure: who escorts does not patrol."""
    off, on = finished(none), finished(with_lever(none, full, "convoy_escort"))
    assert since(on, "patrols") < since(off, "patrols")


def test_bands_learn_away_from_hardened_camps(none: Plan) -> None:
    """Displacement of harm: where shells never hit, bands lose interest in camps, and only there."""
    hard, soft = (finished(with_parameters(none, shelling_rate=0.02, shelling_scale=scale)) for scale in (0.0, 5.0))
    weight = [model.columns["band_weight"][model.columns["band_strength"] > 0, CAMPS].mean() for model in (hard, soft)]
    assert weight[0] < weight[1]


# Attacks that are not dared: often enough to be counted, each kind with the other's deterrence taken away
DETERRED = {
    TRAFFIC: {"ambush_rate": 0.5, "escort_deterrence": 0.5, "presence_deterrence": 0.0},
    CIVILIANS: {"killing_rate": 0.05, "presence_deterrence": 2.0, "escort_deterrence": 0.0},
}


@pytest.fixture(scope="module")
def months() -> Plan:
    return plan_of("extends: historical\nperiod: {start: 2013-07-01, end: 2014-06-30}\n")


@pytest.mark.parametrize("target", DETERRED)
def test_what_is_not_dared_is_a_failure_of_its_target(months: Plan, target: int) -> None:
    """While nobody draws lessons the histories are one, and gains differ by the attacks that were deterred."""
    plan = with_parameters(without(months, "learning"), **DETERRED[target])
    off, on = (finished(with_parameters(plan, learning_deterred=weight)) for weight in (0.0, 0.5))
    assert differing(off.record(), on.record()) == []
    deterred = (off.columns["band_gain"] - on.columns["band_gain"]) / 0.5
    assert deterred[:, target].sum() > 10
    assert deterred == pytest.approx(np.maximum(0, np.rint(deterred)), abs=1e-6)
    assert not np.delete(deterred, target, axis=1).any()


def test_where_nothing_deters_nothing_is_learned_from_it(months: Plan) -> None:
    free = {"ambush_rate": 0.5, "killing_rate": 0.05, "presence_deterrence": 0.0, "escort_deterrence": 0.0}
    plan = with_parameters(months, **free)
    off, on = (finished(with_parameters(plan, learning_deterred=weight)) for weight in (0.0, 0.5))
    assert differing(off.record(), on.record()) == []
    assert np.array_equal(off.columns["band_weight"], on.columns["band_weight"])


@pytest.mark.parametrize("target", DETERRED)
def test_bands_turn_from_what_is_deterred(months: Plan, target: int) -> None:
    """Displacement of harm: interest falls where attacks are not dared, and rises in what is left."""
    plan = with_parameters(months, **DETERRED[target])
    off, on = (finished(with_parameters(plan, learning_deterred=weight)) for weight in (0.0, 1.0))
    weight = [model.columns["band_weight"][model.columns["band_strength"] > 0].mean(axis=0) for model in (off, on)]
    assert weight[1][target] < weight[0][target]
    assert np.delete(weight[1] - weight[0], target).sum() > 0


def killings(model: MissionModel) -> int:
    return int((model.record().events[:, E_TACTIC] == T_KILLING).sum())


@pytest.mark.parametrize("target", DETERRED)
def test_deterred_attacks_fall_on_civilians_by_their_share(months: Plan, target: int) -> None:
    """The more of them the larger the share; a share of nothing is the process off, to the bit."""
    plan = with_parameters(without(months, "learning"), **DETERRED[target], learning_deterred=0.0)
    plans = [with_parameters(plan, displacement_share=share) for share in (0.0, 0.5, 1.0)]
    none, half, all_ = (finished(each) for each in plans)
    off = finished(without(plans[0], "displacement"))
    assert differing(none.record(), off.record()) == ["ledger"]  # where the deterred are counted
    assert killings(none) < killings(half) < killings(all_)


def test_devices_that_were_found_are_laid_again_by_their_share(full: Plan) -> None:
    """At a share of one finds take nothing from the stock but the day: more is found, and more goes off."""
    plan = with_parameters(full, device_rate=0.05, displacement_share=0.0)
    gone, relaid = finished(plan), finished(with_parameters(plan, displacement_share=1.0))
    found = [events_since(model)[:, E_FOUND].sum() for model in (gone, relaid)]
    assert found[1] > 1.1 * found[0]
