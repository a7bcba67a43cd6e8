"""All figures of a comparison, written into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.plots.difference_map import difference_map
from sim.plots.fan import fan
from sim.plots.forest import forest
from sim.plots.frontier import frontier
from sim.plots.style import save

if TYPE_CHECKING:
    from sim.comparison import Answer


def save_figures(answer: Answer, folder: Path) -> list[Path]:
    """forest, fan-<outcome>, map-<variant> and frontier as png, pdf and svg; none where nothing can be compared."""
    if not answer.decompositions:
        return []
    figures = {"forest": forest(answer), "frontier": frontier(answer), "map": difference_map(answer)}
    figures[f"fan-{answer.main}"] = fan(answer, answer.main)
    return [path for name, figure in figures.items() for path in save(figure, folder / name)]
