"""Calibration in its parts: coordinates, emulator, sampler, weights, targets, and a folder of runs that resumes."""

from collections.abc import Sequence
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
from sim.calibration.sampler import RANGE
from sim.calibration.space import STRUCTURES, WAR, YEARLY_STEP, Space
from sim.calibration.targets import REFIT, TRAINING, all_targets, targets
from sim.calibration.waves import FittedEmulator, _first_wave, _next_wave
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
SMALL = Space({"a": Prior("loguniform", 0.1, 0.5, 10.0), "b": Prior("triangular", 0.0, 0.2, 1.0)}, (2013, 2014, 2015))


@pytest.fixture(scope="module")
def space() -> Space:
    return Space.packaged()


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
def test_a_damaged_manifest_of_a_calibration_is_rewritten(
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
    assert "rewritten: the runs beside it say whose they are" in capsys.readouterr().err
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
