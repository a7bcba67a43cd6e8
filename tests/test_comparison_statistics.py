"""Statistics of a comparison and of an attribution against dense algebra, enumeration, the books and known truth."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.inference.attribution import attribute, factorial, package, subset_name
from sim.inference.comparison import Pairs
from sim.inference.comparison.assumptions_audit import (
    audit_conclusions,
    deciding_draw,
    needed_datum,
    observed,
    posterior_narrowing,
    record_text,
    sign_change,
)
from sim.inference.comparison.averages import SHARES, Average, Basis, average, normal_points, normal_scores
from sim.inference.comparison.costs import COSTS, RATES, costs, rate_of
from sim.inference.comparison.decomposition import (
    EXPOSURE,
    FACTORS,
    PARTS,
    TOTALS,
    decompose,
    product_parts,
    shapley,
    shapley_weights,
)
from sim.inference.comparison.differences import (
    SingleRunSpread,
    UncertaintySources,
    _correlation,
    _independent,
    _variance_ratio,
    difference,
    single_run_spread,
    uncertainty_sources,
    verdict,
)
from sim.inference.comparison.displacement_of_harm import (
    VICTIMS,
    _ratio_bounds,
    by_region,
    displacement,
    elsewhere,
    regional,
)
from sim.inference.comparison.pairs import standardised
from sim.inference.comparison.precision import half_width, replications_needed, simultaneous_level, worst_half_width
from sim.missions.record import SERIES
from sim.present.answer_view import share_table
from sim.present.locale import ENGLISH
from sim.present.terminal import attribution_text
from sim.scenario import ScenarioError, load, loads
from sim.study.frame import InMemory, StudyFrame
from tests.minusma import MISSION, REGIONS, packaged, parameters
from tests.synthetic_study import synthetic_study

RNG = np.random.default_rng(20130701)
DRAWS = RNG.normal(size=(14, 3))
VALUES = 2.0 + DRAWS @ np.array([1.0, -0.5, 0.0]) + 0.4 * RNG.normal(size=14)


def tiny(
    own: np.ndarray, base: np.ndarray | float = 100.0, drawn: dict[str, list[float]] | None = None,
    sweep: str = "posterior", period: str = "{start: 2016-01-01, end: 2016-12-31}",
) -> Pairs:  # fmt: skip
    """Pairs with these totals of peacekeepers killed and these draws, and nothing else."""
    n = len(own)
    text = f"title: T\nperiod: {period}\nbaseline: base\nvariants: {{base: {{}}, other: {{}}}}\nuncertainties: {sweep}"
    runs = pd.DataFrame({"variant": "other", "replication": range(n), "status": "done"})
    draws = pd.DataFrame(drawn or {}, index=pd.RangeIndex(n, name="replication"), dtype=float)
    frame = StudyFrame(loads(text, "tiny"), ("base", "other"), "base", runs, draws, InMemory((), ()))
    return Pairs(frame, "other", {"peacekeepers_killed": np.stack([np.broadcast_to(base, n), own]).astype(float)})


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


def test_draws_that_repeat_each_other_are_one_direction() -> None:
    scores = normal_scores(DRAWS[:, :1])
    alone, twice = Basis(scores), Basis(np.hstack([scores, scores]))
    assert (alone.n, twice.n) == (14, 14)
    assert alone.weights == pytest.approx([14.0])  # length of a column of 14 scores with variance 1
    assert twice.weights == pytest.approx([14.0])
    assert np.abs(twice.vectors.T @ scores / np.sqrt(14)) == pytest.approx(np.ones((1, 1)))
    assert twice.draws
    assert twice.shares().tolist() == SHARES.tolist()


def test_two_replications_tell_nothing_of_their_draws() -> None:
    few, three = Basis(np.array([[1.0], [-1.0]])), Basis(np.array([[1.0], [-1.0], [0.0]]))
    assert not few.draws
    assert few.shares().tolist() == [0.0]
    assert three.draws
    assert not Basis(np.zeros((5, 0))).draws


def test_one_value_has_no_spread_whatever_its_scale() -> None:
    one = Average(np.array([3.0]), np.ones(1), np.zeros(1), np.full((1, 1), 3.0), np.ones((1, 1)))
    assert (one.below(3.5), one.below(3.0), one.below(2.5)) == (1.0, 0.0, 0.0)
    assert np.isnan(one.monte_carlo_error)
    assert one.chance.tolist() == [0.0]


def test_values_that_are_equal_have_one_centre_and_no_scale() -> None:
    equal = average(np.full(5, 4.0), Basis(normal_scores(DRAWS[:5])))
    assert (equal.weights.tolist(), equal.shares.tolist()) == ([1.0], [0.0])
    assert (equal.centres.tolist(), equal.scales.tolist()) == ([[4.0]], [[0.0]])
    assert (equal.chance.tolist(), equal.noise_averaged.tolist()) == ([0.0] * 5, [4.0] * 5)


def test_chance_has_the_part_of_the_variance_that_draws_leave() -> None:
    quarter = Average(np.array([1.0, 3.0]), np.ones(1), np.array([0.75]), np.array([[1.5, 2.5]]), np.zeros((1, 2)))
    assert quarter.noise_averaged.tolist() == [1.5, 2.5]
    assert quarter.chance == pytest.approx([-np.sqrt(0.5), np.sqrt(0.5)])  # sd 1.414 of the values, half of it


def test_scores_of_nothing_are_nothing() -> None:
    assert normal_scores(np.zeros((0, 2))).shape == (0, 0)
    assert normal_scores(np.ones((3, 2))).shape == (3, 0)


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


def test_what_is_left_when_targets_are_taken_from_all_is_other() -> None:
    frame = synthetic_study({"as_reported": {}, "none": {}}, 6)
    own = np.arange(12.0)
    named = {part.format(name): 1.0 + row + column for row, name in enumerate(("patrols", "convoys", "camps"))
             for column, part in enumerate(PARTS)}  # fmt: skip
    runs = frame.runs.assign(**named)
    runs["hit_on_convoys"] = 6.0 + own
    runs["killed_on_convoys"] = 2.0 + own / 4
    sums = dict(zip(TOTALS, (400.0, 200.0, 90.0 + own, 40.0 + 2 * own), strict=True))
    pairs = Pairs(replace(frame, runs=runs.assign(**sums)), "none")
    found = decompose(pairs)
    chains = []
    for side in (slice(0, 6), slice(6, 12)):
        rows = pairs.frame.runs.iloc[side]
        hers = [[rows[EXPOSURE[name]], *(rows[part.format(name)] for part in PARTS)] for name in list(EXPOSURE)[:3]]
        rest = [rows[t] - sum(rows[part.format(n)] for n in list(EXPOSURE)[:3])
                for t, part in zip(TOTALS, PARTS, strict=True)]  # fmt: skip
        chains.append(np.array([*hers, [rows["personnel_days"], *rest]]))  # [targets, 5, pairs]
    means = [chain.mean(axis=-1) for chain in chains]
    for target in range(4):
        factors = [np.append(c[target, 0], c[target, 1:] / c[target, :-1]) for c in means]
        values = [np.prod([factors[subset >> k & 1][k] for k in range(5)]) for subset in range(32)]
        assert found.parts[target] == pytest.approx(by_orders(np.array(values), 5))
    assert found.by_factor.sum() == pytest.approx((pairs.values(TOTALS[3]) - pairs.baseline(TOTALS[3])).mean())
    weights = np.random.default_rng(20_130_701).multinomial(6, np.full(6, 1 / 6), size=1000).T / 6
    drawn = product_parts(*(chain @ weights for chain in chains)).sum(axis=0)
    assert found.low == pytest.approx(np.quantile(drawn, 0.025, axis=-1))
    assert found.high == pytest.approx(np.quantile(drawn, 0.975, axis=-1))
    table = found.frame()
    assert table["persons"].tolist() == found.by_factor.tolist()
    assert table["other"].tolist() == found.parts[3].tolist()
    assert np.isnan(decompose(Pairs(pairs.frame.first(1), "none")).low).all()
    assert not np.isnan(decompose(Pairs(pairs.frame.first(2), "none")).low).any()


def test_attribution_is_alone_last_and_the_average_over_orders() -> None:
    measures = ("training", "route_clearance", "drills")
    names = [subset_name(measures, subset) for subset in range(8)]
    assert names == ["none", "with_100", "with_010", "with_110", "with_001", "with_101", "with_011", "with_111"]
    factors = np.array([1.0, 0.9, 0.7, 0.5, 0.8, 0.8, 0.6, 0.3])
    effects = {name: {"peacekeepers_killed": factor} for name, factor in zip(names, factors, strict=True)}
    frame = synthetic_study(effects, 6, failed=[("with_010", 2)])
    killed = frame.values("peacekeepers_killed")[:, [0, 1, 3, 4, 5]]
    found = attribute(frame, measures, "peacekeepers_killed")
    averted = killed[0].mean() - killed.mean(axis=1)
    shares = by_orders(averted, 3)
    for bit, share in enumerate(found.shares):
        each = np.array([by_orders(column[0] - column, 3)[bit] for column in killed.T])
        assert share.measure == measures[bit]
        assert share.averted == pytest.approx(shares[bit])
        assert (share.low, share.high) == pytest.approx(
            stats.t(4, each.mean(), stats.sem(each)).interval(0.95), rel=2e-3
        )
        assert share.monte_carlo_error == pytest.approx(stats.sem(each))
        assert share.probability_harms == pytest.approx(stats.t(4, each.mean(), stats.sem(each)).cdf(0.0), abs=1e-4)
        assert share.alone == pytest.approx(averted[1 << bit])
        assert share.last == pytest.approx(averted[7] - averted[7 - (1 << bit)])
    assert found.total.averted == found.total.alone == found.total.last == pytest.approx(averted[7])
    assert found.table()["averted"].tolist() == [share.averted for share in (*found.shares, found.total)]
    assert "held at one value each" in attribution_text(found)
    assert [row[2].text for row in share_table(found, ENGLISH).rows] == [ENGLISH.number(float("nan"))] * 4
    drawn = replace(frame, draws=frame.draws.assign(number=[0.1, 0.5, 0.2, 0.9, 0.4, 0.3]))
    swept = attribute(drawn, measures, "peacekeepers_killed")
    assert "held at one value each" not in attribution_text(swept)
    assert all(row[2].text.endswith("%") for row in share_table(swept, ENGLISH).rows)
    none = attribute(synthetic_study(effects, 1, failed=[("none", 0)]), measures, "peacekeepers_killed")
    assert np.isnan([none.total.averted, none.total.alone, none.total.last]).all()
    same = {name: {"peacekeepers_killed": 0.0} for name in names}
    idle = attribute(synthetic_study(same, 3), measures, "peacekeepers_killed")
    assert [share.probability_harms for share in idle.shares] == [0.0] * 3


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


def test_joint_levels_begin_with_three_pairs_of_two_variants_that_vary() -> None:
    three = np.array([[1.0, -1.0, 0.5], [0.0, 1.0, 1.5]])
    assert simultaneous_level(three) > 0.96
    assert simultaneous_level(np.vstack([three, np.full(3, 7.0)])) == simultaneous_level(three)
    assert simultaneous_level(three + 9.0) == pytest.approx(simultaneous_level(three))


def test_the_worst_half_width_is_the_widest_of_the_variants() -> None:
    effects = {"as_reported": {}, "none": {"peacekeepers_killed": 2.0}, "double": {"peacekeepers_killed": 0.5}}
    frame = synthetic_study(effects, 12, failed=[("double", 3)])
    for baseline in effects:
        frame = replace(frame, baseline=baseline)
        totals = np.delete(frame.values("peacekeepers_killed"), 3, axis=1)
        place = list(effects).index(baseline)
        changes = np.array([row - totals[place] for n, row in enumerate(totals) if n != place])
        level = simultaneous_level(changes)
        widths = [stats.t.ppf((1 + level) / 2, 10) * stats.sem(row) for row in changes]
        assert worst_half_width(frame, "peacekeepers_killed") == pytest.approx(max(widths), rel=1e-3)
    alone = synthetic_study({"as_reported": {}}, 3)
    assert worst_half_width(alone, "peacekeepers_killed") == np.inf


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
    found = single_run_spread(pairs, "peacekeepers_killed", *(pairs.average(x) for x in (base + 5.0, base)), 5.0)
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
    runs = {"treatment_minutes": np.ones(2), "peacekeepers_hit": np.array([0.0, 4.0])}
    none = rate_of(RATES["minutes_to_treatment"], runs.__getitem__)
    assert np.isnan(none[0])
    assert none[1] == 0.25


def test_a_rate_has_the_runs_that_have_it_under_both() -> None:
    frame = synthetic_study({"as_reported": {}, "none": {}}, 4)
    runs = frame.runs.assign(treatment_minutes=[10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0])
    runs["peacekeepers_hit"] = [0.0, 2.0, 3.0, 0.5, 5.0, 0.0, 7.0, 0.25]
    rows = costs(Pairs(replace(frame, runs=runs), "none")).set_index("item")
    rate = rows.loc["minutes_to_treatment"]
    assert (rate["baseline"], rate["value"]) == (45.0, 165.0)  # means of 10 and 80, of 10 and 320
    assert rate["difference"] == 120.0
    half = stats.t.ppf(0.975, 1) * 120.0  # deviations from 0 and 240
    assert (rate["low"], rate["high"]) == pytest.approx((120.0 - half, 120.0 + half), rel=1e-3)
    assert rows.index.tolist() == [*COSTS, *RATES]
    none = costs(Pairs(replace(frame, runs=runs.assign(peacekeepers_hit=0.0)), "none")).set_index("item")
    assert none.loc["minutes_to_treatment", ["baseline", "value", "difference", "low", "high"]].isna().all()
    assert none.loc["minutes_to_treatment", "variant"] == "none"


# Chance


def test_histories_are_set_against_forty_others() -> None:
    for n, shifts in ((0, 0), (1, 0), (2, 1), (3, 2), (40, 39), (41, 40), (42, 40), (60, 40)):
        found = _independent(np.arange(n) * 1.0, np.zeros(n))
        assert sorted(found) == sorted(np.tile(np.arange(n), shifts))
    assert _independent(np.array([1.0, 5.0]), np.array([10.0, 20.0])).tolist() == [-19.0, -5.0]


def test_what_is_visible_lies_beyond_chance_on_the_side_of_the_mean() -> None:
    histories = SingleRunSpread(np.linspace(-1, 1, 41), np.array([-2.0, -2.0, -2.0, 0.0, 2.0]), at_least=False)
    assert histories.bounds()[0] == pytest.approx((-0.95, 0.95))
    assert [histories.visible(mean) for mean in (-2.0, -0.1, 0.0, 0.1)] == [0.6, 0.6, 0.2, 0.2]
    empty = SingleRunSpread(np.zeros(0), np.zeros(0), at_least=False)
    assert np.isnan([*np.ravel(empty.bounds()), empty.visible(1.0)]).all()


def test_chance_is_taken_from_within_histories_of_half_a_year() -> None:
    drawn = {"number": [0.1, 0.5, 0.2, 0.9, 0.4]}
    for end, outcome, within in (
        ("2016-06-30", "peacekeepers_killed", True),
        ("2016-05-31", "peacekeepers_killed", False),
        ("2016-06-30", "internally_displaced", False),
    ):
        frame = synthetic_study({"as_reported": {}, "none": {}}, 5, draws=drawn,
                                period=f"{{start: 2016-01-01, end: {end}}}")  # fmt: skip
        pairs = Pairs(frame, "none")
        own, base = (pairs.average(x) for x in (pairs.values(outcome), pairs.baseline(outcome)))
        found = single_run_spread(pairs, outcome, own, base, -3.0)
        assert found.at_least is within
        if within:
            sizes = pairs.within(outcome)
            points = stats.norm.ppf((np.arange(99) + 0.5) / 99)
            alone = np.outer(np.sqrt(2 * sizes[1]), points).ravel()
            history = np.outer(np.sqrt(sizes[0] + sizes[1]), points).ravel() - 3.0
            assert found.alone == pytest.approx(alone, rel=1e-3, abs=1e-6)
            assert found.history == pytest.approx(history, rel=1e-3, abs=1e-3)


# Doubt


def test_draws_are_assumed_where_no_row_says_otherwise() -> None:
    status = {name: row.status for name, row in parameters().items()}
    assumed, known = (next(n for n in status if status[n] == word) for word in ("assumed", "calibrated"))
    some = [0.1, 0.7, 0.3, 0.2]
    for names, expected in (
        ([assumed], True), (["measures.training"], True), ([assumed, "measures.training"], True),
        ([known], False), ([assumed, known], False),
    ):  # fmt: skip
        pairs = tiny(np.array([1.0, 2.0, 4.0, 3.0]), drawn=dict.fromkeys(names, some))
        doubt = uncertainty_sources(pairs, pairs.average(pairs.values("peacekeepers_killed")), 0.5)
        assert (doubt.swept, doubt.assumed, doubt.narrowed) == (True, expected, 0.5)
    still = tiny(np.array([1.0, 2.0, 4.0, 3.0]))
    assert not uncertainty_sources(still, still.average(np.arange(4.0))).swept


def test_variance_ratios_of_small_and_equal_values() -> None:
    own, base = np.array([0.0, 0.5, 0.25]), np.array([0.5, 0.25, 0.25])
    ratio = (own.var() + base.var()) / (own - base).var()
    assert _variance_ratio(own, base) == pytest.approx(ratio)
    assert _variance_ratio(own, own) == np.inf
    assert np.isnan(_variance_ratio(np.full(3, 2.0), np.full(3, 5.0)))
    assert np.isnan(_variance_ratio(own[:2], base[:2]))
    assert np.isnan(_correlation(own[:2], base[:2]))
    assert _correlation(own, base) == pytest.approx(stats.pearsonr(own, base).statistic)
    assert np.isnan([_correlation(own, np.ones(3)), _correlation(np.ones(3), own)]).all()


def test_a_difference_of_no_pairs_is_not_a_number() -> None:
    row = difference(tiny(np.full(2, np.nan)), "peacekeepers_killed")
    told = (row.mean, row.low, row.high, row.probability_lower, row.share_of_pairs_lower, row.share_of_pairs_equal)
    assert (row.pairs, row.failed) == (0, 0)
    assert np.isnan([*told, row.swept_low, row.swept_high, row.correlation, row.variance_ratio, row.visible]).all()


def test_pairs_are_the_same_whatever_was_read_of_them() -> None:
    one = tiny(np.arange(3.0))
    assert one == Pairs(one.frame, "other")
    assert one != Pairs(one.frame, "base")
    assert "read" not in repr(one)


# The ledger


def falling(squares: int, n: int = 8) -> np.ndarray:
    """0..n-1 with so many neighbours swapped that the squared differences of ranks sum to this."""
    order = np.arange(float(n))
    for k in range(squares // 2):
        order[[2 * k, 2 * k + 1]] = order[[2 * k + 1, 2 * k]]
    return order


def test_a_number_decides_where_its_correlation_is_beyond_that_of_unrelated_ones() -> None:
    """Of 8 pairs: 2.447 / sqrt(7) = 0.925; three swaps give 1 - 6 * 6 / 504 = 0.929, four 0.905."""
    drawn = {"number": list(range(8))}
    assert stats.t.ppf(0.975, 6) / np.sqrt(7) == pytest.approx(0.9249, abs=1e-4)
    assert deciding_draw(tiny(falling(6), drawn=drawn), "peacekeepers_killed") == ("number", pytest.approx(1.0))
    assert deciding_draw(tiny(-falling(6), drawn=drawn), "peacekeepers_killed") == ("number", pytest.approx(-1.0))
    name, correlation = deciding_draw(tiny(falling(8), drawn=drawn), "peacekeepers_killed")
    assert name == ""
    assert np.isnan(correlation)
    two = drawn | {"still": [1.0] * 8, "other": [3, 6, 1, 4, 7, 0, 5, 2]}  # 2.969 / sqrt(7) is more than 1
    assert deciding_draw(tiny(np.arange(8.0), drawn=two), "peacekeepers_killed")[0] == ""
    assert deciding_draw(tiny(np.arange(8.0), drawn=drawn | {"still": [1.0] * 8}), "peacekeepers_killed")[0] == "number"


def test_nothing_decides_few_or_equal_differences_or_none_that_follow_no_draw() -> None:
    for values, drawn in ((np.arange(3.0), [1, 2, 3]), (np.zeros(9), list(range(9))), (np.arange(9.0), [2] * 9)):
        name, correlation = deciding_draw(tiny(values, drawn={"number": drawn}), "peacekeepers_killed")
        assert name == ""
        assert np.isnan(correlation)


def test_a_flip_is_where_a_line_over_normal_scores_is_zero() -> None:
    drawn = np.array([30.0, 10.0, 20.0, 50.0, 40.0])
    scores = stats.norm.ppf((np.arange(5) + 0.5) / 5)
    line = scores[[2, 0, 1, 4, 3]]
    for shift in (0.0, 0.3, -0.3, 0.8, -0.8, 1.2, -1.2):
        found = sign_change(drawn, 2 * (line - shift))
        assert found == pytest.approx(np.interp(shift, scores, np.sort(drawn)), abs=0.02)
    assert sign_change(drawn, line - 1.3) is None
    assert sign_change(drawn, line + 1.3) is None
    assert sign_change(drawn, np.zeros(5)) is None


def test_what_a_posterior_taught_is_told_where_it_was_drawn_from_it() -> None:
    name = next(name for name, row in parameters().items() if row.status == "calibrated" and name in packaged().names)
    for sweep, ratio in (("posterior", packaged().narrowing(name, MISSION.parameters)), ("prior", None)):
        pairs = tiny(np.arange(8.0), 2.0, {name: list(range(8))}, sweep)
        (row,) = audit_conclusions(pairs, {"peacekeepers_killed": (name, 0.9)})
        assert row.sd_ratio == ratio
        scores = stats.norm.ppf((np.arange(8) + 0.5) / 8)
        slope, middle = np.polyfit(scores, np.arange(8.0) - 2.0, 1)
        assert row.flips_at == pytest.approx(np.interp(-middle / slope, scores, np.arange(8.0)), abs=0.01)
        assert (row.deciding, row.rank_correlation, row.drawn, row.changed) == (name, 0.9, 1, ())
        (row,) = audit_conclusions(pairs, {"peacekeepers_killed": ("", float("nan"))})
        assert (row.flips_at, row.sd_ratio, row.needed_data) == (None, None, "")
    assert posterior_narrowing(MISSION, "measures.training") == 1.0
    assert needed_datum(MISSION, "measures.training").startswith("dated levels of training (")
    assert needed_datum(MISSION, "something") == "the true something"


def test_the_record_of_a_period_is_what_lies_in_it() -> None:
    """Stocks by their days, totals from their first to their last day."""
    killed = SERIES["peacekeepers_killed"].observations(MISSION)
    for start, end in (("2016-01-01", "2016-12-31"), ("2016-01-02", "2016-12-30"), ("2014-03-01", "2014-03-31")):
        inside = killed[(killed["start"] >= start) & (killed["end"] <= end)]
        scenario = tiny(np.arange(2.0), period=f"{{start: {start}, end: {end}}}").frame.scenario
        first, last = inside["start"].min(), inside["end"].max()
        known = (inside["value"].sum(), f"{first:%Y-%m}", f"{last:%Y-%m}")
        assert observed(scenario, "peacekeepers_killed") == known
        assert record_text(scenario, "peacekeepers_killed").startswith(f"{known[0]:,.0f} ")
    for start, end, known in (
        ("2014-08-31", "2015-12-31", (61_920.0, "2014-08", "2015-12")),
        ("2014-09-01", "2015-12-30", (99_816.0, "2014-12", "2014-12")),
        ("2014-09-01", "2014-12-30", None),
    ):
        scenario = tiny(np.arange(2.0), period=f"{{start: {start}, end: {end}}}").frame.scenario
        assert observed(scenario, "internally_displaced") == known
    assert record_text(scenario, "internally_displaced") == "nothing in the record for this period"
    assert record_text(scenario, "peacekeepers_wounded") == "no series of it in the record"
    assert observed(scenario, "patrol_days") is None


# Where harm went


def test_what_moves_is_a_ratio_of_means_with_the_bounds_of_a_test() -> None:
    """At a bound r the mean of (others + r * main) differs from zero by just what a 95 % test allows."""
    effects = {"peacekeepers_killed": 0.3, "contractors_killed": 3.0, "fighters_killed": 4.0, "civilians_killed": 1.1}
    pairs = Pairs(synthetic_study({"as_reported": {}, "none": effects}, 20, shared=0.95), "none")
    found = displacement(pairs, "peacekeepers_killed")
    changes = {name: pairs.values(name) - pairs.baseline(name) for name in VICTIMS}
    main = changes.pop("peacekeepers_killed")
    del changes["fighters_killed"]
    others = np.sum(list(changes.values()), axis=0)
    assert found.on_others == pytest.approx(-others.mean() / main.mean())
    assert found.others_low < found.on_others < found.others_high
    for bound in (found.others_low, found.others_high):
        rest = others + bound * main
        assert abs(rest.mean()) / stats.sem(rest) == pytest.approx(stats.t.ppf(0.975, 19), rel=1e-3)
    assert found.elsewhere == elsewhere(regional(pairs, "peacekeepers_killed"))
    nothing = displacement(Pairs(synthetic_study({"as_reported": {}, "none": {}}, 20), "none"), "peacekeepers_killed")
    assert np.isnan([nothing.elsewhere, nothing.on_others, nothing.others_low, nothing.others_high]).all()


def test_bounds_of_a_ratio_at_the_edges() -> None:
    assert np.isnan(_ratio_bounds(np.ones(2), np.ones(2))).all()
    above, below = np.array([1.0, 2.0, 4.0]), np.array([2.0, 2.0, 2.0])
    assert _ratio_bounds(above, below) == pytest.approx((7 / 6, 7 / 6))  # nothing varies below: no reach is known
    assert _ratio_bounds(above, np.array([-1.0, 0.0, 1.5])) == (-np.inf, np.inf)
    wide = np.array([10.0, 10.2, 9.9, 10.1])
    low, high = _ratio_bounds(above := np.array([5.0, 4.0, 6.0, 5.5]), wide)
    for bound in (low, high):
        rest = above - bound * wide
        assert abs(rest.mean()) / stats.sem(rest) == pytest.approx(stats.t.ppf(0.975, 3), rel=1e-3)
    assert low < above.mean() / wide.mean() < high


def test_what_comes_back_is_judged_on_one_half_and_measured_on_the_other() -> None:
    change = np.array([[-4.0, 1.0, 0.0], [-2.0, -1.0, 2.0], [-2.0, 3.0, 0.0], [-6.0, 0.0, 1.0]])
    # judged on pairs 1 and 3: region 1 falls by 3; on 2 and 4: it averts 4, others bring -0.5 and 1.5 back
    # judged on pairs 2 and 4: regions 1 and 2 fall; on 1 and 3 they avert 3 and -2, the third brings nothing back
    assert elsewhere(change) == pytest.approx((1.0 + 0.0) / (4.0 + 1.0))
    assert elsewhere(-change) == pytest.approx(elsewhere(change))
    assert np.isnan(elsewhere(np.zeros((4, 3))))


def test_regions_are_paired_differences_with_their_bounds(pairs: Pairs) -> None:
    table = by_region(pairs)
    assert table["outcome"].tolist() == [name for name in VICTIMS for _ in REGIONS]
    assert table["region"].tolist() == list(REGIONS) * len(VICTIMS)
    level = 1 - 0.05 / (len(VICTIMS) * len(REGIONS))
    for outcome in ("peacekeepers_killed", "fighters_killed"):
        change = regional(pairs, outcome)
        assert change.sum(axis=1) == pytest.approx(pairs.values(outcome) - pairs.baseline(outcome))
        rows = table[table["outcome"] == outcome]
        error = stats.sem(change, axis=0)
        assert rows["mean"].to_numpy() == pytest.approx(change.mean(axis=0))
        assert rows["low"].to_numpy() == pytest.approx(change.mean(axis=0) - stats.t.ppf(0.975, 7) * error, rel=2e-3)
        assert rows["high"].to_numpy() == pytest.approx(change.mean(axis=0) + stats.t.ppf(0.975, 7) * error, rel=2e-3)
        clear = np.abs(change.mean(axis=0)) > stats.t.ppf((1 + level) / 2, 7) * error
        assert rows["clear"].tolist() == clear.tolist()


# Words


@pytest.mark.parametrize(
    ("lower", "higher", "doubt", "words"),
    [
        (0.9, 0.1, UncertaintySources(True, False, False), "very likely fewer"),
        (0.8999, 0.1001, UncertaintySources(True, False, False), "likely fewer"),
        (0.34, 0.66, UncertaintySources(True, False, False), "likely more"),
        (0.3401, 0.6599, UncertaintySources(True, False, False), "cannot tell"),
        (0.0, 0.0, UncertaintySources(True, False, False), "no difference"),
        (0.0, 1.0, UncertaintySources(True, False, False), "very likely more"),
        (1.0, 0.0, UncertaintySources(True, False, False), "very likely fewer"),
        (float("nan"), float("nan"), UncertaintySources(True, False, False), "cannot tell"),
        (0.05, 0.95, UncertaintySources(False, False, False), "rests on assumption"),
        (0.05, 0.95, UncertaintySources(True, True, True, 0.8), "very likely more"),
        (0.05, 0.95, UncertaintySources(True, False, False, 0.81), "rests on assumption"),
        (0.2, 0.8, UncertaintySources(True, True, True), "rests on assumption"),
        (0.2, 0.8, UncertaintySources(True, False, True), "likely more"),
        (0.2, 0.8, UncertaintySources(True, True, False), "likely more"),
        (0.1, 0.9, UncertaintySources(True, True, True), "very likely more"),
    ],
)
def test_words_begin_at_their_probabilities(lower: float, higher: float, doubt: UncertaintySources, words: str) -> None:
    assert str(verdict(lower, higher, doubt)) == words


ALPHA = 1e-6
LEVEL = 0.95


def differs(hits, trials, rate=LEVEL):
    """Whether so many hits contradict the rate."""
    return stats.binomtest(int(hits), trials, rate).pvalue < ALPHA


def draw_intervals(level=LEVEL, studies=60, columns=20, n=120, numbers=8, share=0.5):
    """Intervals of the average over draws that hold the average at a fresh draw; effects and chance are known."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(studies):
        draws = rng.normal(size=(n, numbers))
        basis = Basis(normal_scores(draws))
        effects = rng.normal(size=(columns, numbers)) * np.sqrt(share / numbers)
        fresh = rng.normal(size=(columns, numbers))
        for effect, new in zip(effects, fresh, strict=True):
            known = average(1.0 + draws @ effect + rng.normal(size=n) * np.sqrt(1 - share), basis)
            hits += abs(known.below(1.0 + float(new @ effect)) - 0.5) <= level / 2  # inside known.interval(level)
    return hits, studies * columns


@pytest.mark.slow
def test_intervals_over_draws_hold_the_average_of_a_fresh_draw_at_their_rate():
    assert not differs(*draw_intervals())
    assert differs(*draw_intervals(level=0.86))


def test_an_interval_ends_where_its_probabilities_say():
    rng = np.random.default_rng(6)
    draws = rng.normal(size=(60, 3))
    known = average(np.exp(draws[:, 0]) + rng.normal(size=60), Basis(normal_scores(draws)))
    for level in (0.5, 0.95, 0.99):
        low, high = known.interval(level)
        assert known.below(low) == pytest.approx((1 - level) / 2, abs=5e-4)
        assert known.below(high) == pytest.approx((1 + level) / 2, abs=5e-4)


def test_more_replications_shrink_the_monte_carlo_error_and_not_the_uncertainty_of_the_average():
    rng = np.random.default_rng(3)

    def known(n):
        draws = rng.normal(size=(n, 4))
        return average(draws.sum(axis=1) + 2 * rng.normal(size=n), Basis(normal_scores(draws)))

    few, many = known(100), known(1600)
    assert many.monte_carlo_error < few.monte_carlo_error / 3
    widths = [high - low for low, high in (few.interval(), many.interval())]
    assert widths[1] == pytest.approx(2 * 1.96 * 2, rel=0.1)  # the draws' own standard deviation is 2
    assert many.share_of_draws == pytest.approx(0.5, abs=0.08)
    assert many.draws_matter
    assert many.below(0.0) == pytest.approx(0.5, abs=0.06)
    assert many.chance.std() == pytest.approx(2.0, rel=0.1)


def test_draws_without_effect_are_seldom_said_to_matter():
    rng = np.random.default_rng(5)
    basis = Basis(normal_scores(rng.normal(size=(150, 40))))
    found = sum(average(rng.normal(size=150), basis).draws_matter for _ in range(300))
    assert stats.binomtest(found, 300, 0.07, alternative="greater").pvalue > ALPHA


def test_joint_intervals_hold_for_all_variants_at_once_and_single_ones_do_not():
    rng = np.random.default_rng(13)
    together = alone = 0
    studies, variants, n = 250, 6, 60
    for _ in range(studies):
        shared = rng.normal(size=n)
        values = 0.5 * shared + rng.normal(size=(variants, n))
        level = simultaneous_level(values)
        together += all(abs(row.mean()) <= half_width(row, level) for row in values)
        alone += all(abs(row.mean()) <= half_width(row) for row in values)
    assert not differs(together, studies)
    assert differs(alone, studies)


def test_noise_does_not_look_like_harm_that_moves():
    rng = np.random.default_rng(17)
    fall = np.array([-3.0, -2.0, 0, 0, 0, 0, 0, 0, 0])
    still = np.mean([elsewhere(fall + 3 * rng.normal(size=(200, 9))) for _ in range(40)])
    moved = np.mean(
        [elsewhere(fall + [0, 0, 0, 2.5, 0, 0, 0, 0, 0] + 3 * rng.normal(size=(200, 9))) for _ in range(40)]
    )
    assert still == pytest.approx(0.0, abs=0.05)
    assert moved == pytest.approx(0.5, abs=0.07)


@pytest.mark.slow
def test_a_binomial_test_of_this_size_would_find_a_rate_that_is_off():
    trials, cut = 1200, LEVEL
    rejected = [k for k in range(trials + 1) if differs(k, trials, cut)]
    power = stats.binom.pmf(rejected, trials, 0.86).sum()
    assert power > 0.999


MEASURES = ("training", "route_clearance", "drills")


def study(factors, replications=40, **options):
    effects = {}
    for subset in range(2 ** len(factors)):
        product = np.prod([factor for bit, factor in enumerate(factors) if subset >> bit & 1])
        effects[subset_name(MEASURES[: len(factors)], subset)] = {"peacekeepers_killed": float(product)}
    return synthetic_study(effects, replications, **options)


def test_the_shares_of_a_study_sum_in_persons():
    frame = study((0.8, 0.9, 1.1), failed=[("with_110", 3)])
    found = attribute(frame, MEASURES, "peacekeepers_killed")
    assert sum(share.averted for share in found.shares) == pytest.approx(found.total.averted)
    by_name = {share.measure: share for share in found.shares}
    assert by_name["training"].averted > by_name["route_clearance"].averted > 0 > by_name["drills"].averted
    assert all(share.low < share.averted < share.high for share in found.shares)
    words = attribution_text(found)
    assert max(map(len, words.splitlines())) <= 100
    assert "all together" in words


def test_every_subset_of_the_package_becomes_a_variant():
    scenario = load("quickstart")
    chosen = package(scenario)
    assert set(chosen) == {"training", "patrols", "route_clearance", "convoy_escort", "drills"}
    whole = factorial(scenario, chosen)
    assert len(whole.variants) == 32
    assert whole.baseline == "none"
    assert whole.variant("with_11111").hash == scenario.variant("as_reported").hash
    assert whole.variant("none").hash == scenario.variant("without_the_five").hash


@pytest.mark.parametrize(
    ("measures", "words"),
    [
        ((), "1 to 7"),
        (("drills", "drills"), "different"),
        (("drill",), "unknown measure 'drill'"),
        (("checkpoints",), "off in the baseline"),
    ],
)
def test_a_package_that_cannot_be_shared_is_refused(measures, words):
    with pytest.raises(ScenarioError, match=words):
        factorial(load("quickstart").with_values({"measures.checkpoints": None}), measures)
