"""Calibration against dense algebra, points left out one by one, books, and numbers worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import emcee
import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from sklearn.covariance import LedoitWolf

from analysis import identifiability, posterior_predictive
from analysis.identifiability import Direction, directions, entangled, heaviest, learned_directions, widths
from analysis.posterior_predictive import BIN_COUNT, OCCASIONS, Months, bins_of
from analysis.simulation_based_calibration import TESTS, Uniformity, as_observed, misfit, ranks, with_record
from sim.calibration import waves
from sim.calibration.emulator import ALPHAS, Emulator, NormalEquations, Ridge, _choose_ridge, _feature_scale, _features
from sim.calibration.evaluations import Runs
from sim.calibration.importance_weights import WeightedSets, _nearest_covariance, temper
from sim.calibration.observation import observations, observed
from sim.calibration.sampler import RANGE, Problem
from sim.calibration.space import STRUCTURES, WAR, Space
from sim.calibration.stacking import BINS, _softmax, bin_probabilities, maximise_log_score
from sim.calibration.targets import LOG, REFIT, ROOT, SUMMED, TRAINING, Target, all_targets, targets, transformed
from sim.calibration.waves import (
    FittedEmulator,
    Size,
    _average_points,
    _clip,
    _first_wave,
    _next_wave,
    _restrict_to_structures,
    fit_emulator,
)
from sim.missions.parameters import Prior

# The scale of comparison


def test_scales_of_comparison_by_hand() -> None:
    values = np.array([0.0, 15.625])
    assert Target("killed/2016", (), ROOT, 0.1).transformed(values) == pytest.approx([2 * np.sqrt(0.375), 8.0])
    offsets = {"ucdp/state_based": 20.0, "deaths_share/Gao": 0.02, "patrols": 0.1, "escorts": 0.1, "ied": 5.0,
               "wounded": 5.0, "displaced": 5.0}  # fmt: skip
    for series, offset in offsets.items():
        assert Target(f"{series}/2016", (), LOG, 0.1).transformed(values) == pytest.approx(np.log(values + offset))


def test_targets_have_the_stated_scales_and_discrepancies() -> None:
    stated = {"killed": (ROOT, 0.05), "wounded": (LOG, 0.05), "ied": (LOG, 0.1), "ucdp": (LOG, 0.15),
              "displaced": (LOG, 0.15), "deaths_share": (LOG, 0.3), "patrols": (LOG, 0.1),
              "escorts": (LOG, 0.2)}  # fmt: skip
    for year in (TRAINING, REFIT):
        known = observed()
        for target in targets(year):
            series = target.name.split("/")[0]
            scale, relative = stated.get(series, (ROOT, 0.05))
            if series == "attacks" or "/to " in target.name:
                scale, relative = ROOT, 0.05
            assert (target.scale, target.discrepancy) == (scale, relative), target.name
            assert target.record == sum(known[part] for part in target.parts)
            size = np.sqrt(target.record + 0.375) if scale == ROOT else 1.0
            assert target.tolerance == pytest.approx(relative * size)


def test_windows_and_years_of_the_space() -> None:
    assert (TRAINING, REFIT) == (2018, 2020)
    assert Space.packaged().years == tuple(range(2013, 2021))


def test_targets_are_years_days_and_sums_of_their_window() -> None:
    for year in (TRAINING, REFIT):
        inside = [item.name for item in observations().values() if item.end.year <= year]
        tactics = [name for name in inside if name.startswith("attacks/")]
        years = sorted({name[-4:] for name in tactics})
        expected = {f"attacks/{each}": tuple(n for n in tactics if n.endswith(each)) for each in years}
        for prefix in SUMMED:
            parts = tuple(name for name in inside if name.startswith(f"{prefix}/"))
            expected |= {f"{prefix}/to {year}": parts} if parts else {}
        for name in inside:
            series, *rest = name.split("/")
            is_day = rest[-1].count("-") == 2
            if series in ("wounded", "displaced", "patrols", "escorts"):
                expected |= {name: (name,)} if is_day else {}
            elif series in ("killed", "ied", "ucdp"):
                expected |= {name: (name,)} if len(rest[-1]) == 4 else {}
            elif series == "deaths_share":
                expected |= {name: (name,)} if rest[0] in WAR else {}
        assert {target.name: target.parts for target in targets(year)} == expected


def test_parts_of_a_target_are_summed_before_they_are_transformed() -> None:
    runs = Runs(np.arange(2), np.zeros(2, int), np.zeros((2, 1)), np.array([[1.0, 2, 9], [0, 4, 9]]), ("a", "b", "c"))
    chosen = (Target("x", ("a", "b"), ROOT, 0.1), Target("ied/1", ("c",), LOG, 0.1))
    assert transformed(runs, chosen) == pytest.approx(
        np.array([[2 * np.sqrt(3.375), np.log(14)], [2 * np.sqrt(4.375), np.log(14)]])
    )


# The space

SMALL = Space({"a": Prior("uniform", 0.0, 0.0, 10.0), "b": Prior("uniform", 2.0, 2.0, 4.0)}, (2013, 2014, 2015))


def test_natural_values_are_quantiles_and_sums_of_steps() -> None:
    z = np.zeros(17)
    z[:2] = 1.0, -9.0
    z[2:5], z[14:] = (1.0, 1.0, -2.0), (-0.5, 0.0, 3.0)
    values = SMALL.values(z)
    assert values["a"] == pytest.approx(10 * stats.norm.cdf(1.0))
    assert values["b"] == pytest.approx(2.0 + 2 * stats.norm.cdf(-6.0), abs=1e-12)
    assert [values[f"threat.Gao.{year}"] for year in SMALL.years] == pytest.approx([0.8, 1.2, 0.4])
    assert [values[f"threat.Tombouctou.{year}"] for year in SMALL.years] == pytest.approx([-0.4, -0.4, 0.8])
    assert [values[f"threat.Mopti.{year}"] for year in SMALL.years] == [0.0, 0.0, 0.0]
    back = SMALL.coordinates(values | {"b": 2.0})
    assert back[0] == pytest.approx(1.0)
    assert back[1] == pytest.approx(stats.norm.ppf(0.01))
    assert back[2:] == pytest.approx(z[2:])
    assert SMALL.coordinates(values | {"a": 10.0})[0] == pytest.approx(stats.norm.ppf(0.99))
    assert z.shape == (len(SMALL.names),)
    assert SMALL.natural(np.array([z, z])).shape == (2, 17)


def test_far_points_are_those_at_six_standard_deviations() -> None:
    wide = replace(SMALL, priors={"a": Prior("uniform", 0.0, 0.0, 1e12)})
    z = np.zeros((3, 16))
    z[:, 0] = -6.0, -6.5, -7.0
    assert wide.natural(z)[:, 0] == pytest.approx(np.full(3, 1e12 * stats.norm.cdf(-6.0)))


def test_steps_after_a_year_lead_to_later_years() -> None:
    assert SMALL.steps_after(2013) == [3, 4, 6, 7, 9, 10, 12, 13, 15, 16]
    assert SMALL.steps_after(2014) == [4, 7, 10, 13, 16]
    assert SMALL.steps_after(2015) == []


# The emulator


def test_features_and_their_scales_make_the_kernel() -> None:
    assert _features(np.array([[2.0, 3.0]])).tolist() == [[1.0, 2.0, 3.0, 4.0, 6.0, 9.0]]
    assert _feature_scale(2, 1) ** 2 == pytest.approx([1.0, 0.5, 0.5])
    assert _feature_scale(2, 2) ** 2 == pytest.approx([1.0, 1.0, 1.0, 0.25, 0.5, 0.25])
    x, z = np.array([[0.3, -1.0, 2.0]]), np.array([[1.5, 0.2, -0.7]])
    for degree in (1, 2):
        scale = _feature_scale(3, degree)
        product = (_features(x)[0, : len(scale)] * scale) @ (_features(z)[0, : len(scale)] * scale)
        assert product == pytest.approx((x[0] @ z[0] / 3 + 1) ** degree)


def left_out_by_hand(features: np.ndarray, y: np.ndarray, alpha: float) -> np.ndarray:
    """Every point foretold by a ridge through the others."""
    errors = []
    for n in range(len(y)):
        x, t = np.delete(features, n, axis=0), np.delete(y, n, axis=0)
        found = np.linalg.solve(x.T @ x + alpha * np.eye(x.shape[1]), x.T @ t)
        errors.append(y[n] - features[n] @ found)
    return np.array(errors)


@pytest.mark.parametrize(("points", "degree"), [(5, 2), (6, 2), (7, 2), (30, 2), (30, 1)])
def test_an_emulator_is_the_ridge_that_foretells_points_left_out_best(points: int, degree: int) -> None:
    rng = np.random.default_rng(points)
    z = rng.standard_normal((points, 2))
    y = np.column_stack([z[:, 0] ** 2 + 0.5 * rng.standard_normal(points), 1e-3 * z[:, 1] + 7.0])
    chance = np.array([[0.3, 0.1], [0.1, 0.2]])
    found = Emulator.fitted(z, y, chance, degree)
    scale = _feature_scale(2, degree)
    features = _features(z)[:, : len(scale)] * scale
    centre, spread = y.mean(axis=0), y.std(axis=0)
    scaled = (y - centre) / spread
    errors = {alpha: left_out_by_hand(features, scaled, alpha) for alpha in ALPHAS}
    means = [float((error**2).mean()) for error in errors.values()]
    best = next((n for n in range(len(means) - 1) if means[n + 1] >= means[n]), len(means) - 1)
    alpha = ALPHAS[best]
    ridge = np.linalg.solve(features.T @ features + alpha * np.eye(len(scale)), features.T @ scaled)
    expected = np.zeros((6, 2))
    expected[: len(scale)] = scale[:, None] * ridge * spread
    expected[0] += centre
    assert found.weights == pytest.approx(expected)
    assert found.mean(z) == pytest.approx(features @ ridge * spread + centre)
    size = np.sqrt((errors[alpha] ** 2).mean(axis=0))
    alike = LedoitWolf(assume_centered=True).fit(errors[alpha] / size).covariance_
    assert found.noise == pytest.approx(alike * np.outer(size * spread, size * spread) + chance)
    assert found.skill == pytest.approx(1 - size**2)
    normal = NormalEquations(features, scaled)
    assert normal.few == (points < len(scale))
    assert Ridge(normal, alpha).left_out(np.arange(points)) == pytest.approx(errors[alpha])
    assert _choose_ridge(normal).alpha == alpha


def test_targets_that_do_not_vary_have_no_noise_but_chance() -> None:
    z = np.random.default_rng(5).standard_normal((12, 2))
    found = Emulator.fitted(z, np.full((12, 1), 3.0), np.array([[0.25]]))
    assert found.mean(z) == pytest.approx(np.full((12, 1), 3.0))
    assert found.noise == pytest.approx(np.array([[0.25]]))
    assert found.skill.tolist() == [1.0]


# The sampler


def linear(slope: list[list[float]], noise: list[float]) -> Emulator:
    """Targets that are linear in the coordinates."""
    matrix = np.array(slope)
    count = matrix.shape[1]
    table = np.zeros((1 + count * (count + 3) // 2, len(matrix)))
    table[1 : count + 1] = matrix.T
    return Emulator(table, np.diag(noise), np.ones(len(matrix)))


SLOPE = [[1.0, 2.0, 0.5], [0.0, 1.0, -1.0]]


def test_the_posterior_is_that_of_normal_priors_and_errors() -> None:
    problem = Problem(linear(SLOPE, [0.3, 0.2]), np.array([1.0, -0.5]), np.sqrt([0.2, 0.05]), {1: 0.4}, 3)
    assert problem.free == [0, 2]
    assert problem.covariance == pytest.approx(np.diag([0.5, 0.25]))
    points = np.array([[0.2, -0.3], [3.0, -3.0], [3.01, 0.0], [0.0, -3.01]])
    assert problem.whole(points)[:, 1].tolist() == [0.4] * 4
    known = problem.log_posterior(points)
    for point, value in zip(points[:2], known[:2], strict=True):
        z = np.array([point[0], 0.4, point[1]])
        error = np.array([1.0, -0.5]) - np.array(SLOPE) @ z
        assert value == pytest.approx(-0.5 * (error[0] ** 2 / 0.5 + error[1] ** 2 / 0.25 + point @ point))
    assert known[2:].tolist() == [-np.inf, -np.inf]


@pytest.mark.parametrize("far", [1.0, 100.0])
def test_the_best_point_is_come_near_by_halves_inside_the_range(far: float) -> None:
    problem = Problem(linear(SLOPE, [0.3, 0.2]), far * np.array([1.0, -0.5]), np.sqrt([0.2, 0.05]), {}, 3)
    slope, precision = np.array(SLOPE), np.diag([2.0, 4.0])
    covariance = np.linalg.inv(np.eye(3) + slope.T @ precision @ slope)
    best = np.clip(covariance @ slope.T @ precision @ problem.observed, -2.7, 2.7)
    found, spread = problem.gaussian_approximation()
    assert found == pytest.approx(best * (1 - 2.0**-12), rel=1e-9)
    assert spread == pytest.approx(covariance)


@pytest.mark.parametrize(("fixed", "walkers"), [({}, 10), ({1: 0.4}, 6)])
def test_a_sample_is_drawn_from_the_second_half_of_chains_around_the_best_point(
    fixed: dict[int, float], walkers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = Problem(linear(SLOPE, [0.3, 0.2]), np.array([9.0, -5.0]), np.sqrt([0.2, 0.05]), fixed, 3)
    free = 3 - len(fixed)
    chain = np.random.default_rng(8).uniform(-1, 1, (50, free))
    asked: dict[str, object] = {}

    class Sampler:
        """Notes what it is asked."""

        def __init__(self, number: int, dimensions: int, log: Callable[..., object], **options: object) -> None:
            asked.update(number=number, dimensions=dimensions, vectorize=options["vectorize"])
            asked["moves"] = [(type(m).__name__, getattr(m, "a", None), share) for m, share in options["moves"]]  # type: ignore[attr-defined]

        def sample(self, start: np.ndarray, iterations: int) -> range:
            asked.update(start=start, state=self.random_state[1][:3])  # type: ignore[attr-defined]
            return range(iterations)

        def __getattr__(self, name: str) -> object:
            if name == "get_chain":
                return lambda discard, flat: (asked.update(discard=discard, flat=flat), chain)[1]
            raise AttributeError(name)

    monkeypatch.setattr(emcee, "EnsembleSampler", Sampler)
    told: list[tuple[int, int]] = []
    found = problem.sample(7, 20, 3, lambda *step: told.append(step))
    assert (asked["number"], asked["dimensions"], asked["discard"], asked["flat"]) == (walkers, free, 3, True)
    assert asked["vectorize"]
    assert asked["moves"] == [("StretchMove", 1.3, 0.3), ("DEMove", None, 0.7)]
    assert asked["state"] == pytest.approx(np.random.RandomState(3).get_state()[1][:3])
    assert told == [(n, 7) for n in range(1, 8)]
    best, covariance = problem.gaussian_approximation()
    rng = np.random.default_rng(3)
    start = best + rng.standard_normal((walkers, free)) @ np.linalg.cholesky(covariance).T
    assert asked["start"] == pytest.approx(np.clip(start, -2.85, 2.85))
    assert np.abs(start).max() > 2.85, "some start outside"
    rows = chain[rng.choice(50, 20, replace=False)]
    assert found[:, problem.free] == pytest.approx(rows)
    assert len(problem.sample(2, 60, 3)) == 60, "more than the chain has"


# Selection


def test_tempering_by_hand() -> None:
    assert temper(np.array([0.0])).tolist() == [1.0]
    assert temper(np.array([0.0, -9.0])) == pytest.approx([2 / 3, 1 / 3])  # 1 / (4/9 + 1/9) = 1.8 = 0.9 of two
    assert temper(np.log([2.0, 1.0])) == pytest.approx([2 / 3, 1 / 3])
    assert temper(np.log([3.0, 2.0]) + 5.0) == pytest.approx([0.6, 0.4])
    assert temper(np.array([-9.0, 0.0, 0.0]), 2.0) == pytest.approx([0.0, 0.5, 0.5], abs=2e-4)


def test_the_nearest_covariance_leaves_out_what_is_below_zero() -> None:
    assert _nearest_covariance(np.array([[0.0, 1.0], [1.0, 0.0]])) == pytest.approx(np.full((2, 2), 0.5))
    assert _nearest_covariance(np.array([[0.0, 2.0], [0.0, 0.0]])) == pytest.approx(np.full((2, 2), 0.5))
    assert _nearest_covariance(np.diag([2.0, -3.0])) == pytest.approx(np.diag([2.0, 0.0]))


# Stacking


def named_runs(values: np.ndarray) -> Runs:
    """Runs whose occasions all have these values, [runs] or [runs, occasions]."""
    table = np.broadcast_to(values.reshape(len(values), -1), (len(values), len(OCCASIONS))).astype(float)
    return Runs(np.arange(len(values)), np.zeros(len(values), int), np.zeros((len(values), 1)), table, OCCASIONS)


def test_densities_count_weighted_runs_in_the_bin_of_the_record_and_one_more_in_each() -> None:
    record = np.array([observed()[name] for name in OCCASIONS])
    share = np.array([0.5, 0.25, 0.25])
    values = np.stack([record, record, np.full(len(record), 2000.0)])
    fell = np.array([[sum(v > edge for edge in BINS) for v in row] for row in values])
    own = np.array([sum(v > edge for edge in BINS) for v in record])
    effective = 1 / (0.25 + 0.0625 + 0.0625)
    expected = (share @ (fell == own) * effective + 1) / (effective + 11)
    assert bin_probabilities(named_runs(values), share) == pytest.approx(expected)


def test_bins_hold_the_counts_of_the_competition() -> None:
    first = (0, 1, 3, 6, 11, 26, 51, 101, 251, 501, 1001)
    for number, low in enumerate(first):
        high = first[number + 1] - 1 if number < 10 else 9999
        assert np.digitize([low, high], BINS).tolist() == [number, number]


def test_weights_maximise_score_and_prior() -> None:
    scores = np.array([[0.5, 0.1], [0.2, 0.4], [0.6, 0.3]])

    def slope(w: float) -> float:
        return float(((scores[:, 0] - scores[:, 1]) / (scores @ [w, 1 - w])).sum() + 1 / w - 1 / (1 - w))

    best = brentq(slope, 1e-6, 1 - 1e-6)
    assert maximise_log_score(scores) == pytest.approx([best, 1 - best], abs=5e-7)
    assert maximise_log_score(np.ones((4, 3))) == pytest.approx(np.full(3, 1 / 3), abs=1e-5)
    assert maximise_log_score(np.ones((4, 1))) == pytest.approx([1.0])
    assert _softmax(np.array([0.0, np.log(3.0)])) == pytest.approx([0.25, 0.75])
    assert _softmax(np.array([0.0, -80.0]))[1] == pytest.approx(np.exp(-50.0), rel=1e-9, abs=0.0)
    assert _softmax(np.array([70.0, 0.0]))[0] == 1.0


# Months foretold


def test_months_are_foretold_bin_by_bin() -> None:
    assert (len(OCCASIONS), BIN_COUNT) == (48, 11)
    rng = np.random.default_rng(3)
    values = rng.poisson(3.0, (12, len(OCCASIONS))).astype(float)
    runs = replace(
        named_runs(values), point=np.repeat(np.arange(6), 2), z=np.repeat(rng.normal(size=(6, 2)), 2, axis=0)
    )
    fell = np.array([[sum(v > edge for edge in BINS) for v in row] for row in values])
    hits = np.array([[f == b for f in row for b in range(11)] for row in fell]).astype(float)
    each = (hits[::2] + hits[1::2]) / 2
    months = Months.fitted([runs])
    vary = each.std(axis=0) > 0
    book = Emulator.fitted(runs.z[::2], each[:, vary], np.zeros((vary.sum(), vary.sum())))
    assert months.bins.weights[:, vary] == pytest.approx(book.weights)
    assert months.bins.mean(np.array([[5.0, 5.0]]))[0, ~vary] == pytest.approx(each.mean(axis=0)[~vary])
    own = bins_of(dict(zip(OCCASIONS, values[0], strict=True)))
    assert own.tolist() == fell[0].tolist()
    z = 9 * rng.normal(size=(4, 2))
    assert months.bins.mean(z).min() < 0 < 1 < months.bins.mean(z).max()
    chance = months.bins.mean(z).reshape(4, 48, 11).clip(0, 1)
    expected = (chance[:, np.arange(48), own].sum(axis=0) + 1) / (4 + 11)
    assert months.densities(z, own) == pytest.approx(expected)
    other = z + 1.0
    found = months.stacked({"one": z, "other": other}, own)
    assert list(found) == ["one", "other"]
    both = maximise_log_score(np.column_stack([expected, months.densities(other, own)]))
    assert list(found.values()) == pytest.approx(both)
    assert months.stacked({"alone": z}, own) == {"alone": 1.0}
    assert posterior_predictive.OCCASIONS[:2] == ("killed/2019-01", "killed/2019-02")


# Simulation-based calibration


def test_two_records_are_one_of_their_average_with_half_of_the_variance() -> None:
    problem = Problem(linear(SLOPE, [0.4, 0.2]), np.array([1.0, -1.0]), np.array([0.2, 0.6]), {}, 3)
    both = with_record(problem, np.array([2.0, 0.0]))
    assert both.observed.tolist() == [1.5, -0.5]
    assert both.covariance == pytest.approx(problem.covariance / 2)
    assert both.emulator.noise.tolist() == [[0.2, 0.0], [0.0, 0.1]]
    off = (as_observed(problem, np.array([2.0, 0.0]), 7) - [2.0, 0.0]) / [0.2, 0.6]
    assert off == pytest.approx(np.random.default_rng(7).standard_normal(2))


def test_ranks_count_draws_below_the_truth_and_fits_better_than_its_own() -> None:
    emulator = linear([[1.0, 0.0, 0.0]], [0.5])
    draws = np.column_stack([np.arange(99.0) / 10, np.full(99, 0.4), np.arange(99.0)])
    asked: list[tuple[int, int, int]] = []
    problem = SimpleNamespace(
        sample=lambda *given: (asked.append(given), draws)[1],
        fixed={1: 0.4},
        emulator=emulator,
        covariance=np.eye(1) * 4,
    )
    found = ranks(problem, np.array([2.0, 0.4, 50.0]), np.array([5.0]), 30, 9)  # type: ignore[arg-type]
    assert asked == [(30, 99, 9)]
    assert found[[0, 2]].tolist() == [20.0, 50.0]
    assert np.isnan(found[1])
    assert found[3] == 59.0  # draws from 2.1 to 7.9 lie nearer to 5 than 2
    z = np.array([[2.0, 0, 0], [6.0, 0, 0]])
    assert misfit(problem, z, np.array([5.0])).tolist() == [9 / 4, 1 / 4]  # type: ignore[arg-type]


def test_ranks_are_spread_over_their_hundredths_and_tested_three_ways() -> None:
    rng = np.random.default_rng(5)
    found = rng.integers(0, 100, (30, 3)).astype(float)
    found[:, 1] = np.nan
    found[:10, 2] = np.nan
    told = Uniformity.of(["a", "held", "c"], found, seed=4)
    assert told.names == ("a", "c")
    first = np.random.default_rng(0).random((30, 3))[:, 0]
    assert Uniformity.of(["a", "held", "c"], found).u[:, 0] == pytest.approx((found[:, 0] + first) / 100)
    assert Uniformity(("a",), np.array([[0.25], [0.5], [0.75], [np.nan]])).coverage(0.5) == pytest.approx([1 / 3])
    shift = np.random.default_rng(4).random((30, 3))
    u = ((found + shift) / 100)[:, [0, 2]]
    assert told.u[10:] == pytest.approx(u[10:])
    expected = []
    for column in (u[:, 0], u[10:, 1]):
        scores, n = stats.norm.ppf(column), len(column)
        z = scores.mean() * np.sqrt(n)
        squares = float((scores**2).sum())
        tails = stats.chi2(n).cdf(squares)
        expected.append(
            [2 * stats.norm.cdf(-abs(z)), 2 * min(tails, 1 - tails), stats.kstest(column, "uniform").pvalue]
        )
    assert told.p_values() == pytest.approx(np.array(expected))
    assert told.limit == pytest.approx(0.01 / 6)
    assert told.rejected() == []
    inside = [(np.abs(u[:, 0] - 0.5) < 0.25).mean(), (np.abs(u[10:, 1] - 0.5) < 0.25).mean()]
    assert told.coverage(0.5) == pytest.approx(inside)
    assert told.band(30) == pytest.approx(stats.kstwo.ppf(1 - 0.01 / 6, 30))
    far = stats.chi2(20).ppf(1 - 0.01 / 12) / stats.chi2(20).ppf(0.1)
    assert told.visible == pytest.approx(np.sqrt(far))


@pytest.mark.parametrize(
    ("values", "test"),
    [(0.9 + 0.001 * np.arange(40), "location"), (0.5 + 0.001 * (np.arange(40) - 19.5), "spread")],
)
def test_ranks_that_lie_on_one_side_or_too_near_are_rejected(values: np.ndarray, test: str) -> None:
    told = Uniformity(("even", "odd"), np.column_stack([(np.arange(40) + 0.5) / 40, values]))
    rejected = told.rejected()
    assert {name for name, *_ in rejected} == {"odd"}
    assert test in {which for _, which, _ in rejected}
    known = dict(zip(TESTS, told.p_values()[1], strict=True))
    assert all(p == known[which] for _, which, p in rejected)
    wide = stats.norm.cdf(3.0 * stats.norm.ppf((np.arange(40) + 0.5) / 40))
    assert "spread" in {which for _, which, _ in Uniformity(("wide",), wide[:, None]).rejected()}


# What the record can tell


def concluded(posteriors: dict[str, WeightedSets], share: dict[str, float], names: tuple[str, ...]) -> SimpleNamespace:
    """What is read of a conclusion."""
    fitted = SimpleNamespace(space=SimpleNamespace(names=names), problem=lambda *given: given)
    return SimpleNamespace(posteriors={REFIT: posteriors}, weights=share, fitted=fitted)


def test_pairs_are_entangled_within_structures(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    a, c = rng.normal(size=(2, 40)), rng.normal(size=(2, 40))
    still = np.full(40, 1.0)  # held by both
    one = np.column_stack([a[0], a[0] + 0.3 * a[1], np.full(40, 2.0), c[0], still])
    other = np.column_stack([c[0], c[1], -c[0] + 0.5 * c[1], a[1], still])
    weight = rng.dirichlet(np.ones(40), 2)
    runs = Runs(np.arange(0), np.arange(0), np.zeros((0, 4)), np.zeros((0, 0)), ())
    sets = {"x": WeightedSets(one, weight[0], runs), "y": WeightedSets(other, weight[1], runs)}
    conclusion = concluded(sets, {"x": 0.8, "y": 0.2}, ("a", "b", "held", "d", "still"))
    found = entangled(conclusion)  # type: ignore[arg-type]

    def correlation(z: np.ndarray, w: np.ndarray, i: int, j: int) -> float:
        middle = w @ z
        off = z - middle
        return float(w @ (off[:, i] * off[:, j]) / np.sqrt((w @ off[:, i] ** 2) * (w @ off[:, j] ** 2)))

    expected = []
    for i, j in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
        alone = correlation(other, weight[1], i, j)
        both = alone if 2 in (i, j) else 0.8 * correlation(one, weight[0], i, j) + 0.2 * alone
        if abs(both) > 0.5:
            expected.append((("a", "b", "held", "d")[i], ("a", "b", "held", "d")[j], both))
    expected.sort(key=lambda pair: -abs(pair[2]))
    assert [pair[:2] for pair in found] == [pair[:2] for pair in expected]
    assert [pair[2] for pair in found] == pytest.approx([pair[2] for pair in expected])
    assert len(found) >= 2
    assert identifiability.STRONG == 0.5
    monkeypatch.setattr(identifiability, "STRONG", abs(found[-1][2]))
    assert entangled(conclusion) == found[:-1], "beyond, not at"  # type: ignore[arg-type]


def test_widths_are_spreads_of_sets_over_those_of_draws() -> None:
    runs = Runs(
        np.array([0, 0, 1, 2]), np.zeros(4, int), np.array([[0.0, 5], [0, 5], [2, 5], [4, 5]]), np.zeros((4, 1)), ("t",)
    )
    sets = WeightedSets(np.array([[1.0, 5], [3.0, 5]]), np.array([0.25, 0.75]), runs)
    found = widths(concluded({"x": sets}, {"x": 1.0}, ("a", "b")), {"x": runs})  # type: ignore[arg-type]
    assert found == pytest.approx([np.sqrt(0.75) / np.sqrt(8 / 3)])


def test_the_heaviest_structure_is_refitted() -> None:
    for best in STRUCTURES:
        share = {structure.name: 0.2 + 0.4 * (structure is best) for structure in STRUCTURES}
        assert heaviest(concluded({}, share, ())) == (best, REFIT)  # type: ignore[arg-type, comparison-overlap]


def test_directions_are_axes_of_the_normal_approximation() -> None:
    problem = Problem(linear([[3.0, 3.0, 0.0]], [1.0]), np.zeros(1), np.zeros(1), {2: 1.0}, 3)
    known, unknown = directions(problem, ("a", "b", "held"))
    assert known.sd == pytest.approx(np.sqrt(1 / 19))  # 1 + 18 along the diagonal
    assert list(known.loadings) in (["a", "b"], ["b", "a"])
    assert [abs(v) for v in known.loadings.values()] == pytest.approx([np.sqrt(0.5)] * 2)
    assert unknown.sd == pytest.approx(1.0)
    tilted = Problem(linear([[4.0, 1.0]], [1.0]), np.zeros(1), np.zeros(1), {}, 2)
    assert list(directions(tilted, ("a", "b"))[0].loadings) == ["a"]  # 1 / sqrt(17) = 0.243 is not named
    steeper = Problem(linear([[3.8, 1.0]], [1.0]), np.zeros(1), np.zeros(1), {}, 2)
    assert list(directions(steeper, ("a", "b"))[0].loadings) == ["a", "b"]  # 0.254
    some = [Direction(sd, {}) for sd in (0.1, identifiability.NARROW, identifiability.NARROW + 0.01)]
    assert learned_directions(some) == 2


# Waves


def test_averages_and_chance_of_a_wave() -> None:
    names = tuple(observed())
    rng = np.random.default_rng(4)
    point = np.array([3, 3, 5, 5, 5, 9])
    z = np.array([[1.0], [1.0], [2.0], [2.0], [2.0], [4.0]])
    runs = Runs(point, np.zeros(6, int), z, rng.poisson(20.0, (6, len(names))).astype(float), names)
    y = transformed(runs, all_targets())
    where, mean, chance, replications = _average_points(runs)
    groups = [y[:2], y[2:5], y[5:]]
    assert where.tolist() == [[1.0], [2.0], [4.0]]
    assert mean == pytest.approx(np.array([group.mean(axis=0) for group in groups]))
    apart = sum((group - group.mean(axis=0)).T @ (group - group.mean(axis=0)) for group in groups)
    assert chance == pytest.approx(apart / 3)
    assert replications == 2.0
    single = Runs(point[[0, 2]], np.zeros(2, int), z[[0, 2]], runs.statistics[[0, 2]], names)
    assert not _average_points(single)[2].any()
    space = SimpleNamespace(names=("a",))
    for parts, degree in (([runs], 1), ([runs, single, runs], 2)):
        fitted = fit_emulator(space, parts)  # type: ignore[arg-type]
        found = [_average_points(part) for part in parts]
        middle = np.mean([part[2] for part in found], axis=0)
        share = 1 - 1 / np.mean([part[3] for part in found])
        book = Emulator.fitted(np.concatenate([p[0] for p in found]), np.concatenate([p[1] for p in found]),
                               share * middle, degree)  # fmt: skip
        assert fitted.chance == pytest.approx(middle)
        assert fitted.emulator.weights == pytest.approx(book.weights)
        assert fitted.emulator.noise == pytest.approx(book.noise)
        assert fitted.points == sum(len(part[0]) for part in found)
    assert Size((3, 4), 5).runs == 35


@pytest.fixture(scope="module")
def space() -> Space:
    return Space.packaged()


def test_the_first_wave_lies_around_the_packaged_point(space: Space) -> None:
    count = 9
    raw = 0.9 * space.packaged_point() + 0.4 * np.random.default_rng(0).standard_normal((count, len(space.names)))
    expected = raw.copy()
    for row in range(count):
        if row % 4 < 3:
            for i, value in STRUCTURES[row % 4].coordinates(space).items():
                expected[row, i] = value
    assert _restrict_to_structures(space, raw.copy()) == pytest.approx(expected)
    assert _first_wave(space, count) == pytest.approx(np.clip(expected, -3.0, 3.0))
    assert _clip(np.array([[-3.5, 3.5, 2.9]])).tolist() == [[-RANGE, RANGE, 2.9]] == [[-3.0, 3.0, 2.9]]


def test_later_waves_are_drawn_a_little_wider_than_the_posterior(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Known:
        """A posterior for each structure and window."""

        def problem(self, structure: object, year: int) -> SimpleNamespace:
            asked.append((structure, year))
            best = np.array([0.1 * len(asked), 0.0])
            return SimpleNamespace(
                gaussian_approximation=lambda: (best, np.array([[0.25, 0.0], [0.0, 0.04]])), whole=lambda z: z
            )

    found = _next_wave(Known(), 2, 21)  # type: ignore[arg-type]
    assert asked == [(structure, year) for structure in STRUCTURES for year in (TRAINING, REFIT)]
    rng = np.random.default_rng(2)
    parts = [np.array([0.1 * n, 0.0]) + 1.1 * rng.standard_normal((4, 2)) * [0.5, 0.2] for n in range(1, 7)]
    assert found == pytest.approx(np.concatenate(parts)[:21])  # half of 21 / 3 is rounded up to 4
    assert len(_next_wave(Known(), 2, 3)) == 3
    assert len(_next_wave(Known(), 2, 40)) == 40
    assert waves.STEPS == 1500


def test_waves_are_run_one_after_another_each_from_all_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept, told = [], []
    database = SimpleNamespace(runs=lambda number: f"runs of {number}")
    monkeypatch.setattr(waves, "RunStore", lambda path, space: database)
    monkeypatch.setattr(waves, "_first_wave", lambda space, count: ("wide", count))
    monkeypatch.setattr(waves, "_next_wave", lambda fitted, number, count: ("closer", fitted, number, count))
    monkeypatch.setattr(waves, "fit_emulator", lambda space, found: tuple(found))

    def run(base: object, number: int, points: object, replications: int, executor: object, tell: Callable) -> None:
        assert base is database
        kept.append((number, points, replications))
        tell(1, 2)

    monkeypatch.setattr(waves, "run_wave", run)
    found = waves.run_waves(tmp_path, Size((5, 6, 7), 3), None, lambda *said: told.append(said))  # type: ignore[arg-type]
    first = ("runs of 0",)
    assert kept == [
        (0, ("wide", 5), 3), (1, ("closer", first, 1, 6), 3), (2, ("closer", (*first, "runs of 1"), 2, 7), 3)
    ]  # fmt: skip
    assert found == (*first, "runs of 1", "runs of 2")
    assert told == [(f"wave {n}", 1, 2) for n in (1, 2, 3)]


def test_a_problem_has_the_targets_of_its_window(space: Space) -> None:
    known = all_targets()
    count = len(known)
    emulator = Emulator(np.arange(2.0 * count).reshape(2, count), np.diag(np.arange(1.0, count + 1)), np.ones(count))
    fitted = FittedEmulator(space, emulator, 1, np.eye(count))
    for year in (TRAINING, REFIT):
        chosen = targets(year)
        places = [[t.name for t in known].index(target.name) for target in chosen]
        problem = fitted.problem(STRUCTURES[1], year)
        assert problem.emulator.weights.tolist() == emulator.weights[:, places].tolist()
        assert np.diag(problem.emulator.noise).tolist() == [place + 1.0 for place in places]
        assert problem.observed.tolist() == [target.observed for target in chosen]
        assert problem.tolerance.tolist() == [target.tolerance for target in chosen]
        assert problem.fixed == STRUCTURES[1].coordinates(space, year)
        assert problem.dimensions == len(space.names)
        record = np.arange(float(len(chosen)))
        assert fitted.problem_for_record(STRUCTURES[1], year, record).observed is record
