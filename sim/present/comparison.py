"""A comparison in Python: tables, tidy frames and figures of a study."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sim.inference.comparison.answer import Answer, answer
from sim.present.figures import Drawn

if TYPE_CHECKING:
    import pandas as pd

    from sim.study import StudyFrame


class Comparison:
    """What ``sim.compare`` returns.  ``frame`` is the study behind it."""

    def __init__(self, frame: StudyFrame) -> None:
        self.frame = frame

    @cached_property
    def answer(self) -> Answer:
        """The whole answer; computed when it is first asked for."""
        return answer(self.frame)

    def table(self) -> pd.DataFrame:
        """One row per variant and outcome: mean, low, high under the variant, pairs done and failed; baseline first."""
        import pandas as pd

        rows = [
            {"variant": self.frame.baseline, "outcome": name, "mean": mean, "low": low, "high": high}
            for name, (mean, low, high) in self.answer.baseline.items()
        ]
        names = {"variant_mean": "mean", "variant_low": "low", "variant_high": "high"}
        others = self.answer.table()[["variant", "outcome", *names, "pairs", "failed"]].rename(columns=names)
        return pd.concat([pd.DataFrame(rows), others], ignore_index=True)

    def differences(self) -> pd.DataFrame:
        """One row per variant and outcome: the difference, its spreads, its probability and its verdict."""
        return self.answer.table()

    def monthly(self) -> pd.DataFrame:
        """Tidy: scenario, variant, replication, month, region, outcome, value."""
        return self.frame.monthly()

    def save(self, folder: Path | str, formats: Sequence[str] = ("png",)) -> list[Path]:
        """Write tables, document and figures in each of ``formats`` (png, pdf, svg); the paths."""
        from sim.present.answer_files import save_answer
        from sim.present.figures.writer import save_comparison_figures

        tables = save_answer(self.answer, folder)
        return tables + save_comparison_figures(self.answer, Path(folder), formats)

    @property
    def plot(self) -> ComparisonPlots:
        """The figures."""
        return ComparisonPlots(self.answer)

    def __str__(self) -> str:
        from sim.present.terminal import answer_text

        return answer_text(self.answer)

    def _repr_html_(self) -> str:
        from sim.present.answer_view import answer_view
        from sim.present.html import render
        from sim.present.locale import ENGLISH

        return render("notebook.html", ENGLISH, view=answer_view(self.answer, ENGLISH))


class ComparisonPlots:
    """Figures of a comparison: each method returns the axes, ``.figure`` of them is the figure.

    With a ``stem``, a figure is also written to ``stem``.png, or in the ``formats`` asked for: png, pdf, svg.
    """

    def __init__(self, of: Answer) -> None:
        self._answer = of

    def forest(self, stem: str | Path | None = None, formats: Sequence[str] = ("png",)) -> Drawn:
        """Differences with their intervals."""
        from sim.present.figures.forest import forest

        return Drawn.of(forest(self._answer), stem, formats)

    def fan(
        self, outcome: str = "peacekeepers_killed", stem: str | Path | None = None, formats: Sequence[str] = ("png",)
    ) -> Drawn:
        """An outcome over time under each variant, with the record to 2020."""
        from sim.present.figures.fan import fan

        return Drawn.of(fan(self._answer, outcome), stem, formats)

    def map(
        self, variant: str | None = None, stem: str | Path | None = None, formats: Sequence[str] = ("png",)
    ) -> Drawn:
        """Where a variant (default: the one that differs most) has fewer and more killed."""
        from sim.present.figures.difference_map import difference_map

        return Drawn.of(difference_map(self._answer, variant), stem, formats)

    def frontier(self, stem: str | Path | None = None, formats: Sequence[str] = ("png",)) -> Drawn:
        """Lives of peacekeepers, lives of civilians and effort of all variants."""
        from sim.present.figures.frontier import frontier

        return Drawn.of(frontier(self._answer), stem, formats)
