"""A Mesa model in full: windows on columns, a user's own agents, DataCollector, and models that go when closed."""

import gc
import subprocess
import sys
import tracemalloc
import weakref
from datetime import date

import mesa
import numpy as np
import pytest
from mesa.datacollection import DataCollector

from sim.model.agents import WINDOWS, ArmedGroup, Community, Convoy, NationalUnit, PatrolUnit
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.tables import FAMILIES, UNIT_KINDS
from sim.scenario.registry import PHASES
from tests.engine_support import differing, finished, ledger, plan_of
from tests.minusma import day_index

TEXT = "extends: historical\nperiod: {start: 2013-07-01, end: 2013-10-31}\n"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of(TEXT)


@pytest.fixture
def model(plan: Plan) -> MissionModel:
    """A model on the evening of 30 September 2013."""
    model = MissionModel(plan, 3)
    model.advance_to(day_index(date(2013, 9, 30)))
    return model


# Windows


def test_there_is_a_window_for_everybody_alive(model: MissionModel) -> None:
    columns = model.columns
    living = {
        PatrolUnit: (columns["unit_strength"] > 0).sum(),
        Convoy: columns["convoy_active"].sum(),
        ArmedGroup: (columns["band_strength"] > 0).sum(),
        NationalUnit: (columns["national_strength"] > 0).sum(),
        Community: len(columns["community_key"]),
    }
    assert {kind: len(agents) for kind, agents in model.agents_by_type.items()} == living
    assert len(model.agents) == sum(living.values())
    assert set(model.agent_types) == set(living) == set(WINDOWS)


def test_windows_add_up_to_the_columns(model: MissionModel) -> None:
    by_type = model.agents_by_type
    assert by_type[PatrolUnit].agg("strength", sum) == model.columns["unit_strength"].sum()
    assert by_type[ArmedGroup].agg("strength", sum) == model.columns["band_strength"].sum()
    assert by_type[Community].agg("population", sum) == model.columns["community_population"].sum()
    assert by_type[Community].agg("displaced", sum) == model.columns["community_displaced"].sum()
    assert by_type[NationalUnit].agg("strength", sum) == model.columns["national_strength"].sum()
    assert (
        by_type[Convoy].agg("trucks", sum) == model.columns["convoy_trucks"][model.columns["convoy_active"] == 1].sum()
    )


def test_windows_read_names(model: MissionModel) -> None:
    names = model.plan.names
    for unit in model.agents_by_type[PatrolUnit]:
        assert unit.base in names.bases
        assert unit.kind in UNIT_KINDS
        assert unit.contributor in model.plan.contributors
        assert unit.region in names.regions
        assert unit.gid in names.gids
    for group in model.agents_by_type[ArmedGroup]:
        assert group.organisation in names.actors
        assert group.family in FAMILIES
        assert group.weights.shape == (4,)
    chad = model.agents_by_type[PatrolUnit].select(lambda unit: unit.contributor == "Chad")
    assert chad.agg("strength", sum) > 300
    assert {convoy.base for convoy in model.agents_by_type[Convoy]} <= set(names.bases)


def test_attributes_write_to_columns(model: MissionModel) -> None:
    community = model.agents_by_type[Community][0]
    community.trust = 0.75
    assert model.columns["community_trust"][community.row] == 0.75
    model.columns["community_fear"][community.row] = 0.25
    assert community.fear == 0.25
    group = model.agents_by_type[ArmedGroup][0]
    group.weights[1] = 2.0
    assert model.columns["band_weight"][group.row, 1] == 2.0


def test_inputs_cannot_be_written_through_a_window(model: MissionModel) -> None:
    with pytest.raises(AttributeError, match="national_home is an input"):
        model.agents_by_type[NationalUnit][0].home = 3


def test_attributes_say_what_they_are() -> None:
    assert PatrolUnit.strength.__doc__ == "strength (persons)"
    assert Convoy.trucks.__doc__ == "contractors' trucks (trucks)"


def test_windows_are_kept_while_their_row_lives_and_go_with_it(model: MissionModel) -> None:
    before = {agent.key: agent for agent in model.agents_by_type[ArmedGroup]}
    units = {agent.key: agent for agent in model.agents_by_type[PatrolUnit]}
    gone = next(iter(before.values()))
    gone.strength = 0
    after = {agent.key: agent for agent in model.agents_by_type[ArmedGroup]}
    assert set(before) - set(after) == {gone.key}
    assert all(after[key] is before[key] for key in after)
    assert gone not in model.agents
    assert all(units[agent.key] is agent for agent in model.agents_by_type[PatrolUnit])


def test_births_and_deaths_show_whenever_somebody_looks(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    assert len(model.agents_by_type[Community]) == len(model.columns["community_key"])
    seen = set()
    while model.day <= model.last_day:
        model.step()
        now = {convoy.key for convoy in model.agents_by_type.get(Convoy, ())}
        active = model.columns["convoy_active"] == 1
        assert now == set(model.columns["convoy_key"][active].tolist())
        seen |= now
    assert len(seen) > 20


def test_nobody_is_there_before_the_first_day(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    assert PatrolUnit not in model.agents_by_type or len(model.agents_by_type[PatrolUnit]) == 0
    model.step()
    assert len(model.agents_by_type[PatrolUnit]) > 40


def test_looking_changes_nothing(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    for _ in model.days():
        assert len(model.agents) > 0
    assert differing(model.record(), finished(plan, 3).record()) == []


# A user's own agents


class Bystander(mesa.Agent):
    """Watches and does nothing."""

    phase = "move"

    def __init__(self, model: MissionModel) -> None:
        super().__init__(model)
        self.days: list[int] = []

    def step(self) -> None:
        self.days.append(self.model.day)


class Commander(mesa.Agent):
    """Cancels all patrols of the day after they were planned."""

    phase = "task"

    def step(self) -> None:
        self.model.columns["unit_planned"][:] = 0.0


class Quiet(mesa.Agent):
    """Has no phase of its own: acts at the end of the day."""

    def step(self) -> None:
        self.strengths = self.model.agents_by_type[PatrolUnit].agg("strength", sum)


@pytest.mark.parametrize("phase", PHASES)
def test_an_agent_that_does_nothing_changes_nothing(plan: Plan, phase: str) -> None:
    model = MissionModel(plan, 3)
    agent = Bystander(model)
    agent.phase = phase
    record = model.run()
    assert agent.days == list(range(model.last_day + 1)), "every day, once"
    assert differing(record, finished(plan, 3).record()) == []


def test_agents_of_several_phases_change_nothing_by_being_there(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    for phase in (PHASES[-1], PHASES[0], "contact", "contact"):
        Bystander(model).phase = phase
    Quiet(model)
    assert differing(model.run(), finished(plan, 3).record()) == []


def test_a_commander_can_stop_patrols(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    model.advance_to(day_index(date(2013, 8, 31)))
    Commander(model)
    model.run()
    patrols = ledger(model, "patrols").sum(axis=1)
    first = day_index(date(2013, 9, 1))
    assert patrols[:first].min() >= 0.0
    assert patrols[:first].sum() > 500
    assert patrols[first:].sum() == 0.0
    usual = finished(plan, 3).record()
    assert np.array_equal(usual.ledger[:first], model.record().ledger[:first])


def test_own_agents_are_agents_of_the_model(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    one, two = Bystander(model), Bystander(model)
    assert len(model.agents_by_type[Bystander]) == 2
    model.step()
    one.remove()
    model.step()
    assert (one.days, two.days) == ([0], [0, 1])


# The model as Mesa knows it


def test_a_data_collector_collects(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    collector = DataCollector(
        model_reporters={
            "troops": lambda m: m.agents_by_type[PatrolUnit].agg("strength", sum),
            "displaced": lambda m: int(m.columns["community_displaced"].sum()),
            "day": "day",
        }
    )
    for _ in range(5):
        model.step()
        collector.collect(model)
    frame = collector.get_model_vars_dataframe()
    assert frame["day"].tolist() == [1, 2, 3, 4, 5]
    assert frame["troops"].between(5000, 7000).all()
    assert frame["displaced"].iloc[-1] == model.columns["community_displaced"].sum()
    for _ in model.days():
        collector.collect(model)
    assert differing(model.record(), finished(plan, 3).record()) == []


def test_the_steps_that_mesa_counts_are_days(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    for _ in range(4):
        model.step()
    assert (model.steps, model.day, model.date) == (4, 4, date(2013, 7, 5))
    assert model.running
    model.run()
    assert not model.running
    assert model.date == date(2013, 11, 1)


def test_a_scenario_serves_as_well_as_a_plan(plan: Plan) -> None:
    model = MissionModel(plan.scenario, seed=3)
    assert differing(model.run(), finished(plan, 3).record()) == []


def test_days_can_be_left_at_any_day(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    for day in model.days():
        if day == date(2013, 7, 20):
            break
    assert model.day == 20
    assert len(model.record().ledger) == 20
    assert next(iter(model.days())) == date(2013, 7, 21)


# Memory


def test_a_closed_model_is_freed(plan: Plan) -> None:
    model = MissionModel(plan, 3)
    model.step()
    assert len(model.agents) > 1000
    Bystander(model)
    model.close()
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


@pytest.mark.slow
def test_hundreds_of_models_take_no_more_memory_than_a_few() -> None:
    plan = plan_of("period: {start: 2013-07-01, end: 2013-07-03}\n")

    def use(models: int) -> int:
        for seed in range(models):
            model = MissionModel(plan, seed)
            model.run()
            if seed % 50 == 0:
                assert len(model.agents) > 1000
            model.close()
        del model
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    use(5)
    tracemalloc.start()
    try:
        few = use(20)
        many = use(300)
    finally:
        tracemalloc.stop()
    assert many - few < 2_000_000, "a model that stays would hold some 6 MB"


def test_a_model_can_be_closed_twice_and_read_afterwards(plan: Plan) -> None:
    model = finished(plan, 3)
    record = model.record()
    model.close()
    model.close()
    assert differing(model.record(), record) == []


@pytest.mark.slow
def test_batches_do_not_import_mesa() -> None:
    code = (
        "import sys, sim, sim.api, sim.study.seeds, sim.calibration.evaluations, sim.validation.golden\n"
        "import sim.app.replication_stream\n"
        "assert 'mesa' not in sys.modules, [name for name in sys.modules if 'mesa' in name]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
