"""The commands of a study: compare, rerun, diverge."""

import json
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from sim.cli import attribute
from sim.cli.main import main
from sim.model.simulation import Simulation
from sim.study import StoreError, branches, open_store
from sim.study.diverge import diverge, inputs_part
from sim.study.rerun import model_of
from tests.study_support import TEXT, finished, scenario


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    # tables and figures are tested elsewhere
    monkeypatch.setattr("sim.present.answer_files.save_answer", lambda answer, folder: [])
    monkeypatch.setattr("sim.present.figures.writer.save_comparison_figures", lambda answer, folder, formats: [])
    (tmp_path / "ten_weeks.yaml").write_text(TEXT)
    return "ten_weeks.yaml"


def test_compare_dry_run_writes_nothing(file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", file, "--replications", "3", "--out", "kept", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "15 runs are missing in kept" in said
    assert "replications 0 to 2: as_is, inert, patrols, both, otherwise" in said
    assert [entry.name for entry in tmp_path.iterdir()] == [file]


def test_where_nobody_names_a_folder_the_first_free_one_is_taken(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    def folder() -> Path:
        assert main(["compare", file, "--dry-run"]) == 0
        return Path(capsys.readouterr().out.splitlines()[0].removeprefix("20 runs are missing in "))

    first = folder()
    assert re.fullmatch("ten-weeks-[0-9a-f]{8}-study", first.name)
    first.mkdir(parents=True)
    assert folder() == first
    (first / "letter.txt").write_text("dear", "utf-8")
    assert folder() == first.with_name(f"{first.name}-2")


def test_an_interrupted_attribution_says_what_is_kept(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.study.Study.run", interrupted)
    assert main(["attribute", "measures_2018", "--measures", "patrols,training", "--out", "kept"]) == 130
    assert "Finished runs are in kept; the same command with --resume continues." in capsys.readouterr().err


@pytest.mark.parametrize("command", ["compare", "attribute"])
def test_a_part_that_is_damaged_under_the_answer_is_said_in_one_line(
    file: str, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def damaged(*_: object) -> None:
        raise StoreError("kept/monthly-0.parquet: not as it was written; --resume does its runs again")

    monkeypatch.setattr("sim.study.Study.run", lambda *_: None)
    monkeypatch.setattr("sim.inference.comparison.answer", damaged)
    monkeypatch.setattr("sim.inference.attribution.attribute", damaged)
    more = ["measures_2018", "--measures", "patrols,training"] if command == "attribute" else [file]
    assert main([command, *more, "--out", "kept"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("not as it was written; --resume does its runs again")


def test_an_attribution_whose_tables_cannot_be_written_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = SimpleNamespace(outcome="peacekeepers_killed", table=lambda: pd.DataFrame({"measure": ["patrols"]}))
    (tmp_path / "attribution.csv").mkdir()
    assert attribute._save_results([found], tmp_path, ("png",)) is False  # type: ignore[list-item]
    assert capsys.readouterr().err == f"{tmp_path}: table and figures could not be written: Is a directory\n"


def test_compare_keeps_resumes_and_answers(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    compare = ["compare", file, "--out", "kept", "--workers", "1"]
    assert main([*compare, "--replications", "2", "--resume", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["baseline"] == "as_is"
    assert document["replications"] == 2
    assert document["failed"] == 0
    assert document["out"] == "kept"
    row = document["variants"]["patrols"]["civilians_killed"]
    assert {"mean", "low", "high", "difference"} <= row.keys()
    assert main([*compare, "--replications", "3"]) == 2
    assert "--out kept: holds this study already; add --resume" in capsys.readouterr().err
    assert main([*compare, "--replications", "3", "--resume", "--dry-run", "--json"]) == 0
    missing = json.loads(capsys.readouterr().out)
    assert missing["runs"] == 5
    assert [row["replication"] for row in missing["missing"]] == [2]
    assert main([*compare, "--replications", "3", "--resume"]) == 0
    assert "patrols" in capsys.readouterr().out
    assert main(["rerun", "kept", "patrols", "2"]) == 0
    told = capsys.readouterr()
    assert "Equal to what the study kept, to the bit." in told.err
    assert Path("kept-patrols-2", "events.parquet").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--until-halfwidth", "peacekeepers_kiled=3"], "no outcome 'peacekeepers_kiled'; did you mean"),
        (["--until-halfwidth", "peacekeepers_killed"], "write OUTCOME=VALUE with a number above 0"),
        (["--set", "variants.a=off"], "variants"),
        (["--out", "ten_weeks.yaml"], "is a file, not a folder"),
        (["--set", "uncertainties=posteriors"], "allowed: point, prior, posterior"),
    ],
)
def test_compare_refuses_in_one_line(
    file: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", file, *words]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert told.out == ""


def test_compare_needs_two_variants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.yaml").write_text("title: One\nvariants: {a: {}}\n")
    assert main(["compare", str(tmp_path / "one.yaml")]) == 2
    assert "give at least two under `variants:`" in capsys.readouterr().err


def test_a_failing_run_is_named_with_how_to_see_it_again(
    file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Breaking(Simulation):
        def run(self):
            if self.plan.scenario.variant_name == "otherwise":
                raise ValueError("no luck")
            return super().run()

    monkeypatch.setattr(branches, "Simulation", Breaking)
    assert main(["compare", file, "--out", "kept", "--replications", "2", "--workers", "1"]) == 1
    told = capsys.readouterr()
    assert "Failed: otherwise, replication 1 (run): ValueError: no luck" in told.err
    assert "again: minusim rerun kept otherwise 1" in told.err
    assert len(open_store(Path("kept")).failed) == 2
    monkeypatch.setattr("sim.study.rerun.Simulation", Breaking)
    assert main(["rerun", "kept", "otherwise", "1"]) == 1
    assert "ValueError: no luck" in capsys.readouterr().err
    assert not Path("kept-otherwise-1").exists()


# a job in the background ignores Ctrl-C, and so do the processes that it starts
INTERRUPTIBLE = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("sim", run_name="__main__")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts the POSIX way")
def test_ctrl_c_leaves_a_study_that_goes_on(file: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTIBLE, "compare", str(tmp_path / file), "--out", str(tmp_path / "kept")]
    with subprocess.Popen(
        [*command, "--replications", "2000", "--workers", "2"],
        cwd=Path(__file__).parents[1],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if " of 10000 runs, about " in line:
                break
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait() == 130
    assert "the same command with --resume continues" in said
    assert "Traceback" not in said
    assert 5 <= len(open_store(tmp_path / "kept").runs) < 5000, "what is under way is finished, not all that was asked"


def test_rerun_refuses_what_is_no_run(file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rerun", str(tmp_path), "as_is", "0"]) == 2
    assert "no study here" in capsys.readouterr().err
    finished(Path("kept"), 1)
    assert main(["rerun", "kept", "nobody", "0"]) == 2
    assert "no variant 'nobody'; it has as_is, inert" in capsys.readouterr().err


def test_diverge_finds_day_process_and_entity() -> None:
    models = model_of(scenario(), "as_is", 1), model_of(scenario(), "patrols", 1)
    given, parting = inputs_part(*models), diverge(*models)
    assert given is not None
    assert parting is not None
    assert given.day == parting.day == date(2013, 7, 20)
    assert given.columns == ("lever_patrols",)
    assert (parting.process, parting.stream) == ("tasking", 4)
    assert parting.columns[0] == "unit_planned"
    assert parting.entity.startswith("unit ")
    assert parting.values[0] != parting.values[1]


def test_diverge_tells_chance_from_inputs() -> None:
    equal = model_of(scenario(), "as_is", 1), model_of(scenario(), "inert", 1)
    assert inputs_part(*equal) is None
    assert diverge(*equal) is None
    point = scenario(uncertainties="point")
    chance = model_of(point, "as_is", 1), model_of(point, "as_is", 2)
    assert inputs_part(*chance) is None
    parting = diverge(*chance)
    assert parting is not None
    assert parting.day == date(2013, 7, 1)
    drawn = inputs_part(model_of(scenario(), "as_is", 1), model_of(scenario(), "as_is", 2))
    assert drawn is not None
    assert "parameters" in drawn.columns


def test_diverge_speaks(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diverge", f"{file}:patrols", f"{file}:both"]) == 0
    assert "The runs part on 2013-08-15, in process" in capsys.readouterr().out
    assert main(["diverge", file, f"{file}:inert", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"inputs": None, "parting": None}
    assert main(["diverge", f"{file}:nobody", file]) == 2
    assert "no variant 'nobody'" in capsys.readouterr().err
