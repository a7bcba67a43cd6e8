"""Several figures, each written in three formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.present.figures.style import save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Figures = Mapping[str, Callable[[], "Figure"]]  # name of the file -> who draws it


def draw(figures: Figures, folder: Path) -> list[Path]:
    """Write every figure as png, pdf and svg; the paths.  OSError where that is not possible."""
    return [path for name, figure in figures.items() for path in save(figure(), folder / name)]
