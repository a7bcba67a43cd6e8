"""`minusim new` and `minusim schema`: a scenario file to start from, and the JSON Schema for editors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from shlex import quote

import click

from sim.cli.inputs import Refusal, read_mission

SCHEMA = "minusim.schema.json"
# the first line is what the YAML extensions of editors look for
HEADING = """\
# yaml-language-server: $schema={schema}
# A scenario of your own: change a number, then `minusim run {name}`.
# `minusim check {name}` tells what is wrong with it; `minusim list measures` what else it may say.
# What it does not say, it takes from the packaged scenario that it extends.

"""


@click.command("new", short_help="Write a scenario of your own to change.")
@click.argument("file")
def command(file: str) -> None:
    """Write a commented copy of the quickstart scenario to FILE, ready to be changed. Never overwrites it.

    The JSON Schema beside it, minusim.schema.json, lets an editor complete and check what is typed.
    """
    from sim.cli.new import schema_text
    from sim.scenario import packaged_path

    path = Path(file)
    if path.suffix not in (".yaml", ".yml"):
        raise Refusal(f"{file}: a scenario file ends in .yaml; write `minusim new {path.name or 'my'}.yaml`")
    text = HEADING.format(name=path.name, schema=SCHEMA) + standing_alone(
        packaged_path("quickstart").read_text("utf-8")
    )
    try:
        with path.open("x", encoding="utf-8", newline="\n") as new:
            new.write(text)
        path.with_name(SCHEMA).write_text(schema_text() + "\n", encoding="utf-8", newline="\n")
    except FileExistsError:
        raise Refusal(f"{file}: the file exists and is never overwritten; name another") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "no name that a file can have"
        raise Refusal(f"{file}: cannot be written: {reason}") from None
    click.echo(f"Wrote {file}. Change a number in it, then: minusim run {quote(file)}")


def standing_alone(text: str) -> str:
    """The text of a packaged scenario, so that it extends its neighbour by name and not by file."""
    return re.sub(r"^extends:\s*([\w-]+)\.ya?ml", r"extends: \1", text, flags=re.MULTILINE)


@click.command("schema", short_help="Print the JSON Schema of a scenario file.")
@click.option("--mission", help="A packaged mission or the folder of a pack; otherwise the one scenarios default to.")
def schema(mission: str | None) -> None:
    """Print the JSON Schema of a scenario file, so that an editor can complete and check it."""
    click.echo(schema_text(mission))


def schema_text(mission: str | None = None) -> str:
    """The JSON Schema of a scenario file of a mission, as a file."""
    from sim.scenario import json_schema

    return json.dumps(json_schema(read_mission(mission)), indent=2, ensure_ascii=False)
