"""Several figures, drawn and written side by side where there are processes for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sim.present.figures.style import save
from sim.study.executors import Each, in_order
from sim.study.pool import HERE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.study.executors import Executor

Figures = Mapping[str, Callable[[], "Figure"]]  # name of the file -> who draws it, which pickles


def draw(figures: Figures, folder: Path, executor: Executor = HERE) -> list[Path]:
    """Write every figure as png, pdf and svg; the paths.  OSError where that is not possible."""
    one_machine = HERE if executor.elsewhere else executor  # others need not reach the folder, nor have the same fonts
    drawn: Iterator[list[Path] | OSError] = in_order(one_machine, Each(partial(_drawn, figures, folder)), list(figures))
    paths: list[Path] = []
    for written in drawn:
        if isinstance(written, OSError):
            raise written
        paths += written
    return paths


def _drawn(figures: Figures, folder: Path, name: str) -> list[Path] | OSError:
    try:
        return save(figures[name](), folder / name)
    except OSError as problem:
        return problem
