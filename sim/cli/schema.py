"""`minusim schema`: the JSON Schema of a scenario file, for editors."""

from __future__ import annotations

import json

import click


@click.command("schema", short_help="Print the JSON Schema of a scenario file.")
def command() -> None:
    """Print the JSON Schema of a scenario file, so that an editor can complete and check it."""
    click.echo(schema_text())


def schema_text() -> str:
    """The JSON Schema of a scenario file, as a file."""
    from sim.scenario import json_schema

    return json.dumps(json_schema(), indent=2, ensure_ascii=False)
