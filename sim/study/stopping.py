"""When a study is precise enough: the same answer for any number of workers, because it looks at whole prefixes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.results.panel import OUTCOME_NAMES
from sim.study.task import RunResult, RunTables

if TYPE_CHECKING:
    from sim.study.frame import StudyFrame

FIRST, STEP = 20, 10  # replications at the first look, and between looks: few looks bias the interval little
NORMAL_95 = 1.959963984540054


class Stopping:
    """Stops after the first 20, 30, 40, ... replications whose paired differences are as precise as asked.

    ``until`` is outcome -> half-width of the 95 % interval (chance alone) that no variant's mean difference to the
    baseline may exceed.
    """

    def __init__(self, until: Mapping[str, float], frame: StudyFrame) -> None:
        self._until = until
        self._variants, self._baseline = frame.variants, frame.baseline
        self._rows: dict[int, dict[str, list[float] | None]] = {}
        self._look = FIRST
        names = list(until)
        for row in frame.runs[frame.runs["status"] == "done"][["variant", "replication", *names]].itertuples(
            index=False
        ):
            self._rows.setdefault(int(row[1]), {})[row[0]] = [float(value) for value in row[2:]]

    def add(self, results: Sequence[RunResult]) -> None:
        """Take note of finished runs."""
        columns = [OUTCOME_NAMES.index(name) for name in self._until]
        for run in results:
            values = [float(run.kept.totals[n]) for n in columns] if isinstance(run.kept, RunTables) else None
            self._rows.setdefault(run.replication, {})[run.variant] = values

    def reached(self) -> int | None:
        """The number of replications that suffices, or None as far as is known."""
        while all(len(self._rows.get(n, ())) == len(self._variants) for n in range(self._look)):
            if all(self._precise(variant) for variant in self._variants if variant != self._baseline):
                return self._look
            self._look += STEP
        return None

    def _precise(self, variant: str) -> bool:
        pairs = [(self._rows[n][variant], self._rows[n][self._baseline]) for n in range(self._look)]
        difference = np.array([np.subtract(a, b) for a, b in pairs if a is not None and b is not None])
        if len(difference) < FIRST // 2:
            return False
        half_width = NORMAL_95 * difference.std(axis=0, ddof=1) / math.sqrt(len(difference))
        return bool((half_width <= list(self._until.values())).all())
