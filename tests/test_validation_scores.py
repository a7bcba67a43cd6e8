"""Scores, baselines, paired differences and tables: hand-computed values, known laws, and controls that must fail."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.calibration.observation import TRAINING, VALIDATION, Window, observations, observed
from sim.validation.baselines import BASELINES, baseline
from sim.validation.score_table import GROUPS, Group, ScoredForecast, best_rival, score_group, score_table
from sim.validation.scores import (
    VIEWS_BINS,
    ScoreDifference,
    _block_means,
    all_scores,
    coverage,
    crps,
    ignorance,
    interval_score,
    paired_difference,
    pit_values,
)

# Scores


def test_scores_of_four_draws() -> None:
    draws, truth = np.array([[0.0, 3.0], [1.0, 3.0], [4.0, 9.0], [11.0, 1.0]]), np.array([2.0, 20.0])
    apart = [np.abs(c - t).mean() - np.abs(c[:, None] - c).mean() / 2 for c, t in zip(draws.T, truth, strict=True)]
    assert crps(draws, truth) == pytest.approx(apart)
    low, high = np.quantile(draws, [0.1, 0.9], axis=0)
    assert interval_score(draws, truth, 0.2) == pytest.approx(
        [high[0] - low[0], high[1] - low[1] + 10 * (20 - high[1])]
    )
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    below = interval_score(draws, np.array([-1.0, 3.0]))
    assert below == pytest.approx([high[0] - low[0] + 40 * (low[0] + 1), high[1] - low[1]])
    assert ignorance(draws, truth) == pytest.approx(-np.log2([2 / 15, 1 / 15]))  # 1 lies in the bin of 2
    assert ignorance(draws, truth, (0.0, 3.0, 10.0)) == pytest.approx(-np.log2([3 / 7, 1 / 7]))
    assert VIEWS_BINS == (0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)


def test_intervals_hold_their_ends() -> None:
    draws = np.tile(np.arange(5.0)[:, None], (1, 5))  # middle half: 1 to 3
    assert coverage(draws, np.array([0.9, 1.0, 2.0, 3.0, 3.1]), 0.5).tolist() == [False, True, True, True, False]
    assert coverage(draws, np.array([0.19, 0.2, 2.0, 3.8, 3.81]), 0.9).tolist() == [False, True, True, True, False]


def test_ranks_break_ties_by_chance() -> None:
    draws = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 5.0]])
    chance = np.random.default_rng(6).random(2)
    expected = [(1 + chance[0] * 3) / 4, (0 + chance[1] * 3) / 4]
    assert pit_values(draws, np.array([1.0, 1.0]), seed=6) == pytest.approx(expected)
    none = np.random.default_rng(0).random(1)
    assert pit_values(draws[:, :1], np.array([7.0])) == pytest.approx((3 + none) / 4)


def test_all_scores_are_those_of_their_functions() -> None:
    draws, truth = np.arange(12.0).reshape(6, 2), np.array([3.0, 30.0])
    found = all_scores(draws, truth)
    assert list(found) == ["crps", "interval_score", "ignorance", "coverage_50", "coverage_90"]
    assert found["coverage_50"].tolist() == [1.0, 0.0]
    assert found["crps"].tolist() == crps(draws, truth).tolist()
    for wrong in (np.zeros(2), np.zeros((2, 2, 2)), np.zeros((2, 3))):
        with pytest.raises(ValueError, match="the truth has 2 observations"):
            all_scores(wrong, np.zeros(2))


# Baselines


def test_baselines_are_evenly_spaced_quantiles_of_what_they_know() -> None:
    past = np.array([7.0, 9.0, 1.0, 5.0, 3.0])
    levels = (np.arange(8) + 0.5) / 8
    known = {
        "zero": np.zeros(8),
        "last_observation": np.full(8, 3.0),
        "average": np.full(8, 5.0),
        "last_historical_poisson": stats.poisson.ppf(levels, 4.0),
        "bootstrap_24_months": [1.0, 1.0, 3.0, 3.0, 5.0, 5.0, 9.0, 9.0],
        "bootstrap_all": [1.0, 1.0, 3.0, 5.0, 5.0, 7.0, 9.0, 9.0],
    }
    assert list(BASELINES) == list(known)
    for name, expected in known.items():
        drawn = baseline(name, past, 3, per_year=2, draws=8)
        assert drawn.shape == (8, 3)
        assert np.sort(drawn, axis=0).tolist() == [[value] * 3 for value in expected], name
        again = np.random.default_rng(0).permuted(np.tile(np.asarray(expected, float)[:, None], (1, 3)), axis=0)
        assert drawn.tolist() == again.tolist()
    assert baseline("zero", past, 2).shape == (1000, 2)
    long = np.arange(30.0)
    assert baseline("last_historical_poisson", long, 1).mean() == pytest.approx(23.5, abs=0.05)  # of 18 to 29
    assert set(baseline("bootstrap_24_months", long, 1)[:, 0]) == set(range(6, 30))
    with pytest.raises(ValueError, match="baseline average: no observation"):
        baseline("average", np.zeros(0), 1)


# Paired differences


def test_a_difference_is_resampled_in_blocks_that_wrap_around() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.exponential(size=8), rng.exponential(size=8)
    gaps = one - other
    starts = np.random.default_rng(5).integers(0, 8, (10_000, 3, 1))[:, :, 0]
    means = [np.mean([gaps[(s + k) % 8] for s in row for k in range(3)][:8]) for row in starts]
    found = paired_difference(one, other, seed=5)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))
    assert found.mean == pytest.approx(gaps.mean())
    assert found.heaviest == other.argmax()
    assert found.heaviest_share == pytest.approx(other.max() / other.sum())
    assert found.without == pytest.approx(np.delete(gaps, other.argmax()).mean())
    starts = np.random.default_rng(0).integers(0, 8, (10_000, 4, 1))[:, :, 0]
    means = [np.mean([gaps[(s + k) % 8] for s in row for k in range(2)]) for row in starts]
    assert paired_difference(one, other, block=2).low == pytest.approx(np.quantile(means, 0.025))
    assert len(_block_means(gaps, 3, 0)) == 10_000
    assert np.isnan(paired_difference(one[:7], other[:7]).low)
    assert np.isnan(paired_difference(one[:7], other[:7]).high)


def test_differences_at_the_edges() -> None:
    alone = paired_difference(np.array([2.0]), np.array([0.0]))
    assert (alone.mean, alone.heaviest) == (2.0, 0)
    assert np.isnan([alone.heaviest_share, alone.without]).all()
    with pytest.raises(ValueError, match="scores of 0 and 0 observations"):
        paired_difference(np.zeros(0), np.zeros(0))
    with pytest.raises(ValueError, match="scores of 1 and 2 observations"):
        paired_difference(np.zeros(1), np.zeros(2))
    for low, high, verdict in (
        (-2.0, -0.1, "better"), (-2.0, 0.0, "cannot tell"), (0.0, 2.0, "cannot tell"), (0.1, 2.0, "worse"),
        (-0.5, 0.5, "cannot tell"), (np.nan, np.nan, "too few"),
    ):  # fmt: skip
        assert ScoreDifference(0.0, low, high, 0, 0.0, 0.0).verdict == verdict


# Groups and tables


def test_groups_have_their_observations_a_year_and_a_history_that_ends_with_training() -> None:
    per_year = {"killed_by_month": 12, "killed_by_year": 1, "attacks_by_quarter": 4, "attacks_by_tactic": 1,
                "attacks_by_region": 1, "ucdp_by_month": 12, "ucdp_by_type": 1, "civilians_killed_by_year": 1,
                "ied_by_year": 1, "fatal_days_by_year": 1, "accident_and_illness": 1, "wounded": 0, "displaced": 0,
                "patrols": 0}  # fmt: skip
    assert {name: group.per_year for name, group in GROUPS.items()} == per_year
    months = GROUPS["killed_by_month"].names(VALIDATION, "killed")
    assert months == tuple(f"killed/{year}-{month:02d}" for year in (2019, 2020) for month in range(1, 13))
    assert GROUPS["killed_by_year"].names(VALIDATION, "killed") == ("killed/2019", "killed/2020")
    assert GROUPS["killed_by_year"].history("killed") == [observed()[f"killed/{year}"] for year in range(2013, 2019)]
    short = Window(date(2016, 1, 1), date(2017, 12, 31))
    assert GROUPS["killed_by_year"].history("killed", short) == [27.0, 24.0]
    quarters = GROUPS["attacks_by_quarter"].names(TRAINING, "attacks_quarter")
    assert quarters[:2] == ("attacks_quarter/2015-Q1", "attacks_quarter/2015-Q2")
    days = GROUPS["wounded"].names(TRAINING, "wounded")
    assert days == ("wounded/2014-10-08", "wounded/2018-04-07")


def predictive(names: tuple[str, ...]) -> pd.DataFrame:
    """Three draws of each observation: the truth, and 1 and 3 more."""
    seen = observed()
    return pd.DataFrame({name: [seen[name], seen[name] + 1.0, seen[name] + 3.0] for name in names})


def test_a_group_is_scored_beside_baselines_that_know_each_series_own_past() -> None:
    group = GROUPS["accident_and_illness"]
    names = tuple(f"{series}/{year}" for series in ("accident", "illness") for year in (2019, 2020))
    scored = score_group(group, predictive(names), VALIDATION)
    assert [item.forecast for item in scored] == ["model", *BASELINES]
    assert all((item.group, item.names) == (group.name, names) for item in scored)
    truth = np.array([observed()[name] for name in names])
    assert scored[0].values["crps"] == pytest.approx(np.full(4, 4 / 3 - 2 * (1 + 3 + 2) / 9 / 2))
    for item in scored[1:]:
        parts = [
            baseline(item.forecast, np.array([observed()[f"{series}/{y}"] for y in range(2013, 2019)]), 2, 1)
            for series in ("accident", "illness")
        ]
        book = all_scores(np.concatenate(parts, axis=1), truth)
        assert {name: values.tolist() for name, values in item.values.items()} == {
            n: v.tolist() for n, v in book.items()
        }
    assert score_group(group, predictive(names)[[]], VALIDATION) == []
    one = score_group(group, predictive(names[:1]), VALIDATION)
    assert one[0].names == names[:1]
    blind = score_group(group, predictive(names), VALIDATION, Window(date(2030, 1, 1), date(2030, 12, 31)))
    assert all((item.values["crps"] == truth).all() for item in blind if item.forecast == "last_observation")
    dated = GROUPS["displaced"]
    scored = score_group(dated, predictive(dated.names(VALIDATION, "displaced")), VALIDATION)
    assert [item.forecast for item in scored] == ["model", "zero", "last_observation", "average"]
    known = [
        scored[0],
        *(ScoredForecast("g", name, (), {"crps": np.array(v)}) for name, v in (("a", [1, 3]), ("b", [0, 3]))),
    ]
    assert best_rival(known).forecast == "b"
    assert best_rival([known[2], known[1]]).forecast == "a"


def test_a_table_has_means_coverage_and_the_difference_of_the_model() -> None:
    names = GROUPS["killed_by_month"].names(VALIDATION, "killed")
    rows = score_table(predictive(names), VALIDATION).set_index("forecast")
    assert rows.index.tolist() == ["model", *BASELINES]
    scored = {item.forecast: item for item in score_group(GROUPS["killed_by_month"], predictive(names), VALIDATION)}
    history = np.array([observed()[name] for name in GROUPS["killed_by_month"].names(TRAINING, "killed")])
    months = baseline("last_historical_poisson", history, 24, 12)
    book = all_scores(months, np.array([observed()[name] for name in names]))
    assert scored["last_historical_poisson"].values["crps"].tolist() == book["crps"].tolist(), "a year is twelve months"
    for name, item in scored.items():
        row = rows.loc[name]
        assert (row["series"], row["unit"], row["observations"]) == ("killed_by_month", "deaths of the mission", 24)
        for score in ("crps", "interval_score", "ignorance", "coverage_50", "coverage_90"):
            assert row[score] == pytest.approx(item.values[score].mean())
        if name == "model":
            assert pd.isna(row["model_is"])
            continue
        book = paired_difference(scored["model"].values["crps"], item.values["crps"])
        assert row["difference_mean"] == pytest.approx(book.mean)
        assert (row["difference_low"], row["difference_high"]) == (book.low, book.high)
        assert row["difference_heaviest"] == names[book.heaviest]
        assert row["model_is"] == book.verdict


def test_a_group_matches_whole_names() -> None:
    group = Group("g", "u", ("killed",), 12, r"\d{4}")
    names = group.names(TRAINING, "killed")
    assert names == tuple(f"killed/{year}" for year in range(2013, 2019))
    assert [observations()[name].end.year for name in names] == list(range(2013, 2019))


ALPHA = 1e-6


@pytest.mark.parametrize(("spread", "calibrated"), [(1.0, True), (0.8, False)])
def test_coverage_and_ranks_tell_a_calibrated_forecast_from_an_overconfident_one(spread, calibrated):
    """2,000 observations: intervals a fifth too narrow are caught with certainty at ALPHA."""
    rng = np.random.default_rng(1)
    truth, draws = rng.normal(size=2000), spread * rng.normal(size=(400, 2000))
    inside = int(coverage(draws, truth, 0.9).sum())
    assert (stats.binomtest(inside, 2000, 0.9).pvalue > ALPHA) == calibrated
    assert (stats.kstest(pit_values(draws, truth), "uniform").pvalue > ALPHA) == calibrated


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


def near_the_record(error, seed=0):
    """Draws around the record: exact up to a relative error."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: value * (1 + error * rng.normal(size=200)) for name, value in observed().items()})


def test_a_forecast_that_knows_the_future_beats_every_baseline_and_one_that_shouts_none():
    good = score_table(near_the_record(0.1), VALIDATION)
    monthly = good[(good["series"] == "ucdp_by_month") & (good["forecast"] != "model")]
    assert set(monthly["forecast"]) == set(BASELINES)
    assert (monthly["model_is"] == "better").all()
    shouting = near_the_record(0.1) * 50 + 1000
    bad = score_table(shouting, VALIDATION)
    assert (bad.loc[bad["series"] == "ucdp_by_month", "model_is"].dropna() == "worse").all()
