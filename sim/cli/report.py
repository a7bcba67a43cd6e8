"""What a finished run says: the table beside the record, deadliest events, what is assumed, what is next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from sim.assumed import assumed_inputs
from sim.cli.tables import WIDTH, console
from sim.scenario import OUTCOMES
from sim.tally import RunTally, tally_table

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import Results
    from sim.results.summary import SeedSummary
    from sim.scenario import Scenario

DEADLIEST = 3
TACTIC_WORDS = {"ied": "mine or IED", "ied_then_ambush": "IED, then ambush", "killing": "killings"}
DOCUMENT = ("scenario", "hash", "seed", "version", "period", "out", "outcomes", "monthly")
VICTIMS = (
    ("peacekeepers_killed", "peacekeepers"),
    ("contractors_killed", "contractors"),
    ("civilians_killed", "civilians"),
    ("malian_forces_killed", "Malian soldiers"),
    ("partner_forces_killed", "partner soldiers"),
    ("fighters_killed", "fighters"),
)


def json_document(results: Results, out: str) -> dict[str, Any]:
    """The one document of `--json`: only outcomes that may be added up over months and regions."""
    whole = results.document(out)
    dropped = {name for name, outcome in OUTCOMES.items() if not outcome.additive}
    whole["outcomes"] = {name: value for name, value in whole["outcomes"].items() if name not in dropped}
    whole["monthly"] = [
        {name: value for name, value in row.items() if name not in dropped} for row in whole["monthly"]
    ]
    return {name: whole[name] for name in DOCUMENT}


def print_report(name: str, results: Results, summaries: Sequence[SeedSummary], folder: Path) -> None:
    """Everything that `minusim run` says on stdout."""
    tally = RunTally.from_runs(results.record, summaries)
    console().print(tally_table(tally))
    paragraphs = (
        _verdict(tally),
        list(_deadliest(results)),
        _wrapped(assumption_sentence(results.record.scenario)),
        list(_next(name, results.record.seed, folder)),
    )
    click.echo("\n".join("\n".join(("", *paragraph)) for paragraph in paragraphs))


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
        return _wrapped(
            "Nothing to compare: a range needs at least two seeds, and the record ends with 2020."
        )
    rows = [row for row in (*tally.yearly, *tally.cumulative) if row.inside is not None]
    outside = [f"{row.quantity.strip()} ({row.start.year})" for row in rows if not row.inside]
    verdict = (
        f"The record lies inside the 90 % range of the seeds in {tally.inside} of {tally.compared} lines"
    )
    return _wrapped(f"{verdict}; outside: {_some(outside)}." if outside else f"{verdict}.")


def _some(names: Sequence[str], shown: int = 6) -> str:
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")


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
        killed = ", ".join(f"{row[column]} {who}" for column, who in VICTIMS if row[column])
        wounded = row["peacekeepers_wounded"]
        harm = f"{killed} killed" + (f"; {wounded} peacekeepers wounded" if wounded else "")
        yield from _hanging(f"  {row['date']:%Y-%m-%d}  {place:<24} {how}{doer}: {harm}")
    if worst.empty:
        yield "  none"


def _next(name: str, seed: int, folder: Path) -> Iterator[str]:
    yield f"Kept in {folder}:"
    yield "  events, monthly, daily (Parquet), tally (CSV), timeline and map (PDF, PNG), manifest"
    yield "Next:"
    commands = (
        (f"minusim explain {name}", "what may happen in a day, and every number behind it"),
        (f"minusim run {name} --seed {seed + 1}", "another possible history"),
        ("minusim new my.yaml", "a scenario of your own: change a number, run it"),
    )
    longest = max(len(command) for command, _ in commands)
    for command, purpose in commands:
        yield f"  {command:<{longest}}   {purpose}"


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH)


def _hanging(line: str) -> list[str]:
    return wrap(line, WIDTH, subsequent_indent=" " * 14, drop_whitespace=True)
