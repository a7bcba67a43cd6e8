"""What the terminal shows of a finished run, and its JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from sim.present.locale import ENGLISH
from sim.present.run_view import run_view
from sim.present.terminal import paragraph, table_text
from sim.scenario import OUTCOMES

if TYPE_CHECKING:
    from sim.inference.record_comparison import RecordComparison
    from sim.present.locale import Locale
    from sim.results import Results

DOCUMENT = ("scenario", "hash", "seed", "version", "period", "out", "outcomes", "monthly")


def json_document(results: Results, out: str) -> dict[str, Any]:
    """The one document of `--json`: only outcomes that may be added up over months and regions."""
    whole = results.document(out)
    dropped = {name for name, outcome in OUTCOMES.items() if not outcome.additive}
    whole["outcomes"] = {name: value for name, value in whole["outcomes"].items() if name not in dropped}
    whole["monthly"] = [{name: value for name, value in row.items() if name not in dropped} for row in whole["monthly"]]
    return {name: whole[name] for name in DOCUMENT}


def run_text(beside: RecordComparison, results: Results, locale: Locale = ENGLISH) -> str:
    """The table, whether the record lies in the range, the deadliest events, and what is assumed."""
    view = run_view(results, beside, locale)
    parts = [table_text(view.record)] if view.record else []
    parts += ["\n".join(map(paragraph, view.record_notes)), paragraph(view.agreement)]
    parts += [
        "\n".join([f"{title}:", *(paragraph(line, indent=2) for line in lines)]) for title, lines in view.deadliest
    ]
    return "\n\n".join([*parts, paragraph(view.assumptions)])


def print_report(beside: RecordComparison, results: Results) -> None:
    """Print what the terminal shows of a run."""
    click.echo(run_text(beside, results))


def print_next(name: str, seed: int, folder: Path, figures: Sequence[str]) -> None:
    """Where everything is, with the formats of the ``figures``, and what to type next."""
    click.echo("\n".join(("", *_next(name, seed, folder, figures))))


def _next(name: str, seed: int, folder: Path, figures: Sequence[str]) -> Iterator[str]:
    yield f"Kept in {folder}:"
    drawn = f"timeline and map ({', '.join(figures).upper()}), " if figures else ""
    yield f"  events, monthly, daily (Parquet), tally (CSV), {drawn}manifest"
    yield "Next:"
    commands = (
        (f"minusim explain {quote(name)}", "the processes of a day, and every parameter"),
        (f"minusim run {quote(name)} --seed {seed + 1}", "another possible history"),
        ("minusim new my.yaml", "a scenario of your own: change a number, run it"),
    )
    longest = max(len(command) for command, _ in commands)
    for command, purpose in commands:
        yield f"  {command:<{longest}}   {purpose}"
