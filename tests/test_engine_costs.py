"""What a run spends is written down where it is spent: vehicles, flights and the wait for treatment."""

import numpy as np
import pytest

from sim.model.plan import Plan
from sim.model.processes.casualties import minutes_to_help
from sim.model.recorder import RunRecord
from tests.engine_support import (
    differing,
    finished,
    ledger,
    plain,
    plan_of,
    total,
    with_columns,
    with_parameters,
    without,
)
from tests.minusma import parameters

YEAR = "extends: historical\nperiod: {start: 2013-07-01, end: 2014-06-30}\n"


@pytest.fixture(scope="module")
def year() -> Plan:
    return with_levers(plan_of(YEAR), convoy_escort=4.0, patrols=3.0, medevac=15.0, coordination=0.5)


@pytest.fixture(scope="module")
def usual(year: Plan) -> RunRecord:
    return finished(year).record()


def with_levers(plan: Plan, **levels: float) -> Plan:
    """The plan with measures at one level everywhere and always."""
    names = {f"lever_{name}": level for name, level in levels.items()}
    return with_columns(plan, **{name: np.full_like(plan.inputs[name], level) for name, level in names.items()})


def spent(run: RunRecord, item: str) -> float:
    return float(ledger(run, item).sum())


def test_vehicles_are_those_of_patrols_where_nobody_escorts(year: Plan) -> None:
    run = finished(with_levers(year, convoy_escort=0.0, route_clearance=0.0)).record()
    party = parameters()["patrol_persons"].value / parameters()["persons_per_escort_vehicle"].value
    assert spent(run, "escorts") == 0.0
    assert spent(run, "vehicle_days") == pytest.approx(spent(run, "patrols") * party)
    assert np.all(ledger(run, "protected_vehicle_days") <= ledger(run, "vehicle_days"))


def test_nobody_out_no_vehicle(year: Plan) -> None:
    run = finished(with_levers(year, patrols=0.0, convoy_escort=0.0, route_clearance=0.0)).record()
    assert spent(run, "convoy_km") > 0.0, "contractors drive without the mission"
    assert spent(run, "vehicle_days") == spent(run, "protected_vehicle_days") == 0.0


def test_more_escort_vehicles_are_more_vehicle_days(year: Plan, usual: RunRecord) -> None:
    more = finished(with_levers(year, convoy_escort=8.0)).record()
    assert spent(more, "vehicle_days") > 1.2 * spent(usual, "vehicle_days")


def test_a_vehicle_is_counted_as_protected_by_the_share_of_its_unit(year: Plan) -> None:
    fleet = with_columns(year, unit_protection=np.full_like(year.start["unit_protection"], 0.5))
    run = finished(with_parameters(with_levers(fleet, equipment=0.5), equipment_delivery_days=1e300)).record()
    assert spent(run, "protected_vehicle_days") == pytest.approx(0.5 * spent(run, "vehicle_days"))


def test_hours_flown_go_with_distance_and_load(year: Plan, usual: RunRecord) -> None:
    """Costs are written down and change nothing; half the load or half the speed is twice the hours."""
    lifted = ledger(usual, "flight_hours") - ledger(usual, "evacuation_hours")
    assert lifted.sum() > 0.0
    for name in ("airlift_person_days", "airlift_kmh"):
        run = finished(with_parameters(year, **{name: 0.5 * parameters()[name].value})).record()
        assert differing(run, usual) == ["ledger"]
        assert ledger(run, "flight_hours") - ledger(run, "evacuation_hours") == pytest.approx(2.0 * lifted)


def test_small_helicopters_fly_more_often(year: Plan, usual: RunRecord) -> None:
    run = finished(with_parameters(year, evacuation_seats=1.0)).record()
    assert np.array_equal(run.events, usual.events)
    assert spent(run, "evacuation_hours") > spent(usual, "evacuation_hours") > 0.0


def test_no_flights_without_permission(year: Plan) -> None:
    run = finished(with_columns(year, flights=np.zeros_like(year.inputs["flights"]))).record()
    assert spent(run, "flight_hours") == spent(run, "evacuation_hours") == 0.0
    assert spent(run, "treatment_minutes") > 0.0, "by road"


def test_the_sooner_the_launch_the_shorter_the_wait(year: Plan, usual: RunRecord) -> None:
    slow = finished(with_levers(year, medevac=360.0)).record()
    wait = [spent(run, "treatment_minutes") / total(run, "peacekeepers_hit") for run in (usual, slow)]
    assert 15.0 <= wait[0] < wait[1]
    assert spent(usual, "evacuation_hours") > spent(slow, "evacuation_hours")


def test_crews_stand_ready_all_day_for_a_launch_at_once(year: Plan, usual: RunRecord) -> None:
    """24 hours a base with troops at alert_minutes, in inverse proportion to the delay beyond."""
    slow = finished(with_parameters(with_levers(year, medevac=120.0), alert_minutes=30.0)).record()
    first = ledger(usual, "alert_hours")
    assert np.all(first % 24.0 == 0.0)
    assert np.array_equal(first > 0.0, ledger(usual, "personnel_days") > 0.0)
    assert ledger(slow, "alert_hours") == pytest.approx(first / 4.0)


def test_nobody_hit_nobody_waits(year: Plan) -> None:
    run = finished(without(year, "casualties")).record()
    assert spent(run, "treatment_minutes") == spent(run, "evacuation_hours") == 0.0


def test_the_wounded_go_by_the_faster_way_that_is_allowed() -> None:
    wait = plain(minutes_to_help)
    assert [wait(40.0, 90.0, 1.0), wait(95.0, 90.0, 1.0), wait(40.0, 90.0, 0.0)] == [40.0, 90.0, 90.0]
    assert wait(40.0, 90.0, 0.5) == 65.0


def test_liaison_is_counted_where_there_are_troops(year: Plan, usual: RunRecord) -> None:
    there = ledger(usual, "personnel_days") > 0.0
    assert np.array_equal(
        ledger(usual, "liaison_days"), np.where(there, 0.5 * parameters()["liaison_officers"].value, 0)
    )
    assert spent(finished(with_levers(year, coordination=0.0)).record(), "liaison_days") == 0.0
