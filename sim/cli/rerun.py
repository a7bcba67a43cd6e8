"""`minusim rerun`: one run of a study again, with everything that happened in it."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.inputs import Refusal

if TYPE_CHECKING:
    from sim.results import Results
    from sim.scenario import Scenario
    from sim.study import StudyFrame

DONE, SOME_FAILED = 0, 1


@click.command("rerun", short_help="Run one run of a study again, in full.")
@click.argument("store", metavar="STORE")
@click.argument("variant")
@click.argument("replication", type=click.IntRange(min=0))
@click.option("--out", metavar="DIR", help="Where to keep the results (default: beside the store).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
def command(store: str, variant: str, replication: int, out: str | None, as_json: bool) -> int:
    """Run VARIANT REPLICATION of the study in STORE again and save events, tables and totals.

    The result is compared with what the study stored; a run that failed fails again, with its traceback.
    """
    from sim.cli.output_folder import Identity, claim, release
    from sim.model.engine import fingerprint

    frame = _open(store, variant)
    scenario = frame.scenario
    identity = Identity(_variant(scenario, variant).hash, scenario.seed, fingerprint(scenario.mission))
    folder = claim(out or f"{store.rstrip('/')}-{variant}-{replication}", scenario.title, identity, 1)
    try:
        results = _run_again(scenario, variant, replication)
        if results is None:
            return SOME_FAILED
        results.save(folder)
    finally:
        release(folder)  # goes only where nothing was saved
    differs = _differences(frame, variant, replication, results)
    _print_results(results, folder, differs, as_json)
    return SOME_FAILED if differs else DONE


def _open(store: str, variant: str) -> StudyFrame:
    from sim.study import StoreError, open_store
    from sim.study.identity import fingerprint, owner

    path = Path(store)
    try:
        made_by = owner(path).fingerprint
        frame = open_store(path)
    except StoreError as problem:
        raise Refusal(str(problem)) from None
    current = fingerprint(frame.scenario.mission)
    if made_by != current:
        raise Refusal(
            f"{store}: made by another version of the model ({made_by[:8]}; this one is {current[:8]}); "
            "the run would not be the same"
        )
    if variant not in frame.variants:
        raise Refusal(f"{store}: no variant {variant!r}; it has {', '.join(frame.variants)}")
    return frame


def _variant(scenario: Scenario, name: str) -> Scenario:
    from sim.study.task import variants_of

    return variants_of(scenario)[name]


def _run_again(scenario: Scenario, variant: str, replication: int) -> Results | None:
    """The results, or None with the report on stderr where the run fails."""
    from sim.present.figures import RunPlots
    from sim.results import Results
    from sim.study.rerun import rerun

    try:
        return Results(rerun(scenario, variant, replication), plots=RunPlots)
    except Exception:
        click.echo(traceback.format_exc().rstrip(), err=True)
        click.echo(f"{variant}, replication {replication}, fails again as above.", err=True)
        return None


def _differences(frame: StudyFrame, variant: str, replication: int, results: Results) -> list[str] | None:
    """Outcomes that are not equal to the bit to those in the store; None where the store has none."""
    rows = frame.runs[(frame.runs["variant"] == variant) & (frame.runs["replication"] == replication)]
    kept = rows[rows["status"] == "done"]
    if kept.empty:
        return None
    return [name for name, value in results.summary().items() if value != kept[name].iloc[0]]


def _print_results(results: Results, folder: Path, differs: list[str] | None, as_json: bool) -> None:
    from sim.inference.record_comparison import RecordComparison
    from sim.present.run_text import print_report
    from sim.results.summary import summarise

    if as_json:
        document = results.document(str(folder)) | {"equal_to_store": None if differs is None else not differs}
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        print_report(RecordComparison.from_runs(results.record, [summarise(results.record)]), results)
        click.echo(f"Kept in {folder}.")
    if differs is None:
        click.echo("The study has no finished run of this name to hold it against.", err=True)
    elif differs:
        click.echo(f"Not equal to what the study kept: {', '.join(differs)}.", err=True)
    else:
        click.echo("Equal to what the study kept, to the bit.", err=True)
