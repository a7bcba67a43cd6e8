"""`minusim run`: one scenario, the asked seed in full, and the range of many seeds."""

from __future__ import annotations

import click

from sim.cli.inputs import scenario_options
from sim.cli.options import RunOptions, run_options
from sim.cli.run_command import simulate


@click.command("run", short_help="Simulate a scenario: one seed in full, and the range of many.")
@click.argument("scenario")
@scenario_options
@run_options
def command(scenario: str, variant: str | None, changes: tuple[str, ...], **options: object) -> int:
    """Simulate SCENARIO (a file, or a packaged name such as quickstart) and print it beside the record.

    The asked seed is kept in full; the others show what chance alone does. The results folder holds tables
    (Parquet), a timeline, a map and a manifest.
    """
    return simulate(scenario, RunOptions(**options), variant, changes)  # type: ignore[arg-type]  # click checked them
