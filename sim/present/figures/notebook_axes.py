"""What a plot method gives back: the axes of a figure, which show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI, WIDTH = 200, 760  # of the picture in a notebook, and the pixels it is shown at


class Drawn(tuple["Axes", ...]):
    """The panels of one figure in the order of their letters; change them as you like and look again."""

    __slots__ = ()

    @classmethod
    def of(cls, figure: Figure, stem: str | Path | None = None, formats: Sequence[str] = ("png",)) -> Drawn:
        """The panels, which are the axes with a title; if ``stem`` is given, it is written in these formats."""
        from sim.present.figures.style import save

        if stem is not None:
            save(figure, stem, formats)
        return cls(axes for axes in figure.axes if axes.get_title("left"))

    @property
    def figure(self) -> Figure:
        """The figure, with its title, legend and source line."""
        figure = self[0].get_figure(root=True)
        assert figure is not None  # noqa: S101  # these axes were taken from one
        return figure

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        from sim.present.figures.style import house_style

        picture = BytesIO()
        with house_style():
            self.figure.savefig(picture, format="png", dpi=DPI)
        return picture.getvalue(), {"width": WIDTH}
