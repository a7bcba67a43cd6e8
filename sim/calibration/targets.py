"""Targets of calibration: figures of the record, on scales on which their errors are nearly normal.

Counts of the mission are few, so their scale is the square root; deaths of the war, displaced and volumes vary by
factors, so theirs is the logarithm.  ``discrepancy`` is how far a model that leaves out as much as this one may be off
beside chance: an assumption, and the reason why a long record does not make anything certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from sim.calibration.evaluations import Runs
from sim.calibration.mission import MISSION, RECORD
from sim.calibration.observation import observations, observed
from sim.calibration.space import WAR, FloatArray

ROOT, LOG = "root", "log"
TRAINING, REFIT = RECORD.training_last_day.year, RECORD.last_day.year  # last years of the two windows
OF_MISSION = 0.05  # relative discrepancy of figures of the mission
OF_WAR = 0.15  # the same of figures of the war, seen through press and UCDP
LOG_OFFSET = {"ucdp": 20.0, "deaths_share": 0.02, "patrols": 0.1, "escorts": 0.1}  # keeps a zero finite
OFFSET = 5.0  # the same of persons and incidents
SINGLE = {  # series -> scale and relative discrepancy; a target for each of its years or days
    "killed": (ROOT, OF_MISSION),
    "wounded": (LOG, OF_MISSION),
    "ied": (LOG, 0.1),
    "ucdp": (LOG, OF_WAR),
    "displaced": (LOG, OF_WAR),
    "deaths_share": (LOG, 0.3),
    "patrols": (LOG, 0.1),
    "escorts": (LOG, 0.2),
}
SUMMED = (  # few a year: one target each
    "fatal_days", "fatal_days_2plus", "fatal_days_5plus", "accident", "illness",
    "attacks/ied", "attacks/ied_then_ambush", "attacks/direct_fire", "attacks/indirect_fire", "attacks/complex_attack",
    *(f"attacks_region/{region}" for region in MISSION.regions if region in WAR),
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A sum of figures of the record (``parts``), its scale, and its relative discrepancy."""

    name: str
    parts: tuple[str, ...]
    scale: str
    discrepancy: float

    def transformed(self, value: FloatArray) -> FloatArray:
        """A statistic on the scale of comparison."""
        if self.scale == ROOT:
            return np.asarray(2.0 * np.sqrt(value + 0.375))
        return np.asarray(np.log(value + LOG_OFFSET.get(_series(self.name), OFFSET)))

    @property
    def observed(self) -> float:
        """What the record says, on the scale of comparison."""
        return float(self.transformed(np.array(self.record)))

    @property
    def record(self) -> float:
        """Value of the record."""
        known = observed()
        return float(sum(known[part] for part in self.parts))

    @property
    def tolerance(self) -> float:
        """Standard deviation of the discrepancy on the scale of comparison."""
        return self.discrepancy * (float(np.sqrt(self.record + 0.375)) if self.scale == ROOT else 1.0)


@cache
def targets(last_year: int) -> tuple[Target, ...]:
    """All targets that lie in the window from the first day to the end of ``last_year``."""
    names = [item.name for item in observations().values() if item.end.year <= last_year]
    single = [Target(name, (name,), *SINGLE[_series(name)]) for name in names if _is_fitted(name)]
    sums = [
        Target(f"{prefix}/to {last_year}", tuple(parts), ROOT, OF_MISSION)
        for prefix in SUMMED
        if (parts := [name for name in names if name.startswith(f"{prefix}/")])
    ]
    tactics = [name for name in names if name.startswith("attacks/")]
    attacks = [
        Target(f"attacks/{year}", tuple(name for name in tactics if name.endswith(year)), ROOT, OF_MISSION)
        for year in sorted({name[-4:] for name in tactics})
    ]
    return (*single, *sums, *attacks)


def all_targets() -> tuple[Target, ...]:
    """The targets of both windows, each once."""
    return tuple({target.name: target for year in (TRAINING, REFIT) for target in targets(year)}.values())


def transformed(runs: Runs, chosen: Sequence[Target]) -> FloatArray:
    """Runs x targets on the scale of comparison."""
    columns = [target.transformed(runs.columns(target.parts).sum(axis=1)) for target in chosen]
    return np.column_stack(columns)


def _series(name: str) -> str:
    return name.split("/")[0]


def _is_fitted(name: str) -> bool:
    """Months are scored, not fitted.  Where deaths fell in the last years is fitted in the refit only, which is not
    scored: it ends after the training window."""
    if _series(name) == "deaths_share":
        return name.split("/")[1] in WAR
    return _series(name) in SINGLE and name.count("-") != 1
