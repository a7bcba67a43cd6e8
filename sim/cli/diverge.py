"""`minusim diverge`: where two runs part."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.inputs import Refusal, read_scenario

if TYPE_CHECKING:
    from sim.model.simulation import Simulation
    from sim.scenario import Scenario


@click.command("diverge", short_help="Find the first day, process and entity at which two runs part.")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True, metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the text.")
def command(a: str, b: str, replication: int, as_json: bool) -> int:
    """Run A and B with the same replication to the first difference, to the bit.

    A and B are a scenario, or SCENARIO:VARIANT for one of its variants.
    """
    from sim.study.diverge import diverge, inputs_part

    models = _model(a, replication), _model(b, replication)
    given, parting = inputs_part(*models), diverge(*models)
    if as_json:
        document = {"inputs": given and asdict(given), "parting": parting and asdict(parting)}
        click.echo(json.dumps(document, default=str, ensure_ascii=False))
        return 0
    if given is None:
        click.echo("Inputs: equal throughout.")
    else:
        click.echo(f"Inputs part on {given.day}: {', '.join(given.columns)}.")
    if parting is None:
        click.echo("The runs are equal to the bit.")
        return 0
    click.echo(f"The runs part on {parting.day}, in process {parting.process} (stream {parting.stream}):")
    click.echo(f"  {parting.columns[0]} of {parting.entity}: {parting.values[0]} against {parting.values[1]}")
    click.echo(f"  {parting.entries} of its entries differ; columns: {', '.join(parting.columns)}")
    return 0


def _model(name: str, replication: int) -> Simulation:
    from sim.scenario import ScenarioError
    from sim.study.rerun import model_of
    from sim.study.task import ALONE

    file, colon, variant = name.rpartition(":")
    whole = not colon or Path(name).exists()
    scenario = read_scenario(name if whole else file)
    try:
        return model_of(_alone(scenario) if whole else scenario, ALONE if whole else variant, replication)
    except ScenarioError as problem:
        raise Refusal(str(problem)) from None


def _alone(scenario: Scenario) -> Scenario:
    """The scenario as written, whatever variants it has."""
    from sim.scenario import FrozenMap

    return replace(scenario, variants=FrozenMap(), baseline=None)
