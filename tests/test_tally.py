"""The table of a run beside the record."""

from datetime import date

import pandas as pd
import pytest

from sim.inference.record_comparison import QUANTITIES, RecordComparison
from sim.present.locale import Locale
from sim.present.run_text import run_text
from sim.present.run_view import record_table
from sim.results import Results
from sim.results.summary import summarise
from tests.minusma import series
from tests.synthetic import SHARES, synthetic_record


@pytest.fixture(scope="module")
def seeds():
    return [summarise(synthetic_record(seed)) for seed in range(1, 11)]


@pytest.fixture(scope="module")
def tally(seeds):
    return RecordComparison.from_runs(synthetic_record(1), seeds)


def line(tally, year, quantity):
    (row,) = [row for row in tally.yearly if row.start.year == year and row.quantity == quantity]
    return row


def test_every_year_has_every_quantity(tally):
    for year in range(2013, 2024):
        labels = [row.quantity for row in tally.yearly if row.start.year == year]
        assert set(labels) == {quantity.label for quantity in QUANTITIES}


def test_the_record_and_the_run_cover_the_same_months(tally):
    killed = line(tally, 2013, "peacekeepers killed")
    assert (killed.start, killed.end, killed.record) == (date(2013, 7, 1), date(2013, 12, 31), 4)
    events = Results(synthetic_record(1)).events
    assert killed.one == events.loc[events["date"] < "2014-01-01", "peacekeepers_killed"].sum()
    # the record of civilians counts all of 2013, which the run does not
    assert line(tally, 2013, "civilians killed").record is None
    assert line(tally, 2014, "civilians killed").record == series("civilians_killed")["value"].iloc[1]


def test_withheld_years_have_no_record(tally):
    late = [row for row in tally.yearly if row.start.year > 2020]
    assert late
    assert all(row.record is None and row.inside is None for row in late)


def test_inside_means_inside(tally):
    for row in (*tally.yearly, *tally.cumulative):
        if row.inside is not None and row.quantity != "IED incidents, nationwide":
            assert row.inside == (row.low <= row.record <= row.high)
    assert 0 < tally.inside < tally.compared


def test_rates_are_deaths_per_personnel(tally):
    killed = line(tally, 2016, "peacekeepers killed")
    rate = line(tally, 2016, "  per 1,000 personnel-years")
    daily = Results(synthetic_record(1)).daily
    persons = daily.loc[daily["date"].dt.year == 2016, "personnel_days"].sum() / 365.25 / 1000
    assert rate.one == pytest.approx(killed.one / persons)
    assert rate.record == pytest.approx(27 / persons)


def test_reported_attacks_are_thinned(tally):
    row = line(tally, 2016, "reported attacks: IED")
    own = Results(synthetic_record(1)).events
    attacks = ((own["kind"] == "mission") & (own["tactic"] == "ied") & (own["date"].dt.year == 2016)).sum()
    assert row.one == pytest.approx(attacks * SHARES["ied"])
    assert row.record == 29


def test_the_wounded_are_compared_on_the_days_they_were_counted(tally):
    row = [row for row in tally.cumulative if row.quantity.startswith("wounded")][1]
    assert (row.end, row.record) == (date(2018, 4, 7), 372)
    assert row.one == summarise(synthetic_record(1)).wounded[(row.end - date(2013, 7, 1)).days]


def test_a_run_that_starts_later_has_no_count_since_the_start():
    record = synthetic_record(1, date(2016, 3, 15), date(2017, 6, 30))
    tally = RecordComparison.from_runs(record, [summarise(record)])
    assert not tally.cumulative
    killed = line(tally, 2016, "peacekeepers killed")
    assert killed.start == date(2016, 4, 1)  # whole months only
    assert line(tally, 2017, "civilians killed").record is None


def test_one_seed_has_no_range():
    record = synthetic_record(1, date(2016, 1, 1), date(2016, 12, 31))
    tally = RecordComparison.from_runs(record, [summarise(record)])
    assert all(row.low is None and row.inside is None for row in tally.yearly)
    assert tally.compared == 0


def test_the_text_fits_a_terminal(tally):
    text = run_text(tally, Results(synthetic_record(1)))
    assert "…" not in text
    assert "withheld for testing" in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_table_has_every_line_in_each_language(tally, language):
    table = record_table(tally, synthetic_record(1), Locale(language))
    assert len(table.rows) == len(tally.rows)
    assert all(len(row) == len(table.head) for row in table.rows)
    assert table.rows[0][0].text == {"en": "peacekeepers killed", "fr": "Casques bleus tués"}[language]


def test_a_comparison_is_read_again_from_its_table(tally, tmp_path):
    tally.frame().to_csv(tmp_path / "tally.csv", index=False)
    assert RecordComparison.from_frame(pd.read_csv(tmp_path / "tally.csv"), tally.seeds) == tally


def test_the_frame_holds_every_line(tally):
    frame = tally.frame()
    assert len(frame) == len(tally.yearly) + len(tally.cumulative)
    assert set(frame["set"]) == {"yearly", "cumulative"}
