"""`minusim compare`: run the variants of a scenario over many replications and compare them with the baseline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from sim._util import one_line
from sim.cli.figure_options import figure_options
from sim.cli.inputs import Refusal, read_scenario
from sim.cli.study_options import (
    DONE,
    SOME_FAILED,
    first_free_folder,
    refuse_existing_study,
    show_notices,
    study_options,
    user_errors,
)
from sim.cli.workers import working

if TYPE_CHECKING:
    from sim.inference.comparison import Answer
    from sim.scenario import Scenario
    from sim.study import Study, StudyFrame
    from sim.study.task import Task

SHOWN = 3  # failures that are named one by one


@click.command("compare", short_help="Compare the variants of a scenario over many replications.")
@click.argument("scenario")
@click.option("--replications", type=click.IntRange(min=1), metavar="N", help="Default: the scenario's own number.")
@click.option("--dry-run", is_flag=True, help="List the runs that are missing and stop; nothing is written.")
@click.option(
    "--until-halfwidth",
    "until",
    multiple=True,
    metavar="OUTCOME=VALUE",
    help="Stop early when every paired 95 % interval of OUTCOME is within plus or minus VALUE; may be repeated.",
)
@study_options(out="Where to keep the runs (default: a folder under results/).")
@figure_options
def command(
    scenario: str,
    replications: int | None,
    workers: int,
    cluster: str | None,
    out: str | None,
    resume: bool,
    dry_run: bool,
    until: tuple[str, ...],
    as_json: bool,
    changes: tuple[str, ...],
    figures: tuple[str, ...],
) -> int:
    """Compare the variants of SCENARIO. In each replication all variants share random numbers and the draw of the
    uncertain parameters.

    Runs are stored as they finish: an interrupted study continues with --resume; more replications or variants
    extend it. The answer is printed as soon as the runs are done, before its tables and figures are written.
    """
    read = read_scenario(scenario, None, changes, against_base=True)
    if len(read.variants) < 2:
        raise Refusal(f"{scenario}: variants: {len(read.variants)} to compare; give at least two under `variants:`")
    wanted = dict(map(_half_width, until))
    study = _study(read, replications or read.replications, out, resume or dry_run)
    if dry_run:
        return _list_missing(study, as_json)
    with user_errors(kept=study.path), working(cluster, workers) as study.executor:
        frame = _run(study, wanted)
        return _print_answer(study, frame, as_json, figures)


def _study(scenario: Scenario, replications: int, out: str | None, resume: bool) -> Study:
    from sim.study import Study

    def study_in(folder: Path) -> Study:
        return Study(scenario, folder, replications)

    with user_errors():
        refuse_existing_study(out, scenario, resume)
        return first_free_folder(scenario, "study", study_in) if out is None else study_in(Path(out))


def _half_width(text: str) -> tuple[str, float]:
    from sim.cli.main import nearest
    from sim.scenario import OUTCOMES

    name, _, number = text.partition("=")
    if name not in OUTCOMES:
        raise Refusal(f"--until-halfwidth {text}: no outcome {name!r}{nearest(name, list(OUTCOMES))}")
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise Refusal(f"--until-halfwidth {text}: write OUTCOME=VALUE with a number above 0, such as {name}=5")
    return name, value


def _list_missing(study: Study, as_json: bool) -> int:
    missing = study.missing()
    runs = sum(len(names) for _, names in missing)
    if as_json:
        rows = [{"replication": number, "variants": list(names)} for number, names in missing]
        click.echo(json.dumps({"out": str(study.path), "runs": runs, "missing": rows}, ensure_ascii=False))
        return DONE
    click.echo(f"{runs:,} runs are missing in {study.path}" + ("" if missing else ": nothing to do"))
    for line in _grouped(missing):
        click.echo(line)
    return DONE


def _grouped(missing: Sequence[Task]) -> Iterator[str]:
    """Replications that follow each other and lack the same variants, in one line."""
    for (names, _), tasks in groupby(missing, key=_run_key(missing)):
        numbers = [number for number, _ in tasks]
        span = f"replication {numbers[0]}" if len(numbers) == 1 else f"replications {numbers[0]} to {numbers[-1]}"
        yield f"  {span}: {', '.join(names)}"


def _run_key(missing: Sequence[Task]) -> Any:
    place = {number: number - n for n, (number, _) in enumerate(missing)}  # the same along an unbroken run
    return lambda task: (task[1], place[task[0]])


def _run(study: Study, until: dict[str, float]) -> StudyFrame:
    from sim.cli.progress import tracked

    study.claim()
    with show_notices(study.notices):
        click.echo(_announcement(study), err=True)
        return study.run(lambda results, total: tracked(results, total, "runs"), until)


def _announcement(study: Study) -> str:
    scenario, runs = study.scenario, sum(len(names) for _, names in study.missing())
    sizes = f"{len(scenario.variants)} variants, {study.replications} replications, {runs} runs to do"
    return f"Comparing {scenario.title or scenario.name}: {sizes}; kept in {study.path}."


def _print_answer(study: Study, frame: StudyFrame, as_json: bool, figures: Sequence[str]) -> int:
    from sim.inference.comparison import answer
    from sim.present.answer_files import answer_document
    from sim.present.terminal import answer_text

    found = answer(frame)
    document = answer_document(found, str(study.path)) if as_json else {}
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else answer_text(found))
    sys.stdout.flush()  # a pipe is read before the files are written
    for run in frame.failed.head(SHOWN).itertuples():
        reason = (run.traceback.strip().splitlines() or ["unknown"])[-1]
        about = one_line(f"{run.variant}, replication {run.replication} ({run.stage}): {reason}")
        click.echo(f"Failed: {about}", err=True)
        click.echo(f"  again: minusim rerun {quote(str(study.path))} {run.variant} {run.replication}", err=True)
    if len(frame.failed) > SHOWN:
        click.echo(f"... and {len(frame.failed) - SHOWN} more, with their tracebacks, in the table of runs.", err=True)
    kept = _save_answer(found, study.path, figures)
    return DONE if kept and not len(frame.failed) else SOME_FAILED


def _save_answer(answer: Answer, folder: Path | None, figures: Sequence[str]) -> bool:
    """Whether the answer's own tables and figures are in the folder; the runs are there in any case."""
    if folder is None:
        return True
    from sim.present.answer_files import save_answer
    from sim.present.report.workbook import save_workbook

    try:
        save_answer(answer, folder)
        save_workbook(answer, folder)
        if figures:
            from sim.present.figures.writer import save_comparison_figures

            save_comparison_figures(answer, folder, figures)
    except OSError as problem:
        click.echo(
            f"{folder}: the tables or figures of the comparison could not be written: {problem.strerror or problem}",
            err=True,
        )
        return False
    return True
