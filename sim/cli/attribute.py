"""`minusim attribute`: how many deaths each measure of a package averts, by runs of all its subsets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.cluster import cluster_option, elsewhere
from sim.cli.errors import Refusal
from sim.cli.inputs import read_scenario

if TYPE_CHECKING:
    from sim.attribute import Attribution
    from sim.scenario import Scenario
    from sim.study import Study, StudyFrame

DONE, SOME_FAILED = 0, 1
OUTCOMES = ("peacekeepers_killed", "civilians_killed")


@click.command("attribute", short_help="Share what a package of measures averts among its measures.")
@click.argument("scenario")
@click.option("--measures", metavar="A,B,...", help="The package (default: what the variants switch off; at most 7).")
@click.option("--replications", type=click.IntRange(min=2), metavar="N", help="Default: the scenario's own number.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes to use (default: as many as help).")
@cluster_option
@click.option("--out", metavar="DIR", help="Where to keep the runs, the table and the figure (default: nowhere).")
@click.option("--resume", is_flag=True, help="Continue what is in --out: only runs that are missing are done.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change one value; may be repeated.")
def command(
    scenario: str,
    measures: str | None,
    replications: int | None,
    workers: int | None,
    cluster: str | None,
    out: str | None,
    resume: bool,
    as_json: bool,
    changes: tuple[str, ...],
) -> int:
    """Run every subset of the measures of SCENARIO with the same random numbers, and share the deaths averted.

    The share of a measure is what it averts on joining, averaged over all orders of building the package (Shapley).
    """
    from sim.attribute import attribute, factorial, package
    from sim.scenario import ScenarioError

    read = read_scenario(scenario, None, changes)
    chosen = tuple(name.strip() for name in measures.split(",")) if measures else package(read)
    try:
        whole = factorial(read, chosen)
    except ScenarioError as problem:
        raise Refusal(f"{scenario}: {problem}") from None
    study = _study(whole, replications or read.replications, workers or 0, out, resume)
    with elsewhere(cluster, workers) as study.executor:
        frame = _run(study)
    found = [attribute(frame, chosen, outcome) for outcome in OUTCOMES]
    if out is not None:
        _keep(found, Path(out))
    _tell(found, len(frame.failed), as_json, out)
    return SOME_FAILED if len(frame.failed) else DONE


def _study(scenario: Scenario, replications: int, workers: int, out: str | None, resume: bool) -> Study:
    from sim.scenario import ScenarioError
    from sim.study import StoreError, Study
    from sim.study.identity import check

    try:
        if out is not None and not resume and check(Path(out), scenario):
            raise Refusal(f"--out {out}: holds this study already; add --resume to continue it, or name another folder")
        return Study(scenario, Path(out) if out is not None else None, replications, workers)
    except (StoreError, ScenarioError) as problem:
        raise Refusal(str(problem)) from None


def _run(study: Study) -> StudyFrame:
    from sim.cli.progress import tracked
    from sim.scenario import ScenarioError
    from sim.study import StoreError

    click.echo(f"Running {len(study.scenario.variants)} subsets, {study.replications} times each.", err=True)
    try:
        return study.run(lambda results, total: tracked(results, total, "runs"))
    except (StoreError, ScenarioError) as problem:
        raise Refusal(str(problem)) from None


def _keep(found: Sequence[Attribution], folder: Path) -> None:
    import pandas as pd

    from sim.plots.attribution import attribution
    from sim.plots.style import save

    tables = [each.table().assign(outcome=each.outcome, simulated=True) for each in found]
    pd.concat(tables, ignore_index=True).to_csv(folder / "attribution.csv", index=False, lineterminator="\n")
    for each in found:
        save(attribution(each), folder / f"attribution-{each.outcome}")


def _tell(found: Sequence[Attribution], failed: int, as_json: bool, out: str | None) -> None:
    if as_json:
        click.echo(json.dumps(_document(found, failed, out), ensure_ascii=False, allow_nan=False))
        return
    from sim.attribute import attribution_text

    for each in found:
        click.echo(attribution_text(each))
    if failed:
        click.echo(f"{failed} runs failed; their replications are left out.", err=True)


def _document(found: Sequence[Attribution], failed: int, out: str | None) -> dict[str, Any]:
    from sim.comparison.document import plain

    outcomes = {each.outcome: {"total": vars(each.total), "shares": [vars(s) for s in each.shares]} for each in found}
    document: dict[str, Any] = plain({"out": out, "failed": failed, "outcomes": outcomes})
    return document
