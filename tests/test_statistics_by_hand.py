"""Statistics of a comparison against dense algebra, enumeration and the books: fast, exact, at the edges."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from sim.comparison import Pairs
from sim.comparison.averages import SHARES, Average, Basis, average, normal_scores
from sim.comparison.chance import chance
from sim.comparison.costs import RATES, costs
from sim.comparison.decomposition import FACTORS, product_parts
from sim.comparison.differences import difference
from sim.comparison.pairs import standardised
from sim.comparison.precision import half_width, replications_needed, simultaneous_level
from sim.comparison.shapley import shapley, shapley_weights
from sim.comparison.student import normal_points
from sim.comparison.words import Doubt, verdict
from tests.synthetic_study import synthetic_study

RNG = np.random.default_rng(20130701)
DRAWS = RNG.normal(size=(14, 3))
VALUES = 2.0 + DRAWS @ np.array([1.0, -0.5, 0.0]) + 0.4 * RNG.normal(size=14)


# Averages


def test_without_draws_the_average_is_students() -> None:
    known = average(VALUES, Basis(np.zeros((14, 0))))
    book = stats.t(13, VALUES.mean(), VALUES.std(ddof=1) / np.sqrt(14))
    assert known.interval() == pytest.approx(book.interval(0.95), abs=1e-3)
    assert known.interval(0.5) == pytest.approx(book.interval(0.5), abs=1e-3)
    assert known.below(1.7) == pytest.approx(book.cdf(1.7), abs=1e-5)
    assert (known.share_of_draws, known.draws_matter, known.n) == (0.0, False, 14)
    assert known.monte_carlo_error == pytest.approx(stats.sem(VALUES))
    assert known.noise_averaged == pytest.approx(np.full(14, VALUES.mean()))


def test_with_draws_it_is_the_mixture_that_dense_algebra_gives() -> None:
    scores = normal_scores(DRAWS)
    kinship, n, centred = scores @ scores.T / 3, 14, VALUES - VALUES.mean()
    logs, centres, scales = [], [], []
    for share in SHARES:
        whole = share * kinship + (1 - share) * np.eye(n)
        solved = np.linalg.solve(whole, centred)
        ones = np.linalg.solve(whole, np.ones(n))
        squares = centred @ solved
        logs.append(-0.5 * (np.linalg.slogdet(whole)[1] + np.log(ones.sum()) + (n - 1) * np.log(squares)))
        centres.append(VALUES.mean() + share * kinship @ solved)
        left = np.diag(share * kinship - share * kinship @ np.linalg.solve(whole, share * kinship))
        scales.append(np.sqrt(squares / (n - 1) * (left + 1 / n)))
    weights = np.exp(np.array(logs) - max(logs))
    kept = weights > 0.01 * weights.max()
    weights, centres, scales = weights[kept] / weights[kept].sum(), np.array(centres)[kept], np.array(scales)[kept]
    known = average(VALUES, Basis(scores))
    assert known.shares.tolist() == SHARES[kept].tolist()
    assert known.weights == pytest.approx(weights)
    assert known.centres == pytest.approx(centres)
    assert known.scales == pytest.approx(scales)
    assert known.draws_matter
    assert known.share_of_draws == pytest.approx(weights @ SHARES[kept])
    assert known.noise_averaged == pytest.approx(weights @ centres)
    mixture = weights @ stats.t.cdf((2.2 - centres) / scales, n - 1).mean(axis=1)
    assert known.below(2.2) == pytest.approx(mixture, abs=1e-5)
    low, high = known.interval(0.8)
    assert (known.below(low), known.below(high)) == pytest.approx((0.1, 0.9), abs=2e-3)
    rest = VALUES - known.noise_averaged
    assert known.chance == pytest.approx(rest / rest.std() * VALUES.std(ddof=1) * np.sqrt(1 - known.share_of_draws))


def test_draws_that_say_nothing_do_not_matter() -> None:
    scores = np.column_stack([np.ones(14), normal_scores(DRAWS)])
    unrelated = VALUES - scores @ np.linalg.lstsq(scores, VALUES, rcond=None)[0]
    known = average(unrelated, Basis(scores[:, 1:]))
    assert not known.draws_matter
    assert known.noise_averaged == pytest.approx(np.zeros(14), abs=1e-9)


def test_averages_of_few_or_equal_values() -> None:
    none = average(np.zeros(0), Basis(np.zeros((0, 0))))
    one = average(np.array([3.0]), Basis(np.zeros((1, 2))))
    equal = average(np.full(5, 4.0), Basis(normal_scores(DRAWS[:5])))
    assert np.isnan([none.mean, none.deviation, none.monte_carlo_error, *none.interval()]).all()
    assert (one.mean, one.below(3.5), one.below(2.5)) == (3.0, 1.0, 0.0)
    assert np.isnan([one.deviation, *one.interval()]).all()
    assert (equal.interval(), equal.below(4.0), equal.below(4.1)) == ((4.0, 4.0), 0.0, 1.0)
    two = average(np.array([1.0, 3.0]), Basis(np.zeros((2, 0))))
    assert two.deviation == pytest.approx(np.sqrt(2.0))
    assert two.interval() == pytest.approx(stats.t(1, 2.0, 1.0).interval(0.95), rel=1e-3)


def test_normal_scores_are_quantiles_of_ranks() -> None:
    scores = normal_scores(np.array([[3.0, 5.0, 1.0], [1.0, 5.0, 2.0], [2.0, 5.0, 3.0], [9.0, 5.0, 0.0]]))
    quantiles = stats.norm.ppf((np.arange(4) + 0.5) / 4)
    assert normal_points(4) == pytest.approx(quantiles, abs=1e-3)
    expected = np.array([quantiles[[2, 0, 1, 3]], quantiles[[1, 2, 3, 0]]]).T / quantiles.std()
    assert scores == pytest.approx(expected, abs=1e-3)


def test_an_average_has_no_chance_left_where_draws_are_all() -> None:
    all_drawn = Average(np.array([1.0, 2.0]), np.ones(1), np.ones(1), np.array([[1.0, 2.0]]), np.zeros((1, 2)))
    assert all_drawn.chance.tolist() == [0.0, 0.0]


# Shapley values


def by_orders(values: np.ndarray, players: int) -> np.ndarray:
    """The average of what each adds when it comes, over all orders."""
    parts = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        there = 0
        for player in order:
            parts[player] += values[there | 1 << player] - values[there]
            there |= 1 << player
    return parts / len(orders)


@pytest.mark.parametrize("players", [1, 2, 3, 4])
def test_shapley_values_are_averages_over_orders(players: int) -> None:
    values = RNG.normal(size=2**players)
    assert shapley(values) == pytest.approx(by_orders(values, players))


def test_shapley_values_need_all_subsets_of_a_few() -> None:
    with pytest.raises(ValueError, match="3 subsets; a power of two"):
        shapley(np.zeros(3))
    for players in (0, 13):
        with pytest.raises(ValueError, match=f"{players} players; 1 to 12"):
            shapley_weights(players)
    assert shapley_weights(12).shape == (12, 4096)


def test_parts_of_a_product_are_its_shapley_values() -> None:
    base, own = np.array([200.0, 40.0, 10.0, 30.0, 6.0]), np.array([150.0, 50.0, 20.0, 30.0, 3.0])
    factors = [np.append(chain[0], chain[1:] / chain[:-1]) for chain in (base, own)]
    values = [np.prod([factors[s >> k & 1][k] for k in range(5)]) for s in range(2 ** len(FACTORS))]
    parts = product_parts(base[None], own[None])[0]
    assert parts == pytest.approx(by_orders(np.array(values), 5))
    assert parts.sum() == pytest.approx(3.0 - 6.0)


def test_a_factor_that_is_undefined_is_that_of_the_other() -> None:
    base, own = np.array([100.0, 0.0, 0.0, 0.0, 0.0]), np.array([100.0, 10.0, 5.0, 10.0, 2.0])
    assert product_parts(base[None], own[None])[0] == pytest.approx([0.0, 2.0, 0.0, 0.0, 0.0])
    nothing = np.zeros((1, 5))
    assert product_parts(nothing, nothing).tolist() == [[0.0] * 5]


# Precision


def test_half_widths_and_the_pairs_that_reach_them() -> None:
    assert half_width(VALUES) == pytest.approx(stats.t.ppf(0.975, 13) * stats.sem(VALUES), rel=1e-3)
    assert half_width(VALUES, 0.8) == pytest.approx(stats.t.ppf(0.9, 13) * stats.sem(VALUES), rel=1e-3)
    assert half_width(VALUES[:1]) == np.inf
    assert half_width(VALUES[:2]) < np.inf
    for deviation, wanted in ((3.0, 0.5), (1.0, 0.9), (10.0, 0.3)):
        n = replications_needed(deviation, wanted)
        assert stats.t.ppf(0.975, n - 1) * deviation / np.sqrt(n) <= wanted * 1.001
        assert n == 2 or stats.t.ppf(0.975, n - 3) * deviation / np.sqrt(n - 2) > wanted
    assert replications_needed(0.0, 1.0) == 2
    with pytest.raises(ValueError, match="half-width 0; more than 0"):
        replications_needed(1.0, 0)


def test_joint_levels_lie_between_one_interval_and_independent_ones() -> None:
    apart = RNG.normal(size=(3, 400))
    assert simultaneous_level(apart) == pytest.approx(0.95 ** (1 / 3), abs=3e-3)
    assert simultaneous_level(apart, 0.8) == pytest.approx(0.8 ** (1 / 3), abs=0.02)
    together = np.tile(apart[0], (3, 1))
    assert simultaneous_level(together) == pytest.approx(0.95, abs=5e-3)
    assert simultaneous_level(apart[:, :2]) == simultaneous_level(apart[:1]) == 0.95
    assert simultaneous_level(np.vstack([apart[0], np.zeros(400)])) == 0.95


# One difference


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    effects = {"as_reported": {}, "none": {"peacekeepers_killed": 1.3, "convoy_km": 0.0}}
    return Pairs(synthetic_study(effects, 9, failed=[("none", 4)]), "none")


def test_a_difference_is_that_of_its_pairs(pairs: Pairs) -> None:
    own, base = pairs.values("peacekeepers_killed"), pairs.baseline("peacekeepers_killed")
    row = difference(pairs, "peacekeepers_killed")
    assert (pairs.count, pairs.failed, row.pairs, row.failed, len(own)) == (8, 1, 8, 1, 8)
    assert pairs.kept.tolist() == [n != 4 for n in range(9)]
    assert row.mean == pytest.approx((own - base).mean())
    assert (row.baseline_mean, row.variant_mean) == pytest.approx((base.mean(), own.mean()))
    assert (row.low, row.high) == pytest.approx(stats.t(7, row.mean, stats.sem(own - base)).interval(0.95), abs=0.02)
    assert (row.variant_low, row.variant_high) == pytest.approx(
        stats.t(7, own.mean(), stats.sem(own)).interval(0.95), abs=0.05
    )
    assert row.probability_lower == pytest.approx(stats.t(7, row.mean, stats.sem(own - base)).cdf(0.0), abs=1e-4)
    assert row.probability_lower + row.probability_higher == 1.0
    assert row.share_of_pairs_lower == (own < base).mean()
    assert row.share_of_pairs_equal == (own == base).mean()
    assert row.correlation == pytest.approx(stats.pearsonr(own, base).statistic)
    assert row.variance_ratio == pytest.approx((own.var(ddof=1) + base.var(ddof=1)) / (own - base).var(ddof=1))
    assert (row.swept_low, row.swept_high) == pytest.approx((row.mean, row.mean))
    assert (row.joint_low, row.joint_high) == (row.low, row.high)
    wider = difference(pairs, "peacekeepers_killed", joint_level=0.99)
    assert wider.joint_low < row.low < row.high < wider.joint_high
    assert row.row()["verdict"] == str(row.verdict)


def test_chance_is_the_spread_between_histories_of_other_replications(pairs: Pairs) -> None:
    base = pairs.baseline("peacekeepers_killed")
    row = difference(pairs, "peacekeepers_killed")
    rest = base - base.mean()
    rest *= base.std(ddof=1) / rest.std()
    apart = [rest[i] - rest[j] for i in range(8) for j in range(8) if i != j]
    assert (row.chance_low, row.chance_high) == pytest.approx(tuple(np.quantile(apart, [0.025, 0.975])))
    found = chance(pairs, "peacekeepers_killed", *(pairs.average(x) for x in (base + 5.0, base)), 5.0)
    assert sorted(found.history) == pytest.approx(sorted(np.array(apart) + 5.0))
    low, high = np.quantile(apart, [0.025, 0.975])
    assert found.visible(5.0) == pytest.approx((np.array(apart) + 5.0 > high).mean())
    assert found.visible(-5.0) == pytest.approx((np.array(apart) + 5.0 < low).mean())


def test_chance_within_a_run_is_seen_from_month_to_month(pairs: Pairs) -> None:
    months = pairs.frame.national("peacekeepers_killed")
    n = months.shape[-1]
    expected = (np.diff(months, axis=-1) ** 2).sum(axis=-1) / 2 * n / (n - 1)
    own, base = pairs.within("peacekeepers_killed")
    assert own.tolist() == expected[1][pairs.kept].tolist()
    assert base.tolist() == expected[0][pairs.kept].tolist()


def test_standardised_columns_give_correlations() -> None:
    columns = standardised(np.column_stack([VALUES, DRAWS[:, 0], np.ones(14)]))
    assert columns[:, 0] @ columns[:, 1] == pytest.approx(stats.pearsonr(VALUES, DRAWS[:, 0]).statistic)
    assert np.isnan(columns[:, 2]).all()


def test_rates_are_of_runs_that_have_what_they_are_counted_by(pairs: Pairs) -> None:
    killed, days = pairs.values("peacekeepers_killed"), pairs.values("personnel_days")
    table = costs(pairs).set_index("item")
    rate = table.loc["killed_per_1000_years"]
    assert rate["value"] == pytest.approx((killed / days * 365_250).mean())
    change = (
        killed / days * 365_250 - pairs.baseline("peacekeepers_killed") / pairs.baseline("personnel_days") * 365_250
    )
    assert rate["difference"] == pytest.approx(change.mean())
    assert (rate["low"], rate["high"]) == pytest.approx(
        stats.t(7, change.mean(), stats.sem(change)).interval(0.95), rel=1e-3
    )
    assert table.loc["convoy_km", "value"] == 0.0
    none = RATES["minutes_to_treatment"].of(
        {"treatment_minutes": np.ones(2), "peacekeepers_hit": np.array([0.0, 4.0])}.get
    )
    assert np.isnan(none[0])
    assert none[1] == 0.25


# Words


@pytest.mark.parametrize(
    ("lower", "higher", "doubt", "words"),
    [
        (0.9, 0.1, Doubt(True, False, False), "very likely fewer"),
        (0.8999, 0.1001, Doubt(True, False, False), "likely fewer"),
        (0.34, 0.66, Doubt(True, False, False), "likely more"),
        (0.3401, 0.6599, Doubt(True, False, False), "cannot tell"),
        (0.0, 0.0, Doubt(True, False, False), "no difference"),
        (float("nan"), float("nan"), Doubt(True, False, False), "cannot tell"),
        (0.05, 0.95, Doubt(False, False, False), "rests on assumption"),
        (0.05, 0.95, Doubt(True, True, True, 0.8), "very likely more"),
        (0.05, 0.95, Doubt(True, False, False, 0.81), "rests on assumption"),
        (0.2, 0.8, Doubt(True, True, True), "rests on assumption"),
        (0.2, 0.8, Doubt(True, False, True), "likely more"),
        (0.2, 0.8, Doubt(True, True, False), "likely more"),
        (0.1, 0.9, Doubt(True, True, True), "very likely more"),
    ],
)
def test_words_begin_at_their_probabilities(lower: float, higher: float, doubt: Doubt, words: str) -> None:
    assert str(verdict(lower, higher, doubt)) == words
