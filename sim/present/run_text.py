"""What a finished run says: the table beside the record, deadliest events, what is assumed, what is next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from sim.present.run_table import RunTally, tally_table
from sim.present.terminal_tables import WIDTH, console
from sim.scenario import OUTCOMES
from sim.scenario.assumptions import assumed_inputs

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import Results
    from sim.scenario import Scenario

DEADLIEST = 3
TACTIC_WORDS = {"ied": "mine or IED", "ied_then_ambush": "IED, then ambush", "killing": "killings"}
DOCUMENT = ("scenario", "hash", "seed", "version", "period", "out", "outcomes", "monthly")
VICTIMS = {  # column: one, many
    "peacekeepers": ("peacekeeper", "peacekeepers"),
    "contractors": ("contractor", "contractors"),
    "civilians": ("civilian", "civilians"),
    "malian_forces": ("Malian soldier", "Malian soldiers"),
    "partner_forces": ("partner soldier", "partner soldiers"),
    "fighters": ("fighter", "fighters"),
}


def json_document(results: Results, out: str) -> dict[str, Any]:
    """The one document of `--json`: only outcomes that may be added up over months and regions."""
    whole = results.document(out)
    dropped = {name for name, outcome in OUTCOMES.items() if not outcome.additive}
    whole["outcomes"] = {name: value for name, value in whole["outcomes"].items() if name not in dropped}
    whole["monthly"] = [{name: value for name, value in row.items() if name not in dropped} for row in whole["monthly"]]
    return {name: whole[name] for name in DOCUMENT}


def print_report(tally: RunTally, results: Results) -> None:
    """The table, whether the record lies in the range, the deadliest events, and what is assumed."""
    console().print(tally_table(tally))
    paragraphs = (
        _verdict(tally),
        list(_deadliest(results)),
        _wrapped(assumption_sentence(results.record.scenario)),
    )
    click.echo("\n".join("\n".join(("", *paragraph)) for paragraph in paragraphs))


def print_next(name: str, seed: int, folder: Path) -> None:
    """Where everything is, and what to type next."""
    click.echo("\n".join(("", *_next(name, seed, folder))))


def assumption_sentence(scenario: Scenario) -> str:
    """How many of the inputs of a scenario nobody has published."""
    assumed = assumed_inputs(scenario)
    paths = f"{len(assumed.measures)} measure" + ("" if len(assumed.measures) == 1 else "s")
    return (
        f"{assumed.inputs} inputs are assumed: {len(assumed.parameters)} of {assumed.of_parameters} "
        f"parameters and the paths of {paths}. The range above is chance alone: how "
        "unsure these inputs are is not in it."
    )


def _verdict(tally: RunTally) -> list[str]:
    if not tally.compared:
        return _wrapped("Nothing to compare: a range needs at least two seeds, and the record ends with 2020.")
    rows = (*tally.yearly, *tally.cumulative)
    years: dict[str, list[str]] = {}
    for row in rows:
        if row.inside is False:
            years.setdefault(row.quantity.strip(), []).append(str(row.end.year))
    outside = [f"{quantity} ({', '.join(which)})" for quantity, which in years.items()]
    verdict = f"The record lies inside the 90 % range of the seeds in {tally.inside} of {tally.compared} lines"
    return _wrapped(f"{verdict}; outside: {'; '.join(outside)}." if outside else f"{verdict}.")


def _deadliest(results: Results) -> Iterator[str]:
    events = results.events
    yield "Deadliest simulated events for the mission:"
    yield from _event_lines(events, "peacekeepers_killed")
    yield "and for anybody:"
    yield from _event_lines(events, "killed")


def _event_lines(events: pd.DataFrame, by: str) -> Iterator[str]:
    worst = events[events[by] > 0].sort_values(by, ascending=False, kind="stable").head(DEADLIEST)
    for row in worst.to_dict(orient="records"):
        place = f"{row['region']} (cell {row['gid']})"
        doer = "" if row["actor"] == "none" else f" by {row['actor']}"
        how = TACTIC_WORDS.get(str(row["tactic"]), str(row["tactic"]).replace("_", " "))
        yield from _hanging(f"  {row['date']:%Y-%m-%d}  {place:<25} {how}{doer}: {_harm(row)}")
    if worst.empty:
        yield "  none"


def _harm(event: dict[str, Any]) -> str:
    """`7 peacekeepers killed, 24 wounded; 6 fighters killed`."""
    parts = []
    for column, (one, many) in VICTIMS.items():
        killed, wounded = event[f"{column}_killed"], event.get(f"{column}_wounded", 0)
        who = one if (killed or wounded) == 1 else many
        if killed:
            parts.append(f"{killed} {who} killed" + (f", {wounded} wounded" if wounded else ""))
        elif wounded:
            parts.append(f"{wounded} {who} wounded")
    return "; ".join(parts)


def _next(name: str, seed: int, folder: Path) -> Iterator[str]:
    yield f"Kept in {folder}:"
    yield "  events, monthly, daily (Parquet), tally (CSV), timeline and map (PDF, PNG, SVG), manifest"
    yield "Next:"
    commands = (
        (f"minusim explain {quote(name)}", "what may happen in a day, and every number behind it"),
        (f"minusim run {quote(name)} --seed {seed + 1}", "another possible history"),
        ("minusim new my.yaml", "a scenario of your own: change a number, run it"),
    )
    longest = max(len(command) for command, _ in commands)
    for command, purpose in commands:
        yield f"  {command:<{longest}}   {purpose}"


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH)


def _hanging(line: str) -> list[str]:
    return wrap(line, WIDTH, subsequent_indent=" " * 14, drop_whitespace=True)
