"""The flat vectors of run and record: equal names, hand-counted values, and observation models that bite."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

from sim.calibration.observation import TRAINING, VALIDATION, observations, observed, simulated
from sim.model.recorder import EVENT_FIELDS, KINDS, TACTICS
from tests.minusma import RECORD_END as LAST_DAY
from tests.minusma import day_index
from tests.synthetic import ACTORS, SHARES, synthetic_record

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


@pytest.mark.slow
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
