"""A branch is an uninterrupted run, to the bit; nothing is simulated twice that need not be."""

import random
from datetime import date

import numpy as np
import pytest

from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.model.tables import NEVER, STATE
from sim.study import branches
from sim.study.branches import Failure, run_branched
from sim.study.plan_difference import first_difference
from sim.study.task import variants_of
from tests.minusma import day_index
from tests.study_support import scenario


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {name: Plan.build(variant) for name, variant in variants_of(scenario()).items()}


def run(plan: Plan, replication: int, to: int | None = None) -> Simulation:
    model = Simulation(plan, 3, replication)
    model.advance_to(model.last_day if to is None else to)
    return model


def differing(a: Simulation, b: Simulation) -> list[str]:
    return [column.name for column in STATE if not np.array_equal(a.columns[column.name], b.columns[column.name])]


def test_branches_are_uninterrupted_runs(plans: dict[str, Plan]) -> None:
    for ended in run_branched(plans, 3, 1):
        alone = run(plans[ended.variant], 1).record()
        assert not isinstance(ended.record, Failure)
        assert np.array_equal(ended.record.events, alone.events)
        assert np.array_equal(ended.record.ledger, alone.ledger)
        assert ended.record.scenario == alone.scenario


UNLIKE = """
as_is: {}
more_troops: {shocks: {deployment: {strength: 9000}}}
fewer_troops: {shocks: {deployment: {strength: 2000}}}
moved: {shocks: {deployment: {move: {from: Gao, to: Bamako, persons: 300}}}}
other_people: {parameters: {initial_trust: 0.3, initial_displaced: 290000}}
"""


def test_variants_of_other_rows_or_first_states_do_not_start_from_each_other() -> None:
    unlike = {name: Plan.build(variant) for name, variant in variants_of(scenario(variants=UNLIKE)).items()}
    rows = {len(plan.inputs["unit_key"]) for plan in unlike.values()}
    assert len(rows) >= 3
    ended = {each.variant: each.record for each in run_branched(unlike, 3, 1)}
    for name, plan in unlike.items():
        record, alone = ended[name], run(plan, 1).record()
        assert not isinstance(record, Failure)
        assert np.array_equal(record.events, alone.events), name
        assert np.array_equal(record.ledger, alone.ledger), name


def test_a_snapshot_at_any_day_goes_on_as_if_nothing_had_happened(plans: dict[str, Plan]) -> None:
    days = random.Random(1)
    for name, plan in plans.items():
        whole = run(plan, 2)
        kept = run(plan, 2, days.randrange(whole.last_day))
        snapshot = kept.snapshot()
        kept.advance_to(kept.last_day)
        again = Simulation(plan, 3, 2)
        again.restore(snapshot)
        again.advance_to(again.last_day)
        assert differing(again, whole) == [], name
        assert differing(kept, whole) == [], name


def test_a_snapshot_that_lacks_a_column_shows(plans: dict[str, Plan]) -> None:
    """The negative control of the test above."""
    whole, kept = run(plans["as_is"], 2), run(plans["as_is"], 2, 30)
    snapshot = kept.snapshot()
    del snapshot.columns["band_weight"]
    again = Simulation(plans["as_is"], 3, 2)
    again.restore(snapshot)
    again.advance_to(again.last_day)
    assert differing(again, whole)


def test_plans_part_on_the_day_that_the_scenario_says(plans: dict[str, Plan]) -> None:
    assert first_difference(plans["as_is"], plans["inert"]) == NEVER
    assert first_difference(plans["as_is"], plans["patrols"]) == day_index(date(2013, 7, 20))
    assert first_difference(plans["both"], plans["patrols"]) == day_index(date(2013, 8, 15))
    assert first_difference(plans["as_is"], plans["otherwise"]) == 0


def test_shared_days_are_simulated_once(plans: dict[str, Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    days: list[int] = []

    class Counted(Simulation):
        def advance_to(self, last_day: int) -> None:
            days.append(max(0, last_day - self.day + 1))
            super().advance_to(last_day)

    monkeypatch.setattr(branches, "Simulation", Counted)
    assert len(list(run_branched(plans, 3, 0))) == 5
    whole = 72
    # as_is with inert; patrols with both from 20 July (day 19), parted on 15 August (day 45); otherwise alone
    assert sum(days) == whole + (whole - 19) + (whole - 45) + whole


def test_what_goes_wrong_belongs_to_the_branch(plans: dict[str, Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaking(Simulation):
        def run(self) -> object:
            if self.plan is plans["both"]:
                raise ValueError("no luck")
            return super().run()

    monkeypatch.setattr(branches, "Simulation", Breaking)
    ended = {run.variant: run.record for run in run_branched(plans, 3, 0)}
    failed = {name: record for name, record in ended.items() if isinstance(record, Failure)}
    assert set(ended) == set(plans)
    assert list(failed) == ["both"]
    assert failed["both"].stage == "run"
    assert "ValueError: no luck" in failed["both"].traceback
