"""Bases of a scenario's own: new ones, other days, troops moved to them, their supply road."""

import pickle
from datetime import date

import numpy as np
import pandas as pd
import pytest

import sim
from sim.model import world
from sim.model.plan import Plan
from sim.scenario import ScenarioError, changes, load, loads
from tests.minusma import MISSION

CAMP = """
bases: {Camp X: {lat: 14.1, lon: -3.1, opened: 2018-05-01}}
shocks: {deployment: {move: {from: Mopti, to: Camp X, persons: 200}}}
"""
OPENED = pd.Timestamp("2018-05-01")


def on_quickstart(text: str) -> sim.Scenario:
    return loads(f"extends: quickstart\n{text.strip()}", "x.yaml")


def test_a_new_base_has_a_route_from_the_nearest_hub_and_its_own_cell():
    scenario = on_quickstart(CAMP)
    built = world.build(scenario.mission)
    assert built.bases == (*world.build(MISSION).bases, "Camp X")
    assert built.bases[built.base_hub[-1]] == "Mopti"
    assert MISSION.regions[built.base_region[-1]] == "Mopti"
    way = slice(built.routes.first[-1], built.routes.last[-1])
    assert built.routes.cell[way][-1] == built.base_cell[-1]
    assert 100 < built.routes.km[way].sum() < 300  # 120 km as the crow flies


def test_troops_of_a_new_base_come_when_it_opens():
    plan = Plan.build(on_quickstart(CAMP))
    strength = plan.inputs["unit_target"][:, plan.inputs["unit_base"] == len(plan.world.bases) - 1].sum(axis=1)
    months = pd.period_range("2013-07", periods=len(strength), freq="M")
    by_month = dict(zip(map(str, months), strength.tolist(), strict=True))
    assert (by_month["2018-04"], by_month["2018-06"]) == (0, 200)


def test_nothing_happens_otherwise_before_a_new_base_opens():
    before, after = (sim.run(each, seed=3).events for each in ("quickstart", on_quickstart(CAMP)))
    known, found = (frame[frame["date"] < OPENED].astype(str) for frame in (before, after))
    assert len(known) > 100
    pd.testing.assert_frame_equal(known, found)
    assert len(before) != len(after) or not before.astype(str).equals(after.astype(str))


def test_a_base_may_open_earlier_but_not_before_the_period():
    scenario = on_quickstart("bases: {Ogossagou: {opened: 2016-03-01}}")
    assert scenario.bases["Ogossagou"].opened == date(2018, 1, 1)
    known, opened = (Plan.build(each) for each in (load("quickstart"), scenario))
    b = known.world.bases.index("Ogossagou")
    day = known.report[0]
    assert not known.inputs["base_open"][day : day + 365, b].any()
    assert opened.inputs["base_open"][day : day + 365, b].all()
    assert np.array_equal(known.inputs["base_open"][:day], opened.inputs["base_open"][:day])


def test_a_scenario_with_a_base_survives_text_and_pickling():
    scenario = on_quickstart(CAMP)
    assert loads(scenario.to_yaml()).hash == scenario.hash
    assert pickle.loads(pickle.dumps(scenario)).mission.vocabulary.bases["Camp X"].region == "Mopti"
    assert scenario.hash != load("quickstart").hash


def test_a_new_base_inherits_the_levels_of_its_region():
    scenario = on_quickstart(f"{CAMP}measures: {{patrols: {{patrols_per_1000_per_day: 9, place: Camp X}}}}")
    base = scenario.base()
    assert base is not None
    found = [(change.kind, change.name, change.before, change.after) for change in changes(scenario, base)]
    assert found == [
        ("measure", "patrols", 5.8, 9.0),
        ("move", "move", None, 200.0),
        ("base", "Camp X", 0.0, 1.0),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bases: {Koro: {town: Korro}}", "bases.Koro.town: unknown town 'Korro'; did you mean 'Koro'?"),
        ("bases: {X: {lat: 50, lon: 3}}", "bases: X at 50, 3 lies outside the country"),
        ("bases: {Gaoo: {}}", "bases.Gaoo: no base of the mission (did you mean 'Gao'?); a new one needs town: TOWN"),
        ("bases: {Gao: {town: Koro}}", "bases.Gao: a base of the mission stays where it is; write opened, closed"),
        ("bases: {Gao: {opend: 2018-01-01}}", "bases.Gao.opend: unknown key; did you mean 'opened'?"),
        ("bases: {Gao: 3}", "bases.Gao: 3 where a mapping is needed"),
        ("bases: {Kayes: {town: Kayes}}", "bases.Kayes: 'Kayes' is a region; give the base a name of its own"),
        ("bases: {Gao: {opened: 2018-06-01, closed: 2018-05-01}}", "bases.Gao.closed: 2018-05-01 is not after"),
        ("shocks: {deployment: {move: {from: Mopti, to: Ogossagou, persons: 1}}}", "Ogossagou opens on 2020-03-01"),
        ("shocks: {deployment: {move: {from: Mopti, to: Lere, persons: 1}}}", "Lere closed on 2017-09-01"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(text: str, words: str):
    with pytest.raises(ScenarioError, match=r"^x\.yaml:2: ") as problem:
        on_quickstart(text)
    assert words in str(problem.value)
