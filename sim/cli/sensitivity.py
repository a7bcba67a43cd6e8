"""`minusim sensitivity`: which uncertain parameters decide outcomes and conclusions, and the part of chance."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.figure_options import figure_options
from sim.cli.inputs import Refusal, read_scenario
from sim.cli.study_options import DONE, SOME_FAILED, first_free_folder, show_notices, study_options, user_errors
from sim.cli.workers import working

if TYPE_CHECKING:
    from sim.inference.sensitivity.analysis import Analysis, Sensitivity
    from sim.inference.sensitivity.design import Within
    from sim.scenario import Scenario
    from sim.study.executor import Executor
    from sim.study.task import RunResult

OUTCOMES = "peacekeepers_killed,civilians_killed"
FEWEST_SAMPLES = 8


@click.command("sensitivity", short_help="Find the uncertain numbers that decide a conclusion.")
@click.argument("scenario")
@click.option("--outcomes", metavar="A,B,...", default=OUTCOMES, show_default=True, help="What is explained.")
@click.option(
    "--within",
    type=click.Choice(["prior", "posterior"]),
    help="How far numbers are swept (default: the posterior, once it has more than one set).",
)
@click.option(
    "--trajectories", type=click.IntRange(min=2), default=10, show_default=True, metavar="N", help="Of the screening."
)
@click.option(
    "--samples", type=int, default=128, show_default=True, metavar="N", help="Of the Sobol' design; a power of two."
)
@click.option(
    "--top", type=click.IntRange(min=1, max=50), default=8, show_default=True, metavar="N", help="Quantities in it."
)
@click.option(
    "--replications",
    type=click.IntRange(min=2, max=100),
    default=2,
    show_default=True,
    metavar="N",
    help="Runs at each point, to separate the part of chance.",
)
@study_options(out="Where runs, tables and figures go (default: a folder under results/).")
@figure_options
def command(
    scenario: str,
    outcomes: str,
    within: Within | None,
    trajectories: int,
    samples: int,
    top: int,
    replications: int,
    workers: int,
    cluster: str | None,
    out: str | None,
    resume: bool,
    as_json: bool,
    changes: tuple[str, ...],
    figures: tuple[str, ...],
) -> int:
    """Sweep every parameter of SCENARIO that has no published value, and decompose the variance of its outcomes, and
    of the differences of its variants from the baseline, by parameter and by chance.

    First all parameters are screened one at a time (Morris); then the --top ones get Sobol' indices, the others fixed.
    Runs are stored as they finish; more trajectories, samples or replications extend what is there.
    """
    read = read_scenario(scenario, None, changes)
    asked = _outcomes(outcomes)
    if samples < FEWEST_SAMPLES or samples & (samples - 1):
        raise Refusal(f"--samples {samples}: write a power of two of at least {FEWEST_SAMPLES}, such as 64 or 128")
    try:
        import_module("SALib")
    except ModuleNotFoundError as missing:
        raise Refusal(f"minusim sensitivity needs {missing.name}: pip install 'minusim[calibrate]'") from None
    from sim.inference.sensitivity.analysis import Analysis, Size, default_within

    chosen, size = within or default_within(read.mission), Size(trajectories, samples, top, replications)
    with working(cluster, workers) as executor:
        analysis = _begin(partial(Analysis.begin, read, asked, chosen, size), read, out, resume)
        found = _run(analysis, executor)
    _print_result(found, analysis.kept.path, as_json)
    kept = _save_results(found, analysis.kept.path, figures)
    return DONE if kept and not found.failed else SOME_FAILED


def _outcomes(text: str) -> tuple[str, ...]:
    from sim.cli.main import nearest
    from sim.scenario import OUTCOMES as KNOWN

    asked = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not asked:
        raise Refusal("--outcomes: names none")
    for name in asked:
        if name not in KNOWN:
            raise Refusal(f"--outcomes: no outcome {name!r}{nearest(name, list(KNOWN))}")
    return asked


def _run(analysis: Analysis, executor: Executor) -> Sensitivity:
    kept = analysis.kept
    click.echo(f"{len(analysis.swept)} quantities, swept over their {analysis.within}; kept in {kept.path}.", err=True)
    progress = {
        "screening": partial(_tracked, "runs of the screening"),
        "sobol": partial(_tracked, "runs of the Sobol' design"),
    }
    with user_errors(kept.path), show_notices(kept.notices):
        return analysis.run(executor, progress)


def _begin(begin: Callable[[Path, bool], Analysis], scenario: Scenario, out: str | None, resume: bool) -> Analysis:
    with user_errors():
        if out is not None:
            return begin(Path(out), resume)
        return first_free_folder(scenario, "sensitivity", lambda folder: begin(folder, True))


def _tracked(what: str, results: Iterator[RunResult], total: int) -> Iterator[RunResult]:
    from sim.cli.progress import tracked

    click.echo(f"{total} {what} to do.", err=True)
    return tracked(results, total, what)


def _save_results(found: Sensitivity, folder: Path, figures: Sequence[str]) -> bool:
    """Write tables, text and figures; whether that worked.  The runs are there in any case."""
    from sim.present.sensitivity_text import text

    try:
        found.screening_table().to_csv(folder / "screening.csv", index=False, lineterminator="\n")
        found.indices_table().to_csv(folder / "indices.csv", index=False, lineterminator="\n")
        (folder / "sensitivity.txt").write_text(text(found), "utf-8")
        if figures:
            from sim.present.figures.sensitivity import save_figures

            save_figures(found, folder, figures)
    except OSError as problem:
        click.echo(f"{folder}: tables and figures could not be written: {problem.strerror or problem}", err=True)
        return False
    return True


def _print_result(found: Sensitivity, folder: Path, as_json: bool) -> None:
    from sim.present.sensitivity_text import document, text

    if as_json:
        click.echo(json.dumps(document(found) | {"out": str(folder)}, ensure_ascii=False, allow_nan=False))
    else:
        click.echo(text(found) + f"Tables and figures go to {folder}.")
    sys.stdout.flush()  # a pipe is read before the files are written
    if found.failed:
        click.echo(f"{found.failed} runs failed; what shares random numbers with them is left out.", err=True)
