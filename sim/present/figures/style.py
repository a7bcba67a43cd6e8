"""One house style for every figure: sizes, colours, the source line, and files.

Sizes are in millimetres.  Colours are those of Okabe and Ito (2008), which persons with any form of colour
vision can tell apart; what is simulated is blue or vermillion, what was observed is black.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import ScaledTranslation

COLUMN, PAGE = 89.0, 183.0  # mm, width of one and of two columns
MM = 1 / 25.4  # inch
DPI = 300
LETTER = 9.8  # points from a panel's letter to its title
FORMATS = ("png",)

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
SIMULATED, ONE_SEED, RECORD = BLUE, VERMILLION, BLACK
WITHHELD = "#EDEDED"
GREY = "#6E6E6E"

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "axes.titlesize": 7.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 4,
    "axes.titley": 1.0,  # given, or Matplotlib looks for ticks above every panel each time it draws
    "axes.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.0,
    "figure.titlesize": 9,
    "savefig.dpi": DPI,
    "pdf.fonttype": 42,  # letters stay text in the file
    "svg.fonttype": "none",
    "svg.hashsalt": "minusim",  # equal figures give equal files
}
# a file a quarter larger, in a third of the time
_WRITER: dict[str, Any] = {"png": {"pil_kwargs": {"compress_level": 2}}}
_NO_DATE = {"png": {}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, and leave Matplotlib's settings as they were."""
    with mpl.rc_context(STYLE):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many millimetres, without a window and outside Matplotlib's list of figures."""
    figure = Figure(figsize=(width * MM, height * MM), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def finish(figure: Figure, title: str, source: str, lines: int = 2) -> None:
    """Set the title and the source line, which takes so many lines of room below everything else.

    Comes last: panels of a grid get their room here, once.  A layout engine that stays on the figure would share it out
    twice more for each file.
    """
    height = figure.get_figheight() / MM  # mm
    head = figure.suptitle(title, x=0.01, y=1 - 1.5 / height, ha="left", va="top", weight="bold", parse_math=False)
    head.set_fontsize(float(head.get_fontsize()) * min(1.0, 0.98 * figure.bbox.width / head.get_window_extent().width))
    figure.text(0.01, 1.2 / height, source, fontsize=5.5, color=GREY, ha="left", va="bottom", linespacing=1.3)
    if any(axes.get_subplotspec() is not None for axes in figure.axes):
        below, above = (2.7 * lines + 1.5) / height, 6 / height
        ConstrainedLayoutEngine(rect=(0.005, below, 0.99, 1 - below - above)).execute(figure)


def axes_at(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place in millimetres from the lower left corner of the figure."""
    across, up = figure.get_figwidth() / MM, figure.get_figheight() / MM
    return figure.add_axes((left / across, bottom / up, width / across, height / up))


def panel_title(axes: Axes, letter: str, text: str) -> None:
    """A title with the panel's letter in bold before it."""
    title = axes.set_title(text, parse_math=False)
    bold = axes.text(
        0, 1, letter, transform=title.get_transform(), size=title.get_fontsize(), weight="bold", va="baseline"
    )
    bold.set_in_layout(False)
    # a title in which the letter is bold would be set as a formula, which takes a quarter of a map's time
    title.set_transform(title.get_transform() + ScaledTranslation(LETTER / 72, 0, axes.figure.dpi_scale_trans))


def save(figure: Figure, stem: str | Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write ``stem`` with each of these endings (png at 300 dpi, pdf, svg) and return the paths."""
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in formats]
    with house_style():
        for path, suffix in zip(paths, formats, strict=True):
            figure.savefig(path, format=suffix, dpi=DPI, metadata=_NO_DATE[suffix], **_WRITER.get(suffix, {}))
    return paths
