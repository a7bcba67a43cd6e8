"""`minusim explain`: what a scenario lets happen in a day, with every number behind it."""

from __future__ import annotations

import json

import click

from sim.cli.inputs import read_scenario, scenario_options


@click.command("explain", short_help="Print the plan of a day, with every number behind it.")
@click.argument("scenario")
@scenario_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(scenario: str, variant: str | None, changes: tuple[str, ...], as_json: bool) -> None:
    """Print the plan of a day in SCENARIO: phases, processes, what each claims, and its parameters.

    Then the measures with their reference level and the path in force, the shocks, and what is assumed.
    The first lines say how the first day is reached.
    """
    from sim.present.explanation import explanation, explanation_lines

    document = explanation(read_scenario(scenario, variant, changes))
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(explanation_lines(document)))
