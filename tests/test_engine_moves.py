"""Troops moved between bases, and camps handed over to national forces: nobody is made and nobody is lost."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from sim._util.apportionment import shared_out
from sim.model.forces_plan import COMPANY, NATIONAL
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.scenario import ScenarioError
from sim.study.draws import drawn_plan
from tests.engine_support import differing, finished, plan_of, with_columns
from tests.minusma import day_index, month_index, parameters

SHORT = "period: {start: 2013-07-01, end: 2014-12-31}\n"
MOVES = "{from: Gao, to: Kidal, persons: 200, start: 2014-02-01, end: 2014-06-30}"
LEAVING = "start: 2014-07-01, end: 2014-12-31, closures: {Kidal: 2014-09-15, Tessalit: 2014-08-01, Mopti: 2014-12-31}"


def moved(*moves: str) -> Plan:
    return plan_of(SHORT + f"shocks: {{deployment: {{move: [{', '.join(moves)}]}}}}\n")


def handed(share: str) -> Plan:
    return plan_of(SHORT + f"shocks: {{withdrawal: {{{LEAVING}, hand_over: {share}}}}}\n")


def month(text: str) -> int:
    return month_index(date.fromisoformat(text))


def troops(plan: Plan, base: str) -> np.ndarray:
    """Persons by month at a base."""
    at = plan.inputs["unit_base"] == plan.names.bases.index(base)
    return np.asarray(plan.inputs["unit_target"][:, at].sum(axis=1))


# Shares


@pytest.mark.parametrize("total", [0, 1, 7, 19, 20, 500])
def test_shares_add_up_and_exceed_nobody(total: int) -> None:
    persons = np.array([3, 0, 10, 1, 6])
    given = shared_out(total, persons)
    assert given.sum() == min(total, 20)
    assert np.all((given >= 0) & (given <= persons))
    assert np.all(np.abs(given - persons * min(total, 20) / 20) <= 1.0)


def test_of_nobody_nobody_is_given() -> None:
    assert shared_out(5, np.zeros(3, np.int64)).tolist() == [0, 0, 0]


# Moves


def test_a_move_takes_from_one_base_and_gives_to_the_other_and_to_no_other() -> None:
    plan, usual = moved(MOVES), plan_of(SHORT)
    for name in plan.names.bases:
        more = troops(plan, name) - troops(usual, name)
        expected = np.zeros(len(more), np.int64)
        expected[month("2014-02-01") : month("2014-06-01") + 1] = {"Gao": -200, "Kidal": 200}.get(name, 0)
        assert np.array_equal(more, expected), name


@pytest.mark.parametrize(
    "moves", [(MOVES,), (MOVES, "{from: Kidal, to: Bamako, persons: 5000, start: 2014-03-01}"), (MOVES, MOVES)]
)
def test_moves_keep_the_strength_of_every_month_and_country(moves: tuple[str, ...]) -> None:
    plan, usual = moved(*moves), plan_of(SHORT)
    assert not np.array_equal(troops(plan, "Kidal"), troops(usual, "Kidal"))
    for group in ("unit_contributor", "unit_kind"):
        for index in np.unique(usual.inputs[group]):
            one, other = (p.inputs["unit_target"][:, p.inputs[group] == index].sum(axis=1) for p in (plan, usual))
            assert np.array_equal(one, other), (group, index)


def test_those_who_were_moved_are_there_and_patrol_there() -> None:
    kidal = plan_of(SHORT).names.bases.index("Kidal")
    there, usual = finished(moved(MOVES.replace(", end: 2014-06-30", ""))), finished(plan_of(SHORT))
    strength = [model.columns["base_strength"] for model in (there, usual)]
    assert strength[0][kidal] - strength[1][kidal] == pytest.approx(200, abs=20)  # less the dead of the month
    assert strength[0].sum() == pytest.approx(strength[1].sum(), abs=20)
    assert planned(there, kidal) > 1.05 * planned(usual, kidal)


def planned(model: MissionModel, base: int) -> float:
    return float(model.columns["unit_planned"][model.plan.inputs["unit_base"] == base].sum())


def test_no_more_go_than_are_there() -> None:
    plan, usual = moved("{from: Menaka, to: Gao, persons: 50000}"), plan_of(SHORT)
    assert troops(usual, "Menaka").min() > 0
    assert troops(plan, "Menaka").max() == 0
    assert np.array_equal(troops(plan, "Gao"), troops(usual, "Gao") + troops(usual, "Menaka"))


def test_moves_are_made_in_the_order_written() -> None:
    there = "{from: Menaka, to: Ansongo, persons: 50000}"
    on = "{from: Ansongo, to: Gao, persons: 50000}"
    assert troops(moved(there, on), "Gao").sum() > troops(moved(on, there), "Gao").sum()
    assert troops(moved(there, on), "Ansongo").max() == 0


def test_nobody_moves_to_a_base_that_is_not_open() -> None:
    with pytest.raises(ScenarioError, match="Ogossagou opens on 2020-03-01"):
        moved("{from: Gao, to: Ogossagou, persons: 100}")


def test_a_move_begins_with_the_month_and_ends_with_it() -> None:
    plan, usual = (
        moved("{from: Gao, to: Kidal, persons: 100, start: 2014-02-15, end: 2014-04-02}"),
        plan_of(SHORT),
    )
    months = np.flatnonzero(troops(plan, "Kidal") != troops(usual, "Kidal"))
    assert months.tolist() == [month("2014-03-01"), month("2014-04-01")]


def test_a_move_of_nobody_is_no_move() -> None:
    nobody, usual = moved(MOVES.replace("200", "0")), plan_of(SHORT)
    assert all(np.array_equal(nobody.inputs[name], usual.inputs[name]) for name in usual.inputs)
    assert differing(finished(nobody).record(), finished(usual).record()) == []


def test_a_variant_moves_troops_and_the_past_stays() -> None:
    text = "extends: historical\nperiod: {start: 2014-03-01, end: 2014-04-30}\n"
    move = "shocks: {deployment: {move: {from: Bamako, to: Gao, persons: 100}}}\n"
    plan, usual = plan_of(text + move), plan_of(text)
    more = troops(plan, "Gao") - troops(usual, "Gao")
    assert more.tolist() == [0] * 8 + [100, 100]
    a, b = finished(plan), finished(usual)
    first = day_index(date(2014, 3, 1))
    assert np.array_equal(a.columns["ledger"][:first], b.columns["ledger"][:first])
    assert "ledger" in differing(a.record(), b.record())


# Hand-over


def in_the_cell(plan: Plan, base: str) -> np.ndarray:
    """Malian forces by month in garrisons in the cell of a base."""
    cell = plan.inputs["base_cell"][plan.names.bases.index(base)]
    here = (plan.inputs["national_home"] == cell) & (plan.inputs["national_kind"] == NATIONAL)
    return np.asarray(plan.inputs["national_target"][:, here].sum(axis=1))


def malian(plan: Plan) -> np.ndarray:
    return np.asarray(plan.inputs["national_target"][:, plan.inputs["national_kind"] == NATIONAL].sum(axis=1))


def test_a_camp_handed_over_has_a_garrison_from_the_next_month() -> None:
    full, none = handed("1"), handed("0")
    camp = int(parameters()["camp_garrison"].value)
    kidal, tessalit = (in_the_cell(full, base) - in_the_cell(none, base) for base in ("Kidal", "Tessalit"))
    assert kidal[: month("2014-09-01") + 1].max() <= 0, "it closes on 15 September"
    assert kidal[month("2014-10-01") :] == pytest.approx(np.full(3, camp), abs=20)
    assert tessalit[month("2014-08-01") :] == pytest.approx(np.full(5, camp), abs=20)
    assert in_the_cell(full, "Mopti")[-1] <= in_the_cell(none, "Mopti")[-1], "it closes in the last month"


def test_a_hand_over_makes_no_soldiers() -> None:
    full, none = handed("1"), handed("0")
    assert np.array_equal(malian(full), malian(none))
    others = [base for base in ("Gao", "Tombouctou", "Bamako") if in_the_cell(none, base)[-1] > 0]
    assert others
    for base in others:
        share = in_the_cell(full, base)[-1] / in_the_cell(none, base)[-1]
        assert share == pytest.approx(1.0 - 600 / malian(none)[-1], abs=0.02), base


def test_partner_forces_take_over_nothing() -> None:
    full, none = handed("1"), handed("0")
    partner = full.inputs["national_kind"] != NATIONAL
    assert np.array_equal(full.inputs["national_target"][:, partner], none.inputs["national_target"][:, partner])


def test_half_a_hand_over_is_half_a_garrison_and_a_base_can_have_its_own() -> None:
    half, kidal, none = handed("0.5"), handed("{Kidal: 1}"), handed("0")
    last = month("2014-11-01")
    assert in_the_cell(half, "Kidal")[last] - in_the_cell(none, "Kidal")[last] == pytest.approx(150, abs=10)
    assert in_the_cell(kidal, "Kidal")[last] - in_the_cell(none, "Kidal")[last] == pytest.approx(300, abs=10)
    assert in_the_cell(kidal, "Tessalit")[last] <= in_the_cell(none, "Tessalit")[last]


def test_no_more_are_handed_over_than_there_are() -> None:
    few = "forces: {Mali: 100}\n"
    plan = plan_of(SHORT + few + f"shocks: {{withdrawal: {{{LEAVING}, hand_over: 1}}}}\n")
    assert malian(plan).max() <= 60
    assert plan.inputs["national_target"].min() == 0
    assert plan.inputs["national_target"].max() <= COMPANY


def test_without_hand_over_nothing_differs() -> None:
    plan, usual = handed("0"), plan_of(SHORT + f"shocks: {{withdrawal: {{{LEAVING}}}}}\n")
    assert all(np.array_equal(plan.inputs[name], usual.inputs[name]) for name in usual.inputs)


def test_variants_share_the_days_before_a_hand_over() -> None:
    """Rows are the same with and without, so that a study branches on the day of the first garrison."""
    full, none = handed("1"), handed("0")
    assert np.array_equal(full.inputs["national_key"], none.inputs["national_key"])
    differ = np.flatnonzero((full.inputs["national_target"] != none.inputs["national_target"]).any(axis=1))
    assert differ.tolist() == list(range(month("2014-08-01"), month("2014-12-01") + 1))


@cache
def held(share: str) -> tuple[MissionModel, ...]:
    return tuple(finished(handed(share), seed) for seed in (1, 2, 3))


def test_the_camp_is_held_and_its_people_see_the_state() -> None:
    kidal = int(handed("1").inputs["base_cell"][handed("1").names.bases.index("Kidal")])

    def strength(model: MissionModel) -> float:
        return float(model.columns["national_strength"][model.columns["national_home"] == kidal].sum())

    def trust(model: MissionModel) -> float:
        return float(model.columns["cell_state_trust"][kidal])

    for quantity in (strength, trust):
        full, none = (sum(map(quantity, held(share))) for share in ("1", "0"))
        assert full > 1.05 * none, quantity.__name__
    assert all("events" in differing(a.record(), b.record()) for a, b in zip(held("1"), held("0"), strict=True))


def test_a_garrison_without_soldiers_changes_nothing() -> None:
    """The rows that every scenario has are empty where nothing is handed over."""
    plan = handed("0")
    some = plan.inputs["national_target"].max(axis=0) > 0
    names = ("national_key", "national_home", "national_kind")
    fewer: dict[str, np.ndarray] = {name: plan.inputs[name][some] for name in names}
    fewer["national_target"] = plan.inputs["national_target"][:, some]
    fewer |= {name: plan.start[name][some] for name in ("national_strength", "national_cell")}
    assert not some.all()
    assert differing(finished(plan).record(), finished(with_columns(plan, **fewer)).record()) == []


def test_a_drawn_garrison_is_that_of_the_draw() -> None:
    drawn = drawn_plan(handed("1"), {"camp_garrison": 500.0})
    last = month("2014-11-01")
    kidal = in_the_cell(drawn, "Kidal")[last] - in_the_cell(handed("0"), "Kidal")[last]
    assert kidal == pytest.approx(500, abs=20)
    none = drawn_plan(handed("0"), {"camp_garrison": 500.0})
    assert in_the_cell(none, "Kidal")[last] == in_the_cell(handed("0"), "Kidal")[last], "another scenario, same draw"
    assert len(drawn.start["national_strength"]) == len(drawn.inputs["national_key"])
