"""What `compare` says: the answer of `sim.compare`, or a plain table of paired differences without it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

if TYPE_CHECKING:
    from sim.study import StudyFrame

NORMAL_95 = 1.959963984540054


class Answer(Protocol):
    """An answer that can be read aloud, and the same as data."""

    def text(self) -> str:
        """For a terminal."""

    def json(self) -> dict[str, Any]:
        """For a program."""


def answer_of(frame: StudyFrame) -> Answer:
    """The answer that a study gives."""
    module = import_module("sim.compare") if find_spec("sim.compare") else None
    maker = getattr(module, "answer", PlainAnswer)
    return cast("Answer", maker(frame))


class PlainAnswer:
    """Means and paired differences with the 95 % interval of chance alone."""

    def __init__(self, frame: StudyFrame) -> None:
        self._frame = frame

    def text(self) -> str:
        """A line per variant and outcome."""
        lines = [f"Differences to {self._frame.baseline}, simulated; 95 % interval of chance alone."]
        for variant, outcomes in self.json()["variants"].items():
            for outcome, row in outcomes.items():
                d = row["difference"]
                lines.append(
                    f"{variant:24} {outcome:28} mean {row['mean']:12,.1f}   "
                    f"difference {d['mean']:+12,.1f} ({d['low']:+,.1f} to {d['high']:+,.1f})"
                )
        return "\n".join(lines)

    def json(self) -> dict[str, Any]:
        """Baseline, replications, failures, and each variant's outcomes."""
        frame = self._frame
        return {
            "baseline": frame.baseline,
            "replications": len(frame.replications),
            "failed": len(frame.failed),
            "variants": {name: {o: self._row(n, o) for o in frame.reported} for n, name in enumerate(frame.variants)},
        }

    def _row(self, variant: int, outcome: str) -> dict[str, Any]:
        values = self._frame.values(outcome)
        paired = values[variant] - values[self._frame.variants.index(self._frame.baseline)]
        return {**_interval(values[variant]), "difference": _interval(paired)}


def _interval(values: np.ndarray) -> dict[str, float | None]:
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return dict.fromkeys(("mean", "low", "high"), float(known[0]) if len(known) else 0.0)
    half = NORMAL_95 * float(known.std(ddof=1)) / len(known) ** 0.5
    mean = float(known.mean())
    return {"mean": mean, "low": mean - half, "high": mean + half}
