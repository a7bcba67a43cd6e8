"""`minusim demo`: the quickstart scenario, for whoever meets the program for the first time."""

from __future__ import annotations

import click

from sim.cli.options import RunOptions, run_options
from sim.cli.run_command import simulate


@click.command("demo", short_help="Simulate 2018 and print what it cost beside the record.")
@run_options
def command(**options: object) -> int:
    """Simulate 2018, the year of the new measures, and print what it cost beside the record."""
    return simulate("quickstart", RunOptions(**options))  # type: ignore[arg-type]  # click checked them
