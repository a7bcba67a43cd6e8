"""The report of validation: tables, figures and text from synthetic views; the command's answers; its page."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import validation_page as page
from sim.calibration.observation import TRAINING, VALIDATION, observed
from sim.cli import validate
from sim.cli.main import main
from sim.present import validation_report as report
from sim.present.validation_report import Validation
from sim.study.executor import Threads
from sim.validation.attack_series import AttackSeries, attack_series_of_record
from sim.validation.baselines import BASELINES
from sim.validation.natural_experiments import Contingents, measure
from sim.validation.posterior_runs import ObservedRun
from sim.validation.power import record_tests
from sim.validation.score_table import MODEL
from tests.synthetic import synthetic_record
from tools import pages

DRAWS = 40


def views(seed: int, factor: float = 1.0) -> list[ObservedRun]:
    """Draws around the record times a factor; harm of the record with days shuffled by a week or two."""
    rng = np.random.default_rng(seed)
    known, harm = observed(), attack_series_of_record()
    measured = measure(synthetic_record(seed=seed), Contingents(np.zeros(60, dtype=bool), (9801.0, 76392.0)))
    return [ObservedRun(_drawn(known, factor, rng), _shifted(harm, rng), measured) for _ in range(DRAWS)]


def _drawn(known: dict[str, float], factor: float, rng: np.random.Generator) -> dict[str, float]:
    return {name: value * factor * float(rng.lognormal(0.0, 0.2)) for name, value in known.items()}


def _shifted(harm: AttackSeries, rng: np.random.Generator) -> AttackSeries:
    days = np.sort(np.clip(harm.day + rng.integers(-10, 11, len(harm.day)), harm.day[0], harm.day[-1]))
    return replace(harm, day=days)


@pytest.fixture(scope="module")
def found() -> Validation:
    return Validation(views(1), views(2), None)


@pytest.fixture(scope="module")
def kept(found: Validation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report written to a folder; the power of tests of the record from few simulations."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "record_tests", partial(record_tests, simulations=3))
        tables = found.tables()
        patch.setattr(Validation, "tables", lambda _: tables)
        found.save(folder, ("png",))
        (folder / "text.txt").write_text(found.text(), encoding="utf-8")
    return folder


TABLES = (
    "scores_training", "scores_validation", "scores_validation_unassimilated", "years", "patterns", "record_tests",
    "regions", "natural",
)  # fmt: skip


def test_every_table_and_figure_is_written(kept: Path) -> None:
    files = {file.name for file in kept.iterdir()}
    assert {f"{name}.csv" for name in TABLES} <= files
    assert {f"{name}.png" for name in ("deaths", "ucdp", "calibration", "patterns")} <= files
    assert "rolling.csv" not in files, "nothing was rolled"
    assert all(len(pd.read_csv(kept / f"{name}.csv")) for name in TABLES)


def test_scores_name_the_model_beside_every_baseline(kept: Path) -> None:
    for name in ("scores_training", "scores_validation"):
        table = pd.read_csv(kept / f"{name}.csv")
        assert {MODEL} < set(table["forecast"]) <= {MODEL, *BASELINES}
        months = table[(table["series"] == "killed_by_month") & (table["forecast"] == MODEL)]
        window = TRAINING if name.endswith("training") else VALIDATION
        number = 12 * (window.end.year - window.start.year) + window.end.month - window.start.month + 1
        assert months["observations"].tolist() == [number]


def test_years_of_the_training_window_are_as_fitted_and_later_ones_as_forecast() -> None:
    """Draws as fitted lie at the record, those forecast at three times it: every number says from where it comes."""
    years = Validation(views(1), views(2, factor=3.0), None).years()
    factor = years["median"] / years["record"]
    early = years["year"] <= TRAINING.end.year
    assert set(years["year"]) == set(range(2013, 2021))
    some = years["record"] > 0
    assert factor[early & some].to_numpy() == pytest.approx(1.0, rel=0.2)
    assert factor[~early & some].to_numpy() == pytest.approx(3.0, rel=0.2)
    assert years.loc[early & some, "inside"].all()
    assert not years.loc[~early & some, "inside"].any()


def test_combined_draws_are_as_fitted_and_then_as_forecast(found: Validation) -> None:
    frame = found.combined()
    assert len(frame) == DRAWS
    assert frame["killed/2016"].tolist() == [view.vector["killed/2016"] for view in found.fitted]
    assert frame["killed/2019-03"].tolist() == [view.vector["killed/2019-03"] for view in found.forecast]
    fewer = Validation(found.fitted, found.forecast[:25], None).combined()
    assert len(fewer) == 25


def test_the_text_gives_the_numbers_of_the_tables(kept: Path) -> None:
    text = (kept / "text.txt").read_text("utf-8")
    years, patterns = (pd.read_csv(kept / f"{name}.csv") for name in ("years", "patterns"))
    own = years[(years["series"] == "killed") & (years["year"] <= 2018)]
    assert f"inside the 90 % interval: {int(own['inside'].sum())} of {len(own)} years." in text
    for verdict, count in patterns["verdict"].value_counts().items():
        assert f"{count} {verdict}" in text
    scores = pd.read_csv(kept / "scores_validation.csv")
    row = scores[(scores["series"] == "killed_by_month") & (scores["forecast"] == MODEL)].iloc[0]
    line = next(line for line in text.partition("Validation, ")[2].splitlines() if "killed by month" in line)
    assert f"{row['crps']:.3g}" in line
    assert line.endswith(f"{100 * row['coverage_90']:.0f}\N{NO-BREAK SPACE}%")


def test_rolling_forecasts_are_one_table_more(found: Validation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "record_tests", lambda _: [])
    rolled = pd.DataFrame({"origin": ["2015-01-01"], "crps": [1.0]})
    assert replace(found, rolling=rolled).tables()["rolling"] is rolled


# -------------------------------------------------------------------------------------------------------- the command


@pytest.fixture
def asked(found: Validation, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool, int]]:
    """The command without the model: what it asked for."""
    calls: list[tuple[int, bool, int]] = []

    def fake(draws: int, rolling: bool, executor: Threads) -> Validation:
        calls.append((draws, rolling, executor.workers))
        return found

    monkeypatch.setattr(validate, "_validation", fake)
    monkeypatch.setattr(Validation, "tables", lambda _: {"years": pd.DataFrame({"year": [2016], "low": [np.nan]})})
    monkeypatch.setattr(Validation, "figures", lambda _: {})
    monkeypatch.setattr(Validation, "text", lambda _: "what to know first")
    return calls


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one message of a command that is refused."""
    assert main(["validate", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize("draws", ["39", "0", "-200", "many"])
def test_too_few_draws_are_answered(
    draws: str, asked: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    message = refused([f"--draws={draws}"], capsys)
    assert "'--draws'" in message
    assert draws in message
    assert draws == "many" or "x>=40" in message
    assert asked == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_to_write_to_is_answered_before_anything_runs(
    asked: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.txt").write_text("dear")
    assert refused(["--out", "letter.txt"], capsys) == "--out letter.txt: is a file; name a folder\n"
    assert asked == []
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_a_folder_below_a_file_is_answered(
    asked: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.txt").write_text("dear")
    assert "--out letter.txt/deep: cannot be written" in refused(["--out", "letter.txt/deep"], capsys)


def test_the_command_writes_where_it_is_told(
    asked: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["validate", "--draws", "40", "--workers", "1", "--out", "kept"]) == 0
    assert capsys.readouterr().out == "what to know first\nTables and figures are in kept.\n"
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["years.csv"]
    assert main(["validate", "--rolling", "--workers", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "out": "results/validation",
        "draws": 200,
        "years": [{"year": 2016, "low": None}],
    }
    assert asked == [(40, False, 1), (200, True, 2)]


# ----------------------------------------------------------------------------------------------------------- the page


def test_the_page_holds_the_tables_of_the_reference_run() -> None:
    text = page.PAGE.read_text("utf-8")
    blocks = {match["name"]: match[0] for match in pages.BLOCK.finditer(text)}
    assert {"scores_validation", "years", "patterns", "fit", "learned", "structures"} <= set(blocks) <= set(page.BLOCKS)
    assert pages.with_blocks(text, page.BLOCKS) == text, "stale; run `python -m analysis.validation_page`"


def test_another_number_in_the_reference_makes_a_page_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = pages.with_blocks("Before.\n<!-- generated: years -->\nold\n<!-- end -->\nAfter.\n", page.BLOCKS)
    assert text.startswith("Before.\n<!-- generated: years -->\n| series | year |")
    assert text.endswith("|\n<!-- end -->\nAfter.\n")
    assert pages.with_blocks(text, page.BLOCKS) == text
    kept = pd.read_csv(page.REFERENCE / "validation" / "years.csv")
    (tmp_path / "validation").mkdir()
    kept.assign(median=kept["median"] + 7).to_csv(tmp_path / "validation" / "years.csv", index=False)
    monkeypatch.setattr(page, "REFERENCE", tmp_path)
    assert pages.with_blocks(text, page.BLOCKS) != text


def test_a_block_without_a_maker_is_an_error() -> None:
    with pytest.raises(KeyError, match="opinions"):
        pages.with_blocks("<!-- generated: opinions -->\nold\n<!-- end -->", page.BLOCKS)
