"""The record: what the sources give, as series, and nothing from the years withheld for testing."""

import pandas as pd
import pytest

from sim.missions import Mission
from sim.missions.record import COLUMNS, MEASURES, SERIES
from sim.results.summary import TACTICS_ON_MISSION
from tests.minusma import RECORD_END as LAST_DAY
from tests.minusma import attacks_by_region, fatal_days, series


@pytest.mark.parametrize("name", SERIES)
def test_a_series_is_complete_in_order_and_ends_before_the_withheld_years(name):
    frame = series(name)
    assert list(frame.columns) == COLUMNS
    assert len(frame)
    assert frame["value"].notna().all()
    assert (frame["start"] <= frame["end"]).all()
    assert frame["end"].is_monotonic_increasing
    assert frame["end"].max() <= pd.Timestamp(LAST_DAY)
    assert (frame["source"] != "").all()
    assert SERIES[name].measure in MEASURES
    assert SERIES[name].unit
    assert SERIES[name].definition


def test_deaths_by_year_are_those_of_the_un_record():
    frame = series("peacekeepers_killed")
    by_year = frame.groupby(frame["start"].dt.year)["value"].sum()
    assert by_year.to_dict() == {2013: 4, 2014: 28, 2015: 12, 2016: 27, 2017: 24, 2018: 11, 2019: 22, 2020: 6}
    assert fatal_days()["killed"].sum() == by_year.sum()
    assert series("peacekeepers_died_other")["value"].sum() == 28 + 62


def test_months_are_whole_and_without_gaps():
    frame = series("peacekeepers_killed")
    assert len(frame) == 90
    assert (frame["start"].iloc[1:].to_numpy() == frame["end"].iloc[:-1].to_numpy() + pd.Timedelta(days=1)).all()


def test_attacks_are_the_coded_ones_and_a_year_without_one_is_zero():
    coded = sum(series(f"attacks_{tactic}")["value"].sum() for tactic in TACTICS_ON_MISSION)
    assert coded == 181
    complex_attacks = series("attacks_complex_attack")
    assert complex_attacks.set_index(complex_attacks["end"].dt.year)["value"].to_dict()[2017] == 0
    assert set(attacks_by_region()["year"]) == {2015, 2016, 2017, 2018}


def test_bounds_are_kept_where_the_source_gives_them():
    row = series("ied_incidents").set_index("start").loc["2017-01-01"]
    assert row["low"] < row["value"] <= row["high"]
    assert series("civilians_killed")["low"].isna().all()


def test_an_observation_of_the_withheld_years_is_an_error(monkeypatch):
    late = {"date": "2021-01-01", "displaced": "1", "source": "x"}
    monkeypatch.setattr(Mission, "rows", lambda mission, name: [late])
    with pytest.raises(ValueError, match="internally_displaced: an observation after 2020-12-31"):
        series("internally_displaced")


def test_an_unknown_series_is_a_key_error():
    with pytest.raises(KeyError):
        series("morale")
