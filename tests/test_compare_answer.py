"""An answer: signs, words, parts that add up, the document, and nothing wider than a terminal."""

import json

import numpy as np
import pandas as pd
import pytest

from sim.inference.comparison import Pairs, answer
from sim.inference.comparison.assumptions_audit import deciding_draw, sign_change
from sim.inference.comparison.decomposition import product_parts
from sim.inference.comparison.differences import difference
from sim.present.answer_files import answer_document
from sim.present.comparison import Comparison
from sim.present.locale import ENGLISH
from sim.present.terminal import answer_text
from sim.scenario import OUTCOMES
from tests.synthetic_study import MEANS, synthetic_study

EFFECTS = {
    "as_reported": {},
    "none": {"peacekeepers_killed": 1.5, "attacks_on_mission": 1.2},
    "double": {"peacekeepers_killed": 0.7, "effort_person_days": 1.1},
    "inert": {},
}


def draws(n, numbers=6, seed=3):
    rng = np.random.default_rng(seed)
    return {f"number_{k}": rng.uniform(1, 3, n) for k in range(numbers)}


@pytest.fixture(scope="module")
def swept():
    return answer(synthetic_study(EFFECTS, 60, shared=0.95, draws=draws(60), failed=[("none", 4)]))


@pytest.fixture(scope="module")
def point():
    return answer(synthetic_study(EFFECTS, 40, shared=0.95))


def made(change, drawn=None):
    """A frame of two variants whose paired differences in peacekeepers_killed are ``change``."""
    frame = synthetic_study({"base": {}, "other": {}}, len(change), draws=drawn)
    base = frame.values("peacekeepers_killed")[0]
    frame.runs.loc[frame.runs["variant"] == "other", "peacekeepers_killed"] = base + change
    return Pairs(frame, "other")


@pytest.mark.slow
def test_signs_and_words_follow_the_truth(swept):
    assert str(swept.of("none", "peacekeepers_killed").verdict) == "very likely more"
    assert str(swept.of("double", "peacekeepers_killed").verdict) == "very likely fewer"
    row = swept.of("none", "peacekeepers_killed")
    assert row.low < MEANS["peacekeepers_killed"] * 0.5 < row.high
    assert row.probability_lower < 0.01
    assert row.joint_low <= row.low <= row.mean <= row.high <= row.joint_high


def test_the_three_spreads_are_three(swept):
    row = swept.of("none", "peacekeepers_killed")
    assert 2 * row.monte_carlo_error < row.high - row.low < row.chance_high - row.chance_low
    assert row.chance_at_least
    assert row.history_low < row.low
    assert row.history_high > row.high
    assert row.variance_ratio > 1.5
    assert row.correlation > 0.5
    assert 0 < row.visible < 1


def test_an_inert_variant_is_said_to_be_equal():
    row = difference(made(np.zeros(20)), "peacekeepers_killed")
    assert (row.mean, row.low, row.high, row.probability_lower) == (0, 0, 0, 0)
    assert str(row.verdict) == "no difference"
    assert row.variance_ratio == np.inf


@pytest.mark.slow
def test_a_sign_that_the_draws_decide_rests_on_assumption_or_cannot_be_told():
    drawn = draws(200)
    rng = np.random.default_rng(1)
    pairs = made(4.0 * (drawn["number_2"] - 1.8) + rng.normal(0, 1, 200), drawn)
    row = difference(pairs, "peacekeepers_killed")
    assert row.low < 0 < row.high
    assert row.monte_carlo_error < 0.3
    assert str(row.verdict) in ("rests on assumption", "cannot tell")
    assert row.probability_lower == pytest.approx(0.4, abs=0.08)
    assert deciding_draw(pairs, "peacekeepers_killed")[0] == "number_2"
    change = pairs.values("peacekeepers_killed") - pairs.baseline("peacekeepers_killed")
    assert sign_change(pairs.draws["number_2"].to_numpy(), change) == pytest.approx(1.8, abs=0.1)
    assert sign_change(pairs.draws["number_2"].to_numpy(), change + 50) is None


def test_zeros_in_a_chain_need_no_exception():
    chains = np.array([[100.0, 50.0, 20.0, 40.0, 10.0]]), np.array([[100.0, 0.0, 0.0, 0.0, 0.0]])
    for one, other in (chains, chains[::-1]):
        parts = product_parts(one, other)
        assert parts.sum() == pytest.approx(other[0, -1] - one[0, -1])
        assert parts[0, 1] == pytest.approx(parts.sum())


def test_the_document_is_that_of_the_design_and_plain_json(swept):
    document = answer_document(swept, "somewhere")
    assert document == json.loads(json.dumps(document, allow_nan=False))
    assert (document["baseline"], document["replications"], document["failed"]) == ("as_reported", 60, 1)
    assert document["out"] == "somewhere"
    assert list(document["variants"]) == list(EFFECTS)
    for outcomes in document["variants"].values():
        assert set(outcomes) == set(OUTCOMES)
        for entry in outcomes.values():
            assert {"mean", "low", "high", "difference", "probability_lower"} <= set(entry)
            assert entry["low"] <= entry["mean"] <= entry["high"]
            assert 0 <= entry["probability_lower"] <= 1
            assert {"mean", "low", "high"} == set(entry["difference"])
    assert document["variants"]["none"]["peacekeepers_killed"]["pairs"] == 59


def test_the_text_fits_and_says_what_matters(swept, point):
    for each in (swept, point):
        text = answer_text(each)
        assert max(map(len, text.splitlines())) <= 100
        for words in ("more mission deaths", "95 % interval", "by chance.", "It rests on", "Completed pairs of runs"):
            assert words in " ".join(text.split()), words
    assert "varied" in answer_text(swept)
    assert "Monte Carlo error alone" in " ".join(answer_text(point).split())
    assert "failed" in answer_text(swept)


def test_chance_is_whole_without_draws_and_a_floor_with_them(swept, point):
    whole, floor = (each.of("none", "peacekeepers_killed") for each in (point, swept))
    assert not whole.chance_at_least
    assert floor.chance_high < whole.chance_high
    poisson = 1.96 * np.sqrt(2 * MEANS["peacekeepers_killed"])  # the months of a synthetic run are independent counts
    assert floor.chance_high == pytest.approx(poisson, rel=0.15)


def test_nothing_swept_headlines_no_probability(point):
    words = {str(row.verdict) for row in point.differences}
    assert words <= {"rests on assumption", "cannot tell", "no difference"}


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (0.034, "0.03"), (3.21, "3.2"), (42.4, "42"), (12_345.0, "12,300"), (2.5e6, "2.5M")],
)
def test_numbers_are_short(value, words):
    assert ENGLISH.number(value) == words
    assert ENGLISH.signed(float("nan")) == "–"


def test_one_pair_or_none_is_no_error():
    one = answer(synthetic_study({"base": {}, "other": {}}, 1))
    assert np.isnan(one.of("other", "peacekeepers_killed").low)
    assert json.dumps(answer_document(one), allow_nan=False)
    assert answer_text(one)
    none = answer(synthetic_study({"base": {}, "other": {}}, 2, failed=[("other", 0), ("base", 1)]))
    assert "Nothing can be compared" in answer_text(none)
    assert json.dumps(answer_document(none), allow_nan=False)


def test_costs_and_regions_are_told_beside(swept):
    told = {"effort_person_days", "convoy_km", "vehicle_days", "flight_hours", "minutes_to_treatment"}
    assert told | {"killed_per_1000_years"} <= set(swept.costs["item"])
    wait = swept.costs.query("variant == 'double' and item == 'minutes_to_treatment'").iloc[0]
    runs = swept.frame.runs.query("variant == 'double'")
    assert wait["value"] == pytest.approx((runs["treatment_minutes"] / runs["peacekeepers_hit"]).mean())
    for head in ("vehicle-days", "flight hours", "minutes from hit"):
        assert head in answer_text(swept)
    extra = swept.costs.query("variant == 'double' and item == 'effort_person_days'").iloc[0]
    assert extra["low"] < MEANS["effort_person_days"] * 0.1 < extra["high"]
    total = swept.regions.query("variant == 'none' and outcome == 'peacekeepers_killed'")["mean"].sum()
    assert total == pytest.approx(swept.of("none", "peacekeepers_killed").mean)


@pytest.mark.slow
def test_the_python_face_gives_tidy_frames(swept):
    found = Comparison(swept.frame)
    assert list(found.monthly().columns) == [
        "scenario",
        "variant",
        "replication",
        "month",
        "region",
        "outcome",
        "value",
    ]
    assert set(found.table()["variant"]) == set(EFFECTS)
    rows = found.differences()
    assert isinstance(rows, pd.DataFrame)
    assert len(rows) == 3 * len(OUTCOMES)
