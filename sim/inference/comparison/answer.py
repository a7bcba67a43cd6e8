"""The answer to a study: every difference with its spreads, what it is made of, where harm went, what it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.inference.comparison.assumptions_audit import (
    AssumptionsAudit,
    audit_conclusions,
    deciding_draw,
    posterior_narrowing,
)
from sim.inference.comparison.averages import LEVEL
from sim.inference.comparison.costs import costs
from sim.inference.comparison.decomposition import Decomposition, decompose
from sim.inference.comparison.differences import Difference, difference
from sim.inference.comparison.displacement_of_harm import FOLLOWED, Displacement, by_region, displacement
from sim.inference.comparison.pairs import Pairs
from sim.inference.comparison.precision import simultaneous_level

if TYPE_CHECKING:
    from sim.study import StudyFrame

FloatArray = npt.NDArray[np.float64]

MAIN = "peacekeepers_killed"


@dataclass(frozen=True)
class Answer:
    """Differences of every variant but the baseline, in the order of the scenario, and what explains them."""

    frame: StudyFrame
    outcomes: tuple[str, ...]
    differences: tuple[Difference, ...]
    decompositions: tuple[Decomposition, ...]
    displacements: tuple[Displacement, ...]
    audits: tuple[AssumptionsAudit, ...]
    regions: pd.DataFrame
    costs: pd.DataFrame
    baseline: dict[str, tuple[float, float, float]]  # outcome -> mean, low, high

    def of(self, variant: str, outcome: str) -> Difference:
        """One difference.  KeyError where there is none."""
        for row in self.differences:
            if (row.variant, row.outcome) == (variant, outcome):
                return row
        raise KeyError(f"no difference of {variant} in {outcome}")

    @property
    def main(self) -> str:
        """The outcome of the headline: the first one reported."""
        return MAIN if MAIN in self.outcomes else self.outcomes[0]

    @property
    def compared(self) -> tuple[str, ...]:
        """The variants but the baseline."""
        return tuple(name for name in self.frame.variants if name != self.frame.baseline)

    def table(self) -> pd.DataFrame:
        """One row per variant and outcome, columns as in ``Difference``."""
        names = list(Difference.__dataclass_fields__)
        return pd.DataFrame([row.row() for row in self.differences], columns=names)

    def most_different(self) -> Difference | None:
        """The largest difference in the main outcome; None without pairs."""
        rows = [row for row in self.differences if row.outcome == self.main and row.pairs > 0]
        return max(rows, key=lambda row: abs(row.mean)) if rows else None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Name -> table, as they are written: one row per variant and what the table is about."""
        return {
            "comparison": self.table(),
            "decomposition": self._stacked([part.frame() for part in self.decompositions]),
            "regions": self.regions,
            "costs": self.costs,
            "displacement": pd.DataFrame([asdict(part) for part in self.displacements]),
            "assumptions": pd.DataFrame([asdict(part) for part in self.audits]),
        }

    @staticmethod
    def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def answer(frame: StudyFrame, prior: StudyFrame | None = None) -> Answer:
    """The answer of a study.  ``prior``: the same study under the prior, where ``frame`` was drawn from a posterior."""
    read: dict[str, FloatArray] = {}
    others = [Pairs(frame, name, read) for name in frame.variants if name != frame.baseline]
    outcomes = tuple(frame.reported)
    levels = {name: _joint_level(frame, name) for name in outcomes}
    deciding = {pairs.variant: {name: deciding_draw(pairs, name) for name in outcomes} for pairs in others}
    rows = [
        difference(pairs, name, levels[name], _narrowed(pairs, prior, name, deciding[pairs.variant][name][0]))
        for pairs in others
        for name in outcomes
    ]
    followed = [name for name in FOLLOWED if name in outcomes]
    asked = [pairs for pairs in others if pairs.count]
    return Answer(
        frame=frame,
        outcomes=outcomes,
        differences=tuple(rows),
        decompositions=tuple(decompose(pairs) for pairs in asked),
        displacements=tuple(displacement(pairs, name) for pairs in asked for name in followed),
        audits=tuple(audit for pairs in asked for audit in audit_conclusions(pairs, deciding[pairs.variant])),
        regions=Answer._stacked([by_region(pairs) for pairs in asked]),
        costs=Answer._stacked([costs(pairs) for pairs in asked]),
        baseline=_baseline(frame, outcomes),
    )


def _joint_level(frame: StudyFrame, outcome: str) -> float:
    """The level of single intervals at which those of all variants hold together."""
    totals = frame.values(outcome)
    base = frame.variants.index(frame.baseline)
    changes = np.delete(totals - totals[base], base, axis=0)
    done = changes[:, ~np.isnan(changes).any(axis=0)]
    return simultaneous_level(done) if len(done) else LEVEL


def _narrowed(pairs: Pairs, prior: StudyFrame | None, outcome: str, deciding: str) -> float | None:
    """Standard deviation of the noise-averaged difference over that under the prior.

    Without a study under the prior: of ``deciding``, the drawn number that decides the difference, which is what
    assumption means here; None where no single number does, or where nothing was drawn from a posterior.
    """
    if prior is None:
        scenario = pairs.frame.scenario
        drawn = scenario.uncertainties.kind == "posterior"
        return posterior_narrowing(scenario.mission, deciding) if drawn else None
    before = Pairs(prior, pairs.variant)
    widths = []
    for each in (pairs, before):
        low, high = each.average(each.values(outcome) - each.baseline(outcome)).interval()
        widths.append(high - low)
    return widths[0] / widths[1] if widths[1] > 0 else None


def _baseline(frame: StudyFrame, outcomes: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    pairs = Pairs(frame, frame.baseline)
    known = {}
    for name in outcomes:
        level = pairs.average(pairs.values(name))
        known[name] = (level.mean, *level.interval())
    return known
