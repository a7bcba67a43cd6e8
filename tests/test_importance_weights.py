"""Which runs count, and how much: candidates of a structure, tempered weights, sets weighed by their own runs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.calibration import evaluations as evaluating
from sim.calibration.calibration_result import CHECK_WAVES, CalibrationResult, load_result, result_of
from sim.calibration.emulator import Emulator
from sim.calibration.evaluations import Job, Runs, RunStore, run_wave
from sim.calibration.importance_weights import (
    EFFECTIVE_SETS,
    KEPT_WEIGHT,
    WeightedSets,
    candidates,
    temper,
    weighted_sets,
)
from sim.calibration.observation import observed
from sim.calibration.space import STRUCTURES, WAR, Space, Structure
from sim.calibration.targets import REFIT, ROOT, TRAINING, Target, all_targets
from sim.calibration.waves import FittedEmulator
from sim.model.plan import threat_knot
from sim.study import StoreError
from sim.study.executor import LOCAL
from tests.minusma import parameters

HELD = sorted({name for structure in STRUCTURES for name in structure.fixed})
FEW = Space({name: parameters()[name].law for name in ("ambush_rate", *HELD)}, (2013,))
TREND = FEW.names.index("hit_trend")
STEADY = Structure("steady", "hits do not drift", {"hit_trend": 0.0})
CHOSEN = tuple(Target(f"killed/{year}", (f"killed/{year}",), ROOT, 0.05) for year in (2014, 2015, 2016))


@cache
def record() -> np.ndarray:
    """What was observed of the targets of ``CHOSEN``."""
    return np.array([target.observed for target in CHOSEN])


def runs_at(z: np.ndarray, replications: int, first: float = 0.0) -> Runs:
    """Runs of some points, numbered from 0; their one statistic tells them apart."""
    point = np.repeat(np.arange(len(z)), replications)
    told = first + np.arange(len(point), dtype=np.float64)[:, None]
    return Runs(point, np.tile(np.arange(replications), len(z)), z[point], told, ("told",))


def missing_by(errors: Sequence[Sequence[float]]) -> Runs:
    """Points with a run for every error: how far all targets of ``CHOSEN`` lie from the record, on their scale."""
    values = [((record() + error) / 2) ** 2 - 0.375 for point in errors for error in point]
    point = np.repeat(np.arange(len(errors)), [len(own) for own in errors])
    z = np.arange(len(errors), dtype=np.float64)[:, None]
    names = tuple(part for target in CHOSEN for part in target.parts)
    replication = np.concatenate([np.arange(len(own)) for own in errors])
    return Runs(point, replication, z[point], np.array(values), names)


def emulator(chance: np.ndarray, error: float, offset: float = 0.0) -> Emulator:
    """Predicts the record, off by ``offset``, at every point, and is known to err by ``error`` (sd)."""
    weights = np.zeros((3, 3))
    weights[0] = record() + offset
    return Emulator(weights, chance + error**2 * np.eye(3), np.zeros(3))


def vague(chance: np.ndarray) -> Emulator:
    """Knows nothing: what a set gives is known from its own runs alone."""
    return emulator(chance, 1e4)


def effective(weight: np.ndarray) -> float:
    return float(1.0 / (weight**2).sum())


def weight_of(found: WeightedSets) -> dict[int, float]:
    """Number of a point -> its weight."""
    return dict(zip(found.z[:, 0].astype(int).tolist(), found.weight.tolist(), strict=True))


# -------------------------------------------------------------------------------------------------------- candidates


def test_candidates_are_the_points_at_which_a_structure_holds() -> None:
    """Of two waves of four points the odd ones hold it; points of different waves stay different points."""
    held = STEADY.coordinates(FEW)[TREND]
    z = np.random.default_rng(1).uniform(1.0, 2.0, (8, len(FEW.names)))
    z[1::2, TREND] = held
    waves = [runs_at(z[:4], 2), runs_at(z[4:], 3, first=100.0)]
    found = candidates(waves, STEADY, FEW)
    assert found.point.tolist() == [0, 0, 1, 1, 2, 2, 2, 3, 3, 3]
    assert found.statistics[:, 0].tolist() == [2, 3, 6, 7, 103, 104, 105, 109, 110, 111]
    assert np.array_equal(found.z, z[[1, 1, 3, 3, 5, 5, 5, 7, 7, 7]])
    assert found.names == ("told",)


def test_a_point_that_holds_part_of_a_structure_is_no_candidate() -> None:
    both = Structure("both", "nothing drifts", {"hit_trend": 0.0, "intent_trend": 0.0})
    z = np.full((3, len(FEW.names)), 1.5)
    z[1:, TREND] = STEADY.coordinates(FEW)[TREND]
    for i, value in both.coordinates(FEW).items():
        z[2, i] = value
    assert candidates([runs_at(z, 1)], both, FEW).statistics[:, 0].tolist() == [2]
    assert candidates([runs_at(z, 1)], STEADY, FEW).statistics[:, 0].tolist() == [1, 2]


def test_a_point_of_a_stricter_structure_is_not_shared() -> None:
    """Displacement holds what hardening holds and more: its points are its own."""
    known = {structure.name: structure for structure in STRUCTURES}
    z = np.full((3, len(FEW.names)), 1.5)
    for row, name in enumerate(known):
        for i, value in known[name].coordinates(FEW).items():
            z[row, i] = value
    for row, structure in enumerate(known.values()):
        assert candidates([runs_at(z, 1)], structure, FEW).statistics[:, 0].tolist() == [row], structure.name


def test_beyond_the_window_the_path_of_the_threat_must_be_held() -> None:
    long = replace(FEW, years=(2017, 2018, 2019, 2020))
    z = np.full((2, len(long.names)), 1.5)
    for i, value in STEADY.coordinates(long).items():
        z[:, i] = value
    for i in long.steps_after(TRAINING):
        z[1, i] = 0.0
    assert len(long.steps_after(TRAINING)) == 2 * len(WAR)
    assert {long.names[i][-4:] for i in long.steps_after(TRAINING)} == {"2019", "2020"}
    assert candidates([runs_at(z, 1)], STEADY, long, TRAINING).statistics[:, 0].tolist() == [1]
    assert candidates([runs_at(z, 1)], STEADY, long, REFIT).statistics[:, 0].tolist() == [0, 1]
    held = long.values(z[1])
    assert all(held[threat_knot(region, 2020)] == held[threat_knot(region, 2018)] for region in WAR)


def test_where_a_structure_never_holds_there_is_no_candidate() -> None:
    assert len(candidates([runs_at(np.full((5, len(FEW.names)), 1.5), 2)], STEADY, FEW).point) == 0


# ---------------------------------------------------------------------------------------------------------- tempering


@pytest.mark.parametrize("asked", [20.0, EFFECTIVE_SETS, 300.0])
def test_tempered_weights_have_the_effective_number_that_was_asked(asked: float) -> None:
    log_likelihood = -150.0 * np.random.default_rng(2).random(1000)
    raised = np.exp(log_likelihood - log_likelihood.max())
    assert effective(raised / raised.sum()) < 0.9 * asked
    found = temper(log_likelihood, asked)
    assert found.sum() == pytest.approx(1.0)
    assert effective(found) == pytest.approx(asked, rel=1e-6)
    assert np.array_equal(np.argsort(found), np.argsort(log_likelihood)), "better stays better"
    power = np.diff(np.log(found)) / np.diff(log_likelihood)
    assert power == pytest.approx(power[0]), "a power of the likelihood"
    assert 0.0 < power[0] < 1.0


# ---------------------------------------------------------------------------------------------------------- selection


def test_a_set_whose_runs_meet_the_record_outweighs_one_whose_runs_do_not() -> None:
    """Small errors, so nothing is tempered: the ratio of weights is that of normal likelihoods."""
    errors = [[0.0], [0.2], *([0.3] for _ in range(8))]
    chance = np.diag([1.0, 2.0, 0.5])
    weight = weight_of(weighted_sets(missing_by(errors), CHOSEN, vague(chance), chance))
    of_record_and_run = 2.0 * np.diag(chance)
    variance = of_record_and_run + np.array([target.tolerance for target in CHOSEN]) ** 2
    assert weight[0] / weight[1] == pytest.approx(np.exp(0.5 * (0.2**2 / variance).sum()))
    assert weight[0] / weight[1] > 1.005
    assert sum(weight.values()) == pytest.approx(1.0)


def test_runs_of_a_point_are_averaged_before_they_are_compared() -> None:
    """Off to either side is as good as exact; off to one side is not."""
    errors = [[0.0, 0.0], [0.3, -0.3], [0.3, 0.3], *([0.4, 0.4, 0.4] for _ in range(12))]
    weight = weight_of(weighted_sets(missing_by(errors), CHOSEN, vague(np.eye(3)), np.eye(3)))
    assert weight[1] == pytest.approx(weight[0])
    assert weight[2] < 0.95 * weight[0]


@pytest.mark.parametrize(
    ("error", "believed", "unsure"), [(1e-4, 0.0, 0.0), (1.0, 0.5, 0.5), (1e4, 1.0, 1.0)], ids=["sure", "even", "vague"]
)
def test_own_runs_and_emulator_count_by_their_precision(error: float, believed: float, unsure: float) -> None:
    """Runs are off by 0.4, 0 or 0.6, the emulator by 0.2 for all: a sure emulator is believed, a vague one is not, and
    one that errs as much as a run half and half."""
    errors = [[0.4], [0.0], *([0.6] for _ in range(10))]
    chance, tolerance = np.eye(3), np.array([target.tolerance for target in CHOSEN]) ** 2
    weight = weight_of(weighted_sets(missing_by(errors), CHOSEN, emulator(chance, error, 0.2), chance))
    one, other = (0.2 + believed * (own - 0.2) for own in (0.4, 0.0))
    expected = np.exp(-0.5 * ((one**2 - other**2) / (1.0 + unsure + tolerance)).sum())
    assert weight[0] / weight[1] == pytest.approx(expected, rel=1e-3)


def test_more_runs_count_more_against_the_emulator() -> None:
    errors = [[0.5], [0.5] * 9, *([0.7] * 9 for _ in range(12))]
    weight = weight_of(weighted_sets(missing_by(errors), CHOSEN, emulator(np.eye(3), 1.0), np.eye(3)))
    assert weight[1] < 0.97 * weight[0]


def test_only_sets_that_carry_nine_tenths_of_the_weight_are_kept_with_their_runs() -> None:
    line = np.abs(np.linspace(-6.0, 6.0, 400))
    runs = missing_by([[error, error] for error in line])
    found = weighted_sets(runs, CHOSEN, vague(0.1 * np.eye(3)), 0.1 * np.eye(3))
    dropped = set(range(400)) - set(weight_of(found))
    assert dropped
    assert line[sorted(weight_of(found))].max() <= line[sorted(dropped)].min() + 1e-9
    assert (np.diff(found.weight) <= 0).all(), "the heaviest first"
    assert found.weight.sum() == pytest.approx(1.0)
    assert KEPT_WEIGHT**2 * EFFECTIVE_SETS < effective(found.weight) < EFFECTIVE_SETS, "what was dropped counts no more"
    assert np.array_equal(found.runs.z, found.z[found.runs.point])
    assert np.array_equal(np.bincount(found.runs.point), np.full(len(found.weight), 2))


def test_the_runs_of_a_set_share_its_weight() -> None:
    errors = [[0.0], [0.1, 0.1, 0.1], *([0.2, 0.2] for _ in range(8))]
    found = weighted_sets(missing_by(errors), CHOSEN, vague(np.eye(3)), np.eye(3))
    weight = weight_of(found)
    assert found.per_run().sum() == pytest.approx(1.0)
    for number in (0, 1, 2):
        own = found.per_run()[found.runs.z[:, 0] == number]
        assert own == pytest.approx(np.full(len(errors[number]), weight[number] / len(errors[number])))


# --------------------------------------------------------------------------------------------------- all runs together


@pytest.fixture(scope="module")
def space() -> Space:
    return Space.packaged()


def noisy(job: Job) -> np.ndarray:
    """A run near the record, nearer for points near the origin."""
    rng = np.random.default_rng(job.stream)
    known = np.array([*observed().values()])
    return known * np.exp(0.02 * float((job.z**2).mean()) * rng.standard_normal(len(known)))


@pytest.fixture
def database(space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """Two waves and the checks of a small calibration, twelve points under each structure, two runs each."""
    monkeypatch.setattr(evaluating, "evaluate", noisy)
    monkeypatch.setattr(evaluating, "fingerprint", lambda mission: "this engine")
    monkeypatch.setattr("sim.calibration.calibration_result.fingerprint", lambda: "this engine")
    kept = RunStore(tmp_path / "kept", space)
    rng = np.random.default_rng(4)
    for wave in (0, 1, *(CHECK_WAVES + 10 * k + n for k in range(2) for n in range(3))):
        z = rng.standard_normal((36, len(space.names)))
        for n, structure in enumerate(STRUCTURES):
            for i, value in structure.coordinates(space).items():
                z[n::3, i] = value
        z[:18, space.steps_after(TRAINING)] = 0.0  # those for the window that ends earlier
        run_wave(kept, wave, z, 2, LOCAL, lambda *_: None)
    return kept


def fitted(space: Space) -> FittedEmulator:
    known, coordinates = len(all_targets()), len(space.names)
    weights = np.zeros((1 + coordinates + coordinates * (coordinates + 1) // 2, known))
    return FittedEmulator(space, Emulator(weights, np.eye(known), np.full(known, 0.5)), 72, 0.2 * np.eye(known))


def held(found: CalibrationResult) -> set[float]:
    """The first coordinate of every set."""
    return {float(z) for each in found.posteriors.values() for chosen in each.values() for z in chosen.z[:, 0]}


def test_a_conclusion_rests_on_all_runs_but_the_first_wave(space: Space, database: RunStore) -> None:
    found = result_of(fitted(space), database)
    waves = {wave: database.runs(wave) for wave in (0, 1, 50, 62)}
    first, later = (set(runs.z[:, 0].tolist()) for runs in (waves[0], waves[1]) if runs is not None)
    assert held(found).isdisjoint(first)
    assert held(found) & later
    assert found.runs == 2 * 36 * 8
    assert set(found.posteriors) == {TRAINING, REFIT}
    assert sum(found.weights.values()) == pytest.approx(1.0)
    for posterior in found.posteriors.values():
        for structure in STRUCTURES:
            z = posterior[structure.name].z
            for i, value in structure.coordinates(space).items():
                assert z[:, i] == pytest.approx(value)


def test_a_conclusion_is_a_function_of_its_runs(space: Space, database: RunStore) -> None:
    one, other = (result_of(fitted(space), database) for _ in range(2))
    assert one.frames()[0].equals(other.frames()[0])
    assert one.point() == other.point()
    names = [structure.name for structure in STRUCTURES]
    nearer = replace(one, weights=dict(zip(names, (1.0, 0.0, 0.0), strict=True)))
    assert nearer.point() != one.point()


def test_a_finished_calibration_is_read_from_its_folder(space: Space, database: RunStore) -> None:
    found = load_result(database.folder.path)
    again = result_of(found.fitted, database)
    assert found.frames()[0].equals(again.frames()[0])
    assert (found.runs, found.fitted.points) == (2 * 36 * 8, 72)
    assert found.fitted.chance.shape == (len(all_targets()), len(all_targets()))


def test_an_unfinished_calibration_says_so(database: RunStore) -> None:
    for part in database.folder.path.glob(f"wave{CHECK_WAVES + 12}-*"):
        part.unlink()
    with pytest.raises(StoreError, match="is not finished; minusim calibrate --resume continues it"):
        load_result(database.folder.path)
