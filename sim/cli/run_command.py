"""What `run` and `demo` do: simulate the asked seed and keep it, then the others, then say what came out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.errors import Refusal
from sim.cli.inputs import read_scenario
from sim.cli.options import RunOptions
from sim.cli.output_folder import Identity, claim, release
from sim.cli.progress import tracked

if TYPE_CHECKING:
    from sim.model.plan import Plan
    from sim.present.run_table import RunTally
    from sim.results import Results
    from sim.results.summary import SeedSummary
    from sim.scenario import Scenario
    from sim.study.ensemble import SeedFailure

DONE, SOME_FAILED = 0, 1
WARNING = "warning.txt"  # beside the manifest, where the scale is not the calibrated one


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
    plan, results = _asked_seed(scenario, seed, folder)
    if warning:
        (folder / WARNING).write_text(f"{warning}\n", encoding="utf-8")
    try:
        summaries, failures = _other_seeds(plan, results, options)
    except KeyboardInterrupt:
        click.echo(f"Seed {seed} is kept in {folder}; the same command finishes the range.", err=True)
        raise
    kept = _tell_and_keep(name, results, summaries, folder, options.as_json)
    for failure in failures:
        click.echo(f"Seed {failure.seed} failed ({failure.stage}): {failure.reason}", err=True)
    return DONE if kept and not failures else SOME_FAILED


def _announcement(scenario: Scenario, seed: int, seeds: int) -> str:
    others = f", then {seeds - 1} more for the range" if seeds > 1 else ""
    period = f"{scenario.period.start} to {scenario.period.end}"
    return f"Simulating {scenario.title or scenario.name}, {period}: seed {seed}{others}."


def _claim(scenario: Scenario, seed: int, options: RunOptions) -> Path:
    from sim.model.engine import fingerprint

    identity = Identity(scenario.hash, seed, fingerprint())
    return claim(options.out, scenario.title or scenario.name, identity, options.seeds)


def _asked_seed(scenario: Scenario, seed: int, folder: Path) -> tuple[Plan, Results]:
    """The asked run, saved before anything else is tried, and the plan that the other seeds share."""
    from sim.api import run_plan
    from sim.model.plan import Plan
    from sim.scenario import ScenarioError

    try:
        plan = Plan.build(scenario)
        results = run_plan(plan, seed)
        results.save(folder)
    except ScenarioError as problem:
        raise Refusal(str(problem)) from None
    finally:
        release(folder)  # goes only where nothing was saved
    return plan, results


def _other_seeds(plan: Plan, results: Results, options: RunOptions) -> tuple[list[SeedSummary], list[SeedFailure]]:
    """A summary of every seed that ended, the asked one first, and the seeds that failed."""
    from sim.results.summary import summarise
    from sim.study.ensemble import SeedFailure, run_seeds, seeds_from

    seeds = seeds_from(results.record.seed, options.seeds)[1:]
    ended: list[SeedSummary] = [summarise(results.record)]
    failed: list[SeedFailure] = []
    for outcome in tracked(run_seeds(plan, seeds, summarise, options.workers), len(seeds), "more seeds"):
        if isinstance(outcome, SeedFailure):
            failed.append(outcome)
        else:
            ended.append(outcome)
    return ended, failed


def _tell_and_keep(name: str, results: Results, summaries: Sequence[SeedSummary], folder: Path, as_json: bool) -> bool:
    """The report at once, the figures after it. False where something could not be written."""
    from sim.present.run_table import RunTally
    from sim.present.run_text import json_document, print_next, print_report

    tally = RunTally.from_runs(results.record, summaries)
    if not as_json:
        print_report(tally, results)
    kept = _keep(tally, results, summaries, folder)
    if as_json:
        click.echo(json.dumps(json_document(results, str(folder)), ensure_ascii=False))
    else:
        print_next(name, results.record.seed, folder)
    return kept


def _keep(tally: RunTally, results: Results, summaries: Sequence[SeedSummary], folder: Path) -> bool:
    """Add what the other seeds showed to the folder. False where that failed; the asked seed is safe."""
    from sim.present.figures import RunPlots

    try:
        tally.frame().to_csv(folder / "tally.csv", index=False)
        results.save(folder, seeds=len(summaries))
        figures = RunPlots(results, summaries)
        figures.timeline(folder / "timeline")
        figures.map(folder / "map")
    except OSError as problem:
        click.echo(f"{folder}: tables or figures could not be written: {problem.strerror}", err=True)
        return False
    return True
