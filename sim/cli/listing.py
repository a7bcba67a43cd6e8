"""`minusim list`: the names that a scenario may use, with their meaning."""

from __future__ import annotations

import json

import click

from sim.cli.inputs import read_mission

# as in sim.scenario.listing, which takes longer to import than the help of all commands may
NAMES = ("measures", "shocks", "outcomes", "parameters", "scenarios", "regions", "bases", "organisations", "processes")


@click.command("list", short_help="List the names a scenario may use, with what they mean.")
@click.argument("what", type=click.Choice(NAMES), metavar="WHAT")
@click.option("--mission", help="A packaged mission or the folder of a pack; otherwise the one scenarios default to.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(what: str, mission: str | None, as_json: bool) -> None:
    """List WHAT a scenario may name.

    WHAT is measures, shocks, outcomes, parameters, scenarios, regions, bases, organisations or processes.
    """
    from sim.scenario.listing import LISTS

    rows = list(LISTS[what](read_mission(mission)))
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False, default=str))
        return
    from sim.present.terminal import print_rows

    print_rows(rows)
