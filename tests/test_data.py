"""The packaged facts agree with themselves, with their README and with the limits of the record."""

import hashlib
import subprocess
import sys
from datetime import date, timedelta

import pandas as pd
import pytest

from sim.missions.provenance import held, refreshed, rows
from sim.model.tables import UNIT_KINDS
from tests.minusma import FOLDER, MISSION, path, table

REGIONS = ["Bamako", "Gao", "Kayes", "Kidal", "Koulikoro", "Mopti", "Segou", "Sikasso", "Tombouctou"]
FIRST_DAY, LAST_DAY = "2013-07-01", "2024-12-31"
RECORD_ENDS = "2020-12-31"
BAMAKO_CELL = 147944
TABLES = held(MISSION)
README = FOLDER / "README.md"
SOURCED = [name for name in TABLES if name != "sources"]
RECORDS = [name for name in TABLES if name.startswith("record_")]


def gids_of_points(frame: pd.DataFrame) -> list[int]:
    """PRIO-GRID ids from the columns lat and lon."""
    points = zip(frame["lat"], frame["lon"], strict=True)
    return [int((lat + 90) // 0.5) * 720 + int((lon + 180) // 0.5) + 1 for lat, lon in points]


def at(frame: pd.DataFrame, day: str) -> pd.DataFrame:
    """Rows in force on an ISO day, by the columns from and to."""
    return frame[(frame["from"] <= day) & ((frame["to"] == "") | (frame["to"] >= day))]


def days_of_change(frame: pd.DataFrame) -> list[str]:
    """First and last day of every period of a table with the columns from and to."""
    return sorted((set(frame["from"]) | set(frame["to"])) - {""})


# the tables and their README


def test_readme_states_rows_checksums_sources_and_licences_of_every_table() -> None:
    text = README.read_text(encoding="utf-8")
    assert refreshed(MISSION, text) == text, "run `make generate`"


def test_readme_has_one_row_for_every_packaged_file() -> None:
    files = {item.name for item in FOLDER.iterdir() if item.suffix in {".csv", ".geojson"}}
    listed = [row.split("`")[1] for row in rows(README.read_text(encoding="utf-8"))]
    assert sorted(listed) == sorted(files)
    assert {f"{name}.csv" for name in TABLES} <= files


def test_a_changed_byte_is_noticed() -> None:
    text = README.read_text(encoding="utf-8")
    digest = hashlib.sha256(path("strength").read_bytes()).hexdigest()
    assert digest in text
    spoilt = text.replace(digest, "0" * 64)
    assert refreshed(MISSION, spoilt) == text != spoilt


def test_a_table_without_a_row_in_the_readme_is_an_error() -> None:
    with pytest.raises(ValueError, match="no row for strength"):
        refreshed(MISSION, README.read_text(encoding="utf-8").replace("| `strength.csv` |", "| strength |"))


@pytest.mark.parametrize("name", SOURCED)
def test_every_source_key_resolves_to_a_citation_and_a_licence(name: str) -> None:
    sources = table("sources").set_index("key")
    assert sources.index.is_unique
    keys = {key for entry in table(name)["source"] for key in entry.split(";")}
    assert keys <= set(sources.index), f"{name}: {sorted(keys - set(sources.index))}"
    assert (sources.loc[sorted(keys), ["citation", "licence"]] != "").all(axis=None)


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_ascii_and_not_empty(name: str) -> None:
    assert path(name).read_bytes().isascii()
    assert len(table(name)) > 0


@pytest.mark.parametrize("name", SOURCED)
def test_status_and_ranges_are_in_order(name: str) -> None:
    frame = table(name)
    if "status" in frame:
        assert set(frame["status"]) <= {"reported", "assumed", "calibrated"}
    if {"low", "high"} <= set(frame.columns):
        both = frame.dropna(subset=["low", "high"])
        assert (both["low"] <= both["high"]).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("population_region", "population"),
        ("strength", "uniformed"),
        ("other_forces", "strength"),
        ("organisations", "fighters"),
        ("contributor_exits", "personnel"),
        ("record_ied", "incidents"),
        ("record_ucdp_year", "total"),
    ],
)
def test_values_lie_in_their_range(name: str, value: str) -> None:
    frame = table(name).dropna(subset=[value])
    assert frame[value].between(frame["low"], frame["high"]).all()


def test_a_table_is_a_copy() -> None:
    mine = table("strength")
    mine["uniformed"] = 0
    assert (table("strength")["uniformed"] > 0).all()


def test_an_unknown_table_is_answered_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="did you mean 'corridors'"):
        table("coridors")


def test_importing_the_package_reads_nothing() -> None:
    code = "import sys, sim.missions; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# the record


@pytest.mark.parametrize("name", RECORDS)
def test_the_record_ends_with_2020(name: str) -> None:
    frame = table(name)
    columns = [column for column in ("start", "end", "date", "month", "year") if column in frame]
    assert columns
    for column in columns:
        assert frame[column].astype(str).max() <= RECORD_ENDS


def test_deaths_of_the_mission_add_up() -> None:
    months = table("record_deaths_month")
    assert months[["malicious", "accident", "illness", "other"]].sum().tolist() == [134, 28, 62, 7]
    assert months["month"].is_unique
    assert len(months) == 90
    days = table("record_fatal_days")
    monthly = days.groupby(days["date"].str[:7])["killed"].sum()
    assert monthly.to_dict() == months[months["malicious"] > 0].set_index("month")["malicious"].to_dict()


def test_attacks_by_tactic_and_by_region_come_from_the_same_list() -> None:
    assert table("record_attacks")["attacks"].sum() == 181
    assert table("record_attacks_region")["attacks"].sum() == 176
    assert set(table("record_attacks_region")["region"]) == set(REGIONS)
    listed = table("record_attack_days")
    year = listed["date"].str[:4].astype(int).rename("year")
    tactics = table("record_attacks").set_index(["year", "tactic"])
    sums = listed.groupby([year, "tactic"])[["killed", "wounded"]].sum().reindex(tactics.index, fill_value=0)
    assert sums.equals(tactics[["killed", "wounded"]])
    assert listed.groupby([year, "tactic"]).size().to_dict() == tactics["attacks"][tactics["attacks"] > 0].to_dict()
    regions = table("record_attacks_region").set_index(["year", "region"])["attacks"]
    placed = listed[listed["region"] != ""]
    assert placed.groupby([year, "region"]).size().to_dict() == regions[regions > 0].to_dict()


def test_deaths_by_contingent_are_all_deaths_by_malicious_act() -> None:
    assert table("record_deaths_contingent")["killed"].sum() == table("record_deaths_month")["malicious"].sum()
    heads = table("contributors")
    heads = heads[heads["year"] <= 2020]
    years = heads["personnel"].where(heads["year"] > 2013, heads["personnel"] / 2)
    chad = heads["contributor"] == "Chad"
    person_years = table("record_deaths_contingent").set_index("contingent")["person_years"]
    assert person_years.to_dict() == pytest.approx({"Chad": years[chad].sum(), "others": years[~chad].sum()}, abs=1)


def test_regional_shares_of_deaths_sum_to_one() -> None:
    sums = table("record_deaths_region").groupby("start")["share"].sum()
    assert sums.tolist() == pytest.approx([1, 1], abs=0.005)


# space


def test_regions_are_the_nine_of_the_record() -> None:
    assert sorted(set(table("cells")["region"])) == REGIONS
    assert sorted(set(table("population_region")["region"])) == REGIONS
    for name in ("bases", "towns", "garrisons", "partner_bases"):
        assert set(table(name)["region"]) <= set(REGIONS)


def test_cells_follow_the_formula_and_nest_in_the_lattice() -> None:
    cells = table("cells")
    assert cells["gid"].is_unique
    assert ((cells["row"] - 1) * 720 + cells["col"] == cells["gid"]).all()
    assert gids_of_points(cells) == cells["gid"].tolist()
    assert cells["share_inside"].between(0, 1).all()
    assert cells.set_index("gid").loc[BAMAKO_CELL, "region"] == "Bamako"


@pytest.mark.parametrize("name", ["bases", "towns"])
def test_points_lie_in_their_cells(name: str) -> None:
    frame = table(name)
    assert set(frame["gid"]) <= set(table("cells")["gid"])
    assert gids_of_points(frame) == frame["gid"].tolist()


@pytest.mark.parametrize("name", ["bases", "garrisons", "partner_bases"])
def test_places_have_the_region_of_their_cell(name: str) -> None:
    region_of = table("cells").set_index("gid")["region"]
    frame = table(name)
    assert (frame["gid"].map(region_of) == frame["region"]).all()


def test_population_of_cells_is_that_of_the_regions() -> None:
    people = table("population_region")
    of_2022 = people.loc[people["year"] == 2022, "population"].sum()
    # the cells hold the census, the regions its value at the middle of the year
    assert table("cells")["population"].sum() == pytest.approx(of_2022, rel=0.02)
    assert people.groupby("year").size().eq(9).all()
    assert sorted(set(people["year"])) == list(range(2012, 2025))


def test_segments_are_as_long_as_their_cells() -> None:
    keys = ["corridor", "from_town", "to_town"]
    whole = table("corridors").set_index(keys)["km"].sort_index()
    parts = table("corridor_cells").groupby(keys)["km"].sum().sort_index()
    assert (whole - parts).abs().max() < 0.5
    assert set(table("corridor_cells")["gid"]) <= set(table("cells")["gid"])
    assert set(table("corridors")["surface"]) == {"paved", "track"}
    towns = set(table("towns")["town"])
    assert set(table("corridors")["from_town"]) | set(table("corridors")["to_town"]) <= towns


# the mission


def test_hubs_form_a_tree_rooted_at_bamako() -> None:
    hub_of = table("bases").set_index("base")["hub"].to_dict()
    assert [base for base, hub in hub_of.items() if hub == ""] == ["Bamako"]
    for base in hub_of:
        seen = [base]
        while hub_of[seen[-1]]:
            seen.append(hub_of[seen[-1]])
            assert len(seen) <= len(hub_of), f"{base}: its hubs run in a circle"
        assert seen[-1] == "Bamako"


def test_a_hub_is_open_as_long_as_the_bases_it_supplies_until_the_last_month() -> None:
    bases = table("bases").set_index("base")
    for base in bases[bases["hub"] != ""].itertuples():
        hub = bases.loc[base.hub]
        assert hub["opened"] <= base.opened
        assert min(base.closed or LAST_DAY, "2023-12-01") <= (hub["closed"] or LAST_DAY)


def test_corridors_connect_every_base_to_its_hub() -> None:
    reached_from: dict[str, set[str]] = {}
    for segment in table("corridors").itertuples():
        reached_from.setdefault(segment.from_town, set()).add(segment.to_town)
        reached_from.setdefault(segment.to_town, set()).add(segment.from_town)
    reached, frontier = {"Bamako"}, ["Bamako"]
    while frontier:
        new = reached_from[frontier.pop()] - reached
        reached |= new
        frontier += new
    assert set(table("bases")["town"]) <= reached


def test_contingents_are_shares_of_the_mission() -> None:
    frame = table("contingents")
    assert sorted(set(frame["year"])) == list(range(2013, 2025))
    assert frame.groupby("year")["share"].sum().tolist() == pytest.approx([1.0] * 12, abs=1e-9)
    assert (frame["share"] > 0).all()
    assert set(frame["kind"]) == set(UNIT_KINDS)
    assert not frame.duplicated(["year", "base", "contributor", "kind"]).any()


def test_contingents_stand_at_bases_open_in_their_year() -> None:
    bases = table("bases").set_index("base")
    frame = table("contingents")
    assert set(frame["base"]) == set(bases.index)
    for year, base in frame[["year", "base"]].drop_duplicates().itertuples(index=False):
        assert bases.loc[base, "opened"] <= f"{year}-12-31"
        assert (bases.loc[base, "closed"] or LAST_DAY) >= f"{year}-01-01"


def test_strength_meets_the_yearly_means_of_the_un() -> None:
    days = pd.date_range(FIRST_DAY, LAST_DAY)
    frame = table("strength").assign(date=lambda rows: pd.to_datetime(rows["date"])).set_index("date")
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    assert (frame.index[0], frame.index[-1]) == (days[0], days[-1])
    daily = frame["uniformed"].astype(float).reindex(days).interpolate("time")
    mean = daily.groupby(days.year).mean()
    un = {2014: 8120, 2015: 9997, 2016: 10914, 2018: 13885, 2019: 14390, 2020: 14070}
    assert mean[list(un)].tolist() == pytest.approx(list(un.values()), rel=0.002)


def test_closures_follow_their_order() -> None:
    closed = table("bases").dropna(subset=["closure_order"]).sort_values("closure_order")
    assert closed["closure_order"].tolist() == list(range(1, 14))
    events = table("dated_events").set_index("key")
    days = [events.loc[f"closure_{base.lower()}", "start"] for base in closed["base"]]
    assert days == sorted(days)


# other forces


def test_other_forces_have_a_path_over_the_whole_time() -> None:
    for force, path_of_force in table("other_forces").groupby("force"):
        days = path_of_force["date"].tolist()
        assert days == sorted(set(days)), force
        assert (days[0], days[-1]) == (FIRST_DAY, LAST_DAY), force


def test_garrisons_hold_the_whole_force_on_any_day() -> None:
    frame = table("garrisons")
    for day in days_of_change(frame):
        assert at(frame, day)["share"].sum() == pytest.approx(1.0, abs=1e-6), day


def test_national_forces_are_out_of_kidal_between_2014_and_2020() -> None:
    kidal = table("garrisons").query("region == 'Kidal'")
    for day in ("2014-05-21", "2017-06-30", "2020-02-12"):
        assert at(kidal, day).empty
    assert not at(kidal, "2014-05-20").empty
    assert not at(kidal, "2020-02-13").empty


def test_partner_forces_stand_somewhere_while_they_are_present() -> None:
    strength = table("other_forces")
    for force, frame in table("partner_bases").groupby("force"):
        for day in days_of_change(frame):
            assert at(frame, day)["share"].sum() == pytest.approx(1.0, abs=1e-6), (force, day)
        present = strength[(strength["force"] == force) & (strength["strength"] > 0)]["date"]
        assert frame["from"].min() <= present.min()
        assert frame["to"].eq("").any() or frame["to"].max() >= present.max()


def test_places_of_forces_are_towns() -> None:
    towns = set(table("towns")["town"])
    for name in ("garrisons", "partner_bases"):
        assert set(table(name)["place"]) <= towns


# organisations


def test_mergers_resolve_and_follow_each_other() -> None:
    frame = table("organisations").set_index("organisation")
    assert frame.index.is_unique
    for name, row in frame.iterrows():
        assert (row["ended"] == "") == (row["merges_into"] == ""), name
        if row["merges_into"]:
            founded = frame.loc[row["merges_into"], "founded"]
            next_day = date.fromisoformat(row["ended"]) + timedelta(days=1)
            assert date.fromisoformat(founded) == next_day, name
    heirs = set(frame["merges_into"]) - {""}
    assert set(frame.index[frame["fighters"] == 0]) == heirs


def test_homes_are_towns_and_their_weights_sum_to_one() -> None:
    homes = table("organisation_homes")
    assert set(homes["organisation"]) == set(table("organisations")["organisation"])
    assert set(homes["town"]) <= set(table("towns")["town"])
    assert homes.groupby("organisation")["weight"].sum().tolist() == pytest.approx([1.0] * 14, abs=1e-6)


def test_rivalries_join_organisations_that_live_at_the_same_time() -> None:
    life = table("organisations").set_index("organisation")
    for row in table("rivalries").itertuples():
        assert row.a != row.b
        end = row.end or LAST_DAY
        assert row.start < end
        for name in (row.a, row.b):
            assert life.loc[name, "founded"] <= row.start, row
            assert end <= (life.loc[name, "ended"] or LAST_DAY), row


# dated events


def test_events_are_unique_and_in_order() -> None:
    events = table("dated_events")
    assert events["key"].is_unique
    kinds = {"election", "coup", "protest", "agreement", "consent", "partner", "mandate", "closure"}
    assert set(events["kind"]) == kinds
    ended = events[events["end"] != ""]
    assert (ended["start"] <= ended["end"]).all()
    places = set(REGIONS) | set(table("bases")["base"]) | {""}
    assert set(events["place"]) <= places


def test_events_that_act_carry_a_strength() -> None:
    events = table("dated_events")
    acting = events[events["kind"].isin(["election", "coup", "protest", "consent"])]
    assert acting["value"].between(0, 1).all()
    assert (acting["end"] != "").all()


def test_episodes_of_consent_do_not_overlap() -> None:
    consent = table("dated_events").query("kind == 'consent'").sort_values("start")
    assert (consent["end"].iloc[:-1].to_numpy() < consent["start"].iloc[1:].to_numpy()).all()


def test_contributors_that_leave_were_there() -> None:
    assert set(table("contributor_exits")["contributor"]) <= set(table("contingents")["contributor"])
