"""Figures of a run.  Matplotlib is imported when the first figure is drawn, and no window is ever opened."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.present.figures.notebook_axes import Drawn

if TYPE_CHECKING:
    from sim.results import Results
    from sim.results.summary import SeedSummary

__all__ = ["Drawn", "RunPlots"]


class RunPlots:
    """The figures of one run, ``results.plot``; each method returns the axes, and ``.figure`` of them is the figure.

    ``seeds`` are runs of the same scenario, which show the range of chance.  With a ``stem``, a figure is also written
    to ``stem``.png, or in the ``formats`` asked for: png, pdf, svg.
    """

    def __init__(self, results: "Results", seeds: "Sequence[SeedSummary]" = ()) -> None:
        self._record = results.record
        self._seeds = tuple(seeds)

    def timeline(self, stem: str | Path | None = None, formats: Sequence[str] = ("png",)) -> Drawn:
        """Seven panels over time beside the record."""
        from sim.present.figures.timeline import timeline

        return Drawn.of(timeline(self._record, self._seeds), stem, formats)

    def map(self, stem: str | Path | None = None, formats: Sequence[str] = ("png",)) -> Drawn:
        """Where peacekeepers and civilians were killed."""
        from sim.present.figures.map import map_of_harm

        return Drawn.of(map_of_harm(self._record, self._seeds), stem, formats)
