"""Storage leaves no trace: what a row held before, what a list still names, what an event's neighbour draws."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.model import compiled_cache, engine
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.processes.offensives import _enemy
from sim.model.recorder import (
    A_CONVOY,
    E_FIGHTERS,
    E_TACTIC,
    E_UN_HIT,
    K_MISSION,
    K_ONE_SIDED,
    T_COMPLEX,
    T_DIRECT,
    T_KILLING,
    T_RAID,
)
from sim.model.simulation import STREAMS
from sim.model.streams import child_key
from sim.model.tables import JIHADIST
from sim.scenario.registry import PROCESSES
from tests.engine_support import NUMBER, act, balance, before, happen, plain, plan_of, with_columns, with_parameters
from tests.minusma import day_index

SPRING = "extends: historical\nperiod: {start: 2013-07-01, end: 2014-04-30}\n"
CAMPS, FORCES = 1, 2  # targets that a band learns


@pytest.fixture(scope="module")
def spring() -> Plan:
    return plan_of(SPRING)


# Rows of bands


def splitting(plan: Plan, row: int) -> tuple[MissionModel, int]:
    """The middle of a month on which one band alone will split, and ``row`` is the first that is free."""
    model = before(plan, "organisations", date(2013, 10, 15))
    columns = model.columns
    parent = int(np.argmax(columns["band_strength"]))
    columns["band_strength"][columns["band_strength"] > 0] = 20
    columns["band_strength"][:row] = np.maximum(1, columns["band_strength"][:row])
    columns["band_strength"][row] = 0
    columns["band_strength"][parent] = 1000
    assert parent != row
    return model, parent


def spare(plan: Plan) -> int:
    return int(np.flatnonzero(plan.inputs["scheduled_strength"] == 0)[0])


def test_a_new_band_has_nothing_of_who_was_in_its_row(spring: Plan) -> None:
    model, parent = splitting(spring, 0)
    columns = model.columns
    columns["band_gain"][0] = 5.0
    columns["band_found"][0] = columns["band_deterred"][0] = columns["band_children"][0] = 3
    columns["band_weight"][parent] = (1.5, 0.5, 0.75, 1.25)
    model.step_process(NUMBER["organisations"])
    assert (columns["band_strength"][[0, parent]] == 500).all()
    assert (columns["band_gain"][0] == 0.0).all()
    assert [columns[f"band_{name}"][0] for name in ("found", "deterred", "children")] == [0, 0, 0]
    assert (columns["band_weight"][0] == columns["band_weight"][parent]).all()
    assert columns["band_skill"][0] == columns["band_skill"][parent]


@pytest.mark.parametrize("place", [lambda plan: 0, spare], ids=["once scheduled", "spare"])
def test_the_keys_of_children_know_no_row(spring: Plan, place: Callable[[Plan], int]) -> None:
    """A grandchild has the same key whether its parent took the row of a scheduled band or a spare one."""
    row = place(spring)
    model, parent = splitting(spring, row)
    stream = STREAMS[NUMBER["organisations"]]
    grandparent, founded = model.columns["band_key"][parent], balance(model)["fighters_founded"]
    for number in range(NUMBER["organisations"], len(PROCESSES)):
        model.step_process(number)
    assert model.columns["band_key"][row] == plain(child_key)(grandparent, stream, 1)
    model.columns["band_strength"][row] = 1000
    child = model.columns["band_key"][row]
    model.advance_to(day_index(date(2013, 11, 15)))
    assert plain(child_key)(child, stream, 1) in model.columns["band_key"]
    due = (spring.start["band_born"] > day_index(date(2013, 10, 14))) & (spring.start["band_born"] <= model.day - 1)
    assert balance(model)["fighters_founded"] == founded + spring.inputs["scheduled_strength"][due].sum()


def test_bands_join_in_one_cell_only(spring: Plan) -> None:
    """A list that still names who was in the row before does not lead to another cell."""
    model = before(spring, "organisations", date(2013, 10, 15))
    columns = model.columns
    columns["band_strength"][:] = np.minimum(1, columns["band_strength"])
    a, b = np.flatnonzero((columns["band_strength"] > 0) & (columns["band_organisation"] == 0))[:2]
    columns["band_strength"][columns["band_organisation"] == 0] = 0
    columns["band_strength"][[a, b]] = 1
    columns["band_cell"][[a, b]] = 10, 20
    columns["band_next"][[a, b]] = b, -1
    model.step_process(NUMBER["organisations"])
    assert columns["band_strength"][[a, b]].tolist() == [1, 1]


@pytest.mark.parametrize(("strength", "found"), [((0, 0, 0), -1), ((0, 4, 0), 1), ((3, 4, 4), 1)])
def test_nobody_hunts_a_band_that_is_gone(strength: tuple[int, ...], found: int) -> None:
    following, nobody = np.array([1, 2, -1]), np.zeros(3, np.int64)
    organisations = SimpleNamespace(family=np.array([JIHADIST]), against_state=np.array([-1]))
    bands = SimpleNamespace(organisation=nobody, strength=np.array(strength), next=following)
    assert plain(_enemy)(0, 5, organisations, bands) == found


# Draws


def draws_of(model: MissionModel, process: str) -> list[tuple[int, int]]:
    """Entity and stream of every draw of a process."""
    made: list[tuple[int, int]] = []

    def uniforms(_key: Any, entity: Any, _day: int, stream: Any) -> tuple[float, ...]:
        made.append((int(entity), int(stream)))
        return (0.5, 0.5, 0.5, 0.5)

    act(model, process, uniforms=uniforms)
    return made


def test_two_killings_by_one_band_in_one_cell_drive_out_by_draws_of_their_own(spring: Plan) -> None:
    model = before(spring, "flight", date(2013, 10, 15))
    cell = int(np.argmax(model.columns["cell_last"] - model.columns["cell_first"]))
    killing = {"kind": K_ONE_SIDED, "tactic": T_KILLING, "cell": cell, "civilians_killed": 3, "key": 77}
    happen(model, 1, **killing)
    first = draws_of(model, "flight")
    happen(model, 3, **killing)
    made = draws_of(model, "flight")
    assert made[: len(first)] == first, "who comes later changes nothing for the first"
    assert len(set(made)) == len(made) == 3 * len(first) > 0


def test_two_attacks_on_one_convoy_in_one_cell_wound_by_draws_of_their_own(spring: Plan) -> None:
    model = before(spring, "casualties", date(2013, 10, 15))
    unit = int(np.argmax(model.columns["unit_strength"]))
    attack = {"kind": K_MISSION, "tactic": T_DIRECT, "activity": A_CONVOY, "cell": 100, "unit": unit, "key": 77}
    happen(model, 2, peacekeepers_hit=2, **attack)
    made = draws_of(model, "casualties")
    assert len(made) == len(set(made)) == 2


# What bands learn from


def test_bands_learn_from_those_whom_they_lost(spring: Plan) -> None:
    """Two fighters cannot lose more than two, whatever was drawn."""
    sure = {"complex_rate": 1e6, "urban_rate": 0.0, "checkpoint_effect": 0.0, "complex_attackers_lost": 50.0,
            "learning_failure_complex": 0.0, "raid_rate": 1e6, "partner_raid_rate": 1e6, "raid_scale": 1e3,
            "partner_raid_scale": 1e3, "learning_loss": 1.0, "abuse_probability": 0.0}  # fmt: skip
    plan = with_parameters(spring, **sure)
    for process, tactic, target in (("complex_attack", T_COMPLEX, CAMPS), ("offensives", T_RAID, FORCES)):
        model = before(spring, process, date(2013, 10, 15))
        model.plan = plan
        columns = model.columns
        columns["band_strength"][:] = np.minimum(2, columns["band_strength"])
        columns["band_gain"][:] = 0.0
        first = columns["event_count"][0]
        act(model, process)
        events = columns["events"][first : columns["event_count"][0]]
        events = events[events[:, E_TACTIC] == tactic]
        hurt = (events[:, E_UN_HIT] > 0).sum() if tactic == T_COMPLEX else 0
        assert events[:, E_FIGHTERS].sum() > 0
        assert columns["band_gain"][:, target].sum() == pytest.approx(hurt - events[:, E_FIGHTERS].sum())


# Bases


def test_a_base_that_opens_again_can_close_again(spring: Plan) -> None:
    """Both times its people leave by road, in convoys of their own."""
    gao = spring.names.bases.index("Gao")
    base_open = spring.inputs["base_open"].copy()
    closings = day_index(date(2013, 9, 10)), day_index(date(2014, 2, 10))
    base_open[closings[0] : day_index(date(2013, 11, 1)), gao] = 0
    base_open[closings[1] :, gao] = 0
    model = MissionModel(with_columns(spring, base_open=base_open), 3)
    leaving = []
    for closing in closings:
        model.advance_to(closing - 1)
        assert model.columns["base_evacuated"][gao] == 0
        assert model.columns["base_strength"][gao] > 0
        model.step()
        assert model.columns["base_evacuated"][gao] == 1
        convoys = (model.columns["convoy_withdrawal"] == 1) & (model.columns["convoy_born"] == closing)
        assert model.columns["convoy_escort"][convoys].sum() > 0
        leaving += model.columns["convoy_key"][convoys].tolist()
    assert len(set(leaving)) == 2


def test_an_empty_base_has_nobody_to_spare(spring: Plan) -> None:
    model = before(spring, "tasking", date(2013, 10, 15))
    gao = spring.names.bases.index("Gao")
    units = spring.inputs["unit_base"] == gao
    of_the_day = ("unit_free", "unit_planned", "unit_training_days", "unit_drill_days")
    for name in of_the_day:
        model.columns[name][units] = 9.0
    model.columns["base_strength"][gao] = 0
    model.columns["unit_strength"][units] = 0
    model.step_process(NUMBER["tasking"])
    assert [model.columns[name][units].any() for name in of_the_day] == [False] * 4


# The compiled day


def test_another_checkout_of_the_same_version_is_not_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(engine, "compiled_days", engine.compiled_days.__wrapped__)
    elsewhere = tmp_path / "sim_of_another_checkout"
    elsewhere.mkdir()
    (elsewhere / "day.days-1.py311.1.nbc").touch()
    assert not engine.is_compiled()
    own = [folder for folder in tmp_path.iterdir() if folder != elsewhere]
    assert len(own) == 1
    (own[0] / "day.days-1.py311.1.nbc").touch()
    compiled_cache.seal(own[0])
    assert engine.is_compiled()
