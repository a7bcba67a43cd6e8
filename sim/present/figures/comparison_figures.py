"""All figures of a comparison, written into a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.present.figures.difference_map import difference_map
from sim.present.figures.fan import fan
from sim.present.figures.forest import forest
from sim.present.figures.frontier import frontier
from sim.present.figures.writer import draw

if TYPE_CHECKING:
    from sim.inference.comparison import Answer

KINDS: Mapping[str, Callable[..., Figure]] = {"forest": forest, "frontier": frontier, "map": difference_map}


def save_figures(answer: Answer, folder: Path) -> list[Path]:
    """forest, fan-<outcome>, map-<variant> and frontier as png, pdf and svg; none where nothing can be compared."""
    if not answer.decompositions:
        return []
    figures = {name: partial(kind, answer) for name, kind in KINDS.items()}
    figures[f"fan-{answer.main}"] = partial(fan, answer, answer.main)
    return draw(figures, folder)
