"""`comparison.xlsx`: an answer for planners in a spreadsheet, with a sheet on how to read it in both languages."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.present.locale import LANGUAGES, Tongue, noted
from sim.present.report.columns import comparison_codebook
from sim.present.report.labels import name_of
from sim.present.report.policy_names import labels
from sim.present.report.sentences import headline

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from sim.inference.comparison import Answer

NAME = "comparison.xlsx"
NARROWEST, WIDEST, PADDING = 10, 60, 2  # characters
BLUE = "FF0072B2"
FIRST = ("variant", "outcome", "mean", "low", "high", "verdict", "baseline_mean")  # columns to read before others
SHEETS = {"en": "Read me", "fr": "À lire"}
NOTES = noted(
    "Everything in this workbook is simulated, never observed, except the column “record” of the sheet “assumptions”.",
    "Sheet “answer”: a line for every policy and outcome; “mean” is the average difference to the baseline.",
    "“low” and “high” are the 95 % interval of that average: what is not known. More replications do not shrink it.",
    "“chance_low” and “chance_high” are what two histories of one and the same policy differ by: one real year "
    "proves little.",
    "“verdict”: very likely from 90 %, likely from 66 %. “Rests on assumption”: numbers that nobody has published "
    "decide it, or were not swept; do not quote a probability.",
    "Sheets “costs” and “regions”: what a policy spends, and where harm differs. Look at both before you choose.",
    "Sheet “assumptions”: the parameter that decides a conclusion, and the data that would resolve it.",
    "Sheet “columns” explains every column.",
    "Not for live operations, and not for ranking contributors or judging a commander or a unit.",
)  # fmt: skip


def save_workbook(answer: Answer, folder: Path) -> Path:
    """Write the workbook; its path.  OSError where that is not possible."""
    path = folder / NAME
    workbook(answer).save(path)
    return path


def workbook(answer: Answer) -> Workbook:
    """The workbook of an answer."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for language in LANGUAGES:
        _notes(book.create_sheet(SHEETS[language]), answer, Tongue(language))
    for name, table in _tables(answer).items():
        _fill(book.create_sheet(name), table)
    return book


def _tables(answer: Answer) -> dict[str, pd.DataFrame]:
    assumptions = pd.DataFrame([asdict(audit) for audit in answer.audits])
    table = answer.table()
    return {
        "answer": table[[*FIRST, *(name for name in table.columns if name not in FIRST)]],
        "costs": answer.costs,
        "regions": answer.regions,
        "displacement": pd.DataFrame([asdict(part) for part in answer.displacements]),
        "assumptions": assumptions,
        "columns": comparison_codebook().replace({"table": {"comparison": "answer"}}),
    }


def _notes(sheet: Worksheet, answer: Answer, tongue: Tongue) -> None:
    from openpyxl.styles import Alignment, Font

    scenario = answer.frame.scenario
    said = headline(answer, tongue, labels(answer.frame, tongue))
    period = tongue.say(
        "{first} to {last}, Mali", first=tongue.day(scenario.period.start), last=tongue.day(scenario.period.end)
    )
    title = scenario.title or scenario.name
    lines = [tongue.say(title) if tongue.knows(title) else title, period, said.lead, *said.notes, ""]
    lines += [tongue.say("How to read it"), *(tongue.say(note) for note in NOTES), ""]
    lines += [tongue.say("Outcomes"), *(f"{name}: {name_of(tongue, name)}" for name in answer.outcomes)]
    sheet.column_dimensions["A"].width = 110
    for number, line in enumerate(lines, 1):
        cell = sheet.cell(number, 1)
        _put(cell, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(bold=number in (1, 3) or line in (tongue.say("How to read it"), tongue.say("Outcomes")))


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
