"""Figures as inline SVG, without the title and the source line that a page has itself."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.present.figures.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FACES = "'DejaVu Sans', Verdana, 'Segoe UI', Arial, sans-serif"  # the first is what the figure was laid out with


@dataclass(frozen=True)
class Drawing:
    """A figure of a page; svg: an element whose texts Matplotlib escaped."""

    name: str
    caption: str
    svg: str


def inline(figure: Figure, name: str, caption: str) -> Drawing:
    """The figure as one element that scales; its ids begin with ``name``, because a page holds several figures."""
    for text in figure.texts:
        text.set_visible(False)
    page = io.StringIO()
    with house_style():
        figure.savefig(page, format="svg", bbox_inches="tight", pad_inches=0.02, metadata={"Date": None})
    svg = page.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    return Drawing(name, caption, svg.replace("'DejaVu Sans'", FACES))
