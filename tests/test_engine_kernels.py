"""Inverse CDFs and distances against scipy and geometry, with negative controls that are wrong by a tenth."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from sim.model.kernels import (
    binomial_inverse,
    clamp,
    could_happen,
    distance_km,
    happens,
    heavy_tailed_count,
    normal_inverse,
    poisson_inverse,
)
from tests.engine_support import plain

EDGES = (1e-9, 1e-6, 0.001, 0.024249, 0.024251, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975749, 0.975751, 0.999, 1 - 1e-9)
GRID = np.unique(np.concatenate([EDGES, (np.arange(999) + 0.5) / 999]))
DRAWS = 50_000


@njit
def poisson(u, mean):
    return poisson_inverse(u, mean)


@njit
def binomial(u, trials, p):
    return binomial_inverse(u, trials, p)


@njit
def normal(u):
    return normal_inverse(u)


@njit
def heavy(u, scale, spread):
    return heavy_tailed_count(u, scale, spread)


@njit
def kilometres(lat_a, lon_a, lat_b, lon_b):
    return distance_km(lat_a, lon_a, lat_b, lon_b)


@pytest.fixture(scope="module")
def u() -> np.ndarray:
    """Independent of the engine's own generator."""
    return np.random.Generator(np.random.PCG64(20180529)).random(DRAWS)


def each(function: Callable, u: np.ndarray, *args: float) -> np.ndarray:
    return np.array([function(x, *args) for x in u])


@pytest.mark.parametrize("mean", [1e-6, 0.01, 0.3, 1.0, 7.5, 59.9, 60.0])
def test_poisson_counts_are_the_exact_quantiles(mean: float) -> None:
    cumulative = stats.poisson.cdf(np.arange(400), mean)
    sure = np.abs(cumulative[:, None] - GRID).min(axis=0) > 1e-12  # on a step itself rounding decides
    assert np.array_equal(each(poisson, GRID, mean)[sure], stats.poisson.ppf(GRID, mean)[sure])


@pytest.mark.parametrize("mean", [60.1, 100.0, 5000.0])
def test_large_poisson_counts_are_nearly_the_quantiles(mean: float) -> None:
    inner = GRID[(GRID > 0.001) & (GRID < 0.999)]
    away = np.abs(each(poisson, inner, mean) - stats.poisson.ppf(inner, mean))
    assert away.max() <= 2, "the normal approximation misses the skew only"


@pytest.mark.parametrize("mean", [0.0, -1.0])
def test_no_rate_means_no_count(mean: float) -> None:
    assert poisson(0.999, mean) == 0


@pytest.mark.parametrize(
    ("trials", "p"),
    [(1, 0.3), (5, 0.5), (5, 0.500001), (20, 0.97), (119, 0.5), (200, 0.3), (1000, 0.0599), (1000, 0.95), (40, 1e-9)],
)
def test_binomial_counts_are_the_exact_quantiles(trials: int, p: float) -> None:
    cumulative = stats.binom.cdf(np.arange(trials + 1), trials, p)
    sure = np.abs(cumulative[:, None] - GRID).min(axis=0) > 1e-10
    assert np.array_equal(each(binomial, GRID, trials, p)[sure], stats.binom.ppf(GRID, trials, p)[sure])


@pytest.mark.parametrize(("trials", "p"), [(122, 0.5), (1000, 0.0601), (10_000, 0.3), (10_000, 0.99)])
def test_large_binomial_counts_are_nearly_the_quantiles(trials: int, p: float) -> None:
    inner = GRID[(GRID > 0.001) & (GRID < 0.999)]
    assert np.abs(each(binomial, inner, trials, p) - stats.binom.ppf(inner, trials, p)).max() <= 2


def test_sure_and_impossible_trials_need_no_chance() -> None:
    assert [binomial(0.5, 7, 1.0), binomial(0.5, 7, 1.5), binomial(0.5, 7, 0.0), binomial(0.5, 7, -0.1)] == [7, 7, 0, 0]
    assert binomial(0.5, 0, 0.5) == 0


@pytest.mark.parametrize("p", [0.05, 0.5, 0.51, 0.95])
def test_a_binomial_count_never_leaves_its_trials(p: float) -> None:
    for trials in (1, 3, 119, 121, 3000):
        counts = each(binomial, np.array(EDGES), trials, p)
        assert 0 <= counts.min() <= counts.max() <= trials


def test_normal_quantiles_are_right_to_nine_digits() -> None:
    exact = stats.norm.ppf(GRID)
    found = each(normal, GRID)
    large = np.abs(exact) > 1e-6
    assert np.abs(found[large] / exact[large] - 1.0).max() < 1.2e-9
    assert np.abs(found[~large]).max(initial=0.0) < 1e-6


@pytest.mark.parametrize("edge", [0.02425, 0.97575])
def test_normal_quantiles_do_not_jump_between_branches(edge: float) -> None:
    below, above = normal(edge - 1e-12), normal(edge + 1e-12)
    assert 0.0 < above - below < 1e-8


@pytest.mark.parametrize(("scale", "spread"), [(0.42, 1.8), (1.7, 1.75), (9.0, 1.1)])
def test_heavy_tailed_counts_are_floors_of_a_lognormal(scale: float, spread: float) -> None:
    exact = stats.lognorm.ppf(GRID, spread, scale=scale)
    sure = np.abs(exact - np.round(exact)) > 1e-6 * exact
    assert np.array_equal(each(heavy, GRID, scale, spread)[sure], np.floor(exact)[sure])
    assert heavy(0.99, 0.0, spread) == 0
    assert heavy(0.99, -1.0, spread) == 0


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (poisson, (0.2,)),
        (poisson, (59.0,)),
        (poisson, (61.0,)),
        (binomial, (30, 0.4)),
        (binomial, (30, 0.6)),
        (binomial, (500, 0.4)),
        (normal, ()),
        (heavy, (1.7, 1.2)),
    ],
)
def test_a_larger_uniform_never_gives_less(function: Callable, args: tuple[float, ...]) -> None:
    assert np.all(np.diff(each(function, GRID, *args)) >= 0)


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.55), (59.0, 61.0), (60.0, 60.1)])
def test_a_higher_rate_never_gives_less(low: float, high: float) -> None:
    """What makes paired runs comparable: the same uniform and a higher rate give at least as much, to one count."""
    inner = GRID[(GRID > 0.001) & (GRID < 0.999)]
    slack = 0 if high < 60.0 else 2  # across the change to the approximation
    assert np.all(each(poisson, inner, high) - each(poisson, inner, low) >= -slack)


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((12.64, -8.0), (12.64, -8.0), 0.0),
        ((0.0, 0.0), (0.0, 180.0), math.pi * 6371.0088),
        ((0.0, 0.0), (1.0, 0.0), math.pi * 6371.0088 / 180.0),
        ((16.27, -0.05), (18.44, 1.41), 287.0),  # Gao to Kidal in a straight line
        ((12.64, -8.0), (16.77, -3.01), 706.0),  # Bamako to Tombouctou
    ],
)
def test_distances_are_great_circles(a: tuple[float, float], b: tuple[float, float], km: float) -> None:
    assert kilometres(*a, *b) == pytest.approx(km, rel=0.01, abs=1e-6)
    assert kilometres(*a, *b) == kilometres(*b, *a)


def test_clamp_keeps_to_its_limits() -> None:
    assert [plain(clamp)(x, 0.0, 1.0) for x in (-1.0, 0.3, 2.0)] == [0.0, 0.3, 1.0]


def test_plain_python_gives_the_same_to_the_bit() -> None:
    for x in EDGES:
        assert plain(normal_inverse)(x) == normal(x)
        assert plain(heavy_tailed_count)(x, 9.0, 1.1) == heavy(x, 9.0, 1.1)
        for mean in (0.3, 59.0, 61.0):
            assert plain(poisson_inverse)(x, mean) == poisson(x, mean)
        for trials, p in ((5, 0.2), (90, 0.9), (500, 0.5)):
            assert plain(binomial_inverse)(x, trials, p) == binomial(x, trials, p)
    assert plain(distance_km)(12.0, -8.0, 16.0, 0.0) == kilometres(12.0, -8.0, 16.0, 0.0)


@given(st.floats(2.0**-33, 1.0 - 2.0**-33), st.floats(-1.0, 1e3) | st.floats(0.0, 1e-9), st.floats(0.0, 1.0))
def test_what_is_decided_without_an_exponential_is_decided_alike(u: float, rate: float, lowered: float) -> None:
    """For every draw that can come up; and what could not happen does not happen at any lower rate."""
    decided = plain(happens)
    assert decided(u, rate) == (u < 1.0 - math.exp(-rate))
    assert plain(could_happen)(u, max(0.0, rate)) or not decided(u, lowered * max(0.0, rate))
