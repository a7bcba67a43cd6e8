"""Scores, baselines and paired differences: hand-computed values, known laws, and controls that must fail."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.calibration.observation import TRAINING, VALIDATION, observations, observed
from sim.validation.baselines import BASELINES, baseline
from sim.validation.score_table import GROUPS, score_group, score_table
from sim.validation.scores import all_scores, coverage, crps, ignorance, interval_score, paired_difference, pit_values

ALPHA = 1e-6


def test_crps_of_a_point_is_the_distance_and_of_a_normal_the_textbook_value():
    assert crps(np.full((10, 2), 3.0), np.array([3.0, 5.0])).tolist() == [0.0, 2.0]
    draws = stats.norm.ppf((np.arange(2000) + 0.5) / 2000)[:, None]
    assert crps(draws, np.array([0.0]))[0] == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi), abs=1e-3)


def test_interval_score_is_width_and_forty_times_the_distance():
    draws = np.linspace(0, 100, 1001)[:, None]
    assert interval_score(draws, np.array([50.0]))[0] == pytest.approx(95)
    assert interval_score(draws, np.array([99.5]))[0] == pytest.approx(95 + 40 * 2)


def test_ignorance_counts_draws_in_the_bin_that_came_true():
    draws = np.array([0.0] * 5 + [1.0] * 3 + [2.0] * 2)[:, None]
    assert ignorance(draws, np.array([0.0]))[0] == pytest.approx(-np.log2(6 / 21))
    assert (
        ignorance(draws, np.array([1.0]))[0] == ignorance(draws, np.array([2.0]))[0] == pytest.approx(-np.log2(6 / 21))
    )
    assert ignorance(draws, np.array([5000.0]))[0] == pytest.approx(-np.log2(1 / 21))


@pytest.mark.parametrize(("spread", "honest"), [(1.0, True), (0.8, False)])
def test_coverage_and_ranks_tell_an_honest_forecast_from_an_overconfident_one(spread, honest):
    """2,000 observations: intervals a fifth too narrow are caught with certainty at ALPHA."""
    rng = np.random.default_rng(1)
    truth, draws = rng.normal(size=2000), spread * rng.normal(size=(400, 2000))
    inside = int(coverage(draws, truth, 0.9).sum())
    assert (stats.binomtest(inside, 2000, 0.9).pvalue > ALPHA) == honest
    assert (stats.kstest(pit_values(draws, truth), "uniform").pvalue > ALPHA) == honest


def test_ranks_of_counts_with_many_zeros_are_uniform():
    rng = np.random.default_rng(2)
    values = pit_values(rng.poisson(0.4, (300, 2000)), rng.poisson(0.4, 2000))
    assert stats.kstest(values, "uniform").pvalue > ALPHA


def test_shapes_that_do_not_fit_are_an_error():
    with pytest.raises(ValueError, match=r"shape \(4, 3\), the truth has 2"):
        all_scores(np.zeros((4, 3)), np.zeros(2))


def month_scores(name):
    group = GROUPS[name]
    names = group.names(VALIDATION, group.prefixes[0])
    truth = np.array([observed()[item] for item in names])
    history = np.array(group.history(group.prefixes[0]))
    return {rival: crps(baseline(rival, history, len(truth)), truth).mean() for rival in BASELINES}


def test_baselines_of_2019_and_2020_have_their_known_scores():
    killed, ucdp = month_scores("killed_by_month"), month_scores("ucdp_by_month")
    assert killed["zero"] == pytest.approx(28 / 24)
    assert killed["bootstrap_all"] == pytest.approx(0.97, abs=0.01)
    assert killed["last_historical_poisson"] == pytest.approx(1.03, abs=0.01)
    assert ucdp["bootstrap_24_months"] == pytest.approx(43.5, abs=0.1)
    assert ucdp["last_observation"] == pytest.approx(60.8, abs=0.1)


def test_a_baseline_draws_from_its_own_past():
    past = np.array([9.0] * 12 + [1.0] * 12 + [3.0] * 12)
    assert set(baseline("bootstrap_24_months", past, 5).ravel()) == {1.0, 3.0}
    assert baseline("last_historical_poisson", past, 5).mean() == pytest.approx(3, abs=0.02)
    assert baseline("average", past, 2, draws=4).tolist() == [[pytest.approx(13 / 3)] * 2] * 4
    marginals = np.sort(baseline("bootstrap_all", past, 3), axis=0)
    assert (marginals[:, :1] == marginals).all()
    with pytest.raises(ValueError, match="no observation before the forecast"):
        baseline("zero", np.array([]), 3)


@pytest.mark.parametrize(("shift", "holds"), [(0.0, True), (0.5, False)])
def test_the_interval_of_a_difference_covers_the_truth_as_often_as_it_says(shift, holds):
    """150 series of 60 months with skewed scores; the bootstrap covers somewhat less than 95 % of them."""
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(150):
        one, other = rng.exponential(size=60), rng.exponential(size=60)
        difference = paired_difference(one, other)
        hits += difference.low <= shift <= difference.high
    assert (stats.binomtest(int(hits), 150, 0.92).pvalue > ALPHA) == holds


def test_a_difference_names_the_observation_that_outweighs_the_others():
    rival = np.array([10.0, 1, 1, 1, 1, 1, 1, 1, 1, 2])
    forecast = np.array([2.0, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    difference = paired_difference(forecast, rival)
    assert (difference.heaviest, difference.heaviest_share) == (0, 0.5)
    assert difference.mean == pytest.approx(0.0)
    assert difference.without == pytest.approx(8 / 9)


def test_few_observations_give_no_interval_and_no_verdict():
    few = paired_difference(np.zeros(4), np.ones(4))
    assert few.mean == -1
    assert np.isnan(few.low)
    assert few.verdict == "too few"
    assert paired_difference(np.zeros(12), np.ones(12)).verdict == "better"
    assert paired_difference(np.ones(12), np.zeros(12)).verdict == "worse"
    with pytest.raises(ValueError, match="cannot be paired"):
        paired_difference(np.zeros(3), np.zeros(4))


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_a_group_names_observations_in_order_and_its_history_ends_with_training(group):
    for prefix in group.prefixes:
        names = [*group.names(TRAINING, prefix), *group.names(VALIDATION, prefix)]
        ends = [observations()[name].end for name in names]
        assert ends == sorted(ends)
        assert len(group.history(prefix)) == len(group.names(TRAINING, prefix))
    assert any(group.names(TRAINING, prefix) for prefix in group.prefixes)


def predictive(error, seed=0):
    """Draws around the record: exact up to a relative error."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: value * (1 + error * rng.normal(size=200)) for name, value in observed().items()})


def test_a_forecast_that_knows_the_future_beats_every_baseline_and_one_that_shouts_none():
    good = score_table(predictive(0.1), VALIDATION)
    monthly = good[(good["series"] == "ucdp_by_month") & (good["forecast"] != "model")]
    assert set(monthly["forecast"]) == set(BASELINES)
    assert (monthly["model_is"] == "better").all()
    shouting = predictive(0.1) * 50 + 1000
    bad = score_table(shouting, VALIDATION)
    assert (bad.loc[bad["series"] == "ucdp_by_month", "model_is"].dropna() == "worse").all()


def test_the_table_leaves_out_what_was_not_simulated_and_counts_what_was():
    names = list(GROUPS["killed_by_month"].names(VALIDATION, "killed"))
    table = score_table(predictive(0.1)[names], VALIDATION)
    assert set(table["series"]) == {"killed_by_month"}
    assert set(table["observations"]) == {24}
    heaviest = table.set_index("forecast").loc["zero", ["difference_heaviest", "difference_heaviest_share"]]
    assert heaviest.tolist() == ["killed/2019-01", pytest.approx(12 / 28)]


def test_series_of_a_group_have_baselines_of_their_own():
    scored = score_group(GROUPS["ucdp_by_type"], predictive(0.1), VALIDATION)
    last = next(item for item in scored if item.forecast == "last_observation")
    errors = dict(zip(last.names, last.values["crps"], strict=True))
    seen = observed()
    for kind in ("state_based", "non_state"):
        gap = abs(seen[f"ucdp/{kind}/2020"] - seen[f"ucdp/{kind}/2018"])
        assert errors[f"ucdp/{kind}/2020"] == pytest.approx(gap)
