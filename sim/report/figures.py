"""Figures as inline SVG in the language of the page, without the title and the source line that the page has itself."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.report.figure_words import translated

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.report.tongue import Tongue

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
        head, body = _PANEL.match(text).groups() if _PANEL.match(text) else ("", text)
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
    from matplotlib.text import Text

    ticks = {
        id(text)
        for axes in figure.axes
        for axis in _axes_of(axes)
        for text in axis.findobj(Text)
        if text is not axis.label
    }
    for text in figure.findobj(Text):
        if id(text) not in ticks and text.get_visible() and text.get_text().strip():
            text.set_text(say(text.get_text()))
    for axes in figure.axes:
        for axis in _axes_of(axes):
            axis.set_major_formatter(_formatter(axis.get_major_formatter(), say))


def _axes_of(axes: Axes) -> tuple[object, object]:
    return axes.xaxis, axes.yaxis


def _formatter(inner: object, say: Callable[[str], str]) -> object:
    from matplotlib.ticker import Formatter

    class Speaking(Formatter):
        """The labels of another formatter, in another language."""

        def __call__(self, x: float, pos: int | None = None) -> str:
            return _label(inner(x, pos), say)

        def format_ticks(self, values: list[float]) -> list[str]:
            return [_label(text, say) for text in inner.format_ticks(values)]

        def get_offset(self) -> str:
            return _label(inner.get_offset(), say)

        def set_locs(self, locs: list[float]) -> None:
            inner.set_locs(locs)

        def set_axis(self, axis: object) -> None:
            super().set_axis(axis)
            inner.set_axis(axis)

    return Speaking()


def _label(text: str, say: Callable[[str], str]) -> str:
    return say(text) if text.strip() else text


def _svg(figure: Figure, name: str, caption: str) -> str:
    """The figure as one element that scales; ids carry its name, because a page holds several."""
    from xml.sax.saxutils import escape, quoteattr

    from sim.plots.style import house_style

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
