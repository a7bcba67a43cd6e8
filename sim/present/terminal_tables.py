"""Tables on stdout, as wide as the terminal, 100 columns where there is none."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

WIDTH = 100
SHORT = 23  # columns of shorter cells are never broken; the long ones share what is left,
NARROW = 24  # and words of up to this many letters are not broken there


def console(at_least: int = 0) -> Console:
    """A console on stdout that neither colours numbers nor reads names in brackets as styles."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    return Console(width=max(width, at_least), highlight=False, markup=False, emoji=False)


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Rows with the same keys as a table; numbers to the right; wider than the terminal rather than cut."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
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
