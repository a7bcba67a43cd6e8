"""`minusim attribute`: how many deaths each measure of a package averts, by runs of all its subsets."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.figure_options import figure_options
from sim.cli.inputs import Refusal, read_scenario
from sim.cli.study_options import DONE, SOME_FAILED, refuse_existing_study, show_notices, study_options, user_errors
from sim.cli.workers import working

if TYPE_CHECKING:
    from sim.inference.attribution import Attribution
    from sim.scenario import Scenario
    from sim.study import Study, StudyFrame

OUTCOMES = ("peacekeepers_killed", "civilians_killed")


@click.command("attribute", short_help="Share what a package of measures averts among its measures.")
@click.argument("scenario")
@click.option("--measures", metavar="A,B,...", help="The package (default: what the variants switch off; at most 7).")
@click.option("--replications", type=click.IntRange(min=2), metavar="N", help="Default: the scenario's own number.")
@study_options(out="Where to keep the runs, the table and the figure (default: nowhere).")
@figure_options
def command(
    scenario: str,
    measures: str | None,
    replications: int | None,
    workers: int,
    cluster: str | None,
    out: str | None,
    resume: bool,
    as_json: bool,
    changes: tuple[str, ...],
    figures: tuple[str, ...],
) -> int:
    """Run every subset of the measures of SCENARIO with the same random numbers, and share the deaths averted.

    The share of a measure is what it averts on joining, averaged over all orders of building the package (Shapley).
    """
    from sim.inference.attribution import attribute, factorial, package
    from sim.scenario import ScenarioError

    read = read_scenario(scenario, None, changes)
    chosen = tuple(name.strip() for name in measures.split(",")) if measures else package(read)
    try:
        whole = factorial(read, chosen)
    except ScenarioError as problem:
        raise Refusal(f"{scenario}: {problem}") from None
    study = _study(whole, replications or read.replications, out, resume)
    with user_errors(kept=study.path), working(cluster, workers) as study.executor:
        frame = _run(study)
        found = [attribute(frame, chosen, outcome) for outcome in OUTCOMES]
    _print_shares(found, len(frame.failed), as_json, out)
    kept = out is None or _save_results(found, Path(out), figures)
    return DONE if kept and not len(frame.failed) else SOME_FAILED


def _study(scenario: Scenario, replications: int, out: str | None, resume: bool) -> Study:
    from sim.study import Study

    with user_errors():
        refuse_existing_study(out, scenario, resume)
        return Study(scenario, Path(out) if out is not None else None, replications)


def _run(study: Study) -> StudyFrame:
    from sim.cli.progress import tracked

    click.echo(f"Running {len(study.scenario.variants)} subsets, {study.replications} times each.", err=True)
    study.claim()
    with show_notices(study.notices):
        return study.run(lambda results, total: tracked(results, total, "runs"))


def _save_results(found: Sequence[Attribution], folder: Path, figures: Sequence[str]) -> bool:
    """Write table and figures; whether that worked.  The runs are there in any case."""
    import pandas as pd

    tables = [each.table().assign(outcome=each.outcome, simulated=True) for each in found]
    try:
        pd.concat(tables, ignore_index=True).to_csv(folder / "attribution.csv", index=False, lineterminator="\n")
        if figures:
            from sim.present.figures.attribution import attribution
            from sim.present.figures.writer import draw

            draw({f"attribution-{each.outcome}": partial(attribution, each) for each in found}, folder, figures)
    except OSError as problem:
        click.echo(f"{folder}: table and figures could not be written: {problem.strerror or problem}", err=True)
        return False
    return True


def _print_shares(found: Sequence[Attribution], failed: int, as_json: bool, out: str | None) -> None:
    if as_json:
        click.echo(json.dumps(_document(found, failed, out), ensure_ascii=False, allow_nan=False))
    else:
        from sim.present.terminal import attribution_text

        for each in found:
            click.echo(attribution_text(each))
    sys.stdout.flush()  # a pipe is read before the files are written
    if failed:
        click.echo(f"{failed} runs failed; their replications are left out.", err=True)


def _document(found: Sequence[Attribution], failed: int, out: str | None) -> dict[str, Any]:
    from sim.present.answer_files import plain

    outcomes = {each.outcome: {"total": vars(each.total), "shares": [vars(s) for s in each.shares]} for each in found}
    document: dict[str, Any] = plain({"out": out, "failed": failed, "outcomes": outcomes})
    return document
