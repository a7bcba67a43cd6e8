"""attribute, sensitivity, calibrate and forecast on a cluster, from the command to the answer: as here, to the bit."""

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from sim.calibration.evaluations import Runs, RunStore, run_wave
from sim.calibration.space import Space
from sim.cli import calibrate, progress
from sim.cli.main import main
from sim.inference.sensitivity.design import Swept, quantities
from sim.study.cluster import opened, spec_of
from tests.cluster_support import Killer, certificates
from tests.study_support import pictured
from tools.loopback_cluster import Machines, machines, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="stops and kills processes the POSIX way"),
]

TEXT = """
title: Ten weeks
period: {start: 2013-07-01, end: 2013-09-10}
seed: 3
measures:
  patrols: {patrols_per_1000_per_day: 9}
  training: {days_per_month: 5}
"""
WORKERS = 3
OUT = ("encrypted", "plain")  # folders, one for each place


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A scheduler with three workers, encrypted, and the file that names it beside its certificates."""
    folder = tmp_path_factory.mktemp("machines")
    files = certificates(folder)
    flags = {"ca": "--tls-ca-file", "cert": "--tls-cert", "key": "--tls-key"}
    with machines(folder, WORKERS, tuple(text for part in files for text in (flags[part], str(files[part])))) as made:
        known = {"address": made.address, "tls": {part: files[part].name for part in files}}
        (folder / "cluster.yaml").write_text(yaml.safe_dump(known))
        yield made


@pytest.fixture(scope="module")
def places(there: Machines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """What ``--cluster`` is given: a file, then the address of another scheduler with two workers, not encrypted."""
    with machines(tmp_path_factory.mktemp("others"), 2) as made:
        yield named(there), made.address


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("ten_weeks.yaml").write_text(TEXT)
    return "ten_weeks.yaml"


@pytest.fixture
def killer(there: Machines) -> Iterator[Killer]:
    """Somebody who kills a worker when told; afterwards there is another in its place."""
    with opened(spec_of(named(there)), lambda _: None) as cluster:
        wait_until(lambda: len(cluster.client.nthreads()) == WORKERS)
        made = Killer(cluster)
        yield made
        made.join(1.0)
        assert made.had, "it died while it had work"
        assert made.address not in cluster.client.nthreads()
        there.add(1)
        wait_until(lambda: len(cluster.client.nthreads()) == WORKERS)


def named(made: Machines) -> str:
    """The file that names these machines."""
    return str(made.folder / "cluster.yaml")


def answered(words: list[str], out: str, capsys: pytest.CaptureFixture[str]) -> dict:
    """What a command prints as JSON, but for the folder."""
    assert main([*words, "--json", "--out", out]) == 0
    return json.loads(capsys.readouterr().out) | {"out": None}


def killing(killer: Killer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills a worker as soon as the first run has ended."""
    usual = progress.tracked

    def tracked(items: Iterator[object], total: int, what: str) -> Iterator[object]:
        for item in usual(items, total, what):
            if not killer.ident:
                killer.start()
            yield item

    monkeypatch.setattr(progress, "tracked", tracked)


def test_attribution_with_a_worker_killed(
    scenario: str,
    places: tuple[str, str],
    killer: Killer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["attribute", scenario, "--measures", "patrols,training", "--replications", "12"]
    here = answered([*asked, "--workers", "1"], "here", capsys)
    assert here["failed"] == 0
    killing(killer, monkeypatch)
    for out, place in zip(OUT, places, strict=True):
        assert answered([*asked, "--cluster", place], out, capsys) == here
        same_figures(Path("here"), Path(out))


def same_figures(one: Path, other: Path) -> None:
    names = sorted(path.name for path in one.glob("*.*") if path.suffix == ".png")
    assert names
    assert [name for name in names if pictured(one / name) != pictured(other / name)] == []


def test_sensitivity_with_a_worker_killed(
    scenario: str,
    places: tuple[str, str],
    killer: Killer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chosen = ("killing_rate", "device_rate", "desertion_rate", "measures.patrols")

    def few(*given: object) -> tuple[Swept, ...]:
        return tuple(quantity for quantity in quantities(*given) if quantity.name in chosen)  # type: ignore[arg-type]

    monkeypatch.setattr("sim.inference.sensitivity.analysis.quantities", few)
    monkeypatch.setattr("sim.present.figures.sensitivity.save_figures", lambda *_: [])
    asked = ["sensitivity", scenario, "--outcomes", "civilians_killed", "--trajectories", "2", "--samples", "8"]
    asked += ["--top", "2", "--within", "prior"]
    here = answered([*asked, "--workers", "1"], "here", capsys)
    killing(killer, monkeypatch)
    for out, place in zip(OUT, places, strict=True):
        assert answered([*asked, "--cluster", place], out, capsys) == here
        for name in ("screening.csv", "indices.csv"):
            assert (Path("here") / name).read_bytes() == (Path(out) / name).read_bytes()


class Wave:
    """What a calibration of one short wave concludes."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs

    def document(self) -> dict:
        return {"runs": [row.tobytes().hex() for row in self.runs.statistics]}


def one_wave(folder: Path, size: object, sets: int, executor: object, tell: Callable[..., None]) -> Wave:
    """Eight decades under values near the packaged ones, in place of hours of waves, emulators and checks."""
    space = Space.packaged()
    points = 0.3 * np.random.default_rng(1).standard_normal((8, len(space.names)))
    return Wave(run_wave(RunStore(folder, space), 0, points, 1, executor, partial(tell, "wave 1")))  # type: ignore[arg-type]


def test_calibration_with_a_worker_killed(
    scenario: str,
    places: tuple[str, str],
    killer: Killer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sim.calibration.calibration_result.calibrate", one_wave)
    here = answered(["calibrate", "--workers", "1"], "here", capsys)
    monkeypatch.setattr(calibrate, "_progress_printer", lambda: lambda *_: None if killer.ident else killer.start())
    for out, place in zip(OUT, places, strict=True):
        assert answered(["calibrate", "--cluster", place], out, capsys) == here
    assert len(set(here["runs"])) == 8


def test_a_forecast_is_the_same(scenario: str, places: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["forecast", "historical", "--start", "2013-11", "--end", "2013-12", "--draws", "3"]
    here = answered([*asked, "--workers", "1"], "here", capsys)
    drawn = pd.read_parquet("here/monthly.parquet")
    for out, place in zip(OUT, places, strict=True):
        assert answered([*asked, "--cluster", place], out, capsys) == here
        pd.testing.assert_frame_equal(pd.read_parquet(Path(out) / "monthly.parquet"), drawn, check_exact=True)
