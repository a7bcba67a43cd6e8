"""Checks of the inference: ranks, worlds, shuffled histories, identifiability, and what is forecast of months."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import identifiability, inference_checks, posterior_predictive
from analysis import inference_checks_tasks as inference
from analysis import permutation_tests as shuffles
from analysis import simulation_based_calibration as sbc
from analysis import synthetic_worlds as worlds
from analysis.identifiability import Direction, directions, entangled, heaviest, learned_directions, widths
from analysis.inference_checks_figure import identifiability as figure
from analysis.inference_checks_page import page
from analysis.inference_checks_tasks import (
    RANKS,
    SHUFFLES,
    WORLDS,
    InferenceChecks,
    Task,
    TaskRows,
    results,
    single,
    tasks,
)
from analysis.permutation_tests import chance, scored, shuffled
from analysis.posterior_predictive import BIN_COUNT, OCCASIONS, Months, bins_of
from analysis.simulation_based_calibration import TESTS, Uniformity, as_observed, misfit, ranks, with_record
from sim.calibration.calibration_result import CalibrationResult, load_result
from sim.calibration.emulator import Emulator
from sim.calibration.evaluations import FILE, Runs, historical_plan, simulate_statistics, statistics
from sim.calibration.importance_weights import WeightedSets
from sim.calibration.observation import observed
from sim.calibration.sampler import Problem
from sim.calibration.space import STRUCTURES, FloatArray, Space
from sim.calibration.stacking import BINS, maximise_log_score
from sim.calibration.targets import REFIT, TRAINING, all_targets, targets
from sim.calibration.waves import (
    FittedEmulator,
)
from sim.present.figures.style import save
from sim.scenario import MEASURES
from sim.study import StoreError
from tests.calibration_support import linear

ALPHA = 1e-6
SLOPES = np.array([[1.5, 0.0, 0.3, 0.0, 1.0], [0.0, 2.0, 0.3, 0.0, -1.0], [0.5, 0.0, 0.0, 0.2, 0.0]])
NOISE = np.diag([0.5, 1.0, 0.8, 1.0, 0.6])
NAMES = ("a", "b", "c", "fit")


def toy() -> Problem:
    """Three coordinates, five targets, one record; its posterior is normal and known."""
    return Problem(linear(SLOPES.T, np.diag(NOISE)), np.array([0.5, -1.0, 0.2, 0.0, 0.8]), np.full(5, 0.1), {}, 3)


def exact(problem: Problem, *records: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of the posterior by the textbook, given records each with the problem's covariance."""
    precision = np.linalg.inv(toy().covariance)
    covariance = np.linalg.inv(np.eye(3) + len(records) * SLOPES @ precision @ SLOPES.T)
    return covariance @ SLOPES @ precision @ np.sum(records, axis=0), covariance


def ranked(narrowed: float, records: int = 40) -> Uniformity:
    """Ranks in the toy of truths from its posterior, inferred with noise whose sd is a share of the true one."""
    problem, rng = toy(), np.random.default_rng(4)
    centre, covariance = exact(problem, problem.observed)
    rows = []
    for number in range(records):
        truth = rng.multivariate_normal(centre, covariance)
        run = truth @ SLOPES + rng.multivariate_normal(np.zeros(5), NOISE)
        record = as_observed(problem, run, number)
        both = with_record(problem, record)
        inferred = replace(
            both,
            emulator=replace(both.emulator, noise=narrowed**2 * both.emulator.noise),
            tolerance=narrowed * both.tolerance,
        )
        rows.append(ranks(inferred, truth, record, 300, number))
    return Uniformity.of(NAMES, np.array(rows))


@pytest.mark.slow
def test_ranks_of_truths_are_uniform_where_the_analysis_is_right() -> None:
    found = ranked(1.0)
    assert found.p_values().min() > ALPHA
    for level in sbc.LEVELS:
        error = np.sqrt(level * (1 - level) / found.u.size)
        assert abs(found.coverage(level).mean() - level) < 8 * error  # quantities of a record hang together


@pytest.mark.slow
def test_a_posterior_too_narrow_by_half_is_rejected() -> None:
    found = ranked(0.5)
    assert found.visible < 2.0
    assert {name for name, test, _ in found.rejected() if test == "spread"} >= {"a", "b"}
    assert (found.coverage(0.9)[:2] < 0.8).all()


@pytest.mark.slow
def test_the_tests_together_reject_the_right_no_more_often_than_they_say() -> None:
    rng, studies = np.random.default_rng(0), 150
    rejected = sum(bool(Uniformity.of(NAMES, rng.integers(0, 100, (40, 4)), n).rejected()) for n in range(studies))
    assert stats.binom.sf(rejected - 1, studies, sbc.ERROR) > ALPHA


def test_the_stated_power_is_the_power() -> None:
    rng, studies, n = np.random.default_rng(0), 150, 50
    found = Uniformity.of(NAMES, rng.integers(0, 100, (n, 4)).astype(float))
    scores = found.visible * rng.standard_normal((n, studies))
    wide = Uniformity(NAMES, stats.norm.cdf(scores))
    seen = int((wide.p_values()[:, 1] < found.limit).sum())
    assert stats.binom.cdf(seen, studies, 0.9) > ALPHA
    assert stats.binom.sf(seen - 1, studies, 0.9) > ALPHA


def training_world() -> FittedEmulator:
    """Deaths fall with the effect of training and with nothing else."""
    space, names = Space.packaged(), [target.name for target in all_targets()]
    slopes = np.zeros((len(space.names), len(names)))
    slopes[space.names.index("training_effect"), [names.index(name) for name in worlds.DEATHS]] = -1.0
    emulator = linear(slopes.T, np.ones(len(names)))
    emulator.weights[0] = 10.0
    return FittedEmulator(space, emulator, 1, np.eye(len(all_targets())))


def drawn(fitted: FittedEmulator, sd: float) -> dict[str, FloatArray]:
    """A posterior of each structure in which the effect of training has a standard deviation."""
    rng, samples = np.random.default_rng(0), {}
    for structure in STRUCTURES:
        z = 0.1 * rng.standard_normal((150, len(fitted.space.names)))
        z[:, fitted.space.names.index("training_effect")] = sd * rng.standard_normal(150)
        for i, value in structure.coordinates(fitted.space).items():
            z[:, i] = value
        samples[structure.name] = z
    return samples


def test_words_follow_weights_and_spread() -> None:
    fitted = training_world()
    narrow, wide = drawn(fitted, 0.3), drawn(fitted, 1.0)
    hardening = {"hardening": 1.0, "displacement": 0.0, "trend": 0.0}
    trend = {"hardening": 0.0, "displacement": 0.0, "trend": 1.0}
    even = {"hardening": 0.5, "displacement": 0.0, "trend": 0.5}
    told = worlds.word(fitted, narrow, hardening, 1)
    assert told["word"] == "very likely fewer"
    assert told["deaths"] == pytest.approx(worlds.effect(fitted, narrow["hardening"]).mean())
    told = worlds.word(fitted, wide, hardening, 1)
    assert (told["word"], told["word_alone"]) == ("rests on assumption", "very likely fewer")
    assert worlds.word(fitted, narrow, trend, 1)["word"] == "no difference"
    told = worlds.word(fitted, narrow, even, 1)
    assert (told["word"], told["lower"]) == ("cannot tell", 0.5)
    assert [worlds.claims_fewer(word) for word in ("likely fewer", "very likely more", "cannot tell")] == [1, 0, 0]
    assert all(worlds.undecided(word) for word in ("rests on assumption", "no difference", "cannot tell"))


@pytest.mark.slow
def test_worlds_are_what_they_claim() -> None:
    space = Space.packaged()
    z = np.zeros(len(space.names))
    asit = worlds.truth(worlds.WORKING, space, z)
    inert, harmful = (worlds.truth(kind, space, z) for kind in (worlds.INERT, worlds.REVERSED))
    assert all(inert[name] == 0 for name in worlds.EFFECTS)
    assert all(harmful[name] == -asit[name] < 0 for name in worlds.EFFECTS)
    assert np.exp(inert["threat.Mopti.2018"] - asit["threat.Mopti.2018"]) == pytest.approx(worlds.REMAINS)
    assert inert["threat.Mopti.2017"] == asit["threat.Mopti.2017"]
    first, second = (simulate_statistics(historical_plan(), values, worlds.STREAM) for values in (asit, harmful))
    assert np.isfinite(second).all()
    deaths = [statistics().index(name) for name in worlds.DEATHS]
    assert second[deaths].sum() > first[deaths].sum()  # the same random numbers, and measures that do harm


def test_shuffled_histories_keep_every_level_and_move_its_date() -> None:
    plan = historical_plan()
    one, again, other = shuffled(plan, 3), shuffled(plan, 3), shuffled(plan, 4)
    moved = 0
    for name in MEASURES:
        lever = f"lever_{name}"
        assert np.array_equal(np.sort(one.inputs[lever], axis=None), np.sort(plan.inputs[lever], axis=None))
        assert np.array_equal(one.inputs[lever], again.inputs[lever])
        moved += not np.array_equal(one.inputs[lever], plan.inputs[lever])
    assert moved >= len(MEASURES) - 1
    assert not np.array_equal(one.inputs["lever_training"], other.inputs["lever_training"])


def test_the_fit_of_a_history_and_its_error() -> None:
    rows = np.random.default_rng(0).normal(1.0, 2.0, (400, 1))
    found = scored(rows, np.zeros(1), np.eye(1))
    mean = float(rows.mean())
    assert found["fit"] == pytest.approx(-0.5 * mean**2)
    assert found["error"] == pytest.approx(abs(mean) * 2.0 / 20, rel=0.2)  # of -m^2/2 by the delta method
    assert chance(np.array([0.0, -1.0, 1.0, -2.0])) == 0.5
    assert "killed/2018" in [targets(REFIT)[i].name for i in shuffles.harm()]
    assert not any(targets(REFIT)[i].name.startswith(shuffles.VOLUMES) for i in shuffles.harm())


def test_finished_tasks_are_kept_and_found_again(tmp_path: Path) -> None:
    asked = tasks(8)
    assert sum(task.part == WORLDS for task in asked) == 3 * len(worlds.KINDS) + 1
    first, second, shuffle = Task(WORLDS, 1, worlds.INERT), Task(WORLDS, 1, worlds.WORKING), Task(SHUFFLES, 1)
    kept = TaskRows(tmp_path)
    kept.add(first, {"kind": worlds.INERT, "record": 1.0, "deaths": -2.0})
    kept.add(shuffle, {"history": 1.0, "fit": -3.0, "error": 0.1})
    again = TaskRows(tmp_path)
    assert [again.has(task) for task in (first, second, shuffle, Task(RANKS, 1))] == [True, False, True, False]
    assert again.of([first, shuffle], WORLDS)["deaths"].tolist() == [-2.0]


def test_processes_give_what_one_gives() -> None:
    history = SimpleNamespace(fit=partial(dict.fromkeys, ("history",)))
    checks = InferenceChecks(None, {}, None, history)  # type: ignore[arg-type]
    asked = [Task(SHUFFLES, number) for number in range(4)]
    told = dict(results(checks, asked, 2))
    assert told == {task: {"history": task.number} for task in asked} == dict(results(checks, asked, 1))


def test_records_are_single_runs_of_single_points() -> None:
    count = len(statistics())
    values = np.arange(1.0, 5.0)[:, None] + np.zeros((4, count))
    runs = Runs(
        np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([[0.0], [0.0], [1.0], [1.0]]), values, statistics()
    )
    found = [single(runs, number) for number in range(5)]
    assert [float(z[0]) for z, _ in found] == [0.0, 1.0, 0.0, 1.0, 0.0]
    assert len({record.tobytes() for _, record in found}) == 4


def test_folders_that_will_not_do_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is not the folder of a calibration"):
        inference_checks.kept_in(tmp_path / "out", tmp_path)
    with pytest.raises(StoreError, match="no runs"):
        load_result(tmp_path)
    (tmp_path / FILE).write_text(json.dumps({"engine": "one"}))
    inference_checks.kept_in(tmp_path / "out", tmp_path)
    inference_checks.kept_in(tmp_path / "out", tmp_path)
    (tmp_path / FILE).write_text(json.dumps({"engine": "another"}))
    with pytest.raises(StoreError, match="another calibration"):
        inference_checks.kept_in(tmp_path / "out", tmp_path)


def test_the_figure_is_drawn_with_every_quantity(tmp_path: Path) -> None:
    found = Uniformity.of(NAMES, np.random.default_rng(0).integers(0, 100, (30, 4)).astype(float))
    learned = pd.DataFrame({"name": ["a", "b"], "sd_ratio": [0.5, 0.9], "verdict": ["learned", "rests on assumption"]})
    drawn_figure = figure(found, learned, "Simulated.")
    assert len(drawn_figure.axes[0].lines) == len(NAMES) + 3  # and zero, and the two sides of the band
    assert save(drawn_figure, tmp_path / "figure", ("png",))[0].stat().st_size > 10_000


def finished_world(narrowed: float) -> InferenceChecks:
    """A finished calibration whose packaged sets have a share of the spread of the draws that were run."""
    fitted, rng, checks, sets = training_world(), np.random.default_rng(5), {}, {}
    mean = np.array([observed()[name] for name in statistics()]) + 1.0
    for name, z in drawn(fitted, 0.3).items():
        count = len(z)
        runs = Runs(np.arange(count), np.zeros(count, np.int64), z, rng.poisson(mean, (count, len(mean))), statistics())
        checks[name] = runs
        sets[name] = WeightedSets(narrowed * z, np.full(count, 1.0 / count), runs)
    weights = {"hardening": 0.5, "displacement": 0.3, "trend": 0.2}
    found = CalibrationResult(fitted, dict.fromkeys((TRAINING, REFIT), sets), weights, 450)
    return InferenceChecks(found, checks, None, None)  # type: ignore[arg-type]  # no worlds, no shuffles


def results_of(made: InferenceChecks, folder: Path, false: int) -> tuple[TaskRows, list[Task]]:
    """Ranks as they are computed; of five inert worlds some in which fewer deaths are claimed."""
    kept, told = TaskRows(folder), {"deaths": -1.0, "misfit": 1.0, "word_alone": "cannot tell"}
    told |= {f"weight_{structure.name}": 1 / 3 for structure in STRUCTURES}
    asked = [*(Task(RANKS, n) for n in range(6)), Task(WORLDS, 0, worlds.RECORD), Task(SHUFFLES, 0), Task(SHUFFLES, 1)]
    asked += [Task(WORLDS, n, kind) for n in range(5) for kind in worlds.KINDS]
    for task in asked:
        if task.part == RANKS:
            kept.add(task, made.do(task))
        elif task.part == SHUFFLES:
            kept.add(task, {"history": task.number, "fit": -task.number, "error": 0.1})
        else:
            false_claim = task.kind == worlds.INERT and task.number < false
            word = "likely fewer" if false_claim else "cannot tell"
            kept.add(task, {"kind": task.kind, "record": task.number, "word": word} | told)
    return kept, asked


@pytest.mark.slow
@pytest.mark.parametrize(("false", "verdict"), [(0, "holds, 0 of 5 (0 to 52 %)"), (1, "does **NOT** hold, 1 of 5")])
def test_the_page_says_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, false: int, verdict: str
) -> None:
    monkeypatch.setattr(inference, "STEPS", 6)
    made = finished_world(1.0)
    kept, asked = results_of(made, tmp_path, false)
    text = page(made, inference_checks.uniformity(made, kept.of(asked, RANKS)), kept, asked)
    assert f"(in at most 10 % of records): {verdict}" in text.replace("\n", " ")
    assert "nan" not in text
    assert max(len(line) for line in text.splitlines() if not line.startswith(("|", "- ", "!"))) <= 120
    assert "1.00 times as wide" in text.replace("\n", " ")


SLOPE = [[1.0, 2.0, 0.5], [0.0, 1.0, -1.0]]


def named_runs(values: np.ndarray) -> Runs:
    """Runs whose occasions all have these values, [runs] or [runs, occasions]."""
    table = np.broadcast_to(values.reshape(len(values), -1), (len(values), len(OCCASIONS))).astype(float)
    return Runs(np.arange(len(values)), np.zeros(len(values), int), np.zeros((len(values), 1)), table, OCCASIONS)


# Forecasts of months


def test_months_are_forecast_bin_by_bin() -> None:
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
