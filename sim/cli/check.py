"""`minusim check`: is this scenario valid, and is anything odd about it?  Does this machine give the kept numbers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim._util import one_line
from sim.cli.inputs import Refusal, read_scenario, scenario_options

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.validation.golden import NumberDifference, Verdict

DONE, DIFFERENT, BAD = 0, 1, 2


@click.command("check", short_help="Check a scenario and its variants, a mission pack, or this installation.")
@click.argument("scenario", required=False)
@scenario_options
@click.option("--mission", help="Check a mission pack: a packaged name or a folder.")
@click.option(
    "--install", is_flag=True, help="Run a few kept histories and say whether this machine gives the same numbers."
)
def command(
    scenario: str | None, variant: str | None, changes: tuple[str, ...], mission: str | None, install: bool
) -> int:
    """Check SCENARIO and all its variants without running anything.

    With --mission and no scenario: say what is wrong in a mission pack, one line per problem.  Exit code 2 where
    something is.

    With --install and no scenario: hold this machine against the kept golden runs. Exit code 0 where every event is
    as kept, 1 where one is not.
    """
    if install:
        if scenario is not None or variant is not None or changes:
            raise Refusal("minusim check: --install takes no scenario, --variant or --set; check the two one at a time")
        return _installation()
    if mission is not None:
        if scenario is not None or variant is not None or changes:
            raise Refusal("minusim check: --mission takes no scenario, --variant or --set; check the two one at a time")
        return _mission(mission)
    if scenario is None:
        raise click.UsageError("Missing argument 'SCENARIO'; or say --mission or --install.")
    checked = read_scenario(scenario, variant, changes)
    for name in checked.variants:
        read_scenario(scenario, name, changes)
    active = sum(1 for episodes in checked.measures.values() if episodes)
    click.echo(
        f"{one_line(scenario)} is valid: {checked.title}, {checked.period.start} to {checked.period.end}, "
        f"{active} of {len(checked.measures)} measures in force, {len(checked.variants)} variants."
    )
    click.echo(f"Its inputs have the hash {checked.hash[:8]}.")
    from sim.scenario import notes

    _say_changes(checked)
    for note in notes(checked):
        click.echo(f"Note: {note}")
    return DONE


def _say_changes(scenario: Scenario) -> None:
    """What the scenario changes against its base, and every variant against the scenario."""
    from sim.present.changes_text import changes_lines, changes_text
    from sim.present.locale import ENGLISH

    base = scenario.base()
    if base is not None:
        click.echo("What it changes against what it extends, before any run:")
        for line in changes_lines(ENGLISH, scenario, base):
            click.echo(f"  {line}")
    for name in scenario.variants:
        own = scenario.variant(name)
        click.echo(f"Variant {name}: {changes_text(ENGLISH, own, scenario)}")


def _mission(name_or_folder: str) -> int:
    """What is wrong in a pack goes to stderr, as every refusal does."""
    from sim.missions import MissionError, pack_folder
    from sim.missions.check import problems, summary
    from sim.missions.mission import Mission
    from sim.missions.mission_yaml import read_facts

    try:
        folder = pack_folder(name_or_folder)
    except MissionError as problem:
        raise Refusal(str(problem)) from None
    found = problems(folder)
    for line in found:
        click.echo(one_line(line), err=True)
    if found:
        click.echo(
            f"{one_line(name_or_folder)}: {len(found)} {'problem' if len(found) == 1 else 'problems'}.", err=True
        )
        return BAD
    click.echo(f"{one_line(name_or_folder)} is valid. {summary(Mission(folder, read_facts(folder)))}")
    return DONE


def _installation() -> int:
    from sim.validation import golden
    from sim.validation.machine import this_machine

    known, bits_of = golden.stored_numbers()
    verdict, differences = golden.compare_runs(golden.run_golden(), known)
    machine = this_machine()
    count = sum(len(seeds) for seeds in known.values())
    click.echo(said(verdict, differences, count, same_kind=machine.kind == bits_of))
    click.echo(f"This is {machine}; the bits were kept on {bits_of['cpu']}, {bits_of['libc']}.")
    return DIFFERENT if verdict == golden.Verdict.DIFFERENT else DONE


def said(verdict: Verdict, differences: list[NumberDifference], count: int, same_kind: bool) -> str:
    """The verdict on ``count`` golden runs in one line."""
    from sim.validation.golden import BITS, Verdict

    if verdict == Verdict.EQUAL_TO_THE_BIT:
        return f"Equal to the bit: all {count} golden runs give the kept numbers."
    if verdict == Verdict.EQUAL_IN_EVENTS:
        why = "though the class is the same: look at the versions" if same_kind else "as elsewhere they may"
        return (
            f"Equal in events: all {count} golden runs give the kept events and totals; {len(differences)} "
            f"{'differs' if len(differences) == 1 else 'differ'} in the last digits of quantities behind them, {why}."
        )
    first, *others = (difference for difference in differences if difference.name != BITS)
    runs = len({(difference.run, difference.seed) for difference in (first, *others)})
    return (
        f"Different: {runs} of {count} golden runs {'gives' if runs == 1 else 'give'} other events; the first: "
        f"{first.run}, seed {first.seed}, {first.name} is {first.found}, kept is {first.kept}."
    )
