"""Patterns, power, regions, natural experiments: loops, the books, kept error rates, worlds that must be rejected."""

import pickle
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sim
from sim.calibration.observation import observed, simulated
from sim.model.plan import Plan
from sim.model.recorder import TACTICS
from sim.results.summary import TACTICS_ON_MISSION
from sim.validation import natural_experiments as natural
from sim.validation import patterns
from sim.validation.attack_series import (
    FIRST,
    LAST,
    PERIODS,
    AttackSeries,
    attack_series_of_record,
    attack_series_of_run,
)
from sim.validation.event_statistics import (
    SEASON,
    close_pairs,
    clustering,
    clustering_test,
    deadliest_share,
    dispersion,
    dispersion_test,
    escalation,
    seasonal_null,
    tail_test,
)
from sim.validation.natural_experiments import QUANTITIES, Contingents, Quantity, experiment_results, measure
from sim.validation.patterns import (
    ATTACKED,
    PATTERNS,
    Check,
    Pattern,
    _power,
    check,
    checks,
    predictive_p_value,
    wounded_per_killed,
)
from sim.validation.posterior_runs import observe_run
from sim.validation.power import _share, lognormal_sizes, power_law_sizes, record_tests
from sim.validation.regional_shares import (
    attack_shares,
    rank_correlation,
    regional_attacks,
    regional_change,
    total_variation,
    troop_shares,
)
from tests.minusma import REGIONS, attacks, day_index, deaths_by_contingent, deaths_by_region, fatal_days, table
from tests.synthetic import synthetic_record, with_events

# Timing


def test_dispersion_is_of_whole_weeks() -> None:
    day = np.array([10, 10, 16, 17, 23, 30, 31])  # weeks from 10: 3, 2, 1, and one attack beyond
    assert dispersion(day, 10, 30) == pytest.approx(np.var([3, 2, 1], ddof=1) / 2)
    assert dispersion(day, 10, 31) == pytest.approx(np.var([3, 2, 1], ddof=1) / 2)
    assert dispersion(day, 10, 37) == pytest.approx(np.var([3, 2, 1, 1], ddof=1) / (7 / 4))
    assert np.isnan(dispersion(np.array([], dtype=int), 10, 37))
    assert dispersion(np.array([10]), 10, 37) == pytest.approx(np.var([1, 0, 0, 0], ddof=1) * 4)


def test_close_pairs_are_those_of_a_loop() -> None:
    day = np.array([20, 3, 3, 10, 17, 11, 28])
    for lag in (0, 1, 6, 7, 8):
        near = sum(abs(a - b) <= lag for n, a in enumerate(day) for b in day[n + 1 :])
        assert close_pairs(day, lag) == near
    assert close_pairs(day) == close_pairs(day, 7)
    assert close_pairs(np.array([], dtype=int)) == 0


def test_even_days_stay_in_seasons_of_ninety_two_days_and_the_last_is_cut() -> None:
    day = np.array([100, 191, 192, 283, 284, 290])
    drawn = np.random.default_rng(3).random(6)
    expected = [100 + drawn[0] * 92, 100 + drawn[1] * 92, 192 + drawn[2] * 92, 192 + drawn[3] * 92,
                284 + drawn[4] * 11, 284 + drawn[5] * 11]  # fmt: skip
    assert SEASON == 92
    assert seasonal_null(day, 100, 294, np.random.default_rng(3)).tolist() == [int(value) for value in expected]


def test_bursts_are_held_against_even_days() -> None:
    day = np.array([100, 101, 102, 150, 151, 280, 281, 282, 290])
    even = [close_pairs(seasonal_null(day, 100, 294, np.random.default_rng(n))) for n in range(50)]
    assert clustering(day, 100, 294) == pytest.approx(close_pairs(day) / np.mean(even))
    assert np.isnan(clustering(np.array([100]), 100, 294))
    for test, statistic in (
        (clustering_test, lambda days: float(close_pairs(days))),
        (dispersion_test, lambda days: dispersion(days, 100, 294)),
    ):
        rng = np.random.default_rng(4)
        null = [statistic(seasonal_null(day, 100, 294, rng)) for _ in range(30)]
        found = test(day, 100, 294, draws=30, seed=4)
        assert found.value == statistic(day)
        assert found.expected == pytest.approx(np.mean(null))
        assert found.p == (1 + sum(value >= found.value for value in null)) / 31
    still = clustering_test(np.array([100]), 100, 294, draws=9)
    assert (still.value, still.expected, still.p) == (0.0, 0.0, 1.0)
    assert dispersion_test(day, 100, 294).p * 1000 == pytest.approx(round(dispersion_test(day, 100, 294).p * 1000))


def test_escalation_is_the_slope_of_intervals_over_their_numbers() -> None:
    steps = np.array([16.0, 8.0, 16 / 3, 4.0, 3.2])
    whole = np.array([16, 8, 5, 4, 3])
    day = 9 + np.cumsum(whole)
    slope = stats.linregress(np.log(np.arange(1, 6)), np.log(whole)).slope
    assert escalation(day, 10) == pytest.approx(-slope)
    assert escalation(np.repeat(day, 2), 10) == pytest.approx(-slope)
    assert -slope == pytest.approx(1.0, abs=0.06)
    assert steps.tolist() == pytest.approx((16 / np.arange(1, 6)).tolist())
    assert np.isnan(escalation(day[:4], 10))


# Tails


def test_the_deadliest_tenth_and_tails_of_few_days() -> None:
    sizes = np.array([1, 1, 1, 1, 1, 1, 1, 1, 5, 1, 3])
    assert deadliest_share(sizes) == 8 / 17  # two days of eleven
    assert deadliest_share(sizes[:10]) == 5 / 14
    assert deadliest_share(sizes, 0.5) == 12 / 17
    assert np.isnan(deadliest_share(np.zeros(4, dtype=int)))
    tail = np.array([2, 2, 2, 2, 2, 3, 3, 4, 6, 9])
    found = tail_test(tail)
    assert found.alpha > 1
    assert tail_test(np.append(tail, [1, 1, 1])) == found
    for few in (tail[1:], np.array([2] * 9 + [3] * 9), np.append(tail[1:], [1] * 5)):
        assert np.isnan([tail_test(few).alpha, tail_test(few).ratio, tail_test(few).p]).all()
    support = np.arange(2, 200_000)

    def likelihood(alpha: float) -> float:
        return float(-alpha * np.log(tail).sum() - len(tail) * np.log((support**-alpha).sum()))

    assert likelihood(found.alpha) > likelihood(found.alpha + 0.02)
    assert likelihood(found.alpha) > likelihood(found.alpha - 0.02)
    assert 0 < found.p < 1
    assert stats.norm.sf(abs(found.ratio)) * 2 == pytest.approx(found.p, abs=0.05)
    assert tail_test(tail, start=3) == tail_test(tail[5:], start=3) or np.isnan(tail_test(tail, start=3).alpha)


# Harm


def harm(**columns: object) -> AttackSeries:
    """Four attacks and three fatal days; other columns as given."""
    share = np.zeros((2, len(REGIONS)))
    share[0, 1], share[1, 3] = 1.0, 1.0
    known: dict[str, object] = {
        "day": np.array([FIRST, FIRST + 3, FIRST + 3, LAST]),
        "region": np.array([1, 1, 1, 3]),
        "tactic": np.array([0, 1, 0, 4]),
        "killed": np.array([1, 0, 2, 0]),
        "wounded": np.array([3, 1, 0, 4]),
        "fatal_killed": np.array([1, 2, 5]),
        "region_share": share,
    }
    return AttackSeries(**(known | columns))  # type: ignore[arg-type]


def test_entries_of_one_day_and_region_count_once() -> None:
    assert harm().once().tolist() == [FIRST, FIRST + 3, LAST]
    assert harm(region=np.array([1, 1, 2, 3])).once().tolist() == [FIRST, FIRST + 3, FIRST + 3, LAST]


def test_the_harm_of_the_record_is_its_tables() -> None:
    found, listed = attack_series_of_record(), attacks()
    assert found.day.tolist() == [day_index(each.date()) for each in listed["date"]]
    assert [REGIONS[n] if n >= 0 else "" for n in found.region] == listed["region"].tolist()
    assert [TACTICS[n] for n in found.tactic] == listed["tactic"].tolist()
    assert found.killed.tolist() == listed["killed"].tolist()
    assert found.wounded.tolist() == listed["wounded"].tolist()
    assert found.fatal_killed.tolist() == fatal_days()["killed"].tolist()
    shares = deaths_by_region().set_index(["start", "region"])["share"]
    for row, year in enumerate(("2014-01-01", "2017-01-01")):
        assert found.region_share[row].tolist() == [shares[pd.Timestamp(year), region] for region in REGIONS]
    assert ((date(2014, 1, 1), date(2016, 12, 31)), (date(2017, 1, 1), date(2020, 10, 31))) == PERIODS


RUN = synthetic_record(seed=2)


def test_shares_of_regions_are_of_all_violent_deaths_in_their_period() -> None:
    run = with_events(
        RUN,
        {"day": "2013-12-31", "region": 1, "civilians_killed": 50},
        {"day": "2014-01-01", "region": 1, "civilians_killed": 3},
        {"day": "2016-12-31", "region": 3, "kind": "state_based", "fighters_killed": 6},
        {"day": "2016-12-31", "region": 3, "kind": "accident", "peacekeepers_died_other": 9},
        {"day": "2016-05-31", "region": 5, "kind": "non_state", "fighters_killed": 1, "peacekeepers_killed": 0},
        {"day": "2020-11-01", "region": 3, "civilians_killed": 7},
    )
    found = attack_series_of_run(run, 1)
    assert found.region_share[0].tolist() == [0.0, 0.3, 0.0, 0.6, 0.0, 0.1, 0.0, 0.0, 0.0]
    assert np.isnan(found.region_share[1]).all()
    assert found.fatal_killed.tolist() == []


def test_fatal_days_of_a_run_are_days_to_2020_with_all_their_deaths() -> None:
    run = with_events(
        RUN,
        {"day": "2013-07-01", "peacekeepers_killed": 2},
        {"day": "2016-05-01", "peacekeepers_killed": 1, "peacekeepers_wounded": 4, "region": 3},
        {"day": "2016-05-01", "kind": "state_based", "peacekeepers_killed": 2},
        {"day": "2020-12-31", "peacekeepers_killed": 1},
        {"day": "2021-01-01", "peacekeepers_killed": 8},
    )
    found = attack_series_of_run(run, 1)
    assert found.fatal_killed.tolist() == [2, 3, 1]
    listed = [attack_series_of_run(run, seed) for seed in range(30)]
    seen = [each for each in listed if len(each.day)]
    assert 8 <= len(seen) < 30, "shown with probability 0.6"
    (day,), (region,) = seen[0].day, seen[0].region
    assert (day, region, seen[0].tactic.tolist()) == (day_index(date(2016, 5, 1)), 3, [0])
    assert (seen[0].killed.tolist(), seen[0].wounded.tolist()) == ([1], [4])
    for first, last in ((date(2013, 7, 2), date(2021, 1, 31)), (date(2013, 7, 1), date(2020, 12, 30))):
        with pytest.raises(ValueError, match="the patterns need a run"):
            attack_series_of_run(synthetic_record(1, first, last), 1)
    assert len(attack_series_of_run(synthetic_record(1, date(2013, 7, 1), date(2020, 12, 31)), 1).day)


# Worlds that are wrong in one way


def test_alternatives_draw_what_they_say() -> None:
    one = harm()
    thin = patterns.thin_tailed(one, np.random.default_rng(1)).fatal_killed
    assert thin.tolist() == (1 + np.random.default_rng(1).multinomial(5, [1 / 3] * 3)).tolist()
    nobody = harm(fatal_killed=np.zeros(0, dtype=int))
    assert patterns.thin_tailed(nobody, np.random.default_rng(1)).fatal_killed.tolist() == []
    many = harm(fatal_killed=np.ones(3000, dtype=int))
    heavy = patterns.heavy_tailed(many, np.random.default_rng(2)).fatal_killed
    drawn = np.random.default_rng(2).random(3000)
    assert heavy.tolist() == [min(int(1 / (1 - u)), 100) for u in drawn]
    assert heavy.max() == 100
    day = np.arange(FIRST, FIRST + 40)
    rng = np.random.default_rng(3)
    moved = np.flatnonzero(rng.random(40) < 0.3)
    after, gap = rng.choice(day, len(moved)), rng.integers(0, 8, len(moved))
    expected = day.copy()
    expected[moved] = after + gap
    assert patterns.add_followers(day, np.random.default_rng(3)).tolist() == expected.tolist()
    late = patterns.add_followers(np.full(40, LAST), np.random.default_rng(3))
    assert late.tolist() == [LAST] * 40
    assert patterns.add_followers(np.array([], dtype=int), np.random.default_rng(3)).tolist() == []
    excited = patterns.self_exciting(harm(), np.random.default_rng(8))
    order = np.argsort(patterns.add_followers(one.day, np.random.default_rng(8)), kind="stable")
    assert excited.day.tolist() == np.sort(patterns.add_followers(one.day, np.random.default_rng(8))).tolist()
    for name in ("region", "tactic", "killed", "wounded"):
        assert getattr(excited, name).tolist() == getattr(one, name)[order].tolist()
    span = LAST - FIRST + 1
    faster = patterns.accelerating(one, np.random.default_rng(1))
    assert faster.day.tolist() == [FIRST + int(span * ((d - FIRST + 0.5) / span) ** 0.5) for d in one.day]
    assert patterns.twice_the_wounded(one, np.random.default_rng(1)).wounded.tolist() == [6, 2, 0, 8]
    assert (
        patterns.no_regional_change(one, np.random.default_rng(1)).region_share.tolist()
        == [one.region_share[0].tolist()] * 2
    )


# Patterns


def test_extremes_count_runs_at_or_beyond_the_value_on_the_smaller_side() -> None:
    runs = np.append(np.arange(40.0), np.nan)
    assert predictive_p_value(39.5, runs) == 2 / 41
    assert predictive_p_value(39.0, runs) == 4 / 41
    assert predictive_p_value(0.0, runs) == 4 / 41
    assert predictive_p_value(19.5, runs) == 1.0
    assert predictive_p_value(3.0, np.full(50, 3.0)) == 1.0
    assert np.isnan([predictive_p_value(1.0, runs[:39]), predictive_p_value(np.nan, runs)]).all()


def test_a_check_says_power_range_and_place() -> None:
    values = [harm(wounded=np.full(4, n)) for n in range(50)]
    pattern = Pattern("p", "says", lambda each: float("nan") if each.wounded[0] in (48, 49) else float(each.wounded[0]),
                      patterns.twice_the_wounded)  # fmt: skip
    found = check(pattern, harm(wounded=np.full(4, 10)), values)
    known = np.arange(48.0)
    assert (found.record, found.undefined) == (10.0, 2)
    assert (found.low, found.median, found.high) == pytest.approx(tuple(np.quantile(known, [0.05, 0.5, 0.95])))
    assert found.p == pytest.approx(2 * 12 / 49)
    assert found.power == pytest.approx(25 / 49)  # 50, 52, ... 98 lie beyond all runs; 48 is undefined
    assert (found.pattern, found.says) == ("p", "says")
    assert found.alternative == "Every attack wounds twice as many and kills as many as before."
    none = check(pattern, harm(), [harm(wounded=np.full(4, 48))] * 50)
    assert np.isnan([none.low, none.median, none.high, none.p, none.power]).all()
    assert none.undefined == 50
    assert _power(np.array([-1.0, 20.0, 90.0, np.nan]), known) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("p", "power", "verdict"),
    [(np.nan, 1.0, "not defined"), (0.049, 0.0, "does not fit"), (0.05, 0.8, "fits"), (0.05, 0.79, "cannot tell")],
)
def test_a_verdict_needs_power(p: float, power: float, verdict: str) -> None:
    assert Check("p", "", "", power, 0.0, 0.0, 0.0, 0.0, p, 0).verdict == verdict


def test_every_pattern_measures_what_it_says() -> None:
    rng = np.random.default_rng(6)
    one = harm(
        day=np.sort(rng.integers(FIRST, LAST, 60)),
        region=rng.choice([REGIONS.index(region) for region in ATTACKED], 60),
        tactic=rng.integers(0, 5, 60),
        killed=rng.poisson(1.2, 60),
        wounded=rng.poisson(2.0, 60),
        fatal_killed=np.array([2, 2, 2, 2, 2, 3, 3, 4, 6, 9, 1, 1]),
        region_share=rng.dirichlet(np.ones(9), 2),
    )
    tail = tail_test(one.fatal_killed)
    known = {
        "tail_exponent": tail.alpha,
        "tail_ratio": tail.ratio,
        "deadliest_decile": (9 + 6) / one.fatal_killed.sum(),
        "dispersion": dispersion(one.day, FIRST, LAST),
        "clustering": clustering(one.day, FIRST, LAST),
        "dispersion_once_a_day": dispersion(one.once(), FIRST, LAST),
        "clustering_once_a_day": clustering(one.once(), FIRST, LAST),
        "escalation": escalation(one.day[one.killed > 0], FIRST),
        "wounded_per_killed": one.wounded.sum() / one.killed.sum(),
    }
    for region in ATTACKED:
        at = REGIONS.index(region)
        known[f"escalation_{region}"] = escalation(one.day[(one.region == at) & (one.killed > 0)], FIRST)
        known[f"change_{region}"] = one.region_share[1, at] - one.region_share[0, at]
    for tactic in TACTICS_ON_MISSION:
        chosen = one.tactic == TACTICS.index(tactic)
        known[f"wounded_per_killed_{tactic}"] = one.wounded[chosen].sum() / one.killed[chosen].sum()
    assert set(PATTERNS) == set(known)
    for name, pattern in PATTERNS.items():
        assert pattern.statistic(one) == pytest.approx(known[name], nan_ok=True), name
    assert np.isnan(wounded_per_killed(harm(killed=np.zeros(4, dtype=int)), TACTICS_ON_MISSION))
    assert wounded_per_killed(harm(), ("ied",)) == 1.0


# Power


def test_sizes_of_simulated_days() -> None:
    support = np.arange(2, 10_000)
    weight = support**-2.5
    book = np.random.default_rng(3).choice(support, 20, p=weight / weight.sum())
    assert power_law_sizes(2.5, 20, np.random.default_rng(3)).tolist() == book.tolist()
    even = np.random.default_rng(3).choice(support, 20, p=np.full(len(support), 1 / len(support)))
    assert power_law_sizes(0.0, 20, np.random.default_rng(3)).tolist() == even.tolist(), "up to 9,999"
    many = np.rint(np.random.default_rng(3).lognormal(0.5, 0.9, 1000))
    assert lognormal_sizes(20, np.random.default_rng(3)).tolist() == many[many >= 2][:20].tolist()
    answers = iter([0.01, 0.05, 0.2, 0.049])
    assert _share(lambda: next(answers), 4) == 0.5


def test_one_death_is_enough_for_a_fatal_attack() -> None:
    day = FIRST + np.array([5, 20, 30, 36, 40, 42])
    seen = harm(day=day, killed=np.array([1, 1, 2, 1, 1, 3]), region=np.ones(6, dtype=int))
    assert PATTERNS["escalation"].statistic(seen) == escalation(day, FIRST)


def test_tests_of_the_record_have_their_power_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.validation import power

    asked = []

    def told(days: np.ndarray, first: int, last: int, draws: int = 999) -> SimpleNamespace:
        asked.append((len(days), first, last, draws))
        return SimpleNamespace(value=float(len(days)), p=0.01 if draws == 199 else 0.5)

    monkeypatch.setattr(power, "dispersion_test", told)
    monkeypatch.setattr(power, "clustering_test", told)
    sizes = []
    known = SimpleNamespace(alpha=2.5, ratio=-1.0, p=0.3)
    monkeypatch.setattr(power, "tail_test", lambda drawn: (sizes.append(len(drawn)), known)[1])
    rows = record_tests(harm(fatal_killed=np.array([1, 1, 2, 5])), simulations=2)
    assert [row.test for row in rows] == ["power law or lognormal"] * 2 + [
        f"{name}, {entries}"
        for entries in ("all entries", "once a day and region")
        for name in ("weekly dispersion", "close pairs")
    ]
    assert [row.power for row in rows] == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    assert [(row.value, row.p) for row in rows[:2]] == [(-1.0, 0.3)] * 2
    assert [(row.value, row.p) for row in rows[2:]] == [(4.0, 0.5), (4.0, 0.5), (3.0, 0.5), (3.0, 0.5)]
    assert sizes == [4, 2, 2, 2, 2], "of two deaths and more"
    assert asked[:3] == [(4, FIRST, LAST, 199), (4, FIRST, LAST, 199), (4, FIRST, LAST, 999)]


# Regions


def test_shares_of_regions_by_hand() -> None:
    one, other = np.array([0.5, 0.3, 0.2, 0.2]), np.array([0.1, 0.3, 0.4, 0.2])
    assert total_variation(one, other) == pytest.approx(0.3)
    assert rank_correlation(one, other) == pytest.approx(stats.spearmanr(one, other).statistic)
    assert np.isnan([rank_correlation(one, np.ones(4)), rank_correlation(np.ones(4), one)]).all()
    frame, where = table("contingents"), table("bases").set_index("base")["region"]
    for years in ((2016,), (2015, 2016, 2017, 2018)):
        sums = dict.fromkeys(REGIONS, 0.0)
        for row in frame.itertuples():
            if row.year in years:
                sums[where[row.base]] += row.share / len(years)
        assert troop_shares(years).tolist() == pytest.approx(list(sums.values()))
    values = {f"attacks_region/{region}/{year}": float(n * (year - 2014)) for n, region in enumerate(REGIONS)
              for year in range(2015, 2019)}  # fmt: skip
    assert attack_shares(values) == pytest.approx(np.arange(9) / 36)
    assert attack_shares(dict.fromkeys(values, 0.0)).tolist() == [0.0] * 9


def test_forecasts_of_regions_stand_beside_persistence_and_troops() -> None:
    rng = np.random.default_rng(7)
    draws, seen = rng.dirichlet(np.ones(9), (5, 2)), rng.dirichlet(np.ones(9), 2)
    draws[0, 1] = np.nan
    model, still, troops = regional_change(draws, seen)
    mean = draws[1:, 1].mean(axis=0)
    assert (model.forecast, still.forecast, troops.forecast) == ("model", "persistence", "troops")
    assert model.distance == pytest.approx(total_variation(mean, seen[1]))
    assert model.rank_correlation == pytest.approx(stats.spearmanr(mean, seen[1]).statistic)
    assert still.distance == pytest.approx(total_variation(seen[0], seen[1]))
    assert troops.distance == pytest.approx(total_variation(troop_shares((2017, 2018, 2019, 2020)), seen[1]))
    model, troops = regional_attacks(draws[1:, 0])
    real = attack_shares(observed())
    assert model.distance == pytest.approx(total_variation(draws[1:, 0].mean(axis=0), real))
    assert troops.distance == pytest.approx(total_variation(troop_shares((2015, 2016, 2017, 2018)), real))


# Natural experiments

NOBODY = Contingents(np.array([True, False, False]), (2.0, 4.0))


def of_run(words: str, *rows: dict[str, object]) -> float:
    """The number of a run with these events alone."""
    (quantity,) = [quantity for quantity in QUANTITIES if quantity.words.startswith(words)]
    return quantity.of_run(with_events(RUN, *rows), NOBODY)


def test_rates_of_contingents_are_of_their_own_units_to_2020() -> None:
    rows = [
        {"day": "2013-07-01", "unit": 0, "peacekeepers_killed": 3},
        {"day": "2020-12-31", "unit": 0, "peacekeepers_killed": 1},
        {"day": "2021-01-01", "unit": 0, "peacekeepers_killed": 50},
        {"day": "2016-01-01", "unit": 1, "peacekeepers_killed": 5},
        {"day": "2016-01-01", "unit": 2, "peacekeepers_killed": 1},
        {"day": "2016-01-01", "unit": -1, "peacekeepers_killed": 70},
    ]
    assert of_run("deaths per 1,000 person-years, Chad", *rows) == 2000.0
    assert of_run("deaths per 1,000 person-years, all others", *rows) == 1500.0
    recorded = deaths_by_contingent().set_index("contingent")
    for quantity, name in zip(QUANTITIES[:2], ("Chad", "others"), strict=True):
        assert quantity.of_record() == pytest.approx(
            1000 * recorded.loc[name, "killed"] / recorded.loc[name, "person_years"]
        )


def test_person_years_are_days_of_the_months_to_2020() -> None:
    months = 95
    units = np.zeros((months, 3))
    units[0], units[88], units[89], units[90:] = (31.0, 2.0, 0.0), (4.0, 0.0, 0.0), (0.0, 3.0, 0.0), 1e6
    plan = SimpleNamespace(
        inputs={"unit_contributor": np.array([1, 0, 1]), "unit_target": units}, contributors=("Togo", "Chad")
    )
    found = Contingents.of(plan)  # type: ignore[arg-type]
    assert found.of_contingent.tolist() == [True, False, True]
    assert found.person_years == pytest.approx(((31 * 31 + 4 * 30) / 365.25, (31 * 2 + 3 * 31) / 365.25))


def test_lethality_is_the_share_of_casualties_who_died() -> None:
    rows = [
        {"day": "2018-04-07", "peacekeepers_killed": 1, "peacekeepers_wounded": 3},
        {"day": "2018-04-08", "peacekeepers_killed": 2, "peacekeepers_wounded": 3},
        {"day": "2020-01-31", "peacekeepers_killed": 1, "peacekeepers_wounded": 4},
        {"day": "2020-02-01", "peacekeepers_killed": 2, "peacekeepers_wounded": 3},
        {"day": "2020-12-31", "peacekeepers_killed": 0, "peacekeepers_wounded": 5},
        {"day": "2021-01-01", "peacekeepers_killed": 9, "peacekeepers_wounded": 0},
        {"day": "2017-12-31", "peacekeepers_killed": 2, "peacekeepers_wounded": 0},
    ]
    assert of_run("share of casualties who died, July 2013", *rows) == pytest.approx(3 / 6)
    assert of_run("share of casualties who died, 8 April 2018", *rows) == pytest.approx(5 / 20)
    before = 4 / 14
    assert of_run("share of casualties who died, February 2020", *rows) == pytest.approx(2 / 10 / before)
    assert np.isnan(of_run("share of casualties who died, February 2020"))
    days = fatal_days()
    early = days[days["date"] <= "2018-04-07"]["killed"].sum()
    late = days[(days["date"] >= "2018-04-08") & (days["date"] <= "2020-12-31")]["killed"].sum()
    by_words = {quantity.words: quantity for quantity in QUANTITIES}
    first = by_words["share of casualties who died, July 2013 to 7 April 2018"].of_record()
    second = by_words["share of casualties who died, 8 April 2018 to 2020"].of_record()
    assert (first, second) == pytest.approx((early / (early + 372), late / (late + 649 - 372)))
    assert by_words["share of casualties who died, February 2020 on over 2018 to January 2020"].of_record() is None


def test_a_year_after_is_set_against_the_year_before() -> None:
    mopti = REGIONS.index("Mopti")
    rows = [
        {"day": "2018-06-23", "region": mopti, "civilians_killed": 100},
        {"day": "2018-06-24", "region": mopti, "civilians_killed": 2, "kind": "one_sided"},
        {"day": "2019-06-23", "region": mopti, "civilians_killed": 2, "kind": "non_state"},
        {"day": "2019-06-23", "region": mopti, "civilians_killed": 9, "kind": "accident"},
        {"day": "2019-06-24", "region": mopti, "civilians_killed": 5, "kind": "state_based"},
        {"day": "2020-06-22", "region": mopti, "civilians_killed": 5},
        {"day": "2020-06-22", "region": mopti + 1, "civilians_killed": 30},
        {"day": "2020-06-23", "region": mopti, "civilians_killed": 100},
    ]
    assert of_run("civilians killed in Mopti", *rows) == 10 / 4
    assert np.isnan(of_run("civilians killed in Mopti"))
    assert natural._spans(date(2019, 6, 24)) == (
        (date(2019, 6, 24), date(2020, 6, 22)), (date(2018, 6, 24), date(2019, 6, 23))
    )  # fmt: skip
    of_2018 = {"day": "2018-05-01", "kind": "one_sided", "civilians_killed": 40}
    guards = of_2018 | {"actor": "Malian forces", "civilians_killed": 60}
    of_2020 = of_2018 | {"day": "2020-05-01", "civilians_killed": 150}
    assert of_run("deaths in one-sided violence", of_2018, guards, of_2020) == 1.5
    recorded = next(quantity for quantity in QUANTITIES if quantity.words.startswith("deaths in one-sided")).of_record()
    seen = {
        year: sum(observed()[f"ucdp/one_sided_{who}/{year}"] for who in ("government", "nonstate"))
        for year in (2018, 2020)
    }
    assert recorded == pytest.approx(seen[2020] / seen[2018])


@pytest.mark.parametrize("base", ["Gossi", "Diabaly"])
def test_a_closure_is_what_happened_near_over_what_happened_elsewhere(base: str) -> None:
    row = table("bases").set_index("base").loc[base]
    closed = date.fromisoformat(str(row["closed"]))
    lat, lon = np.radians([row["lat"], row["lon"]]).astype(float)
    here = np.radians(RUN.names.lats), np.radians(RUN.names.lons)
    angle = np.sin((here[0] - lat) / 2) ** 2 + np.cos(lat) * np.cos(here[0]) * np.sin((here[1] - lon) / 2) ** 2
    far = 2 * 6371 * np.arcsin(np.sqrt(angle))  # great circle, km
    inside, outside = (
        int(np.flatnonzero(far < 73)[far[far < 73].argmax()]),
        int(np.flatnonzero(far > 77)[far[far > 77].argmin()]),
    )
    assert far[inside] > 30
    assert far[outside] < 130
    first = str(closed)
    eve = str(date.fromordinal(closed.toordinal() - 1))
    rows = [
        {"day": first, "cell": inside, "civilians_killed": 5},
        {"day": eve, "cell": inside, "civilians_killed": 1, "kind": "one_sided"},
        {"day": first, "cell": outside, "civilians_killed": 1},
        {"day": eve, "cell": outside, "civilians_killed": 3},
    ]
    assert of_run(f"civilians killed within 75 km of {base}", *rows) == pytest.approx((6 / 2) / (2 / 4))
    assert of_run(f"civilians killed within 75 km of {base}") == 1.0


def test_findings_have_medians_and_ranges_and_say_whether_the_record_lies_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = {"inside": 7.0, "low end": 1.0, "below": 0.99, "mute": None, "undefined": 3.0}
    quantities = tuple(
        Quantity("e", name, lambda run, _: 0.0, lambda value=value: value) for name, value in words.items()
    )
    monkeypatch.setattr(natural, "QUANTITIES", quantities)
    runs = [dict.fromkeys(words, float(n)) | {"undefined": np.nan} for n in range(21)]
    runs.append(dict.fromkeys(words, np.nan))
    found = experiment_results(runs)
    assert [each.inside for each in found] == [True, True, False, None, None]
    assert [(each.median, each.low, each.high) for each in found[:4]] == [(10.0, 1.0, 19.0)] * 4
    assert np.isnan([found[4].median, found[4].low, found[4].high]).all()
    assert [each.record for each in found] == list(words.values())
    assert measure(RUN, NOBODY) == dict.fromkeys(words, 0.0)
    for first, last in ((date(2013, 7, 2), date(2021, 1, 31)), (date(2013, 7, 1), date(2020, 12, 30))):
        with pytest.raises(ValueError, match="the natural experiments need a run"):
            measure(synthetic_record(1, first, last), NOBODY)
    assert measure(synthetic_record(1, date(2013, 7, 1), date(2020, 12, 31)), NOBODY)


ALPHA = 1e-6


@pytest.fixture(scope="module")
def run():
    return synthetic_record(seed=4)


def random_harm(rng, attacks=180, fatal_days=53):
    """Attacks at an even rate, sizes of fatal days rounded lognormal, regions by chance."""
    sizes = np.maximum(1, np.rint(rng.lognormal(0.5, 0.86, fatal_days))).astype(np.int64)
    return AttackSeries(
        day=np.sort(rng.integers(FIRST, LAST + 1, attacks)),
        region=rng.choice([REGIONS.index("Kidal"), REGIONS.index("Gao")], attacks),
        tactic=rng.integers(0, 5, attacks),
        killed=rng.poisson(0.4, attacks),
        wounded=rng.poisson(1.4, attacks),
        fatal_killed=sizes,
        region_share=rng.dirichlet(np.full(len(REGIONS), 5.0), 2),
    )


@pytest.fixture(scope="module")
def runs():
    rng = np.random.default_rng(5)
    return [random_harm(rng) for _ in range(100)]


# what is looked at


def test_the_harm_of_a_run_agrees_with_its_flat_vector(run):
    harm, seen = attack_series_of_run(run, seed=7), simulated(run, seed=7)
    assert len(harm.day) == sum(value for name, value in seen.items() if name.startswith("attacks/"))
    assert harm.fatal_killed.sum() == sum(seen[f"killed/{year}"] for year in range(2013, 2021))
    assert len(harm.fatal_killed) == sum(seen[f"fatal_days/{year}"] for year in range(2013, 2021))
    assert harm.region_share.sum(axis=1) == pytest.approx([1, 1])
    assert (np.diff(harm.day) >= 0).all()


# tail


def test_the_exponent_of_a_power_law_is_found_and_a_lognormal_told_from_it():
    """5,000 sizes: the exponent within five standard errors, the lognormal at ALPHA."""
    rng = np.random.default_rng(1)
    law = tail_test(power_law_sizes(2.5, 5000, rng))
    assert law.alpha == pytest.approx(2.5, abs=5 * 1.5 / np.sqrt(5000))
    assert law.p > ALPHA or law.ratio > 0
    other = tail_test(lognormal_sizes(5000, rng))
    assert other.ratio < 0
    assert other.p < ALPHA


# timing


def in_a_rising_season(rng, attacks=180):
    """A Poisson process whose rate triples over the years: no bursts, but no even rate either."""
    late = rng.random(attacks) < 0.75
    middle = (FIRST + LAST) // 2
    return np.sort(np.where(late, rng.integers(middle, LAST + 1, attacks), rng.integers(FIRST, middle, attacks)))


@pytest.mark.parametrize("test", [dispersion_test, clustering_test])
def test_a_rate_that_rises_is_not_taken_for_bursts(test):
    """150 worlds without bursts at the 5 % level."""
    rng = np.random.default_rng(2)
    rejected = sum(test(in_a_rising_season(rng), FIRST, LAST, draws=99).p <= 0.05 for _ in range(150))
    assert stats.binomtest(int(rejected), 150, 0.05).pvalue > ALPHA


@pytest.mark.parametrize("test", [dispersion_test, clustering_test])
def test_attacks_that_bring_on_others_are_found(test):
    """Sixty attacks of 180 in pairs on one day: found in nearly every one of 40 worlds."""
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        alone = rng.integers(FIRST, LAST + 1, 120)
        found += test(np.sort(np.append(alone, alone[:60])), FIRST, LAST, draws=99).p <= 0.05
    assert found >= 36


# checks and power


def test_a_record_of_the_runs_kind_fits_and_one_of_another_kind_does_not(runs):
    pattern = PATTERNS["deadliest_decile"]
    rng = np.random.default_rng(8)
    worlds = [random_harm(rng) for _ in range(100)]
    alike = [check(pattern, world, runs).p < 0.05 for world in worlds]
    other = [check(pattern, patterns.thin_tailed(world, rng), runs).p < 0.05 for world in worlds[:30]]
    assert stats.binomtest(int(sum(alike)), 100, 0.05).pvalue > ALPHA
    assert sum(other) >= 27
    assert check(pattern, worlds[0], runs).power > 0.9


def test_every_pattern_is_checked_and_says_what_it_could_reject(runs):
    rows = checks(attack_series_of_record(), runs)
    assert [row.pattern for row in rows] == list(PATTERNS)
    assert all(row.says and row.alternative for row in rows)
    assert {row.verdict for row in rows} <= {"fits", "does not fit", "cannot tell", "not defined"}


def test_the_record_alone_cannot_tell_a_power_law_from_a_lognormal():
    rows = record_tests(attack_series_of_record(), simulations=40)
    tails = [row for row in rows if row.test == "power law or lognormal"]
    assert all(row.power < 0.5 and row.p > 0.05 for row in tails)
    assert len(rows) == 6
    assert all(0 <= row.power <= 1 for row in rows)


# regions


# natural experiments


def test_person_years_of_chad_are_those_of_the_deployment():
    plan = Plan.build(sim.load("historical"))
    contingents = Contingents.of(plan)
    assert contingents.person_years[0] == pytest.approx(9801, rel=0.03)
    assert contingents.person_years[1] == pytest.approx(76392, rel=0.03)
    assert 0 < contingents.of_contingent.sum() < len(contingents.of_contingent) / 4


def test_findings_put_the_record_beside_the_runs_and_are_mute_where_it_is():
    contingents = Contingents(np.zeros(60, dtype=bool), (9801.0, 76392.0))
    rows = experiment_results([measure(synthetic_record(seed), contingents) for seed in range(3)])
    assert len({row.experiment for row in rows}) == 5
    by_words = {row.words: row for row in rows}
    assert by_words["deaths per 1,000 person-years, Chad's contingent"].record == pytest.approx(5.71, abs=0.01)
    assert by_words["share of casualties who died, July 2013 to 7 April 2018"].record == pytest.approx(103 / 475)
    assert by_words["share of casualties who died, 8 April 2018 to 2020"].record == pytest.approx(31 / 308)
    for row in rows:
        assert (row.record is None) == (row.inside is None)
        assert not row.low > row.high
    assert all(row.record is None for row in rows if row.experiment.startswith("closure"))


def test_a_view_holds_one_and_the_same_press_list(run):
    contingents = Contingents(np.zeros(60, dtype=bool), (9801.0, 76392.0))
    view = observe_run(run, 3, contingents)
    listed = sum(value for name, value in view.vector.items() if name.startswith("attacks/"))
    assert len(view.harm.day) == listed
    assert view.natural == measure(run, contingents)
    assert len(pickle.dumps(view)) < 50_000
