"""Results of a few runs as the study that they are, without the tables of a store: quick enough for every slider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.app.policy import FIRST, SECOND
from sim.results.panel import OUTCOME_NAMES
from sim.study.frame import DONE, FAILED, FloatArray, InMemory, StudyFrame
from sim.study.tables import TOTALS
from sim.study.task import RunTables, draws_of

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.task import RunResult


@dataclass(frozen=True)
class Histories(StudyFrame):
    """A study of two policies, equal to what ``sim.study.collect`` makes of the same ``results``."""

    results: tuple[RunResult, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, scenario: Scenario, results: Sequence[RunResult]) -> Histories:
        """From runs in the order of policies and replications."""
        blank = np.full(len(TOTALS), np.nan)
        totals = [run.kept.totals if isinstance(run.kept, RunTables) else blank for run in results]
        about = {
            "variant": [run.variant for run in results],
            "replication": [run.replication for run in results],
            "status": [DONE if isinstance(run.kept, RunTables) else FAILED for run in results],
        }
        return cls(
            scenario=scenario,
            variants=(FIRST, SECOND),
            baseline=FIRST,
            runs=pd.DataFrame(np.array(totals), columns=list(TOTALS)).assign(**about),
            draws=draws_of(scenario).frame(sorted({run.replication for run in results})),
            detail=InMemory((), ()),
            results=tuple(results),
        )

    @cached_property
    def by_month(self) -> FloatArray:
        """All outcomes, [variant, replication, month, region, outcome]; NaN where a run failed."""
        panel = np.full(
            (*self._shape, len(self.months), len(self.scenario.mission.regions), len(OUTCOME_NAMES)), np.nan
        )
        for run in self.results:
            if isinstance(run.kept, RunTables):
                at = self.variants.index(run.variant), self.replications.index(run.replication)
                panel[*at, [self.months.index(month) for month in run.kept.months]] = run.kept.monthly
        return panel

    def panel(self, outcome: str) -> FloatArray:
        """One outcome as [variant, replication, month, region]; NaN where a run failed."""
        return np.asarray(self.by_month[..., OUTCOME_NAMES.index(outcome)])

    def national(self, outcome: str) -> FloatArray:
        """One outcome summed over regions, [variant, replication, month]; NaN where a run failed."""
        return np.asarray(self.panel(outcome).sum(axis=-1))
