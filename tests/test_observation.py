"""The flat vectors of run and record: equal names, hand-counted values, and observation models that bite."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

from sim.calibration.observation import TRAINING, VALIDATION, Choices, observations, observed, simulated
from sim.model.recorder import EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS
from sim.results.summary import summarise
from sim.results.ucdp_counting import reported_deaths
from tests.minusma import RECORD_END as LAST_DAY
from tests.minusma import day_index
from tests.synthetic import ACTORS, REGIONS, SHARES, synthetic_record

ALPHA = 1e-6


@pytest.fixture(scope="module")
def run():
    return synthetic_record(seed=3)


def with_events(run, *rows):
    """The run with these events alone; a row is field -> value, with a date and names for kind, tactic, actor."""
    events = np.zeros((len(rows), len(EVENT_FIELDS)), dtype=np.int64)
    for row, words in zip(events, rows, strict=True):
        number = dict(words)
        number["day"] = day_index(date.fromisoformat(words["day"]))
        number["kind"] = KINDS.index(words["kind"])
        number["tactic"] = TACTICS.index(words.get("tactic", "battle"))
        number["actor"] = ACTORS.index(words.get("actor", "JNIM"))
        for field, value in number.items():
            row[EVENT_FIELDS.index(field)] = value
    return replace(run, events=events[np.argsort(events[:, 0], kind="stable")])


def test_run_and_record_have_the_same_names(run):
    assert simulated(run).keys() == observed().keys()


def test_known_values_of_the_record():
    seen = observed()
    assert [seen[f"killed/{year}"] for year in range(2013, 2021)] == [4, 28, 12, 27, 24, 11, 22, 6]
    assert seen["killed/2019-01"] == 12
    assert seen["attacks/ied/2016"] == 29
    assert seen["attacks_region/Kidal/2016"] == 32
    assert seen["wounded/2018-04-07"] == 372
    assert seen["ucdp/state_based/2016"] == 100
    assert seen["patrols/2016-01-01"] == 61
    assert sum(seen[f"accident/{year}"] for year in range(2013, 2021)) == 28
    assert sum(seen[f"illness/{year}"] for year in range(2013, 2021)) == 62
    assert sum(seen[f"fatal_days/{year}"] for year in range(2013, 2021)) == 53
    assert seen["attacks_quarter/2018-Q3"] == 8
    assert "attacks_quarter/2018-Q4" not in seen
    assert "ucdp/state_based/2013" not in seen
    assert observations()["ied/2017"].low == 124


def test_the_windows_share_out_the_record_and_end_before_the_withheld_years():
    assert set(TRAINING.names()) | set(VALIDATION.names()) == observed().keys()
    assert not set(TRAINING.names()) & set(VALIDATION.names())
    assert "killed/2018-12" in TRAINING.names()
    assert "wounded/2020-12-31" in VALIDATION.names()
    assert max(item.end for item in observations().values()) == LAST_DAY


def test_values_agree_with_the_monthly_summary(run):
    seen, monthly = simulated(run), summarise(run).monthly
    year = slice(30, 42)  # 2016
    assert seen["killed/2016"] == monthly["peacekeepers_killed"][year].sum()
    assert seen["killed/2016-03"] == monthly["peacekeepers_killed"][32]
    assert seen["ied/2016"] == monthly["ied_incidents"][year].sum()
    assert seen["displaced/2016-12-31"] == monthly["internally_displaced"][41]
    assert seen["patrols/2016-01-01"] == pytest.approx(monthly["patrols"][30] / 31)
    assert seen["accident/2016"] + seen["illness/2016"] == monthly["peacekeepers_died_other"][year].sum()
    assert seen["attacks/ied/2016"] == pytest.approx(monthly["attacks_ied"][year].sum() * SHARES["ied"])
    for kind in ("state_based", "non_state"):
        assert seen[f"ucdp/{kind}/2016"] == reported_deaths(run, kind, 2016)


def test_attacks_by_region_tactic_and_quarter_are_the_same_attacks(run):
    seen = simulated(run, seed=0)
    by_tactic = sum(value for name, value in seen.items() if name.startswith("attacks/"))
    by_region = sum(value for name, value in seen.items() if name.startswith("attacks_region/"))
    assert by_tactic == by_region
    of_2016 = sum(seen[f"attacks_quarter/2016-Q{quarter}"] for quarter in (1, 2, 3, 4))
    assert of_2016 == sum(seen[f"attacks_region/{region}/2016"] for region in REGIONS)


@pytest.mark.parametrize(("wrong", "holds"), [(1.0, True), (1.1, False)])
def test_the_press_shows_the_stated_share(wrong, holds):
    """400 seeds of about 900 attacks: a share wrong by 10 % is caught with certainty at ALPHA."""
    run = synthetic_record(seed=1, scale=8)
    expected = simulated(run)["attacks/ied/2016"] * wrong
    drawn = [simulated(run, seed=seed)["attacks/ied/2016"] for seed in range(400)]
    z = (np.mean(drawn) - expected) / np.sqrt(expected * (1 - SHARES["ied"]) / len(drawn))
    assert (2 * stats.norm.sf(abs(z)) > ALPHA) == holds


def test_a_seed_is_a_draw_and_seed_zero_is_a_seed(run):
    assert simulated(run, seed=0) == simulated(run, seed=0)
    assert simulated(run, seed=0) != simulated(run, seed=1)
    assert simulated(run, seed=0) != simulated(run)


def test_an_actor_counts_from_25_deaths_in_a_year_and_type(run):
    rows = [{"day": f"2016-0{month}-10", "kind": "state_based", "fighters_killed": 12} for month in (3, 4)]
    below = simulated(with_events(run, *rows))
    assert below["ucdp/state_based/2016"] == below["ucdp_month/2016-03"] == 0
    one_more = {"day": "2016-12-31", "kind": "state_based", "civilians_killed": 1}
    above = simulated(with_events(run, *rows, one_more))
    assert above["ucdp/state_based/2016"] == 25
    assert above["ucdp_month/2016-03"] == 12
    assert above["civilians_killed/2016"] == 1
    next_year = simulated(with_events(run, *rows, {**one_more, "day": "2017-01-01"}))
    assert next_year["ucdp/state_based/2016"] == 0
    other = simulated(with_events(run, *rows, {**one_more, "actor": "ISGS"}))
    assert other["ucdp/state_based/2016"] == 0


def test_one_sided_violence_is_split_by_who_did_it(run):
    rows = [
        {"day": "2016-05-01", "kind": "one_sided", "actor": actor, "civilians_killed": deaths}
        for actor, deaths in (("Malian forces", 30), ("JNIM", 40))
    ]
    seen = simulated(with_events(run, *rows))
    assert (seen["ucdp/one_sided_government/2016"], seen["ucdp/one_sided_nonstate/2016"]) == (30, 40)


def test_deaths_of_the_mission_are_in_or_out_of_state_based(run):
    attack = {"day": "2016-05-01", "kind": "mission", "tactic": "complex_attack", "peacekeepers_killed": 6}
    battle = {"day": "2016-05-02", "kind": "state_based", "fighters_killed": 20}
    record = with_events(run, attack, battle)
    assert simulated(record)["ucdp/state_based/2016"] == 0
    assert simulated(record, choices=Choices(mission_deaths_in_ucdp=True))["ucdp/state_based/2016"] == 26


def test_devices_found_are_in_or_out_of_incidents(run):
    found = {"day": "2016-05-01", "kind": "find", "tactic": "find", "devices_found": 3}
    blown = {"day": "2016-05-01", "kind": "mission", "tactic": "ied"}
    record = with_events(run, found, blown)
    assert simulated(record)["ied/2016"] == 4
    assert simulated(record, choices=Choices(finds_in_ied=False))["ied/2016"] == 1


def test_fatal_days_add_up_the_attacks_of_a_day(run):
    rows = [{"day": "2016-05-01", "kind": "mission", "tactic": "ied", "peacekeepers_killed": 1} for _ in range(2)]
    seen = simulated(with_events(run, *rows))
    assert (seen["fatal_days/2016"], seen["fatal_days_2plus/2016"], seen["fatal_days_5plus/2016"]) == (1, 1, 0)


def test_a_shorter_run_gives_what_it_covers_and_no_more():
    run = synthetic_record(seed=3, start=date(2016, 1, 1), end=date(2018, 6, 30))
    seen = simulated(run)
    assert {"killed/2016", "killed/2018-06", "patrols/2016-01-01", "displaced/2016-12-31"} <= seen.keys()
    assert not {"killed/2018", "wounded/2018-04-07", "ucdp_month/2018-03", "killed/2015-12"} & seen.keys()


def test_a_stock_is_that_of_the_day(run):
    day = day_index(date(2014, 2, 28)) - run.first_day
    assert (
        simulated(run)["displaced/2014-02-28"] == run.ledger[day, :, LEDGER_ITEMS.index("internally_displaced")].sum()
    )
