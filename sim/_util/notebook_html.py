"""HTML by which objects show themselves in a notebook; every string is escaped."""

import math
from collections.abc import Iterable, Sequence
from html import escape

LEFT, RIGHT = "text-align:left", "text-align:right"


def html_table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table below its caption; numbers are set to the right with thousands apart, nothing where there is none."""
    columns = "".join(f"<th style='{LEFT}'>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    caption = f"<caption style='{LEFT}'>{escape(caption)}</caption>"
    return f"<table>{caption}<thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"


def html_paragraph(text: str) -> str:
    """A paragraph; nothing for no text."""
    return f"<p>{escape(text)}</p>" if text else ""


def shown(value: float) -> str:
    """A number as a table of totals shows it: whole from 100 on and where it is whole, else three digits."""
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def _cell(value: object) -> str:
    number = isinstance(value, int | float)
    text = shown(float(value)) if isinstance(value, int | float) else escape(str(value))
    return f"<td style='{RIGHT if number else LEFT}'>{text}</td>"
