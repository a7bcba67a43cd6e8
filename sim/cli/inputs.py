"""Read a scenario from the command line; bad input raises Refusal, which ends the program with exit code 2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim._util import one_line

if TYPE_CHECKING:
    from sim.missions import Mission
    from sim.scenario import Scenario

F = TypeVar("F", bound=Callable[..., Any])


class Refusal(Exception):
    """Bad input: the message is one line that names place, value and what is allowed; the exit code is 2."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(" ".join(message.split())))


def scenario_options(function: F) -> F:
    """The options that change a scenario before it is used: --variant and --set."""
    change = click.option(
        "--set",
        "changes",
        multiple=True,
        metavar="KEY=VALUE",
        help="Change one value, e.g. measures.route_clearance=off; may be repeated.",
    )
    variant = click.option("--variant", metavar="NAME", help="Use this variant of the scenario.")
    return variant(change(function))


def read_mission(name_or_folder: str | None) -> Mission:
    """The mission of a packaged name or a folder, the default one for None. Refusal for bad input."""
    from sim.missions import DEFAULT, MissionError, load_mission

    try:
        return load_mission(name_or_folder or DEFAULT)
    except MissionError as problem:
        raise Refusal(str(problem)) from None


def read_scenario(
    name: str, variant: str | None = None, changes: Sequence[str] = (), *, against_base: bool = False
) -> Scenario:
    """The scenario of a packaged name or a file, as the variant, with the changes. Refusal for bad input.

    ``against_base``: a file without variants gets what it extends and itself as two.
    """
    from sim.scenario import ScenarioError, load, parse_set

    try:
        scenario = load(name).against_base() if against_base else load(name)
        if variant is not None:
            scenario = scenario.variant(variant)
        if changes:
            scenario = scenario.with_values(dict(parse_set(text) for text in changes), "--set")
    except ScenarioError as problem:
        raise Refusal(str(problem)) from None
    return scenario
