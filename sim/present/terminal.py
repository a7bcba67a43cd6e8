"""Layout for a terminal: tables and paragraphs of at most 100 columns, or as wide as the terminal."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from textwrap import fill
from typing import TYPE_CHECKING, Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable

from sim.present.locale import ENGLISH

if TYPE_CHECKING:
    from sim.inference.attribution import Attribution
    from sim.inference.comparison import Answer
    from sim.present.answer_view import AnswerView
    from sim.present.locale import Locale
    from sim.present.tables import Cell, Table

WIDTH = 100
SHORT = 23  # columns of shorter cells are never broken; the long ones share what is left,
NARROW = 24  # and words of up to this many letters are not broken there
REGIONS = 12  # regions shown; all are in the report and the tables


def answer_text(answer: Answer, locale: Locale = ENGLISH) -> str:
    """Everything that the terminal shows of an answer, without colours."""
    from sim.present.answer_view import answer_view

    view = answer_view(answer, locale)
    parts = [paragraph(view.question), paragraph(" ".join((view.headline, *view.notes)))]
    if view.compared:
        parts += [*map(table_text, view.differences), table_text(view.decomposition), _displacement(view, locale)]
        parts += [*map(table_text, view.costs), table_text(view.rates)]
    return "\n\n".join([*parts, "\n".join(map(paragraph, (*view.precision, view.legend)))])


def _displacement(view: AnswerView, locale: Locale) -> str:
    _ = locale.gettext
    parts = [_("Displacement of harm"), *(paragraph(line, indent=2) for line in view.displacement)]
    if view.regions is None:
        return "\n".join(
            [*parts, "  " + _("No region or group of victims differs by more than its Monte Carlo error.")]
        )
    rows = view.regions.rows
    parts += ["", table_text(replace(view.regions, rows=rows[:REGIONS]))]
    if len(rows) > REGIONS:
        parts.append(_("{n} more in the report and in regions.csv.", n=len(rows) - REGIONS))
    return "\n".join(parts)


def attribution_text(found: Attribution, locale: Locale = ENGLISH) -> str:
    """Attribution as a sentence and a table."""
    from sim.present.answer_view import share_sentence, share_table

    parts = [paragraph(share_sentence(found, locale)), table_text(share_table(found, locale))]
    if not len(found.frame.draws.columns):
        text = locale.gettext("Assumed numbers were held at one value each: intervals are Monte Carlo error alone.")
        parts.append(paragraph(text))
    return "\n".join(parts) + "\n"


def paragraph(text: str, indent: int = 0) -> str:
    """Text in lines of 100 columns, the later ones indented further."""
    return fill(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * 2 * indent)


def table_text(table: Table) -> str:
    """A table as plain text of at most 100 columns."""
    page = io.StringIO()
    plain: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False, "color_system": None}
    Console(file=page, width=WIDTH, force_jupyter=False, **plain).print(_laid_out(table))
    return "\n".join(line.rstrip() for line in page.getvalue().rstrip().splitlines())


def _laid_out(table: Table) -> RichTable:
    made = RichTable(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, title=table.caption, title_style="")
    made.title_justify = "left"
    for number, name in enumerate(table.head):
        justify: Literal["left", "right"] = "left" if table.words or number == 0 else "right"
        made.add_column(name, justify=justify, overflow="fold")
    for number, row in enumerate(table.rows):
        if number in table.gaps:
            made.add_row()
        made.add_row(*map(_lines, row))
    return made


def _lines(cell: Cell) -> str:
    return "\n".join((cell.text, *cell.below))


def console(at_least: int = 0) -> Console:
    """A console on stdout that neither colours numbers nor reads names in brackets as styles."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    return Console(width=max(width, at_least), highlight=False, markup=False, emoji=False)


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Rows with the same keys as a table; numbers to the right; wider than the terminal rather than cut."""
    table = RichTable(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    needed = 0
    for number, (name, value) in enumerate(rows[0].items() if rows else ()):
        cells = [name, *(_cell(row[name]) for row in rows)]
        longest, word = max(map(len, cells)), max(len(word) for cell in cells for word in cell.split())
        whole = number == 0 or longest <= SHORT
        width = longest if whole else min(word, NARROW)
        justify: Literal["left", "right"] = "right" if isinstance(value, int | float) else "left"
        table.add_column(name, justify=justify, no_wrap=whole, min_width=width, overflow="fold")
        needed += width + 2
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console(needed).print(table)


def _cell(value: object) -> str:
    if value is None or value != value:  # NaN is the number that differs from itself
        return ""
    if isinstance(value, float):
        return f"{value:,.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
