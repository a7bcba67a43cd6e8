"""Scores, baselines and paired differences: hand-computed values, known laws, and controls that must fail."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.calibration.observation import TRAINING, VALIDATION, observations, observed
from sim.validation.baselines import BASELINES, baseline
from sim.validation.score_table import GROUPS, score_table
from sim.validation.scores import coverage, crps, paired_difference, pit_values

ALPHA = 1e-6


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
