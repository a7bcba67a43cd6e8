"""The page about one run: what one possible history cost, beside the record and the range of other seeds."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from sim._util import is_file, read_bytes
from sim.present.locale import Tongue
from sim.present.report.figures import Drawing, drawn
from sim.present.report.labels import counted, name_of
from sim.present.report.loaders import NoStore
from sim.present.report.page import Question, rendered
from sim.present.report.provenance import of_run
from sim.present.report.sentences import Headline, years
from sim.present.report.tables import Cell, Table
from sim.scenario.assumptions import assumed_inputs

if TYPE_CHECKING:
    from sim.present.report.loaders import Run

TALLY = "tally.csv"
LARGEST = 1_000_000  # bytes of it
TO = "\N{EN DASH}"


def run_page(run: Run, language: str) -> str:
    """The page, as HTML."""
    tongue = Tongue(language)
    return rendered(
        "run.html",
        tongue,
        question=Question.of(run.results.record.scenario, tongue),
        headline=_headline(run, tongue),
        totals=_totals(run, tongue),
        tally=_tally(run, tongue),
        figures=_drawings(run, tongue),
        origin=of_run(run, tongue),
    )


def _headline(run: Run, tongue: Tongue) -> Headline:
    record, totals = run.results.record, run.results.summary()
    dead = {
        name: f"{tongue.number(int(totals[name]))} {counted(tongue, name, int(totals[name]))}"
        for name in ("peacekeepers_killed", "civilians_killed")
    }
    lead = tongue.say(
        "In one simulated history of {years} (seed {seed}) there are {mission} and {civilian}.",
        years=years(record.scenario), seed=record.seed, mission=dead["peacekeepers_killed"],
        civilian=dead["civilians_killed"],
    )  # fmt: skip
    inputs = tongue.plural("{n} assumed input", "{n} assumed inputs", assumed_inputs(record.scenario).inputs)
    notes = (
        tongue.say(
            "One seed is one possible history: years differ mostly by chance. Read the range, not the single run."
        ),
        tongue.say("It rests on {inputs}; how unsure they are is not in the range.", inputs=inputs),
        tongue.say("What a policy changes is told by a comparison: minusim compare."),
    )
    return Headline(lead, notes)


def _totals(run: Run, tongue: Tongue) -> Table:
    rows = [(Cell(name_of(tongue, name)), Cell(_exact(value, tongue))) for name, value in run.results.summary().items()]
    head = (tongue.say("Outcome"), tongue.say("This history"))
    return Table(tongue.say("Totals of the period; displaced persons: on its last day"), head, tuple(rows))


def _tally(run: Run, tongue: Tongue) -> Table | None:
    """Year by year beside the record, as `minusim run` kept it; None where it kept nothing."""
    import pandas as pd

    path = run.path / TALLY
    if not is_file(path):
        return None
    try:
        lines = pd.read_csv(BytesIO(read_bytes(path, LARGEST)))
        rows = [_line(row, tongue) for row in lines[lines["set"] == "yearly"].to_dict(orient="records")]
    except (KeyError, ValueError, TypeError, OverflowError):  # Unreadable is a ValueError
        raise NoStore(f"{path}: not as `minusim run` writes it; run the same command again") from None
    head = (
        tongue.say("Quantity"), tongue.say("Period"), tongue.say("Record"), tongue.say("90 % of seeds"),
        tongue.say("This history"),
    )  # fmt: skip
    seeds = tongue.plural("{n} seed", "{n} seeds", run.seeds)
    caption = tongue.say("Beside the record: the middle 90 % of {seeds}, and this history", seeds=seeds)
    return Table(caption, head, tuple(rows))


def _line(row: dict[str, Any], tongue: Tongue) -> tuple[Cell, ...]:
    span = tongue.say("{low} to {high}", low=tongue.number(row["low"]), high=tongue.number(row["high"]))
    period = f"{row['start']} {TO} {row['end']}" if row["start"] != row["end"] else str(row["start"])
    if str(row["start"])[5:] == "01-01" and str(row["end"])[5:] == "12-31":
        period = str(row["start"])[:4]
    return (
        Cell(tongue.say(str(row["quantity"]).strip())),
        Cell(period),
        Cell(tongue.number(row["record"])),
        Cell(span if row["low"] == row["low"] else tongue.number(row["low"])),
        Cell(_exact(float(row["one"]), tongue)),
    )


def _exact(value: float, tongue: Tongue) -> str:
    """A total of one history: a count is shown to the last person."""
    return tongue.number(int(value) if float(value).is_integer() else value)


def _drawings(run: Run, tongue: Tongue) -> list[Drawing]:
    from sim.present.figures.map import map_of_harm
    from sim.present.figures.timeline import timeline

    record = run.results.record
    return [
        drawn(
            timeline(record),
            "timeline",
            tongue.say("Simulated course of this history, with the record to 2020"),
            tongue,
            {},
        ),
        drawn(map_of_harm(record), "map", tongue.say("Where harm fell in this history, simulated"), tongue, {}),
    ]
