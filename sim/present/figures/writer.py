"""Several figures, each written in the formats that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sim.present.figures.style import FORMATS, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.inference.comparison import Answer

Figures = Mapping[str, Callable[[], "Figure"]]  # name of the file -> who draws it


def save_comparison_figures(answer: Answer, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """forest, fan-<outcome>, map and frontier in each of ``formats``; none where nothing can be compared."""
    from sim.present.figures.difference_map import difference_map
    from sim.present.figures.fan import fan
    from sim.present.figures.forest import forest
    from sim.present.figures.frontier import frontier

    if not answer.decompositions:
        return []
    figures: Figures = {
        "forest": partial(forest, answer),
        "frontier": partial(frontier, answer),
        "map": partial(difference_map, answer),
        f"fan-{answer.main}": partial(fan, answer, answer.main),
    }
    return draw(figures, folder, formats)


def draw(figures: Figures, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write every figure in each of ``formats``; the paths.  OSError where that is not possible."""
    return [path for name, figure in figures.items() for path in save(figure(), folder / name, formats)]
