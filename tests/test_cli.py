"""The command line as a user meets it: what it prints, what it writes, and how it refuses."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

import sim
from sim.cli import output_folder as folder
from sim.cli import progress
from sim.cli.inputs import Refusal
from sim.cli.listing import NAMES
from sim.cli.main import main
from sim.cli.output_folder import Identity
from sim.scenario import MEASURES, OUTCOMES
from sim.scenario.registry import PROCESSES
from sim.study.seeds import SeedFailure

TINY = """\
mission: teaching
title: Two months
period: {start: 2030-01-01, end: 2030-02-28}
variants: {fewer: {measures: {drills: off}}}
"""
KEYS = ["scenario", "hash", "seed", "version", "period", "out", "outcomes", "monthly"]
TABLES = {"events.parquet", "monthly.parquet", "daily.parquet", "manifest.json", "scenario.yaml", "tally.csv"}


class CommandResult(NamedTuple):
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one tiny scenario, to work in."""
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> CommandResult:
    code = main(arguments)
    return CommandResult(code, *capsys.readouterr())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[CommandResult, Path]:
    """One run of three seeds in a process of its own, and the folder it was started in."""
    start = tmp_path_factory.mktemp("ran")
    (start / "tiny.yaml").write_text(TINY, encoding="utf-8")
    command = (sys.executable, "-W", "error", "-m", "sim", "run", "tiny.yaml", "--seed", "7", "--seeds", "3")
    done = subprocess.run(command, cwd=start, capture_output=True, text=True, check=False)
    return CommandResult(done.returncode, done.stdout, done.stderr), start


def test_run_prints_table_range_events_and_next_step(ran: tuple[CommandResult, Path]) -> None:
    said, _ = ran
    assert said.code == 0, said.err
    for words in (
        "Two months; seed 7",
        "90 %",
        "Deadliest simulated",
        "inputs are assumed",
        "minusim explain tiny",
    ):
        assert words in said.out
    assert max(map(len, said.out.splitlines())) <= 100
    assert said.err.startswith("Simulating Two months, 2030-01-01 to 2030-02-28: seed 7, then 2 more")


def test_run_keeps_tables_figures_and_manifest(ran: tuple[CommandResult, Path]) -> None:
    _, start = ran
    (kept,) = (start / "results").iterdir()
    assert kept.name.startswith("two-months-")
    assert kept.name.endswith("-seed7")
    names = {file.name for file in kept.iterdir()}
    assert TABLES | {"timeline.png", "map.png"} <= names
    assert not [name for name in names if name.endswith((".pdf", ".svg"))]
    manifest = json.loads((kept / "manifest.json").read_text("utf-8"))
    assert (manifest["seed"], manifest["seeds"], manifest["simulated"]) == (7, 3, True)


@pytest.mark.slow
def test_run_json_is_the_asked_seed_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = say(capsys, "run", "tiny.yaml", "--seed", "3", "--seeds", "1", "--json", "--out", "kept")
    document = json.loads(said.out)
    additive = {name for name, outcome in OUTCOMES.items() if outcome.additive}
    assert said.code == 0
    assert list(document) == KEYS
    assert (document["seed"], document["out"]) == (3, "kept")
    assert document["period"] == ["2030-01-01", "2030-02-28"]
    assert set(document["outcomes"]) == additive
    assert [row["month"] for row in document["monthly"]] == ["2030-01"] * 3 + ["2030-02"] * 3
    assert len({row["region"] for row in document["monthly"]}) == 3
    for name, whole in document["outcomes"].items():
        assert sum(row[name] for row in document["monthly"]) == pytest.approx(whole)


def test_variant_and_set_change_what_is_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hashes = set()
    for change in ((), ("--variant", "fewer"), ("--set", "measures.patrols.patrols_per_1000_per_day=9")):
        said = say(capsys, "explain", "tiny.yaml", "--json", *change)
        hashes.add(json.loads(said.out)["hash"])
    assert len(hashes) == 2  # drills are off in the tiny scenario to begin with


BAD = {
    "no such command": (["rnu"], "did you mean 'run'"),
    "no scenario": (["run"], "SCENARIO"),
    "unknown packaged scenario": (["run", "quikstart"], "quickstart"),
    "missing file": (["run", "missing.yaml"], "missing.yaml"),
    "a folder": (["run", "."], "."),
    "unknown option": (["run", "tiny.yaml", "--sed", "1"], "--seed"),
    "seed is no integer": (["run", "tiny.yaml", "--seed", "x"], "--seed"),
    "seed below zero": (["run", "tiny.yaml", "--seed", "-1"], "--seed"),
    "seed too large": (["run", "tiny.yaml", "--seed", str(2**63)], "--seed"),
    "no seeds": (["run", "tiny.yaml", "--seeds", "0"], "--seeds"),
    "no workers": (["run", "tiny.yaml", "--workers", "-1"], "--workers"),
    "unknown variant": (["run", "tiny.yaml", "--variant", "fewr"], "did you mean 'fewer'"),
    "unknown key": (["run", "tiny.yaml", "--set", "measures.patrol=off"], "patrols"),
    "no value": (["run", "tiny.yaml", "--set", "patrols"], "KEY=VALUE"),
    "no key": (["run", "tiny.yaml", "--set", "=1"], "--set"),
    "value out of range": (["run", "tiny.yaml", "--set", "measures.drills.drills_per_month=99"], "8"),
    "decimal comma": (["run", "tiny.yaml", "--set", "measures.drills.drills_per_month=0,6"], "0.6"),
    "half a value": (["run", "tiny.yaml", "--set", "measures.drills={"], "--set"),
    "out is a file": (["run", "tiny.yaml", "--out", "tiny.yaml"], "--out tiny.yaml"),
    "out below a file": (["run", "tiny.yaml", "--out", "tiny.yaml/x"], "--out tiny.yaml/x"),
    "out holds other files": (["run", "tiny.yaml", "--out", "."], "never overwritten"),
    "no list": (["list", "mesures"], "measures"),
    "new without suffix": (["new", "mine"], "mine.yaml"),
    "new over a file": (["new", "tiny.yaml"], "never overwritten"),
    "new in a missing folder": (["new", "nowhere/mine.yaml"], "nowhere"),
    "explain nothing": (["explain", "nothing"], "nothing"),
    "check nothing": (["check", "nothing.yaml"], "nothing.yaml"),
}


@pytest.mark.parametrize(("arguments", "told"), BAD.values(), ids=BAD)
def test_bad_input_is_one_message_and_nothing_written(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    said = say(capsys, *arguments)
    assert said.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert told in said.err
    assert "Traceback" not in said.err
    assert [path.name for path in here.iterdir()] == ["tiny.yaml"]
    assert (here / "tiny.yaml").read_text("utf-8") == TINY


def test_interrupt_keeps_the_asked_seed(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Iterator[object]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("sim.study.seeds.run_seeds", interrupted)
    said = say(capsys, "run", "tiny.yaml", "--seeds", "3", "--out", "kept")
    assert said.code == 130
    assert "kept" in said.err
    assert (here / "kept" / "manifest.json").is_file()


@pytest.mark.slow
def test_failed_seeds_are_told_and_the_rest_kept(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = SeedFailure(2, "run", "ValueError: no luck", "")
    monkeypatch.setattr("sim.study.seeds.run_seeds", lambda *_: iter([failure]))
    said = say(capsys, "run", "tiny.yaml", "--seeds", "2", "--out", "kept", "--json")
    assert said.code == 1
    assert "Seed 2 failed (run): ValueError: no luck" in said.err
    assert json.loads(said.out)["out"] == "kept"
    assert (here / "kept" / "manifest.json").is_file()


def test_a_run_that_breaks_leaves_no_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sim.api.run_plan", broken)
    with pytest.raises(ZeroDivisionError):
        main(["run", "tiny.yaml", "--out", "kept"])
    assert not (here / "kept").exists()


@pytest.mark.parametrize("scenario", ["quickstart", "historical"])
def test_explain_names_every_process_and_measure(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = say(capsys, "explain", scenario).out
    document = json.loads(say(capsys, "explain", scenario, "--json").out)
    rows = [row for phase in document["phases"] for row in phase["processes"]]
    assert [row["name"] for row in rows] == [process.name for process in PROCESSES]
    assert all(row["claim"] and row["source"] for row in rows)
    assert [row["name"] for row in document["measures"]] == list(MEASURES)
    for name in (*MEASURES, *(row["name"] for row in rows)):
        assert name in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    "what",
    NAMES,
)
def test_list(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(say(capsys, "list", what, "--json").out)
    table = say(capsys, "list", what).out
    names = [str(next(iter(row.values()))) for row in rows]
    assert names
    listed = getattr(sim, f"list_{what}")()
    assert (len(listed), *listed.columns) == (len(rows), *rows[0])
    assert all(name in table for name in names)


def test_new_writes_a_scenario_that_runs_as_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert say(capsys, "new", "mine.yaml").code == 0
    text = (here / "mine.yaml").read_text("utf-8")
    assert text.count("#") > 5
    assert "extends: historical\n" in text
    checked = say(capsys, "check", "mine.yaml")
    assert (checked.code, checked.err) == (0, "")
    assert "mine.yaml is valid" in checked.out


def test_an_editor_finds_the_schema_of_what_new_writes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import jsonschema

    assert say(capsys, "new", "mine.yaml").code == 0
    first, text = (here / "mine.yaml").read_text("utf-8").split("\n", 1)
    schema = json.loads((here / first.removeprefix("# yaml-language-server: $schema=")).read_text("utf-8"))
    assert schema == json.loads(say(capsys, "schema").out)
    jsonschema.validate(json.loads(json.dumps(yaml.safe_load(text), default=str)), schema)


@pytest.mark.slow
def test_schema_accepts_what_new_writes(capsys: pytest.CaptureFixture[str]) -> None:
    import jsonschema

    schema = json.loads(say(capsys, "schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"title": "x", "measures": {"drills": None}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"measures": {"dirlls": None}}, schema)


def test_no_arguments_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    said = say(capsys)
    assert said.code == 0
    assert "minusim demo" in said.out


IDENTITY = Identity("a" * 64, 1, "f")


def keep(path: Path, seeds: int, **changes: object) -> None:
    path.mkdir(parents=True)
    known = {"hash": IDENTITY.hash, "seed": 1, "fingerprint": "f", "seeds": seeds, **changes}
    (path / "manifest.json").write_text(json.dumps(known), encoding="utf-8")


def test_default_folder_never_replaces_another_run(here: Path) -> None:
    first = folder.claim(None, "Héros: 2018!", IDENTITY, 50)
    assert first.as_posix() == "results/heros-2018-aaaaaaaa-seed1"
    folder.release(first)
    keep(first, 50)
    assert folder.claim(None, "Héros: 2018!", IDENTITY, 50) == first  # the same run again
    assert folder.claim(None, "Héros: 2018!", IDENTITY, 10).name.endswith("seed1-2")  # would lose forty seeds
    assert folder.claim(None, "Héros: 2018!", Identity("a" * 64, 1, "g"), 50).name.endswith("seed1-2")


@pytest.mark.parametrize("change", [{"seed": 2}, {"fingerprint": "g"}, {"seeds": 51}, {"hash": "b"}])
def test_asked_folder_with_another_run_is_refused(here: Path, change: dict[str, object]) -> None:
    keep(here / "kept", **{"seeds": 50, **change})
    with pytest.raises(Refusal, match="never overwritten"):
        folder.claim("kept", "x", IDENTITY, 50)


def test_release_leaves_what_was_saved(here: Path) -> None:
    keep(here / "kept", 1)
    folder.release(here / "kept")
    assert (here / "kept" / "manifest.json").is_file()


@pytest.mark.parametrize(("seconds", "words"), [(0, "1 s"), (42.4, "42 s"), (100, "2 min"), (7500, "2 h 5 min")])
def test_duration(seconds: float, words: str) -> None:
    assert progress.duration(seconds) == words


def test_plain_progress_tells_what_is_left(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(now)))
    assert list(progress.tracked(range(10), 10, "more seeds")) == list(range(10))
    told = capsys.readouterr().err.splitlines()
    assert told == ["3 of 10 more seeds, about 7 s left", "8 of 10 more seeds, about 2 s left"]


@pytest.mark.slow
def test_a_reader_that_stops_early_is_no_error() -> None:
    command = [sys.executable, "-m", "sim", "explain", "historical"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
