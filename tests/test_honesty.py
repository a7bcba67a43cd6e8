"""The check of honesty finds what is wrong and leaves alone what is right; its parts do what they say."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import (
    inference_checks as honesty,
)
from analysis import (
    inference_checks_tasks as laboratory,
)
from analysis import (
    permutation_tests as shuffles,
)
from analysis import simulation_based_calibration as sbc
from analysis import (
    synthetic_worlds as worlds,
)
from analysis.identifiability import directions, learned_directions, widths
from analysis.inference_checks_figure import honesty as figure
from analysis.inference_checks_page import page
from analysis.inference_checks_tasks import RANKS, SHUFFLES, WORLDS, Kept, Laboratory, Task, results, single, tasks
from analysis.permutation_tests import chance, scored, shuffled
from analysis.posterior_predictive import BIN_COUNT, OCCASIONS, Months
from analysis.simulation_based_calibration import Uniformity, as_observed, ranks, with_record
from sim.calibration.calibration_result import CalibrationResult, load_result
from sim.calibration.emulator import Emulator
from sim.calibration.evaluations import FILE, Runs, historical_plan, simulate_statistics, statistics
from sim.calibration.importance_weights import WeightedSets
from sim.calibration.observation import observed
from sim.calibration.sampler import Problem
from sim.calibration.space import STRUCTURES, FloatArray, Space
from sim.calibration.stacking import BINS
from sim.calibration.targets import REFIT, TRAINING, all_targets, targets
from sim.calibration.waves import FittedEmulator
from sim.present.figures.style import save
from sim.scenario import MEASURES
from sim.study import StoreError

ALPHA = 1e-6
SLOPES = np.array([[1.5, 0.0, 0.3, 0.0, 1.0], [0.0, 2.0, 0.3, 0.0, -1.0], [0.5, 0.0, 0.0, 0.2, 0.0]])
NOISE = np.diag([0.5, 1.0, 0.8, 1.0, 0.6])
NAMES = ("a", "b", "c", "fit")


def linear(slopes: FloatArray, noise: FloatArray) -> Emulator:
    """A linear mean: coordinates x targets."""
    d, t = slopes.shape
    return Emulator(np.concatenate([np.zeros((1, t)), slopes, np.zeros((d * (d + 1) // 2, t))]), noise, np.ones(t))


def toy() -> Problem:
    """Three coordinates, five targets, one record; its posterior is normal and known."""
    return Problem(linear(SLOPES, NOISE), np.array([0.5, -1.0, 0.2, 0.0, 0.8]), np.full(5, 0.1), {}, 3)


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


def test_a_record_more_is_bayes_theorem() -> None:
    problem, second = toy(), np.array([1.0, 0.3, -0.4, 0.6, 0.0])
    centre, covariance = exact(problem, problem.observed, second)
    best, spread = with_record(problem, second).gaussian_approximation()
    assert best == pytest.approx(centre, abs=2e-3)  # the search halves its distance twelve times
    assert spread == pytest.approx(covariance)


def test_a_synthetic_record_is_off_by_the_discrepancy_and_no_more() -> None:
    problem = toy()
    rows = np.array([as_observed(problem, np.zeros(5), seed) for seed in range(2000)]) / problem.tolerance
    squares = (rows**2).sum()
    assert stats.chi2.cdf(squares, rows.size) > ALPHA
    assert stats.chi2.sf(squares, rows.size) > ALPHA
    exactly = replace(problem, tolerance=np.zeros(5))
    assert (as_observed(exactly, problem.observed, 1) == problem.observed).all()


def test_fixed_coordinates_have_no_rank_and_only_whole_columns_are_left_out() -> None:
    problem = replace(toy(), fixed={1: 0.0})
    found = ranks(problem, np.zeros(3), problem.observed, 60, 0)
    assert np.isnan(found).tolist() == [False, True, False, False]
    free = np.array([3.0, 4.0, 5.0, 6.0])
    assert Uniformity.of(NAMES, np.array([found, found])).names == ("a", "c", "fit")
    assert Uniformity.of(NAMES, np.array([found, free])).names == NAMES


def test_the_tests_together_reject_the_right_no_more_often_than_they_say() -> None:
    rng, studies = np.random.default_rng(0), 150
    guilty = sum(bool(Uniformity.of(NAMES, rng.integers(0, 100, (40, 4)), n).rejected()) for n in range(studies))
    assert stats.binom.sf(guilty - 1, studies, sbc.ERROR) > ALPHA


def test_the_stated_power_is_the_power() -> None:
    rng, studies, n = np.random.default_rng(0), 150, 50
    found = Uniformity.of(NAMES, rng.integers(0, 100, (n, 4)).astype(float))
    scores = found.visible * rng.standard_normal((n, studies))
    wide = Uniformity(NAMES, stats.norm.cdf(scores))
    seen = int((wide.p_values()[:, 1] < found.limit).sum())
    assert stats.binom.cdf(seen, studies, 0.9) > ALPHA
    assert stats.binom.sf(seen - 1, studies, 0.9) > ALPHA


def test_the_best_known_direction_is_the_one_that_was_measured() -> None:
    problem = Problem(linear(np.array([[1.0], [1.0], [0.0]]), np.array([[0.5]])), np.ones(1), np.zeros(1), {}, 3)
    found = directions(problem, ("a", "b", "c"))
    assert found[0].sd == pytest.approx((1 + 2 / 0.5) ** -0.5)
    assert {name: abs(value) for name, value in found[0].loadings.items()} == pytest.approx(
        {"a": 0.5**0.5, "b": 0.5**0.5}
    )
    assert [each.sd for each in found[1:]] == pytest.approx([1.0, 1.0])
    assert learned_directions(found) == 1


def months_runs(count: int) -> Runs:
    """Runs of one coordinate: every month is deadly with a probability that rises with it."""
    rng = np.random.default_rng(2)
    z = rng.standard_normal((count, 1))
    deadly = rng.random((count, len(OCCASIONS))) < np.clip(0.5 + 0.2 * z, 0, 1)
    numbers = np.arange(count)
    return Runs(numbers, np.zeros(count, np.int64), z, np.where(deadly, 4.0, 0.0), OCCASIONS)


def test_what_is_foretold_of_months_follows_the_runs() -> None:
    months, fell = Months.fitted([months_runs(1500)]), np.full(len(OCCASIONS), np.digitize(4.0, BINS))
    for at, chance_of_deadly in ((0.0, 0.5), (1.0, 0.7), (-1.0, 0.3)):
        told = months.densities(np.full((4000, 1), at), fell)
        assert told.mean() == pytest.approx(chance_of_deadly, abs=0.02)
    never = months.densities(np.zeros((89, 1)), np.full(len(OCCASIONS), 7))
    assert never == pytest.approx(1 / (89 + BIN_COUNT))
    samples = {"calm": np.full((100, 1), -1.5), "deadly": np.full((100, 1), 1.5)}
    assert months.stacked(samples, fell)["deadly"] > 0.95


def training_world() -> FittedEmulator:
    """Deaths fall with the effect of training and with nothing else."""
    space, names = Space.packaged(), [target.name for target in all_targets()]
    slopes = np.zeros((len(space.names), len(names)))
    slopes[space.names.index("training_effect"), [names.index(name) for name in worlds.DEATHS]] = -1.0
    emulator = linear(slopes, np.eye(len(names)))
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
    kept = Kept(tmp_path)
    kept.add(first, {"kind": worlds.INERT, "record": 1.0, "deaths": -2.0})
    kept.add(shuffle, {"history": 1.0, "fit": -3.0, "error": 0.1})
    again = Kept(tmp_path)
    assert [again.has(task) for task in (first, second, shuffle, Task(RANKS, 1))] == [True, False, True, False]
    assert again.of([first, shuffle], WORLDS)["deaths"].tolist() == [-2.0]


def test_processes_give_what_one_gives() -> None:
    history = SimpleNamespace(fit=partial(dict.fromkeys, ("history",)))
    laboratory = Laboratory(None, {}, None, history)  # type: ignore[arg-type]
    asked = [Task(SHUFFLES, number) for number in range(4)]
    told = dict(results(laboratory, asked, 2))
    assert told == {task: {"history": task.number} for task in asked} == dict(results(laboratory, asked, 1))


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
        honesty.kept_in(tmp_path / "out", tmp_path)
    with pytest.raises(StoreError, match="no runs"):
        load_result(tmp_path)
    (tmp_path / FILE).write_text(json.dumps({"engine": "one"}))
    honesty.kept_in(tmp_path / "out", tmp_path)
    honesty.kept_in(tmp_path / "out", tmp_path)
    (tmp_path / FILE).write_text(json.dumps({"engine": "another"}))
    with pytest.raises(StoreError, match="another calibration"):
        honesty.kept_in(tmp_path / "out", tmp_path)


def test_the_figure_is_drawn_with_every_quantity(tmp_path: Path) -> None:
    found = Uniformity.of(NAMES, np.random.default_rng(0).integers(0, 100, (30, 4)).astype(float))
    learned = pd.DataFrame({"name": ["a", "b"], "sd_ratio": [0.5, 0.9], "verdict": ["learned", "rests on assumption"]})
    drawn_figure = figure(found, learned, "Simulated.")
    assert len(drawn_figure.axes[0].lines) == len(NAMES) + 3  # and zero, and the two sides of the band
    assert save(drawn_figure, tmp_path / "figure", ("png",))[0].stat().st_size > 10_000


def finished_world(narrowed: float) -> Laboratory:
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
    return Laboratory(found, checks, None, None)  # type: ignore[arg-type]  # no worlds, no shuffles


def results_of(made: Laboratory, folder: Path, false: int) -> tuple[Kept, list[Task]]:
    """Ranks as they are computed; of five inert worlds some in which fewer deaths are claimed."""
    kept, told = Kept(folder), {"deaths": -1.0, "misfit": 1.0, "word_alone": "cannot tell"}
    told |= {f"weight_{structure.name}": 1 / 3 for structure in STRUCTURES}
    asked = [*(Task(RANKS, n) for n in range(6)), Task(WORLDS, 0, worlds.RECORD), Task(SHUFFLES, 0), Task(SHUFFLES, 1)]
    asked += [Task(WORLDS, n, kind) for n in range(5) for kind in worlds.KINDS]
    for task in asked:
        if task.part == RANKS:
            kept.add(task, made.do(task))
        elif task.part == SHUFFLES:
            kept.add(task, {"history": task.number, "fit": -task.number, "error": 0.1})
        else:
            guilty = task.kind == worlds.INERT and task.number < false
            word = "likely fewer" if guilty else "cannot tell"
            kept.add(task, {"kind": task.kind, "record": task.number, "word": word} | told)
    return kept, asked


@pytest.mark.slow
@pytest.mark.parametrize(("false", "verdict"), [(0, "holds, 0 of 5 (0 to 52 %)"), (1, "does **NOT** hold, 1 of 5")])
def test_the_page_says_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, false: int, verdict: str
) -> None:
    monkeypatch.setattr(laboratory, "STEPS", 6)
    made = finished_world(1.0)
    kept, asked = results_of(made, tmp_path, false)
    text = page(made, honesty.uniformity(made, kept.of(asked, RANKS)), kept, asked)
    assert f"(in at most 10 % of records): {verdict}" in text.replace("\n", " ")
    assert "nan" not in text
    assert max(len(line) for line in text.splitlines() if not line.startswith(("|", "- ", "!"))) <= 120
    assert "1.00 times as wide" in text.replace("\n", " ")


def test_widths_are_those_of_the_packaged_sets_over_the_draws() -> None:
    made = finished_world(0.6)
    assert widths(made.found, made.checks) == pytest.approx(0.6)
