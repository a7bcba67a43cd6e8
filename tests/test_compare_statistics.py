"""Statistics on data with known truth: intervals cover at their rate, and one made too narrow is found out."""

import numpy as np
import pytest
from scipy import stats

from sim.inference.comparison.averages import Basis, average, normal_scores
from sim.inference.comparison.displacement_of_harm import _ratio_bounds, elsewhere
from sim.inference.comparison.precision import half_width, simultaneous_level

ALPHA = 1e-6
LEVEL = 0.95


def differs(hits, trials, rate=LEVEL):
    """Whether so many hits contradict the rate."""
    return stats.binomtest(int(hits), trials, rate).pvalue < ALPHA


def mean_intervals(narrowed=1.0, studies=1500, n=40):
    """How many 95 % intervals of the mean of paired counts hold the truth, which is 2."""
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(studies):
        shared = rng.gamma(2.0, 5.0, n)
        known = average(rng.poisson(shared + 2.0) - rng.poisson(shared).astype(float), Basis(np.zeros((n, 0))))
        low, high = known.interval()
        middle, half = (low + high) / 2, narrowed * (high - low) / 2
        hits += abs(2.0 - middle) <= half
    return hits, studies


def test_intervals_of_the_mean_cover_at_their_rate_and_narrow_ones_do_not():
    assert not differs(*mean_intervals())
    assert differs(*mean_intervals(narrowed=0.75))  # covers 86 %: rejected with probability above 0.999


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


def test_equal_variants_need_no_correction():
    values = np.random.default_rng(1).normal(size=80)
    assert simultaneous_level(np.stack([values, values, values])) == pytest.approx(LEVEL, abs=0.01)


def test_noise_does_not_look_like_harm_that_moves():
    rng = np.random.default_rng(17)
    fall = np.array([-3.0, -2.0, 0, 0, 0, 0, 0, 0, 0])
    still = np.mean([elsewhere(fall + 3 * rng.normal(size=(200, 9))) for _ in range(40)])
    moved = np.mean(
        [elsewhere(fall + [0, 0, 0, 2.5, 0, 0, 0, 0, 0] + 3 * rng.normal(size=(200, 9))) for _ in range(40)]
    )
    assert still == pytest.approx(0.0, abs=0.05)
    assert moved == pytest.approx(0.5, abs=0.07)


def test_bounds_of_a_share_cover_it():
    rng = np.random.default_rng(19)
    hits = 0
    for _ in range(800):
        noise = rng.normal(size=(2, 60))
        low, high = _ratio_bounds(1.0 + noise[0], 2.0 + 0.5 * noise[0] + noise[1])
        hits += low <= 0.5 <= high
    assert not differs(hits, 800)


def test_a_binomial_test_of_this_size_would_find_a_rate_that_is_off():
    trials, cut = 1200, LEVEL
    rejected = [k for k in range(trials + 1) if differs(k, trials, cut)]
    power = stats.binom.pmf(rejected, trials, 0.86).sum()
    assert power > 0.999
