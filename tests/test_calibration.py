"""Calibration in its parts: coordinates, emulator, sampler, weights, targets, and a folder of runs that resumes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from sim.calibration import evaluations as evaluating
from sim.calibration import sampler
from sim.calibration.calibration_result import CalibrationResult
from sim.calibration.emulator import Emulator
from sim.calibration.evaluations import Job, Runs, RunStore, run_wave, statistics
from sim.calibration.importance_weights import WeightedSets
from sim.calibration.observation import observed
from sim.calibration.posterior_table import install_posterior, posterior_mean_point, posterior_table, quantiles
from sim.calibration.sampler import RANGE, Problem
from sim.calibration.space import FIRST_LEVEL, STRUCTURES, WAR, YEARLY_STEP, Space
from sim.calibration.stacking import BINS, MONTHS, SERIES, bin_probabilities, maximise_log_score, stacking_weights
from sim.calibration.targets import REFIT, TRAINING, all_targets, targets, transformed
from sim.calibration.waves import FittedEmulator, Size, _average_points, _first_wave, _next_wave
from sim.cli.main import main
from sim.missions.parameters import Prior
from sim.missions.posterior import Posterior
from sim.model.plan import threat_knot
from sim.study import StoreError
from sim.study.executor import LOCAL
from sim.study.store import read
from tests.minusma import parameters, table
from tests.minusma import path as data_file
from tools.faults.file_damage import damage

ALPHA = 1e-6
RNG = np.random.default_rng(20130701)
SMALL = Space({"a": Prior("loguniform", 0.1, 0.5, 10.0), "b": Prior("triangular", 0.0, 0.2, 1.0)}, (2013, 2014, 2015))


# ---------------------------------------------------------------------------------------------------------- the space


@pytest.fixture(scope="module")
def space() -> Space:
    return Space.packaged()


def test_the_space_has_every_calibrated_parameter_and_the_threat_of_the_regions_of_the_war(space: Space) -> None:
    calibrated = {name for name, row in parameters().items() if row.status == "calibrated"}
    knots = {threat_knot(region, year) for region in WAR for year in range(2013, 2021)}
    assert set(space.names) == calibrated | knots
    assert len(space.names) == len(set(space.names))


def test_natural_values_lie_in_the_range_of_their_priors(space: Space) -> None:
    z = 10.0 * RNG.standard_normal((200, len(space.names)))
    natural = space.natural(z)
    for column, (name, prior) in zip(natural.T, space.priors.items(), strict=False):
        assert prior.low <= column.min() <= column.max() <= prior.high, name
        assert np.all(np.diff(column[np.argsort(z[:, space.names.index(name)])]) >= 0), name


def test_coordinates_are_the_inverse_inside_the_range(space: Space) -> None:
    """Up to 2.3 sd, where the ends of a range are put."""
    for z in np.clip(RNG.standard_normal((20, len(space.names))), -2.3, 2.3):
        assert space.coordinates(space.values(z)) == pytest.approx(z, abs=1e-6)


def test_the_ends_of_a_range_are_finite_points(space: Space) -> None:
    z = space.packaged_point()
    ends = space.values(z) | {name: prior.high for name, prior in space.priors.items()}
    assert space.coordinates(ends)[: len(space.priors)] == pytest.approx(stats.norm.ppf(0.99))


def test_the_packaged_point_is_the_packaged_values(space: Space) -> None:
    values = space.values(space.packaged_point())
    for name, prior in space.priors.items():
        inside = 0.01 < prior.below(parameters()[name].value) < 0.99
        if inside:
            assert values[name] == pytest.approx(parameters()[name].value, rel=1e-6, abs=1e-9), name


def test_priors_are_standard_normal() -> None:
    """Natural values drawn from their laws have standard normal coordinates (Kolmogorov-Smirnov, 4,000 draws).

    A spread that is wrong by a tenth gives a distance of 0.024 against one of 0.043 that the error rate allows; one
    of a third is found, and so is a law in place of another.
    """
    number = 4000
    drawn = {name: prior.quantiles(RNG.random(number)) for name, prior in SMALL.priors.items()}
    still = dict.fromkeys(SMALL.names[len(drawn) :], 0.0)
    z = np.array([SMALL.coordinates({name: c[n] for name, c in drawn.items()} | still) for n in range(number)])
    for i, name in enumerate(drawn):
        inner = z[np.abs(z[:, i]) < 2.3, i]  # the ends of a range are gathered there
        law = stats.truncnorm(-2.3, 2.3)
        assert stats.kstest(inner, law.cdf).pvalue > ALPHA, name
        assert stats.kstest(1.33 * inner, law.cdf).pvalue < ALPHA, name
    wrong = Space({name: replace(prior, law="uniform") for name, prior in SMALL.priors.items()}, SMALL.years)
    other = np.array([wrong.coordinates({"a": a, "b": 0.5} | still)[0] for a in drawn["a"]])
    assert stats.kstest(other, stats.norm.cdf).pvalue < ALPHA


def test_the_threat_is_a_random_walk() -> None:
    """Sd of level and steps of 20,000 paths: chi-squared intervals of the stated error rate, 3 % wide."""
    number = 20_000
    natural = SMALL.natural(RNG.standard_normal((number, len(SMALL.names))))
    for n, region in enumerate(WAR):
        path = natural[:, 2 + 3 * n : 5 + 3 * n]
        assert SMALL.names[2 + 3 * n] == threat_knot(region, 2013)
        for values, sd in ((path[:, 0], FIRST_LEVEL), *((step, YEARLY_STEP) for step in np.diff(path, axis=1).T)):
            ratio = (number - 1) * values.var(ddof=1) / sd**2
            low, high = stats.chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], number - 1)
            assert low < ratio < high
            assert not low < 1.1**2 * ratio < high, "a spread wrong by a tenth would be seen"


# ------------------------------------------------------------------------------------------------------- the emulator


def quadratic(z: np.ndarray) -> np.ndarray:
    """Two targets: one that curves, with a product; one that hardly moves."""
    first = 3.0 + 2.0 * z[:, 0] - z[:, 1] + 0.5 * z[:, 0] * z[:, 1] + 0.7 * z[:, 2] ** 2
    return np.column_stack([first, 0.01 * z[:, 1]])


NOISE = np.array([[0.5, 0.3], [0.3, 0.4]]) * np.outer([1.0, 0.01], [1.0, 0.01])  # covariance of one run
REPLICATIONS = 4


@pytest.fixture(scope="module")
def emulator() -> Emulator:
    rng = np.random.default_rng(1)
    z = rng.standard_normal((900, 3))
    chance = rng.multivariate_normal(np.zeros(2), NOISE / REPLICATIONS, 900)
    return Emulator.fitted(z, quadratic(z) + chance, NOISE * (1 - 1 / REPLICATIONS))


def test_the_emulator_recovers_a_quadratic(emulator: Emulator) -> None:
    z = np.random.default_rng(2).standard_normal((500, 3))
    error = emulator.mean(z) - quadratic(z)
    spread, chance = quadratic(z).std(axis=0), np.sqrt(np.diag(NOISE) / REPLICATIONS)
    assert np.all(np.sqrt((error**2).mean(axis=0)) < 0.05 * spread)
    assert emulator.skill == pytest.approx(1 - chance**2 / (spread**2 + chance**2), abs=0.03)
    wrong = replace(emulator, weights=emulator.weights * 1.1)
    misses = np.sqrt(((wrong.mean(z) - quadratic(z)) ** 2).mean(axis=0))
    assert np.all(misses > 0.05 * spread), "wrong by a tenth would be seen"


def test_the_noise_is_that_of_one_run(emulator: Emulator) -> None:
    """900 errors give each variance to 5 % (one sd); fitting ten coefficients adds 1 %."""
    assert np.diag(emulator.noise) == pytest.approx(np.diag(NOISE), rel=0.2)
    assert emulator.noise[0, 1] == pytest.approx(NOISE[0, 1], rel=0.3)
    assert emulator.noise[0, 1] == emulator.noise[1, 0]


def test_where_nothing_is_to_be_learned_the_emulator_says_so() -> None:
    rng = np.random.default_rng(3)
    z, y = rng.standard_normal((900, 3)), rng.standard_normal((900, 1))
    blind = Emulator.fitted(z, y, np.zeros((1, 1)))
    assert abs(blind.skill[0]) < 0.05
    assert blind.noise[0, 0] == pytest.approx(1.0, rel=0.25)
    assert np.abs(blind.mean(z) - y.mean()).max() < 1.0


def test_the_derivative_is_exact_for_a_quadratic(emulator: Emulator) -> None:
    point = np.array([0.3, -1.2, 0.8])
    step = 1e-5
    sides = [(emulator.mean((point + step * e)[None]) - emulator.mean((point - step * e)[None]))[0] for e in np.eye(3)]
    assert emulator.derivative(point) == pytest.approx(np.array(sides).T / (2 * step), abs=1e-6)


def test_some_targets_of_an_emulator(emulator: Emulator) -> None:
    z = RNG.standard_normal((5, 3))
    assert emulator.subset([1]).mean(z) == pytest.approx(emulator.mean(z)[:, 1:])
    assert emulator.subset([1]).noise.tolist() == [[emulator.noise[1, 1]]]


# -------------------------------------------------------------------------------------------------------- the sampler

SLOPE = np.array([[1.0, 0.5, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])  # targets x coordinates


def toy(fixed: Mapping[int, float], observed_at: tuple[float, float] = (1.0, -0.5)) -> Problem:
    """Four coordinates, two targets that are linear in them: the posterior is a known normal distribution."""
    features = 1 + 4 + 10
    linear = np.zeros((features, 2))
    linear[1:5] = SLOPE.T
    emulator = Emulator(linear, np.diag([0.3, 0.2]), np.ones(2))
    return Problem(emulator, np.array(observed_at), np.sqrt([0.2, 0.05]), fixed, 4)


def exact(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the free coordinates."""
    slope = SLOPE[:, problem.free]
    held = sum((SLOPE[:, i] * value for i, value in problem.fixed.items()), np.zeros(2))
    precision = np.linalg.inv(np.diag([0.5, 0.25]))
    covariance = np.linalg.inv(np.eye(len(problem.free)) + slope.T @ precision @ slope)
    return covariance @ slope.T @ precision @ (problem.observed - held), covariance


def test_the_linear_approximation_is_exact_where_the_emulator_is_linear() -> None:
    for fixed in ({}, {1: 0.4}):
        problem = toy(fixed)
        best, covariance = problem.gaussian_approximation()
        assert best == pytest.approx(exact(problem)[0], abs=2e-3)
        assert covariance == pytest.approx(exact(problem)[1], abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("fixed", [{}, {1: 0.4, 3: -1.0}])
def test_the_sampler_finds_a_known_posterior(fixed: dict[int, float]) -> None:
    """Within 0.15 sd of the mean and a tenth of the sd: four times what chains of this length leave to chance."""
    problem = toy(fixed)
    sample = problem.sample(6000, 4000, seed=5)
    mean, covariance = exact(problem)
    sd = np.sqrt(np.diag(covariance))
    free = sample[:, problem.free]
    assert np.abs((free.mean(axis=0) - mean) / sd).max() < 0.15
    assert free.std(axis=0) / sd == pytest.approx(np.ones(len(sd)), abs=0.1)
    elsewhere = exact(toy(fixed, (1.6, -0.5)))[0]
    assert np.abs((free.mean(axis=0) - elsewhere) / sd).max() > 0.15, "another record would be seen"
    assert np.abs(free).max() <= RANGE
    for i, value in fixed.items():
        assert set(sample[:, i]) == {value}


def test_a_sample_is_a_function_of_its_seed() -> None:
    problem = toy({})
    told = []
    once = problem.sample(20, 30, 1, lambda done, total: told.append((done, total)))
    assert np.array_equal(once, problem.sample(20, 30, 1))
    assert not np.array_equal(once, problem.sample(20, 30, 2))
    assert told == [(n, 20) for n in range(1, 21)]


def test_the_posterior_ends_where_nothing_was_run() -> None:
    problem = toy({})
    inside, outside = np.zeros((1, 4)), np.array([[0.0, 0.0, 0.0, RANGE + 0.01]])
    assert np.isfinite(problem.log_posterior(inside))[0]
    assert problem.log_posterior(outside)[0] == -np.inf


# --------------------------------------------------------------------------------------------------- rival structures


def test_weights_of_a_known_mixture() -> None:
    """4,000 occasions drawn from 0.7 of one forecast and 0.3 of another: the weight is found to 0.05.

    Three standard errors; the third structure says what nobody draws.
    """
    rng = np.random.default_rng(6)
    one, other = stats.norm(0.0, 1.0), stats.norm(3.0, 1.0)
    x = np.where(rng.random(4000) < 0.7, rng.standard_normal(4000), 3.0 + rng.standard_normal(4000))
    found = maximise_log_score(np.column_stack([one.pdf(x), other.pdf(x), stats.norm(-6.0, 1.0).pdf(x)]))
    assert found == pytest.approx([0.7, 0.3, 0.0], abs=0.05)
    assert found.sum() == pytest.approx(1.0)


def even(runs: Runs) -> WeightedSets:
    """A set of equal weight for every run."""
    number = len(runs.point)
    return WeightedSets(runs.z, np.full(number, 1.0 / number), runs)


def forecasts(shift: float, seed: int, number: int = 400) -> Runs:
    """Runs whose months of the validation window are Poisson draws around the record times a factor."""
    rng = np.random.default_rng(seed)
    names = tuple(f"{series}/{month}" for series in SERIES for month in MONTHS)
    mean = np.array([observed()[name] for name in names]) * np.exp(shift)
    values = rng.poisson(mean + 0.3, (number, len(names))).astype(np.float64)
    return Runs(np.arange(number), np.zeros(number, np.int64), np.zeros((number, 1)), values, names)


def test_the_best_structure_gets_the_weight() -> None:
    claims = {"far": forecasts(2.0, 1), "near": forecasts(0.0, 2), "opposite": forecasts(-2.0, 3)}
    found = stacking_weights({name: even(runs) for name, runs in claims.items()})
    assert list(found) == ["far", "near", "opposite"]
    assert found["near"] > 0.9
    assert sum(found.values()) == pytest.approx(1.0)


def test_densities_are_probabilities_of_the_bin_of_the_record() -> None:
    runs = forecasts(0.0, 4)
    alike = np.full(400, 1 / 400)
    found = bin_probabilities(runs, alike)
    assert found.shape == (len(SERIES) * len(MONTHS),) == (48,)
    first = runs.names[0]
    bin_of = np.digitize(observed()[first], BINS)
    hits = (np.digitize(runs.columns([first])[:, 0], BINS) == bin_of).sum()
    assert found[0] == pytest.approx((hits + 1) / (400 + 11))
    assert bin_probabilities(forecasts(9.0, 5), alike).min() == pytest.approx(1 / 411), (
        "no month is impossible because runs are finite"
    )


def test_densities_weigh_runs() -> None:
    """All weight on one run in two: as if the other half had not been run."""
    runs = forecasts(0.0, 4)
    half = np.where(np.arange(400) % 2, 0.0, 1 / 200)
    alone = Runs(runs.point[::2], runs.replication[::2], runs.z[::2], runs.statistics[::2], runs.names)
    assert bin_probabilities(runs, half) == pytest.approx(bin_probabilities(alone, np.full(200, 1 / 200)))
    assert bin_probabilities(runs, half) != pytest.approx(bin_probabilities(runs, np.full(400, 1 / 400)))


def test_every_structure_holds_parameters_of_the_space(space: Space) -> None:
    for structure in STRUCTURES:
        held = structure.coordinates(space)
        assert {space.names[i] for i in held} == set(structure.fixed)
        assert all(np.isfinite(value) for value in held.values())


# ------------------------------------------------------------------------------------------------------------ targets


def test_the_targets_of_both_windows_are_told_apart() -> None:
    names = [target.name for target in all_targets()]
    assert len(names) == len(set(names))
    assert set(names) == {target.name for year in (TRAINING, REFIT) for target in targets(year)}
    assert {"accident/to 2018", "accident/to 2020"} <= set(names)
    known = {target.name: target for target in all_targets()}
    assert all(known[target.name] == target for year in (TRAINING, REFIT) for target in targets(year))


def test_a_run_like_the_record_meets_every_target() -> None:
    names = tuple(observed())
    same = Runs(
        np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros((1, 1)), np.array([[*observed().values()]]), names
    )
    chosen = targets(REFIT)
    assert transformed(same, chosen)[0] == pytest.approx([target.observed for target in chosen])


# -------------------------------------------------------------------------------------------------- runs and the folder


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Evaluation without the model: values that tell which run it was.  The list is of what was run."""
    asked: list[Job] = []

    def fake(job: Job) -> np.ndarray:
        asked.append(job)
        return np.full(len(statistics()), 10.0 * job.point + job.replication)

    monkeypatch.setattr(evaluating, "evaluate", fake)
    monkeypatch.setattr(evaluating, "fingerprint", lambda mission: "this engine")
    return asked


def wave(database: RunStore, points: int, replications: int, number: int = 0) -> Runs:
    z = np.arange(points * len(SMALL.names), dtype=np.float64).reshape(points, -1)
    return run_wave(database, number, z, replications, LOCAL, lambda *_: None)


def test_runs_are_kept_in_the_order_of_points(tmp_path: Path, jobs: list[Job]) -> None:
    runs = wave(RunStore(tmp_path / "kept", SMALL), 3, 2)
    assert runs.point.tolist() == [0, 0, 1, 1, 2, 2]
    assert runs.replication.tolist() == [0, 1, 0, 1, 0, 1]
    assert runs.statistics[:, 0].tolist() == [0, 1, 10, 11, 20, 21]
    assert runs.names == statistics()
    assert len(jobs) == 6


def test_a_wave_resumes_with_exactly_what_is_missing(
    tmp_path: Path, jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = wave(RunStore(tmp_path / "whole", SMALL), 4, 2)
    jobs.clear()
    steady = evaluating.evaluate

    def stopped(job: Job) -> np.ndarray:
        if len(jobs) == 3:
            raise KeyboardInterrupt
        return steady(job)

    monkeypatch.setattr(evaluating, "evaluate", stopped)
    with pytest.raises(KeyboardInterrupt):
        wave(RunStore(tmp_path / "kept", SMALL), 4, 2)
    done = {(job.point, job.replication) for job in jobs}
    monkeypatch.setattr(evaluating, "evaluate", steady)
    jobs.clear()
    resumed = wave(RunStore(tmp_path / "kept", SMALL), 4, 2)
    left = {(job.point, job.replication) for job in jobs}
    assert (len(done), len(left), done & left) == (3, 5, set())
    assert np.array_equal(resumed.statistics, whole.statistics)
    assert np.array_equal(resumed.z, whole.z)
    jobs.clear()
    wave(RunStore(tmp_path / "kept", SMALL), 4, 2)
    assert jobs == []


@pytest.mark.parametrize("how", ["flipped", "deleted"])
def test_a_damaged_part_of_a_wave_is_done_again(
    tmp_path: Path, jobs: list[Job], how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluating, "PART_RUNS", 3)
    whole = wave(RunStore(tmp_path / "kept", SMALL), 4, 2)
    file = sorted((tmp_path / "kept").glob("wave0-*"))[0]
    rows = read(file).num_rows
    damage(file, how, Random(1))
    jobs.clear()
    again = wave(RunStore(tmp_path / "kept", SMALL), 4, 2)
    assert len(jobs) == rows
    assert np.array_equal(again.statistics, whole.statistics)
    said = capsys.readouterr().err
    assert said == (
        "" if how == "deleted" else f"{file}: not as it was written; set aside, and its runs are done again\n"
    )


@pytest.mark.parametrize(
    ("columns", "wrong"),
    [({"replication": [0], "z/0": [0.5]}, "point"), ({"point": [0], "replication": [0], "z/0": ["a"]}, "z/0")],
)
def test_a_part_that_holds_no_runs_is_refused(tmp_path: Path, columns: dict[str, list[object]], wrong: str) -> None:
    database = RunStore(tmp_path / "kept", SMALL)
    name = database.folder.put("wave0", pa.table(columns))
    with pytest.raises(StoreError, match=f"{name}: {wrong} is missing or of another kind; --resume does its runs"):
        database.runs(0)


def test_parts_of_a_wave_that_hold_other_quantities_are_refused(tmp_path: Path) -> None:
    database = RunStore(tmp_path / "kept", SMALL)
    for name in ("killed", "wounded"):
        database.folder.put("wave0", pa.table({"point": [0], "replication": [0], "z/0": [0.5], name: [1.0]}))
    with pytest.raises(StoreError, match="parts of wave 0 hold other quantities than others"):
        database.runs(0)


@pytest.mark.parametrize("how", ["flipped", "truncated", "deleted"])
def test_a_damaged_word_of_whose_a_calibration_is_is_written_anew(
    tmp_path: Path, jobs: list[Job], how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wave(RunStore(tmp_path / "kept", SMALL), 2, 1)
    file = tmp_path / "kept" / "calibration.json"
    before = file.read_bytes()
    damage(file, how, Random(1))
    monkeypatch.setattr(evaluating, "fingerprint", lambda mission: "another engine")
    with pytest.raises(StoreError, match=r"calibration\.json: (missing|not as it was written), and the runs beside it"):
        RunStore(tmp_path / "kept", SMALL)
    monkeypatch.setattr(evaluating, "fingerprint", lambda mission: "this engine")
    wave(RunStore(tmp_path / "kept", SMALL), 2, 1)
    assert "written anew: the runs beside it say whose they are" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert len(jobs) == 2


@pytest.mark.usefixtures("jobs")
def test_a_part_that_disappears_meanwhile_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = RunStore(tmp_path / "kept", SMALL)
    monkeypatch.setattr(evaluating, "PART_RUNS", 1)
    steady, written = database.add, []

    def losing(number: int, done: Sequence[tuple[Job, np.ndarray]]) -> None:
        steady(number, done)
        written.extend(done)
        if len(written) == 3:
            for file in (tmp_path / "kept").glob("wave0-*"):
                file.unlink()

    monkeypatch.setattr(database, "add", losing)
    with pytest.raises(StoreError, match="3 finished runs were lost meanwhile; --resume does them again"):
        wave(database, 4, 1)


def test_runs_of_one_wave_are_not_those_of_another(tmp_path: Path, jobs: list[Job]) -> None:
    database = RunStore(tmp_path / "kept", SMALL)
    wave(database, 2, 2)
    assert database.runs(1) is None
    wave(database, 2, 2, number=1)
    assert len({job.stream for job in jobs}) == len(jobs) == 8


def test_a_folder_of_another_version_is_refused(
    tmp_path: Path, jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    RunStore(tmp_path / "kept", SMALL)
    RunStore(tmp_path / "kept", SMALL)
    monkeypatch.setattr(evaluating, "fingerprint", lambda mission: "another engine")
    with pytest.raises(StoreError, match="was made by another version of the model or other priors"):
        RunStore(tmp_path / "kept", SMALL)


def test_a_folder_of_other_priors_is_refused(tmp_path: Path, jobs: list[Job]) -> None:
    RunStore(tmp_path / "kept", SMALL)
    wider = replace(SMALL, priors={**SMALL.priors, "b": Prior("uniform", 0.0, 0.2, 1.0)})
    with pytest.raises(StoreError, match="was made by another version of the model or other priors"):
        RunStore(tmp_path / "kept", wider)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, jobs: list[Job]) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match="other files are there and are never overwritten"):
        RunStore(tmp_path, SMALL)
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


# --------------------------------------------------------------------------------------------- from posterior to tables


def like_the_record(z: np.ndarray, weight: np.ndarray) -> WeightedSets:
    """Sets with one run each, which is the record."""
    number = len(z)
    values = np.tile([*observed().values()], (number, 1))
    return WeightedSets(z, weight, Runs(np.arange(number), np.zeros(number, np.int64), z, values, tuple(observed())))


@pytest.fixture(scope="module")
def samples(space: Space) -> dict[str, WeightedSets]:
    rng = np.random.default_rng(7)
    found = {}
    for structure in STRUCTURES:
        z = 0.5 * rng.standard_normal((50, len(space.names)))
        for i, value in structure.coordinates(space).items():
            z[:, i] = value
        found[structure.name] = like_the_record(z, rng.dirichlet(np.full(50, 5.0)))
    return found


MIXTURE = {"hardening": 0.6, "displacement": 0.396, "trend": 0.004}
ROUNDED = 1e-3  # of a number of four significant digits


def test_the_table_of_sets_is_a_posterior(space: Space, samples: dict[str, WeightedSets]) -> None:
    frame = posterior_table(space, samples, MIXTURE, 2020)
    posterior = Posterior.from_frame(frame)
    assert set(posterior.structures) == {"hardening", "displacement"}, "weights below a hundredth are left out"
    shares = pd.Series(posterior.weights).groupby(list(posterior.structures)).sum()
    assert shares["hardening"] == pytest.approx(0.6 / 0.996, rel=ROUNDED)
    later = {threat_knot(region, year) for region in WAR for year in (2021, 2022, 2023)}
    assert set(posterior.names) == set(space.names) | later
    hardening = frame[frame["structure"] == "hardening"]
    assert set(hardening["hit_trend"]) == {0.0}
    assert hardening["ambush_rate"].to_numpy() == pytest.approx(
        space.natural(samples["hardening"].z)[:, space.names.index("ambush_rate")], rel=ROUNDED
    )
    assert hardening["weight"].to_numpy() == pytest.approx(0.6 / 0.996 * samples["hardening"].weight, rel=ROUNDED)


def test_the_threat_goes_on_as_its_prior_beyond_the_record(space: Space, samples: dict[str, WeightedSets]) -> None:
    """1,500 steps a region: chi-squared interval of the stated error rate, 8 % to either side."""
    some = samples["hardening"]
    many = {"hardening": replace(some, z=np.repeat(some.z, 10, axis=0), weight=np.repeat(some.weight, 10) / 10)}
    frame = posterior_table(space, many, {"hardening": 1.0}, 2020)
    steps = np.concatenate(
        [frame[threat_knot(r, year + 1)] - frame[threat_knot(r, year)] for r in WAR for year in (2020, 2021, 2022)]
    )
    low, high = stats.chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], len(steps))
    assert low < (steps**2).sum() / YEARLY_STEP**2 < high
    assert not low < 1.1**2 * (steps**2).sum() / YEARLY_STEP**2 < high, "a spread wrong by a tenth would be seen"


def test_the_point_that_stands_for_a_posterior_is_its_weighted_mean(
    space: Space, samples: dict[str, WeightedSets]
) -> None:
    point = posterior_mean_point(space, samples, MIXTURE)
    mean = sum(MIXTURE[name] * (each.weight @ space.natural(each.z)) for name, each in samples.items())
    assert [*point.values()] == pytest.approx(np.asarray(mean))
    assert tuple(point) == space.names
    unweighted = sum(MIXTURE[name] * space.natural(each.z).mean(axis=0) for name, each in samples.items())
    assert [*point.values()] != pytest.approx(np.asarray(unweighted))


def test_quantiles_of_weighted_values() -> None:
    """Weights are copies: a value of weight 3 stands for three; the middle of each stands at its share."""
    values, weight = np.array([5.0, 1.0, 2.0]), np.array([0.2, 0.2, 0.6])
    assert quantiles(values, weight, (0.0, 0.1, 0.5, 0.9, 1.0)).tolist() == [1.0, 1.0, 2.0, 5.0, 5.0]
    many = np.random.default_rng(9).standard_normal(999)
    assert quantiles(many, np.ones(999), (0.5,))[0] == pytest.approx(np.median(many))


def test_a_posterior_is_installed_in_the_tables(
    space: Space, samples: dict[str, WeightedSets], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.minusma import FOLDER

    for name in ("parameters", "threat_path"):
        (tmp_path / f"{name}.csv").write_bytes((FOLDER / f"{name}.csv").read_bytes())
    copied = SimpleNamespace(path=lambda name: tmp_path / f"{name}.csv", table=table)
    monkeypatch.setattr("sim.calibration.posterior_table.MISSION", copied)
    frame, point = posterior_table(space, samples, MIXTURE, 2020), posterior_mean_point(space, samples, MIXTURE)
    install_posterior(frame, frame, point)
    before = pd.read_csv(FOLDER / "parameters.csv", keep_default_na=False).set_index("name")
    after = pd.read_csv(tmp_path / "parameters.csv", keep_default_na=False).set_index("name")
    assert all(after.loc[name, "value"] == pytest.approx(point[name], rel=ROUNDED, abs=1e-9) for name in space.priors)
    others = before["status"] != "calibrated"
    assert after[others].equals(before[others])
    path = pd.read_csv(tmp_path / "threat_path.csv").set_index(["region", "year"])
    assert path.loc[("Gao", 2015), "value"] == pytest.approx(point[threat_knot("Gao", 2015)], rel=1e-3)
    assert path.loc[("Gao", 2023), "value"] == path.loc[("Gao", 2020), "value"]
    assert (path["low"] <= path["value"]).all()
    assert (path["value"] <= path["high"]).all()
    assert set(pd.read_csv(tmp_path / "posterior.csv").columns) == set(frame.columns)
    assert (tmp_path / "posterior_training.csv").is_file()


def test_a_conclusion_says_what_was_learned(space: Space, samples: dict[str, WeightedSets], tmp_path: Path) -> None:
    known = np.eye(len(all_targets()))
    emulator = Emulator(np.zeros((1, 1)), np.eye(1), np.array([0.5]))
    found = CalibrationResult(
        FittedEmulator(space, emulator, 60, known), dict.fromkeys((TRAINING, REFIT), samples), MIXTURE, 120
    )
    found.save(tmp_path)
    learned = pd.read_csv(tmp_path / "learned.csv")
    assert set(learned["verdict"]) <= {"learned", "rests on assumption"}
    assert (learned[learned["name"] == "ambush_rate"]["verdict"] == "learned").all(), "half the spread of the prior"
    shares = found.document()["targets_inside_95"]
    assert found.document()["runs"] == 120
    assert list(shares) == ["2018", "2020"]
    assert found.fit()["inside"].all(), "runs like the record"
    assert f"{len(targets(REFIT))} of {len(targets(REFIT))} to 2020" in found.text()
    assert {file.name for file in tmp_path.iterdir()} == {
        "posterior.csv", "posterior_training.csv", "learned.csv", "fit.csv", "provenance.json",
    }  # fmt: skip


def test_the_size_of_a_calibration() -> None:
    assert Size((100, 50), 2).runs == 300


def test_points_are_averaged_where_they_are_compared_and_leave_the_chance_of_a_run() -> None:
    """Four replications of 500 points: the variance within points."""
    rng = np.random.default_rng(8)
    names = tuple(observed())
    mean = np.repeat(rng.uniform(20.0, 50.0, (500, len(names))), 4, axis=0)
    point = np.repeat(np.arange(500), 4)
    wave = Runs(point, np.tile(np.arange(4), 500), point[:, None] * 1.0, rng.poisson(mean) * 1.0, names)
    z, average, chance, replications = _average_points(wave)
    assert replications == 4
    assert z[:, 0].tolist() == list(range(500))
    y = transformed(wave, all_targets())
    assert average == pytest.approx(y.reshape(500, 4, -1).mean(axis=1))
    within = y.reshape(500, 4, -1).var(axis=1, ddof=1).mean(axis=0)
    assert np.diag(chance) == pytest.approx(within)
    n = [target.name for target in all_targets()].index("killed/2016")
    assert chance[n, n] == pytest.approx(1.0, rel=0.15), "on the scale of roots a Poisson count has variance 1"


def test_waves_cover_every_structure_within_the_range(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "NEWTON_STEPS", 1)  # the emulator is flat: more would lead nowhere else
    size = len(space.names)
    known = all_targets()
    weights = np.zeros((1 + size + size * (size + 1) // 2, len(known)))
    weights[0] = [target.observed for target in known]
    fitted = FittedEmulator(space, Emulator(weights, np.eye(len(known)), np.ones(len(known))), 60, np.eye(len(known)))
    closer = _next_wave(fitted, 1, 60)
    for points in (_first_wave(space, 60), closer):
        assert points.shape == (60, size)
        assert np.abs(points).max() <= RANGE
        for structure in STRUCTURES:
            held = structure.coordinates(space)
            rows = np.all(points[:, list(held)] == np.array([*held.values()]), axis=1)
            assert rows.sum() >= 15, structure.name
    assert np.array_equal(_next_wave(fitted, 1, 60), closer)
    assert not np.array_equal(_next_wave(fitted, 2, 60), closer)


# ---------------------------------------------------------------------------------------------- the packaged posterior

WINDOWS = ("posterior", "posterior_training")


@pytest.mark.parametrize("window", WINDOWS)
def test_packaged_sets_are_those_of_the_reference(window: str) -> None:
    kept = Path(__file__).parent.parent / "results" / "reference" / "calibration" / f"{window}.csv"
    assert kept.read_bytes() == data_file(window).read_bytes()


@pytest.mark.parametrize("window", WINDOWS)
def test_packaged_sets_lie_in_the_ranges_and_hold_what_their_structure_holds(space: Space, window: str) -> None:
    frame = table(window)
    assert frame["weight"].sum() == pytest.approx(1.0, abs=1e-3)
    for name, prior in space.priors.items():
        assert frame[name].between(prior.low * (1 - ROUNDED), prior.high * (1 + ROUNDED)).all(), name
    known = {structure.name: structure for structure in STRUCTURES}
    assert set(frame["structure"]) <= set(known)
    for name, rows in frame.groupby("structure"):
        for parameter, z in known[str(name)].coordinates(space).items():
            held = np.zeros((1, len(space.names)))
            held[0, parameter] = z
            value = space.natural(held)[0, parameter]
            assert rows[space.names[parameter]].to_numpy() == pytest.approx(value, rel=ROUNDED, abs=1e-6)


def test_packaged_values_are_the_mean_of_the_packaged_sets(space: Space) -> None:
    """Both are rounded to four digits; an unweighted mean would be another."""
    frame, path = table("posterior"), table("threat_path")
    known = {threat_knot(str(row.region), int(row.year)): float(row.value) for row in path.itertuples()}
    known |= {name: row.value for name, row in parameters().items()}
    packaged = np.array([known[name] for name in space.names])
    drawn = frame[list(space.names)].to_numpy()
    assert frame["weight"].to_numpy() @ drawn == pytest.approx(packaged, rel=2 * ROUNDED, abs=1e-3)
    assert drawn.mean(axis=0) != pytest.approx(packaged, rel=2 * ROUNDED, abs=1e-3)


# -------------------------------------------------------------------------------------------------------- the command


@pytest.mark.parametrize("points", ["many", "100;50", "100,39", "", "1.5", "100,-50"])
def test_bad_points_are_answered(
    points: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["calibrate", f"--points={points}"]) == 2
    said = capsys.readouterr().err
    assert f"--points {points}: write whole numbers of at least 40 between commas, such as 3000,3000" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_not_gone_on_with_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "letter.txt").write_text("dear")
    assert main(["calibrate", "--out", "kept"]) == 2
    assert "--out kept: is not empty; add --resume to continue it, or name another folder" in capsys.readouterr().err
    assert main(["calibrate", "--out", "kept", "--resume"]) == 2
    assert "other files are there and are never overwritten" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["letter.txt"]
