"""`minusim check`: is this scenario valid, and is anything odd about it?"""

from __future__ import annotations

import click

from sim.bounded import one_line
from sim.cli.inputs import read_scenario, scenario_options


@click.command("check", short_help="Check a scenario and its variants; run nothing.")
@click.argument("scenario")
@scenario_options
def command(scenario: str, variant: str | None, changes: tuple[str, ...]) -> None:
    """Check SCENARIO and all its variants without running anything."""
    checked = read_scenario(scenario, variant, changes)
    for name in checked.variants:
        read_scenario(scenario, name, changes)
    active = sum(1 for episodes in checked.measures.values() if episodes)
    click.echo(
        f"{one_line(scenario)} is valid: {checked.title}, {checked.period.start} to {checked.period.end}, "
        f"{active} of {len(checked.measures)} measures in force, {len(checked.variants)} variants."
    )
    click.echo(f"Its inputs have the hash {checked.hash[:8]}.")
    for note in checked.notes():
        click.echo(f"Note: {note}")
