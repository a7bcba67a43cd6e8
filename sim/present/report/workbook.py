"""`comparison.xlsx`: an answer for planners in a spreadsheet, with a sheet on how to read it in both languages."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.present.answer_view import answer_view
from sim.present.codebook import comparison_codebook
from sim.present.labels import outcome_name
from sim.present.locale import LANGUAGES, N_, Locale
from sim.present.question import Question

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from sim.inference.comparison import Answer

NAME = "comparison.xlsx"
NARROWEST, WIDEST, PADDING = 10, 60, 2  # characters
BLUE = "FF0072B2"
FIRST = ("variant", "outcome", "mean", "low", "high", "verdict", "baseline_mean")  # columns to read before others
SHEETS = {"en": "Read me", "fr": "À lire"}
NOTES = (
    N_("Everything here is simulated, never observed, except the column “record” of the sheet “assumptions”."),
    N_("Sheet “answer”: a line for every policy and outcome; “mean” is the average difference from the baseline."),
    N_("“low” and “high” are the 95 % interval of that average: unknown parameters, not chance."),
    N_("“chance_low” and “chance_high” are what two runs of the same policy differ by: one real year proves little."),
    N_("Sheets “costs” and “regions”: what a policy spends, and where harm differs. Look at both before you choose."),
    N_("Sheet “assumptions”: the number on which a conclusion depends most, and the evidence that would settle it."),
    N_("Sheet “columns” explains every column."),
    N_("Not for live operations, and not for ranking contributors or judging a commander or a unit."),
)


def save_workbook(answer: Answer, folder: Path) -> Path:
    """Write the workbook; its path.  OSError where that is not possible."""
    path = folder / NAME
    workbook(answer).save(path)
    return path


def workbook(answer: Answer) -> Workbook:
    """The workbook of an answer."""
    from openpyxl import Workbook

    audit = Workbook()
    audit.remove(audit.worksheets[0])
    for language in LANGUAGES:
        _notes(audit.create_sheet(SHEETS[language]), answer, Locale(language))
    for name, table in _tables(answer).items():
        _fill(audit.create_sheet(name), table)
    return audit


def _tables(answer: Answer) -> dict[str, pd.DataFrame]:
    tables = answer.tables()
    table = tables["comparison"]
    return {
        "answer": table[[*FIRST, *(name for name in table.columns if name not in FIRST)]],
        **{name: tables[name] for name in ("costs", "regions", "displacement", "assumptions")},
        "columns": comparison_codebook().replace({"table": {"comparison": "answer"}}),
    }


def _notes(sheet: Worksheet, answer: Answer, locale: Locale) -> None:
    from openpyxl.styles import Alignment, Font

    _, view, question = locale.gettext, answer_view(answer, locale), Question.of(answer.frame.scenario, locale)
    headings = (question.title, view.headline, _("How to read it"), _("Outcomes"))
    lines = [question.title, question.period, view.question, view.headline, *view.notes, ""]
    lines += [_("How to read it"), *(_(note) for note in NOTES), view.legend, ""]
    lines += [_("Outcomes"), *(f"{name}: {outcome_name(locale, name)}" for name in answer.outcomes)]
    sheet.column_dimensions["A"].width = 110
    for number, line in enumerate(lines, 1):
        cell = sheet.cell(number, 1)
        _put(cell, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=line in headings)


def _fill(sheet: Worksheet, table: pd.DataFrame) -> None:
    """A table with its head frozen and a filter on it."""
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, name in enumerate(table.columns, 1):
        head = sheet.cell(1, column)
        _put(head, str(name))
        head.font, head.fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor=BLUE)
        values = [_simple(value) for value in table[name]]
        for row, value in enumerate(values, 2):
            cell = sheet.cell(row, column)
            _put(cell, value)
            if isinstance(value, float):
                cell.number_format = "#,##0.00" if abs(value) < 100 else "#,##0"
        longest = max((len(str(value)) for value in (name, *values) if not isinstance(value, float)), default=NARROWEST)
        sheet.column_dimensions[get_column_letter(column)].width = min(max(longest, NARROWEST), WIDEST) + PADDING
    sheet.freeze_panes = "C2"
    if len(table):
        sheet.auto_filter.ref = sheet.dimensions


def _simple(value: Any) -> Any:
    """As a cell takes it; what is not a finite number stays empty."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if isinstance(value, bool | int) or value is None else _listed(value)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _put(cell: Any, value: Any) -> None:
    """A value, never a formula: a name that begins with `=` is a name."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)
    cell.data_type = "s"
    cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
