"""The view of one run: totals, the record beside it, its deadliest events and its assumptions, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._util import is_file, read_bytes
from sim.inference.record_comparison import QUANTITIES, SINCE_START, RecordComparison
from sim.model.recorder import EVENT_FIELDS, TACTICS
from sim.present.event_text import event_line
from sim.present.labels import counted, outcome_name, period_text
from sim.present.question import Question
from sim.present.report.loaders import NoStore
from sim.present.tables import Cell, Table
from sim.results.panel import column, deaths_of
from sim.scenario.assumptions import assumed_inputs

if TYPE_CHECKING:
    from sim.inference.record_comparison import RecordRow
    from sim.missions import Mission
    from sim.model.recorder import RunRecord
    from sim.present.locale import Locale
    from sim.present.report.loaders import Run
    from sim.results import Results

FILE = "tally.csv"  # of a run's folder: its comparison with the record
LARGEST = 1_000_000  # bytes of it
DEADLIEST = 3
TO = "\N{EN DASH}"
LINES = (*(quantity.label.strip() for quantity in QUANTITIES), *SINCE_START.values())


@dataclass(frozen=True)
class RunView:
    """A run in words.  record: beside the record, None where nothing was kept; deadliest: heading, events."""

    headline: str
    notes: tuple[str, ...]
    totals: Table
    record: Table | None
    agreement: str
    record_notes: tuple[str, ...]
    deadliest: tuple[tuple[str, tuple[str, ...]], ...]
    assumptions: str


def run_view(results: Results, beside: RecordComparison | None, locale: Locale) -> RunView:
    """The view of a run; ``beside`` is its comparison with the record."""
    _, mission = locale.gettext, results.record.scenario.mission
    return RunView(
        headline=_headline(results, locale),
        notes=(
            _("One seed is one possible history: years differ mostly by chance. Read the range, not the single run."),
            _("Use a comparison to see what a policy changes: minusim compare."),
        ),
        totals=_totals(results, locale),
        record=record_table(beside, results.record, locale) if beside else None,
        agreement=_agreement(beside, mission, locale) if beside else "",
        record_notes=(
            _("Peacekeepers killed and wounded: by malicious acts."),
            _("After {day} the record is withheld for testing.", day=mission.record_end.isoformat())
            if mission.facts.record
            else _("This mission has no record: nothing observed stands beside the simulated numbers."),
            _("Reported attacks: simulated attacks times the share that the press-coded record shows."),
        ),
        deadliest=(
            (_("Deadliest simulated events for the mission"), _events(results.record, "peacekeepers_killed", locale)),
            (_("Deadliest simulated events for all victims"), _events(results.record, "killed", locale)),
        ),
        assumptions=_assumptions(results, locale),
    )


def kept_comparison(run: Run) -> RecordComparison | None:
    """The comparison with the record that `minusim run` kept; None where it kept none.  NoStore for another table."""
    import pandas as pd

    path = run.path / FILE
    if not is_file(path):
        return None
    try:
        return RecordComparison.from_frame(pd.read_csv(BytesIO(read_bytes(path, LARGEST))), run.seeds)
    except (KeyError, ValueError, TypeError, OverflowError):  # Unreadable is a ValueError
        raise NoStore(f"{path}: not as `minusim run` writes it; run the same command again") from None


def record_table(beside: RecordComparison, record: RunRecord, locale: Locale) -> Table:
    """Year by year, then the counts since the mission began; one line per quantity."""
    _ = locale.gettext
    groups = [row.start.year for row in beside.yearly] + [0] * len(beside.cumulative)
    gaps = frozenset(n for n in range(1, len(groups)) if groups[n] != groups[n - 1])
    count = locale.ngettext("{n} seed", "{n} seeds", beside.seeds)
    head = (
        _("Quantity"), _("Period"), _("Record"), _("Median"), _("90 % of seeds"), _("This run"), _("Record inside"),
    )  # fmt: skip
    values = {"title": Question.of(record.scenario, locale).title, "seed": record.seed, "seeds": count}
    caption = _("Simulated, beside the record: {title}; seed {seed} and the middle 90 % of {seeds}", **values)
    return Table(caption, head, tuple(_line(row, locale) for row in beside.rows), gaps=gaps)


def _line(row: RecordRow, locale: Locale) -> tuple[Cell, ...]:
    inside = {None: TO, True: locale.gettext("yes"), False: locale.gettext("no")}[row.inside]
    between = TO if row.low is None else f"{_exact(row.low, locale)}{TO}{_exact(row.high, locale)}"
    texts = (locale.gettext(row.quantity.strip()), _period(row), _exact(row.record, locale), _exact(row.median, locale))
    return tuple(map(Cell, (*texts, between, _exact(row.one, locale), inside)))


def _period(row: RecordRow) -> str:
    """The period in words: a year, or first and last month."""
    if (row.start.month, row.start.day, row.end.month, row.end.day) == (1, 1, 12, 31):
        return str(row.start.year) if row.start.year == row.end.year else f"{row.start.year}{TO}{row.end.year}"
    months = dict.fromkeys((f"{row.start:%Y-%m}", f"{row.end:%Y-%m}"))
    return f" {TO} ".join(months)


def _exact(value: float | None, locale: Locale) -> str:
    """A total of one history: a count is shown to the last person."""
    if value is None or value != value:
        return TO
    return locale.number(int(value) if float(value).is_integer() else value)


def _headline(results: Results, locale: Locale) -> str:
    totals, record = results.summary(), results.record
    dead = (int(totals[name]) for name in ("peacekeepers_killed", "civilians_killed"))
    names = ("peacekeepers_killed", "civilians_killed")
    mission, civilian = (f"{locale.number(n)} {counted(locale, name, n)}" for name, n in zip(names, dead, strict=True))
    return locale.gettext(
        "In one simulated history of {years} (seed {seed}) there are {mission} and {civilian}.",
        years=period_text(locale, record.scenario), seed=record.seed, mission=mission, civilian=civilian,
    )  # fmt: skip


def _totals(results: Results, locale: Locale) -> Table:
    _ = locale.gettext
    rows = tuple(
        (Cell(outcome_name(locale, name)), Cell(_exact(value, locale))) for name, value in results.summary().items()
    )
    return Table(_("Totals of the period; displaced persons: on its last day"), (_("Outcome"), _("This run")), rows)


def _agreement(beside: RecordComparison, mission: Mission, locale: Locale) -> str:
    _ = locale.gettext
    if mission.facts.record is None:
        return _("Nothing to compare: this mission has no record.")
    if not beside.compared:
        end = mission.record_end.isoformat()
        return _("Nothing to compare: a range needs at least two seeds, and the record ends on {day}.", day=end)
    outside: dict[str, list[str]] = {}
    for row in beside.rows:
        if row.inside is False:
            outside.setdefault(_(row.quantity.strip()), []).append(str(row.end.year))
    values = {"n": beside.inside, "of": beside.compared}
    text = _("The record lies inside the 90 % range of the seeds in {n} of {of} lines.", **values)
    if not outside:
        return text
    listed = "; ".join(f"{quantity} ({', '.join(which)})" for quantity, which in outside.items())
    return f"{text} {_('Outside: {listed}.', listed=listed)}"


def _events(record: RunRecord, by: str, locale: Locale) -> tuple[str, ...]:
    """The events in which most died; earlier first among equals."""
    harm = deaths_of(record.events) if by == "killed" else column(record.events, by)
    worst = [n for n in np.argsort(-harm, kind="stable")[:DEADLIEST].tolist() if harm[n] > 0]
    return tuple(event_line(_event(record, n), locale) for n in worst) or (locale.gettext("none"),)


def _event(record: RunRecord, number: int) -> dict[str, Any]:
    """One event by its fields, with names in place of numbers."""
    event: dict[str, Any] = dict(zip(EVENT_FIELDS, record.events[number].tolist(), strict=True))
    names = record.names
    return event | {
        "date": record.scenario.mission.clock.date_of(event["day"]),
        "gid": names.gids[event["cell"]],
        "region": names.regions[event["region"]],
        "tactic": TACTICS[event["tactic"]],
        "actor": names.actors[event["actor"]],
    }


def _assumptions(results: Results, locale: Locale) -> str:
    """How many of the inputs are not published."""
    assumed = assumed_inputs(results.record.scenario)
    return locale.gettext(
        "{inputs} are assumed: {parameters} of {of} parameters, the paths of {measures}, and facts. The range of "
        "seeds is chance alone: it does not include how uncertain these inputs are.",
        inputs=locale.ngettext("{n} input", "{n} inputs", assumed.inputs),
        parameters=locale.number(len(assumed.parameters)),
        of=locale.number(assumed.of_parameters),
        measures=locale.ngettext("{n} measure", "{n} measures", len(assumed.measures)),
    )
