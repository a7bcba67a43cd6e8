"""Figures as inline SVG in the language of the page, without the title and the source line that the page has itself."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from matplotlib.text import Text
from matplotlib.ticker import Formatter

from sim.present.figures.style import house_style
from sim.present.report.figure_translation import translated

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.present.locale import Tongue

FACES = "'DejaVu Sans', Verdana, 'Segoe UI', Arial, sans-serif"  # the first is what the figure was laid out with
_PANEL = re.compile(r"^(\$\\bf\{.\}\$\s+)(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Drawing:
    """A figure of a page; svg: markup of ours, whose texts Matplotlib escaped; unknown: texts left in English."""

    name: str
    caption: str
    svg: str
    unknown: tuple[str, ...]


def drawn(figure: Figure, name: str, caption: str, tongue: Tongue, named: Mapping[str, str]) -> Drawing:
    """The figure with its words in this language; ``named`` are the policies' names."""
    unknown: list[str] = []

    def say(text: str) -> str:
        panel = _PANEL.match(text)
        head, body = panel.groups() if panel else ("", text)
        found = translated(body, tongue, named)
        if found is None:
            unknown.append(body)
        return head + (body if found is None else found)

    _bare(figure)
    _speak(figure, say)
    return Drawing(name, caption, _svg(figure, name, caption), tuple(unknown))


def _bare(figure: Figure) -> None:
    """Without the title and the lines of sources: the page says both."""
    for text in figure.texts:
        text.set_visible(False)


def _speak(figure: Figure, say: Callable[[str], str]) -> None:
    """Every text that is fixed, then every axis, whose labels come when it is drawn."""
    axes = [axis for each in figure.axes for axis in (each.xaxis, each.yaxis)]
    ticks = {id(text) for axis in axes for text in axis.findobj(Text) if text is not axis.label}
    for text in figure.findobj(Text):
        if isinstance(text, Text) and id(text) not in ticks and text.get_visible() and text.get_text().strip():
            text.set_text(say(text.get_text()))
    for axis in axes:
        axis.set_major_formatter(Speaking(axis.get_major_formatter(), say))


class Speaking(Formatter):
    """The labels of another formatter, in another language."""

    def __init__(self, inner: Formatter, say: Callable[[str], str]) -> None:
        self._inner, self._say = inner, say

    def __call__(self, x: float, pos: int | None = None) -> str:
        """One label."""
        return self._said(self._inner(x, pos))

    def format_ticks(self, values: list[float]) -> list[str]:
        """The labels of all ticks."""
        return [self._said(text) for text in self._inner.format_ticks(values)]

    def get_offset(self) -> str:
        """What stands at the end of the axis."""
        return self._said(self._inner.get_offset())

    def set_locs(self, locs: list[float]) -> None:
        """Where the ticks are."""
        self._inner.set_locs(locs)

    def set_axis(self, axis: Any) -> None:
        """Whose labels these are."""
        super().set_axis(axis)
        self._inner.set_axis(axis)

    def _said(self, text: str) -> str:
        return self._say(text) if text.strip() else text


def _svg(figure: Figure, name: str, caption: str) -> str:
    """The figure as one element that scales; ids carry its name, because a page holds several."""
    page = io.StringIO()
    with house_style():
        figure.savefig(page, format="svg", bbox_inches="tight", pad_inches=0.02, metadata={"Date": None})
    text = page.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = text.replace("'DejaVu Sans'", FACES)
    head, rest = text.split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-label={quoteattr(caption)}><title>{escape(caption)}</title>{rest}'
