"""A scale other than the calibrated one is said where the user looks, and kept beside the results."""

import json
from pathlib import Path

import pytest

import sim
from sim.cli.main import main
from sim.results import open_results
from sim.scenario import load, loads
from sim.study import Study
from sim.study.scale import CALIBRATED, off_scale

WEEK = "period: {start: 2013-07-01, end: 2013-07-07}\n"
COARSE = WEEK + "title: coarse\nsettings: {persons_per_community: 1000000}\n"


def test_the_packaged_scale_is_the_calibrated_one() -> None:
    assert load("historical").settings == CALIBRATED
    assert off_scale(load("historical")) is None


@pytest.mark.parametrize("settings", ["persons_per_community: 2000", "cell_size: 0.25"])
def test_another_scale_is_named(settings: str) -> None:
    said = off_scale(loads(WEEK + f"settings: {{{settings}}}\n"))
    assert said is not None
    assert "calibrated" in said
    assert settings.partition(": ")[2].replace("2000", "2,000") in said
    assert "\n" not in said


@pytest.mark.slow
def test_a_run_says_so_once_and_keeps_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "coarse.yaml", tmp_path / "out"
    file.write_text(COARSE)
    assert main(["run", str(file), "--seeds", "1", "--out", str(out)]) == 0
    assert capsys.readouterr().err.count("Warning: 1,000,000 persons per community") == 1
    assert "calibrated scale" in (out / "warning.txt").read_text()
    assert open_results(out).record.scenario.settings.persons_per_community == 1_000_000


@pytest.mark.slow
def test_a_run_on_the_calibrated_scale_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "week.yaml", tmp_path / "out"
    file.write_text(WEEK + "title: week\n")
    assert main(["run", str(file), "--seeds", "1", "--out", str(out)]) == 0
    assert "Warning" not in capsys.readouterr().err
    assert not (out / "warning.txt").exists()


def test_the_library_warns() -> None:
    with pytest.warns(UserWarning, match="off the calibrated scale"):
        sim.run(loads(COARSE))


def test_a_study_says_so_and_keeps_it(tmp_path: Path) -> None:
    scenario = loads(COARSE + "variants: {usual: {}, fine: {settings.cell_size: 0.25}}\nbaseline: usual\n")
    study = Study(scenario, tmp_path / "study", 1)
    assert len(study.notices) == 2
    study.claim()
    assert "calibrated" in json.loads((tmp_path / "study" / "study.json").read_text())["warning"]
    usual = Study(loads(WEEK + "title: week\n"), tmp_path / "usual", 1)
    usual.claim()
    assert usual.notices == []
    assert "warning" not in json.loads((tmp_path / "usual" / "study.json").read_text())
