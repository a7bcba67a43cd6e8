"""Tables by which objects show themselves in a notebook."""

import math
from collections.abc import Iterable, Sequence
from importlib.resources import files


def notebook_table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]], text: str = "") -> str:
    """A table below its caption as HTML, every string escaped; then a paragraph, where there is a text."""
    from jinja2 import Environment, FunctionLoader

    made = Environment(loader=FunctionLoader(_source), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = made.get_template("notebook.html")
    cells = [[_cell(value) for value in row] for row in rows]
    return template.render(caption=caption, head=head, rows=cells, text=text)


def _source(name: str) -> str:
    return (files("sim._util") / "templates" / name).read_text(encoding="utf-8")


def short_number(value: float) -> str:
    """A number as a table of totals shows it: whole from 100 on and where it is whole, else three digits."""
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def _cell(value: object) -> tuple[bool, str]:
    """Whether it is a number, which is set to the right, and its text."""
    if isinstance(value, int | float):
        return True, short_number(float(value))
    return False, str(value)
