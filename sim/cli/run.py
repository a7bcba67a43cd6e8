"""`minusim run` and `minusim demo`: one seed in full, then the range over many seeds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.cli.figure_options import figure_options
from sim.cli.inputs import Refusal, read_scenario, scenario_options
from sim.cli.output_folder import Identity, claim, release
from sim.cli.progress import tracked
from sim.cli.workers import WORKERS

if TYPE_CHECKING:
    from sim.inference.record_comparison import RecordComparison
    from sim.model.plan import Plan
    from sim.results import Results
    from sim.results.summary import SeedSummary
    from sim.scenario import Scenario
    from sim.study.seeds import SeedFailure

F = TypeVar("F", bound=Callable[..., Any])
LARGEST_SEED = 2**63 - 1
SEEDS = 50  # a 90 % range from fewer seeds moves visibly from one batch to the next
DONE, SOME_FAILED = 0, 1
WARNING = "warning.txt"  # beside the manifest, where the scale is not the calibrated one


@dataclass(frozen=True)
class RunOptions:
    """Options of a run, apart from its scenario."""

    seed: int | None  # None: the scenario's own
    seeds: int
    out: str | None
    as_json: bool
    workers: int  # 0: as many as help
    figures: tuple[str, ...]  # formats; none: no figures


def run_options(function: F) -> F:
    """--seed, --seeds, --out, --json, --figures, --no-figures and --workers, in this order in the help."""
    options = (
        click.option(
            "--seed", type=click.IntRange(0, LARGEST_SEED), metavar="N", help="The seed that is saved in full."
        ),
        click.option(
            "--seeds",
            type=click.IntRange(min=1),
            default=SEEDS,
            show_default=True,
            metavar="N",
            help="How many seeds show the range of chance, including --seed; 1: that one alone.",
        ),
        click.option("--out", metavar="DIR", help="Where to keep the results (default: a folder under results/)."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table."),
        figure_options,
        WORKERS,
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command("run", short_help="Simulate a scenario: one seed in full, and the range of many.")
@click.argument("scenario")
@scenario_options
@run_options
def command(scenario: str, variant: str | None, changes: tuple[str, ...], **options: object) -> int:
    """Simulate SCENARIO (a file, or a packaged name such as quickstart) and print it beside the record.

    One seed is saved in full; the others show the range of chance. The table is printed first. The results folder
    then gets tables (Parquet), a manifest, and two figures, a timeline and a map.
    """
    return simulate(scenario, RunOptions(**options), variant, changes)  # type: ignore[arg-type]  # click checked them


@click.command("demo", short_help="Simulate 2018 and print what it cost beside the record.")
@run_options
def demo(**options: object) -> int:
    """Simulate 2018, the year of the new measures, and print what it cost beside the record."""
    return simulate("quickstart", RunOptions(**options))  # type: ignore[arg-type]  # click checked them


def simulate(name: str, options: RunOptions, variant: str | None = None, changes: Sequence[str] = ()) -> int:
    """Run, keep and report; the exit code. Refusal, with nothing written, for bad input."""
    from sim.study.scale import off_scale

    scenario = read_scenario(name, variant, changes)
    seed = scenario.seed if options.seed is None else options.seed
    folder = _claim(scenario, seed, options)
    click.echo(_announcement(scenario, seed, options.seeds), err=True)
    warning = off_scale(scenario)
    if warning:
        click.echo(warning, err=True)
    plan, results = _run_seed(scenario, seed, folder)
    try:
        summaries, failures = _other_seeds(plan, results, options)
    except KeyboardInterrupt:
        results.save(folder)
        click.echo(f"Seed {seed} is saved in {folder}; the same command finishes the range.", err=True)
        raise
    beside = _print_answer(results, summaries, folder, options.as_json)
    kept = _save(beside, results, summaries, folder, options.figures, warning)
    if not options.as_json:
        from sim.present.run_text import print_next

        print_next(name, seed, folder, options.figures)
    for failure in failures:
        click.echo(f"Seed {failure.seed} failed ({failure.stage}): {failure.reason}", err=True)
    return DONE if kept and not failures else SOME_FAILED


def _announcement(scenario: Scenario, seed: int, seeds: int) -> str:
    others = f", then {seeds - 1} more for the range" if seeds > 1 else ""
    period = f"{scenario.period.start} to {scenario.period.end}"
    return f"Simulating {scenario.title or scenario.name}, {period}: seed {seed}{others}."


def _claim(scenario: Scenario, seed: int, options: RunOptions) -> Path:
    from sim.model.engine import fingerprint

    identity = Identity(scenario.hash, seed, fingerprint(scenario.mission))
    return claim(options.out, scenario.title or scenario.name, identity, options.seeds)


def _run_seed(scenario: Scenario, seed: int, folder: Path) -> tuple[Plan, Results]:
    """The run of the given seed, and the plan that it shares with the other seeds."""
    from sim.cli.numba_import import import_numba

    import_numba()
    from sim.api import run_plan
    from sim.model.plan import Plan
    from sim.scenario import ScenarioError

    try:
        plan = Plan.build(scenario)
        return plan, run_plan(plan, seed)
    except BaseException as problem:
        release(folder)
        if isinstance(problem, ScenarioError):
            raise Refusal(str(problem)) from None
        raise


def _other_seeds(plan: Plan, results: Results, options: RunOptions) -> tuple[list[SeedSummary], list[SeedFailure]]:
    """Summaries of the seeds that finished, the given one first, and the seeds that failed."""
    from sim.results.summary import summarise
    from sim.study.executor import Threads
    from sim.study.seeds import SeedFailure, run_seeds, seeds_from

    seeds = seeds_from(results.record.seed, options.seeds)[1:]
    ended: list[SeedSummary] = [summarise(results.record)]
    failed: list[SeedFailure] = []
    for outcome in tracked(run_seeds(plan, seeds, summarise, Threads(options.workers)), len(seeds), "more seeds"):
        if isinstance(outcome, SeedFailure):
            failed.append(outcome)
        else:
            ended.append(outcome)
    return ended, failed


def _print_answer(results: Results, summaries: Sequence[SeedSummary], folder: Path, as_json: bool) -> RecordComparison:
    """Print the table, or the document, and return the comparison with the record."""
    from sim.inference.record_comparison import RecordComparison
    from sim.present.run_text import json_document, print_report

    beside = RecordComparison.from_runs(results.record, summaries)
    if as_json:
        click.echo(json.dumps(json_document(results, str(folder)), ensure_ascii=False))
    else:
        print_report(beside, results)
    sys.stdout.flush()  # a pipe is read before the files are written
    return beside


def _save(
    beside: RecordComparison,
    results: Results,
    summaries: Sequence[SeedSummary],
    folder: Path,
    figures: Sequence[str],
    warning: str | None,
) -> bool:
    """Write tables, then figures. False, with the reason on stderr, where that failed."""
    try:
        results.save(folder, seeds=len(summaries))
        beside.frame().to_csv(folder / "tally.csv", index=False)
        if warning:
            (folder / WARNING).write_text(f"{warning}\n", encoding="utf-8")
        if figures:
            from sim.present.figures import RunPlots

            plots = RunPlots(results, summaries)
            plots.timeline(folder / "timeline", figures)
            plots.map(folder / "map", figures)
    except OSError as problem:
        click.echo(f"{folder}: tables or figures could not be written: {problem.strerror}", err=True)
        return False
    return True
