"""Tables, totals and folders of a run: they add up, describe themselves, and come back as they were."""

import json
import pickle
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model.recorder import EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS
from sim.results import FolderError, Results, open_results
from sim.results.codebook import EVENT_COLUMNS, LEDGER_COLUMNS, codebook
from sim.results.panel import (
    CASUALTIES,
    DEATHS,
    OUTCOME_NAMES,
    daily_array,
    monthly_array,
    months,
    yearly_totals,
    years,
)
from sim.results.summary import TACTICS_ON_MISSION, summarise, total
from sim.results.tables import events_array, ledger_array, ledger_frame
from sim.scenario import OUTCOMES
from tests.synthetic import SHARES, synthetic_record

STOCK = "internally_displaced"
FILES = {
    "events.parquet",
    "monthly.parquet",
    "daily.parquet",
    "ledger.parquet",
    "codebook.csv",
    "names.json",
    "scenario.yaml",
    "manifest.json",
}


@pytest.fixture(scope="module")
def results():
    return Results(synthetic_record(3, date(2015, 11, 10), date(2017, 2, 14)))


records = st.builds(
    lambda seed, start, days, scale: synthetic_record(
        seed, date(2013, 7, 1) + timedelta(start), date(2013, 7, 1) + timedelta(start + days), scale
    ),
    st.integers(0, 2**32),
    st.integers(0, 3000),
    st.integers(0, 800),
    st.sampled_from([0.0, 0.1, 2.0]),
)


@given(records)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_events_days_months_years_and_summary_add_up(record):
    results = Results(record)
    summary, yearly = results.summary(), yearly_totals(record)
    for name in OUTCOME_NAMES:
        if name == STOCK:
            last = record.ledger[-1, :, LEDGER_ITEMS.index(STOCK)].sum()
            assert summary[name] == last == results.daily[name].iloc[-1] == yearly[name][-1]
            continue
        sums = [results.daily[name].sum(), results.monthly[name].sum(), yearly[name].sum()]
        assert np.allclose(sums, summary[name])
    for name in CASUALTIES:
        assert summary[name] == results.events[name].sum()


def test_counts_equal_a_plain_count_of_events(results):
    events = results.record.events
    row = {name: events[:, number] for number, name in enumerate(EVENT_FIELDS)}
    attacks = incidents = found = organised = 0
    for n in range(len(events)):
        kind, tactic = KINDS[row["kind"][n]], TACTICS[row["tactic"][n]]
        attacks += kind == "mission"
        incidents += tactic in ("ied", "ied_then_ambush")
        incidents += row["devices_found"][n] if kind == "find" else 0
        found += row["devices_found"][n]
        if kind in ("state_based", "non_state", "one_sided"):
            organised += sum(row[name][n] for name in DEATHS)
    summary = results.summary()
    assert summary["attacks_on_mission"] == attacks
    assert summary["ied_incidents"] == incidents
    assert summary["ied_found"] == found
    assert summary["organised_violence_deaths"] == organised


def test_every_outcome_has_its_column_in_the_order_of_the_registry(results):
    assert tuple(OUTCOMES) == OUTCOME_NAMES
    assert list(results.monthly.columns) == ["month", "region", *OUTCOMES]
    assert list(results.daily.columns) == ["date", *OUTCOMES]
    assert list(results.summary()) == list(OUTCOMES)


def test_monthly_has_every_month_and_region_and_no_total(results):
    monthly = results.monthly
    assert monthly["month"].iloc[0] == "2015-11"
    assert monthly["month"].iloc[-1] == "2017-02"
    assert len(monthly) == 16 * 9
    assert not monthly.duplicated(["month", "region"]).any()
    assert set(monthly["region"]) == set(results.record.names.regions)


def test_a_months_row_is_that_month_in_that_region(results):
    event = results.events.iloc[len(results.events) // 2]
    month = event["date"].strftime("%Y-%m")
    inside = (results.events["date"].dt.strftime("%Y-%m") == month) & (results.events["region"] == event["region"])
    row = results.monthly.set_index(["month", "region"]).loc[(month, event["region"])]
    for name in CASUALTIES:
        assert row[name] == results.events.loc[inside, name].sum()


def test_the_stock_is_the_last_day_of_each_month_by_region(results):
    record = results.record
    days = results.daily["date"]
    last = days.groupby(days.dt.strftime("%Y-%m")).idxmax().to_numpy()
    expected = record.ledger[last][:, :, LEDGER_ITEMS.index(STOCK)]
    assert np.array_equal(monthly_array(record)[:, :, OUTCOME_NAMES.index(STOCK)], expected)


def test_days_and_years_of_a_period_that_cuts_both(results):
    assert years(results.record).tolist() == [2015, 2016, 2017]
    assert len(months(results.record)) == 16
    assert daily_array(results.record).shape == (463, len(OUTCOME_NAMES))


def test_events_are_marked_simulated_and_say_who_and_where(results):
    events = results.events
    assert events["simulated"].all()
    assert (events["killed"] == events[list(DEATHS)].sum(axis=1)).all()
    assert set(events["base"].astype(str)) <= {*results.record.names.bases, ""}
    state = events[events["kind"] == "state_based"]
    by_state = state["actor"].isin(["Malian forces", "Partner forces"])
    assert set(state.loc[by_state, "victim"]) == {"armed groups"}
    assert set(state.loc[~by_state, "victim"]) == {"state forces"}
    assert set(events.loc[events["kind"] == "one_sided", "victim"]) == {"civilians"}


def test_deadliest_and_perpetrators(results):
    deadliest = results.deadliest(5)
    assert len(deadliest) == 5
    assert deadliest["killed"].is_monotonic_decreasing
    assert deadliest["killed"].iloc[0] == results.events["killed"].max()
    by_actor = results.civilians_by_perpetrator()
    assert by_actor["civilians_killed"].sum() == results.summary()["civilians_killed"]
    assert by_actor["civilians_killed"].is_monotonic_decreasing


def test_a_run_without_events_has_tables_of_zeros():
    results = Results(synthetic_record(1, date(2020, 2, 29), date(2020, 2, 29), scale=0.0))
    assert len(results.events) == 0
    assert results.summary()["peacekeepers_killed"] == 0
    assert len(results.monthly) == 9
    assert len(results.civilians_by_perpetrator()) == len(results.deadliest()) == 0


@given(records)
@settings(max_examples=10, deadline=None, derandomize=True)
def test_frames_hold_the_whole_record(record):
    names = record.names
    assert np.array_equal(events_array(Results(record).events, names, date(2013, 7, 1)), record.events)
    assert np.array_equal(ledger_array(ledger_frame(record), len(names.regions)), record.ledger)


def test_a_saved_run_comes_back_as_it_was(results, tmp_path):
    folder = results.save(tmp_path / "deep" / "run")
    back = open_results(folder)
    for name in ("seed", "first_day", "last_day", "version", "fingerprint", "scenario"):
        assert getattr(back.record, name) == getattr(results.record, name)
    assert back.record.scenario.hash == results.record.scenario.hash
    assert np.array_equal(back.record.events, results.record.events)
    assert np.array_equal(back.record.ledger, results.record.ledger)
    assert back.summary() == results.summary()
    pd.testing.assert_frame_equal(back.events, results.events)
    pd.testing.assert_frame_equal(back.monthly, results.monthly)


def test_equal_runs_give_equal_files(results, tmp_path):
    again = Results(synthetic_record(3, date(2015, 11, 10), date(2017, 2, 14)))
    folders = results.save(tmp_path / "a"), again.save(tmp_path / "b")
    assert {path.name for path in folders[0].iterdir()} == FILES
    for name in FILES:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


@pytest.mark.parametrize("name", sorted(FILES - {"manifest.json"}))
def test_a_changed_or_missing_file_is_refused_by_name(results, tmp_path, name):
    path = results.save(tmp_path) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(FolderError, match=rf"{name}.*not as it was written"):
        open_results(tmp_path)
    path.unlink()
    with pytest.raises(FolderError, match=rf"{name}: missing"):
        open_results(tmp_path)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(FolderError, match="no saved run"):
        open_results(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(FolderError, match="format 99"):
        open_results(tmp_path)


def test_saved_tables_carry_identity_checksums_and_the_mark_simulated(results, tmp_path):
    results.save(tmp_path, seeds=7)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["seeds"] == 7
    assert manifest["hash"] == results.record.scenario.hash
    for name in ("events", "monthly", "daily", "ledger"):
        table = pq.read_table(tmp_path / f"{name}.parquet", page_checksum_verification=True)
        facts = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        assert facts["simulated"] == "true"
        assert facts["hash"] == manifest["hash"]
        assert facts["seed"] == str(results.record.seed)
        assert facts["version"] == results.record.version
        assert table["simulated"].to_pylist() == [True] * len(table)


def test_the_codebook_describes_every_column(results, tmp_path):
    results.save(tmp_path)
    book = pd.read_csv(tmp_path / "codebook.csv", keep_default_na=False)
    for name in ("events", "monthly", "daily", "ledger"):
        columns = pq.read_schema(tmp_path / f"{name}.parquet").names
        assert list(book.loc[book["table"] == name, "column"]) == columns
    assert (book["unit"] != "").all()
    assert (book["definition"] != "").all()


def test_a_column_that_nobody_described_is_an_error():
    with pytest.raises(KeyError, match="surprise"):
        codebook({"events": pd.DataFrame({"surprise": [1]})})


def test_the_codebook_describes_nothing_that_does_not_exist(results):
    assert set(EVENT_COLUMNS) == set(results.events.columns)
    assert set(LEDGER_COLUMNS) == set(LEDGER_ITEMS)


def test_figures_are_handed_in():
    record = synthetic_record(1, date(2014, 1, 1), date(2014, 1, 31))
    with pytest.raises(RuntimeError, match="no figures"):
        _ = Results(record).plot
    results = Results(record, plots=lambda shown: ("figures of", shown))
    assert results.plot == ("figures of", results)


def test_the_document_is_json_and_says_what_the_tables_say(results):
    document = json.loads(json.dumps(results.document("some/folder")))
    assert document["period"] == ["2015-11-10", "2017-02-14"]
    assert document["outcomes"] == results.summary()
    assert document["seed"] == 3
    assert len(document["monthly"]) == len(results.monthly)
    assert set(document["monthly"][0]) == {"month", "region", *OUTCOMES}


def test_html_says_simulated_and_escapes_the_title(results):
    assert "Simulated" in results._repr_html_()
    assert "simulated" in repr(results)


def test_summaries_are_small_and_say_what_the_run_says(results):
    record = synthetic_record(2)
    summary = summarise(record)
    assert len(pickle.dumps(summary)) < 150_000
    whole = Results(record).summary()
    for name in OUTCOME_NAMES:
        assert total(summary, name, slice(None)) == pytest.approx(whole[name])
    on_mission = sum(summary.monthly[f"attacks_{tactic}"].sum() for tactic in TACTICS_ON_MISSION)
    assert on_mission == whole["attacks_on_mission"]
    assert summary.killed[-1] == whole["peacekeepers_killed"]
    assert summary.wounded[-1] == whole["peacekeepers_wounded"]
    assert summary.by_cell["civilians_killed"].sum() == whole["civilians_killed"]
    assert summary.shares == SHARES
