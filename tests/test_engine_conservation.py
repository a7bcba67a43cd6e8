"""Nothing comes from nowhere: people, fighters and troops balance on every single day, and nobody is in two places."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from sim.model.mission_model import MissionModel
from sim.model.recorder import (
    A_PATROL,
    E_CELL,
    E_CIVILIANS,
    E_DAY,
    E_FIGHTERS,
    E_MALIAN,
    E_PARTNER,
    E_REGION,
    E_UN_HIT,
    E_UN_KILLED,
    E_UN_OTHER,
    E_UN_WOUNDED,
    E_UNIT,
    L_DEVICES,
    L_DISPLACED,
    L_FIGHTERS,
    L_IDP,
    L_PERSONNEL,
    L_RETURNED,
)
from sim.model.tables import COLUMNS, STATE
from sim.scenario import MEASURES
from tests.engine_support import balance, plan_of
from tests.minusma import day_index

SIGNED = {"band_gain", "region_threat", "region_deviation"}
NONE_IS_MINUS_ONE = {
    "cell_band",
    "cell_owner",
    "band_next",
    "band_born",
    "unit_cell",
    "trip_unit",
    "convoy_unit",
    "convoy_clearing_unit",
    "convoy_direction",
    "community_refuge",
}
SHARES = [column.name for column in STATE if column.unit == "share"]
BUSY = ", ".join(f"{name}: {{intensity: 0.5}}" for name in MEASURES)
SCENARIOS = {
    "two busy years": f"period: {{start: 2013-07-01, end: 2015-06-30}}\nmeasures: {{{BUSY}}}\n",
    "war in the centre": "extends: historical\nperiod: {start: 2018-01-01, end: 2018-12-31}\n",
    "the withdrawal": "extends: historical\nperiod: {start: 2023-05-01, end: 2024-03-31}\n",
}


class Diary:
    """A run looked at every evening: the model, its first state, and what was so far."""

    def __init__(self, text: str) -> None:
        self.model = MissionModel(plan_of(text), seed=11)
        self.people_at_start = int(self.model.columns["community_population"].sum())
        self.displaced_at_start = int(self.model.columns["community_displaced"].sum())
        self.first = self.model.plan.report[0]
        if self.first:
            self.model.advance_to(self.first - 1)

    def evenings(self) -> Iterator[int]:
        for _ in self.model.days():
            yield self.model.day - 1

    def column(self, name: str) -> np.ndarray:
        return self.model.columns[name]

    def events(self) -> np.ndarray:
        return self.column("events")[: self.column("event_count")[0]]


LONG = {"war in the centre", "the withdrawal"}  # years of history come before them


@pytest.fixture(
    params=[
        pytest.param(text, marks=[pytest.mark.slow] if name in LONG else [], id=name)
        for name, text in SCENARIOS.items()
    ]
)
def diary(request: pytest.FixtureRequest) -> Iterator[Diary]:
    diary = Diary(request.param)
    yield diary
    diary.model.close()


def test_everybody_is_accounted_for_every_day(diary: Diary) -> None:
    people = diary.column
    for day in diary.evenings():
        flow = balance(diary.model)
        troops = flow["troops_arrived"] - flow["troops_departed"] - flow["troops_killed"] - flow["troops_died"]
        assert people("unit_strength").sum() == troops, day
        gains = flow["fighters_founded"] + flow["fighters_recruited"] + flow["fighters_from_abroad"]
        losses = flow["fighters_killed"] + flow["fighters_deserted"] + flow["fighters_demobilised"]
        assert people("band_strength").sum() == gains - losses, day
        living = diary.people_at_start + flow["people_born"] + flow["people_rejoined"]
        living -= flow["people_killed"] + flow["people_recruited"]
        assert people("community_population").sum() == living, day
        assert min(flow.values()) >= 0
        assert flow["people_recruited"] == flow["fighters_recruited"]
        assert flow["people_rejoined"] <= flow["fighters_deserted"] + flow["fighters_demobilised"]


def test_nobody_dies_twice_and_every_death_is_an_event(diary: Diary) -> None:
    for _ in diary.evenings():
        pass
    flow, events = balance(diary.model), diary.events()
    assert events[:, E_UN_KILLED].sum() == flow["troops_killed"]
    assert events[:, E_UN_OTHER].sum() == flow["troops_died"]
    assert events[:, E_FIGHTERS].sum() == flow["fighters_killed"]
    assert events[:, E_CIVILIANS].sum() == flow["people_killed"] == diary.column("community_losses").sum()
    assert np.array_equal(events[:, E_UN_HIT], events[:, E_UN_KILLED] + events[:, E_UN_WOUNDED])
    assert events[events[:, E_UNIT] < 0][:, [E_UN_HIT, E_UN_OTHER]].max() == 0


def test_every_event_is_of_the_region_that_its_cell_lies_in(diary: Diary) -> None:
    for _ in diary.evenings():
        pass
    events = diary.events()
    assert np.array_equal(events[:, E_REGION], diary.column("cell_region")[events[:, E_CELL]])


def test_columns_stay_in_their_ranges_every_day(diary: Diary) -> None:
    columns = [column.name for column in STATE if column.name not in (*SIGNED, "events", "ledger")]
    for day in diary.evenings():
        if day % 7 == 0:
            for name in columns:
                array = diary.column(name)
                assert array.dtype != float or np.isfinite(array).all(), (name, day)
                lowest = -1 if name in NONE_IS_MINUS_ONE else 0
                assert array.dtype == np.uint64 or array.min(initial=0) >= lowest, (name, day)
        for name in SHARES:
            assert 0.0 <= diary.column(name).min() <= diary.column(name).max() <= 1.0, (name, day)
        for name in SIGNED:
            assert np.isfinite(diary.column(name)).all(), (name, day)
    assert np.isfinite(diary.column("ledger")).all()
    assert diary.column("ledger").min() >= -1e-9, "what is left of a difference of equal numbers"
    assert diary.events()[:, E_CIVILIANS : E_FIGHTERS + 1].min() >= 0


def test_the_displaced_balance_every_day(diary: Diary) -> None:
    ledger = diary.column("ledger")
    for day in diary.evenings():
        displaced, refuge = diary.column("community_displaced"), diary.column("community_refuge")
        assert np.all(displaced <= diary.column("community_population")), day
        assert np.all(refuge[displaced > 0] >= 0), day
        fled, back = ledger[: day + 1, :, L_DISPLACED].sum(), ledger[: day + 1, :, L_RETURNED].sum()
        assert displaced.sum() == diary.displaced_at_start + fled - back, day
        assert ledger[day, :, L_IDP].sum() == displaced.sum(), day
        assert ledger[day, :, L_FIGHTERS].sum() == diary.column("band_strength").sum(), day
        assert ledger[day, :, L_DEVICES].sum() == diary.column("cell_devices").sum(), day


def test_no_unit_is_in_two_places(diary: Diary) -> None:
    """On the road, on patrol or in camp: no more people than the unit has, with those who fell today."""
    for day in diary.evenings():
        strength = diary.column("unit_strength")
        away = diary.column("unit_escorting") + diary.column("unit_clearing")
        assert np.all(away <= strength), day
        today = diary.events()[diary.events()[:, E_DAY] == day]
        fallen = np.zeros(len(strength), np.int64)
        np.add.at(fallen, today[:, E_UNIT], today[:, E_UN_KILLED] + today[:, E_UN_OTHER])
        trips = slice(0, diary.column("trip_count")[0])
        on_patrol = np.zeros(len(strength), np.int64)
        patrols = diary.column("trip_activity")[trips] == A_PATROL
        persons = diary.column("trip_persons")[trips] * diary.column("trip_groups")[trips]
        np.add.at(on_patrol, diary.column("trip_unit")[trips][patrols], persons[patrols])
        assert np.all(on_patrol + away <= strength + fallen), day
        assert diary.column("ledger")[day, :, L_PERSONNEL].sum() == strength.sum() + fallen.sum(), day


def test_convoys_carry_people_that_units_miss(diary: Diary) -> None:
    """Who is with a convoy is away from a unit, once."""
    base_of = diary.column("unit_base")
    fallen = np.zeros(16, np.int64)
    for day in diary.evenings():
        today = diary.events()[diary.events()[:, E_DAY] == day]
        today = today[today[:, E_UN_KILLED] > 0]
        np.add.at(fallen, base_of[today[:, E_UNIT]], today[:, E_UN_KILLED])
        on_the_road = np.zeros(16, np.int64)
        for c in np.flatnonzero(diary.column("convoy_active")):
            for unit, persons in (("convoy_unit", "convoy_escort"), ("convoy_clearing_unit", "convoy_searchers")):
                number = diary.column(persons)[c]
                if number > 0:
                    on_the_road[base_of[diary.column(unit)[c]]] += number
        away = np.bincount(base_of, diary.column("unit_escorting") + diary.column("unit_clearing"), minlength=16)
        assert np.all(on_the_road <= away + fallen), (day, np.flatnonzero(on_the_road > away + fallen))
        assert np.all(away <= on_the_road), (day, np.flatnonzero(away > on_the_road))


def test_convoy_rows_hold_together(diary: Diary) -> None:
    first, last, cell = (diary.column(f"route_{name}") for name in ("first", "last", "cell"))
    for day in diary.evenings():
        active = np.flatnonzero(diary.column("convoy_active"))
        base = diary.column("convoy_base")[active]
        position = diary.column("convoy_position")[active]
        assert np.all((first[base] <= position) & (position < last[base])), day
        assert np.all(np.abs(diary.column("convoy_direction")[active]) == 1), day
        assert np.all(diary.column("convoy_km")[active] < diary.column("route_km")[position] + 1e-6), day
        out = diary.column("convoy_direction")[active] == 1
        cargo = np.bincount(base[out], diary.column("convoy_cargo")[active][out], minlength=16)
        assert cargo == pytest.approx(diary.column("base_in_transit")), day
        assert np.all(diary.column("convoy_cargo")[active][~out] == 0.0), day
        assert len(np.unique(diary.column("convoy_key")[active])) == len(active), day
        assert set(diary.column("convoy_cell")[active]) <= set(cell.tolist())


def test_national_losses_are_events_until_they_are_made_good(diary: Diary) -> None:
    """At a month's end the units of national forces lack exactly those who died in that month."""
    month_of = diary.column("month_of_day")
    for day in diary.evenings():
        if day + 1 < len(month_of) and month_of[day + 1] == month_of[day]:
            continue
        lacking = diary.column("national_target")[month_of[day]] - diary.column("national_strength")
        events = diary.events()
        this_month = month_of[events[:, E_DAY]] == month_of[day]
        assert lacking.sum() == events[this_month][:, [E_MALIAN, E_PARTNER]].sum(), day
        assert lacking.min() >= 0


def test_keys_of_bands_never_meet(diary: Diary) -> None:
    for _ in diary.evenings():
        pass
    alive = diary.column("band_strength") > 0
    keys = diary.column("band_key")[alive]
    assert len(np.unique(keys)) == len(keys)
    cells = diary.column("band_cell")[alive]
    assert cells.min() >= 0
    assert cells.max() < len(diary.column("cell_key"))


def test_lists_of_bands_hold_every_living_band_once(diary: Diary) -> None:
    for _ in diary.evenings():
        pass
    listed = []
    for c, band in enumerate(diary.column("cell_band")):
        while band >= 0:
            assert diary.column("band_cell")[band] == c
            listed.append(band)
            band = diary.column("band_next")[band]
    assert sorted(listed) == np.flatnonzero(diary.column("band_strength") > 0).tolist()


@pytest.mark.slow
def test_the_withdrawal_empties_closed_bases() -> None:
    diary = Diary(SCENARIOS["the withdrawal"])
    for _ in diary.evenings():
        pass
    left = np.bincount(diary.column("unit_base"), diary.column("unit_strength"), minlength=16)
    is_open = diary.column("base_open")[day_index(date(2024, 3, 31))]
    assert np.all(left[is_open == 0] == 0)
    assert left.sum() == pytest.approx(300, abs=20)
    assert diary.column("base_evacuated").sum() >= 9
    assert diary.column("unit_escorting")[is_open[diary.column("unit_base")] == 0].sum() == 0


def test_every_state_column_is_looked_at() -> None:
    assert {*SIGNED, *NONE_IS_MINUS_ONE, *SHARES} <= COLUMNS.keys()
    assert len(SHARES) >= 10
