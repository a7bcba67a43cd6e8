"""Sensitivity: known indices are found, chance is a part of its own, runs are kept and taken up again."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sim.cli.main import main
from sim.cli.sensitivity import _outcomes, command
from sim.inference.sensitivity import evaluations
from sim.inference.sensitivity.analysis import Explained, Output, Sensitivity, Size
from sim.inference.sensitivity.design import Design, Swept, quantities, screening, sobol
from sim.inference.sensitivity.indices import most_important, screen, share_out
from sim.missions.parameters import Prior
from sim.present.sensitivity_text import deciding, document, sentence, text
from sim.study.task import RunResult, draws_of, variants_of
from tests.minusma import parameters
from tests.study_support import TEXT, scenario

ALPHA = 1e-6
FAR = 4.9  # standard errors that a normal number exceeds with probability ALPHA
Model = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def unit(*names: str) -> tuple[Swept, ...]:
    return tuple(Swept(name, ((name, Prior("uniform", 0.0, 0.0, 1.0)),)) for name in names)


def evaluated(design: Design, model: Model, replications: int = 2, seed: int = 0) -> np.ndarray:
    """[rows, replications]; the chance of a run is that of its seed and stream, as in a study."""
    values = np.empty((len(design.points), replications))
    for row, point in enumerate(design.points):
        for own in range(replications):
            values[row, own] = model(point, np.random.default_rng([seed, design.stream(row * 100 + own)]))
    return values


def ishigami(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    x = np.pi * (2 * u - 1)
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def additive(spread: float) -> Model:
    """Variances 16/12 and 4/12 of two numbers, and chance."""
    return lambda u, rng: 4 * u[0] + 2 * u[1] + spread * rng.normal()


def reshuffled(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One number acts; the other does nothing but reshuffle chance."""
    own = np.random.default_rng([int(1e9 * u[1]), rng.integers(2**31)])
    return 3 * u[0] + own.normal()


def test_indices_of_ishigami_are_those_of_theory() -> None:
    design = sobol(unit("a", "b", "c"), (), 2048, seed=0)
    found = share_out(design, evaluated(design, ishigami), seed=0)
    truth = {"first": (0.3139, 0.4424, 0.0), "total": (0.5576, 0.4424, 0.2437)}
    for column, values in truth.items():
        assert found.table[column].to_numpy() == pytest.approx(values, abs=0.03)
    assert found.chance == pytest.approx(0.0, abs=1e-9)
    assert found.variance == pytest.approx(13.845, rel=0.03)
    assert found.interactions == pytest.approx(0.2437, abs=0.05)


def test_without_chance_the_estimates_are_those_of_salib() -> None:
    from SALib.analyze import sobol as analyse

    design = sobol(unit("a", "b", "c"), (), 256, seed=3)
    values = evaluated(design, ishigami)
    theirs = analyse.analyze({"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}, values[:, 0], False, seed=1)
    ours = share_out(design, values, seed=1).table
    for mine, other, near in (("first", "S1", 1e-3), ("total", "ST", 1e-9)):  # first order: they centre on all rows
        assert ours[mine].to_numpy() == pytest.approx(theirs[other], rel=near)
        assert ours[f"{mine}_conf"].to_numpy() == pytest.approx(theirs[f"{other}_conf"], rel=0.4)


def errors_of_parts(narrowed: float) -> list[float]:
    """Distance of each part from its truth in standard errors, over independent designs of an additive model."""
    spread = np.sqrt(20 / 12 * 3)  # three quarters of the variance is chance
    truth = [0.25 * 0.8, 0.25 * 0.2, 0.25 * 0.8, 0.25 * 0.2, 0.75]
    found = []
    for seed in range(40):
        design = sobol(unit("a", "b"), (), 64, seed)
        parts = share_out(design, evaluated(design, additive(spread), 3, seed), seed)
        table = parts.table
        found.append([*table["first"], *table["total"], parts.chance * narrowed])
    values = np.array(found)
    return list((values.mean(axis=0) - truth) / (values.std(axis=0, ddof=1) / np.sqrt(len(values))))


def test_the_part_of_chance_is_recovered_without_bias_and_a_shifted_one_is_seen() -> None:
    assert max(map(abs, errors_of_parts(1.0))) < FAR
    assert abs(errors_of_parts(0.9)[-1]) > FAR


def test_a_number_that_only_reshuffles_chance_gets_nothing() -> None:
    """Jansen's estimator on single runs, the negative control, gives it all of the chance: 1 / (1 + 9/12)."""
    design = sobol(unit("acts", "idle"), (), 1024, seed=5)
    values = evaluated(design, reshuffled)
    found = share_out(design, values, seed=5)
    idle = found.table.iloc[1]
    assert abs(idle["total"]) < FAR / 1.96 * idle["total_conf"]
    assert found.chance == pytest.approx(1 / 1.75, abs=0.06)
    assert found.table["first"][0] == pytest.approx(0.75 / 1.75, abs=0.08)
    blocks = values[:, 0].reshape(-1, 4)
    naive = ((blocks[:, 2] - blocks[:, 0]) ** 2).mean() / 2 / blocks[:, [0, 3]].var()
    assert naive > 0.45


def test_screening_tells_size_spread_and_chance() -> None:
    """y = 3a + 2(b - 1/2)^2-like bends + chance: a acts evenly, b both ways, c not at all."""

    def model(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return 6 * u[0] + 20 * (u[1] - 0.5) ** 2 + 0.2 * rng.normal() + 0.0 * u[2]

    design = screening(unit("a", "b", "c"), 40, seed=0)
    table = screen(design, evaluated(design, model), seed=0).set_index("quantity")
    assert table.loc["a", "mu_star"] == pytest.approx(6 * 0.9)  # per the middle 90 % of its range
    assert table.loc["a", "sigma"] == pytest.approx(0, abs=1e-9)
    assert table.loc["b", "sigma"] > table.loc["b", "mu_star_conf"] > 0
    assert table.loc["c", ["mu_star", "noise", "signal"]].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert most_important([table.reset_index()], 3) == ("a", "b")


def test_screening_knows_what_chance_alone_would_give() -> None:
    design = screening(unit(*"abcdef"), 30, seed=1)

    def model(u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.random.default_rng([int(1e9 * u.sum()), rng.integers(2**31)]).normal() + 10 * u[4]

    table = screen(design, evaluated(design, model, 4), seed=1)
    idle = table[table["quantity"] != "e"]
    assert (idle["mu_star"] / idle["noise"]).mean() == pytest.approx(1.0, abs=0.2)
    assert most_important([table], 1) == ("e",)
    assert (idle["signal"] < 0.15 * table["signal"].max()).all()


def test_larger_designs_begin_with_the_smaller_ones_and_seed_0_is_a_seed() -> None:
    swept = unit("a", "b", "c")
    for make, few, many in ((screening, 3, 5), (lambda *given: sobol(given[0], (), *given[1:]), 16, 32)):
        small, large = make(swept, few, 0), make(swept, many, 0)
        n = len(small.points)
        assert np.array_equal(small.points, large.points[:n])
        assert [small.stream(n) for n in small.numbers(2)] == [large.stream(n) for n in small.numbers(2)]
        assert not np.array_equal(small.points, make(swept, few, 1).points)
    assert not {screening(swept, 5, 0).stream(n) for n in range(0, 2000, 7)} & {large.stream(0)}


def test_blocks_share_random_numbers_and_no_others() -> None:
    design = sobol(unit("a", "b"), (), 8, seed=1)
    streams = np.array([design.stream(number) for number in design.numbers(2)]).reshape(8, 4, 2)
    assert (streams == streams[:, :1]).all()
    assert len(np.unique(streams)) == 16


def test_everything_that_is_not_reported_is_swept_over_its_prior() -> None:
    known = scenario()
    swept = {quantity.name: quantity for quantity in quantities(known, variants_of(known).values(), None)}
    assert {name for name, row in parameters().items() if row.status != "reported"} <= set(swept)
    assert {"measures.patrols", "measures.training"} <= set(swept)
    row = parameters()["ambush_rate"]
    assert swept["ambush_rate"].values(0.0) == {"ambush_rate": pytest.approx(row.low)}
    assert swept["ambush_rate"].at_rest() == {}
    fixed = known.with_values({"parameters.ambush_rate": row.value})
    assert "ambush_rate" not in {quantity.name for quantity in quantities(fixed, [], None)}


def synthetic(spread: float = 1.0) -> Sensitivity:
    """An analysis of the additive model as baseline and, without chance in common, as difference."""
    known, swept = scenario(), unit("strong", "weak", "inert")
    first, second = screening(swept, 10, 1), sobol(swept[:2], swept[2:], 64, 1)
    outputs = []
    for variant in (None, "patrols"):
        screened = screen(first, evaluated(first, additive(spread)), 1)
        indices = share_out(second, evaluated(second, additive(spread)), 1)
        outputs.append(Explained(Output("peacekeepers_killed", variant), screened, indices))
    names, size = tuple(quantity.name for quantity in swept), Size(10, 64, 2, 2)
    return Sensitivity(known, "as_is", "prior", size, names, names[:2], tuple(outputs), 0)


def test_sentences_name_what_decides_and_the_part_of_chance() -> None:
    found = synthetic()
    said = sentence(found, found.outputs[1])
    assert said.startswith("Difference in mission deaths, “patrols” from “as is”: ")
    assert (
        "\N{NO-BREAK SPACE}% of the variance of single runs is chance; of the unknown numbers it depends on strong ("
        in said
    )
    assert said.index("strong") < said.index("weak")
    assert deciding(found) == ["strong", "weak"]
    assert "Over all differences together these matter most: strong, weak." in text(found)
    assert json.loads(json.dumps(document(found), allow_nan=False))["outputs"][0]["difference_of"] is None


def test_where_chance_is_all_nothing_is_named() -> None:
    found = synthetic(spread=500.0)
    assert "no quantity is distinguishable from it with 64 samples" in sentence(found, found.outputs[0])


def test_the_figure_is_written_and_names_quantities_and_chance(tmp_path: Path) -> None:
    from sim.present.figures.sensitivity import save_figures, sensitivity
    from sim.present.figures.style import FORMATS

    found = synthetic()
    paths = save_figures(replace(found, outputs=found.outputs[1:]), tmp_path)
    assert [path.name for path in paths] == [f"sensitivity-peacekeepers_killed-patrols.{n}" for n in FORMATS]
    assert all(path.stat().st_size > 5000 for path in paths)
    left, right, _ = sensitivity(found, found.outputs[0]).axes
    assert [label.get_text() for label in right.get_yticklabels()] == ["strong", "weak", "chance"]
    assert {"strong", "weak"} <= {words.get_text() for words in left.texts}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "sim.present.figures.sensitivity.save_figures", lambda found, folder, formats: []
    )  # tested above
    lines = TEXT.replace("2013-09-10", "2013-08-31").splitlines()
    variants = ["  as_is: {}", "  patrols: {measures: {patrols: {patrols_per_1000_per_day: 9, start: 2013-07-20}}}"]
    kept = [*lines[: lines.index("variants:") + 1], *variants]
    (tmp_path / "two_months.yaml").write_text("\n".join(kept) + "\n")
    return "two_months.yaml"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Three parameters and one measure in place of three hundred: the steps are the same."""
    names = ("killing_rate", "device_rate", "desertion_rate", "measures.patrols")

    def chosen(*given: object) -> tuple[Swept, ...]:
        return tuple(quantity for quantity in quantities(*given) if quantity.name in names)  # type: ignore[arg-type]

    monkeypatch.setattr("sim.inference.sensitivity.analysis.quantities", chosen)
    return names


SMALL = ["--workers", "1", "--trajectories", "2", "--samples", "8", "--top", "2", "--within", "prior"]


def test_an_analysis_is_kept_resumed_and_extended(
    file: str, few: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["sensitivity", file, "--out", "kept", "--outcomes", "civilians_killed", *SMALL]
    assert main([*wanted, "--json"]) == 0
    said = capsys.readouterr()
    whole = json.loads(said.out)
    assert f"{2 * 5 * 2 * 2} runs of the screening to do" in said.err
    assert whole["quantities"] == 4
    assert set(whole["chosen"]) <= set(few)
    assert f"{8 * (len(whole['chosen']) + 2) * 2 * 2} runs of the Sobol' design to do" in said.err
    assert [row["difference_of"] for row in whole["outputs"]] == [None, "patrols"]
    assert main(wanted) == 2
    assert "kept: holds this analysis already; add --resume" in capsys.readouterr().err

    for file_of_runs in list(Path("kept").glob("sobol_*.parquet")):
        file_of_runs.write_bytes(b"damaged")
    Path("kept/sensitivity.json").write_text("{")
    assert main([*wanted, "--resume", "--json"]) == 0
    again = capsys.readouterr()
    assert json.loads(again.out) == whole
    assert "set aside, and its runs are done again" in again.err
    assert "sensitivity.json: not as it was written; set aside, and written anew: the runs beside it say" in again.err
    assert "0 runs of the screening to do" in again.err
    table = pd.read_csv("kept/indices.csv")
    assert set(table["quantity"]) == {*whole["chosen"], "chance"}
    assert main([*wanted, "--resume", "--trajectories", "3"]) == 0
    assert f"{5 * 2 * 2} runs of the screening to do" in capsys.readouterr().err

    assert main([*wanted, "--resume", "--set", "seed=9"]) == 2
    assert "holds another analysis" in capsys.readouterr().err
    monkeypatch.setattr(evaluations, "fingerprint", lambda mission: "0" * 64)
    assert main([*wanted, "--resume"]) == 2
    assert "its model differ" in capsys.readouterr().err


def test_what_is_finished_is_kept_when_it_is_interrupted(
    file: str, few: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(results: object, total: int, what: str) -> object:
        for number, result in enumerate(results):  # type: ignore[arg-type]
            if number == 6:
                raise KeyboardInterrupt
            yield result

    wanted = ["sensitivity", file, "--out", "kept", *SMALL]
    with monkeypatch.context() as patched:
        patched.setattr("sim.cli.progress.tracked", interrupted)
        assert main(wanted) == 130
    assert "the same command with --resume continues" in capsys.readouterr().err
    assert main([*wanted, "--resume"]) == 0
    begun = int(capsys.readouterr().err.partition(" runs of the screening")[0].split()[-1])
    assert 0 < begun < 40


def test_a_block_with_a_failed_run_is_left_out(file: str, few: tuple[str, ...]) -> None:
    design = screening(unit("a", "b"), 3, 1)
    totals = np.ones((9, 2, 1, 24))
    totals[4, 1] = np.nan
    failed = (RunResult("as_is", 401, evaluations.Failure("run", "ValueError: no luck"), 0.0),)
    whole = evaluations.Evaluated(design, ("as_is",), totals, failed).whole_blocks()
    assert set(whole.design.block) == {0, 2}
    assert whole.totals.shape[0] == 6
    totals[0] = np.nan
    with pytest.raises(evaluations.StoreError, match="too few are left to analyse: ValueError: no luck"):
        evaluations.Evaluated(design, ("as_is",), totals, failed).whole_blocks()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--outcomes", "peacekeepers_kiled"], "no outcome 'peacekeepers_kiled'; did you mean"),
        (["--outcomes", ","], "--outcomes: names none"),
        (["--samples", "100"], "write a power of two of at least 8"),
        (["--replications", "1"], "replications"),
        (["--within", "guess"], "--within"),
        (["--out", "two_months.yaml"], "is a file, not a folder"),
        (["--out", "."], "other files are there and are never overwritten"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    file: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sensitivity", file, *words]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert [entry.name for entry in Path().iterdir()] == [file]


def test_commands_of_the_page_are_valid() -> None:
    page = (Path(__file__).parents[1] / "docs" / "sensitivity.md").read_text("utf-8")
    block = page.partition("```sh\n")[2].partition("```")[0]
    lines = [shlex.split(line.partition("#")[0])[2:] for line in block.splitlines()]
    assert len(lines) == 3
    for words in lines:
        given = command.make_context("sensitivity", words).params
        assert given["samples"] & (given["samples"] - 1) == 0
        _outcomes(given["outcomes"])
    for name in (*screen_columns(), "standard_deviation"):
        assert f"`{name}`" in page


def screen_columns() -> set[str]:
    found = synthetic()
    return {*found.screening_table(), *found.indices_table()} - {"outcome", "difference_of", "quantity", "simulated"}


def test_the_values_of_a_study_are_drawn_as_before() -> None:
    """The numbering of a study: a replication is its own stream."""
    draws = draws_of(scenario(uncertainties="prior"))
    assert [draws.stream(number) for number in (0, 5)] == [0, 5]


def test_a_part_that_holds_no_runs_is_set_aside(tmp_path: Path) -> None:
    kept = evaluations.Evaluations(tmp_path / "kept", {"scenario": "one"}, resume=False)
    kept.folder.put("screening", pa.table({"row": [0], "replication": [0], "variant": ["a"]}))
    assert kept.runs("screening") == {}
    assert len(kept.notices) == 1
    assert "set aside, and its runs are done again" in kept.notices[0]
