"""Sensitivity analysis: screening of every uncertain quantity, then Sobol' indices of the most important ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.inference.sensitivity.design import Design, FloatArray, Swept, Within, quantities, screening, sobol
from sim.inference.sensitivity.evaluations import Evaluated, Evaluations, Progress, claim_of, evaluate
from sim.inference.sensitivity.indices import Indices, most_important, screen, share_out
from sim.missions import Mission
from sim.study.store import StoreError
from sim.study.task import Blueprint, variants_of

if TYPE_CHECKING:
    from pathlib import Path

    from sim.scenario import Scenario
    from sim.study.executor import Executor


@dataclass(frozen=True)
class Size:
    """Trajectories of the screening, samples (a power of two) of the ``top`` quantities, replications of each point."""

    trajectories: int
    samples: int
    top: int
    replications: int


@dataclass(frozen=True)
class Output:
    """What is explained: an outcome under the baseline, or the difference of a variant to it."""

    outcome: str
    variant: str | None  # None: the baseline's own total

    @property
    def label(self) -> str:
        """A name for files."""
        return self.outcome if self.variant is None else f"{self.outcome}-{self.variant}"

    def values(self, found: Evaluated, baseline: str) -> FloatArray:
        """[rows, replications]; a difference is taken between runs with the same random numbers and values."""
        own = found.of(self.outcome, baseline)
        return own if self.variant is None else found.of(self.outcome, self.variant) - own


@dataclass(frozen=True)
class Explained:
    """Results for one output: its screening (all quantities) and its indices (the chosen ones)."""

    output: Output
    screened: pd.DataFrame
    indices: Indices


@dataclass(frozen=True)
class Sensitivity:
    """The analysis of a scenario.  ``chosen``: the quantities of the second step, most important first."""

    scenario: Scenario
    baseline: str
    within: Within
    size: Size
    swept: tuple[str, ...]
    chosen: tuple[str, ...]
    outputs: tuple[Explained, ...]
    failed: int

    def screening_table(self) -> pd.DataFrame:
        """A row per output and quantity."""
        return _stacked((each.output, each.screened) for each in self.outputs)

    def indices_table(self) -> pd.DataFrame:
        """A row per output and chosen quantity, and one for ``chance``; parts of the variance of single runs."""
        return _stacked((each.output, _with_chance(each.indices)) for each in self.outputs)


def default_within(mission: Mission) -> Within:
    """The posterior, where more than one set of values agrees with the record."""
    return "posterior" if mission.has_posterior and len(mission.posterior().sets) > 1 else "prior"


@dataclass(frozen=True)
class Analysis:
    """An analysis to be run: outcomes, swept quantities, and the folder of its runs."""

    scenario: Scenario
    outcomes: tuple[str, ...]
    within: Within
    size: Size
    swept: tuple[Swept, ...]
    kept: Evaluations

    @classmethod
    def begin(
        cls, scenario: Scenario, outcomes: tuple[str, ...], within: Within, size: Size, path: Path, resume: bool
    ) -> Analysis:
        """Claim the folder.  StoreError where it is not free; ScenarioError for what cannot be drawn."""
        known = scenario.mission.posterior() if within == "posterior" else None
        sources = {"within": within, "posterior": known.identity if known else ""}
        swept = quantities(scenario, variants_of(scenario).values(), known)
        return cls(scenario, outcomes, within, size, swept, Evaluations(path, claim_of(scenario, sources), resume))

    @property
    def baseline(self) -> str:
        """The variant that others are compared with."""
        return self.scenario.baseline or next(iter(variants_of(self.scenario)))

    def run(self, executor: Executor, progress: Mapping[str, Progress]) -> Sensitivity:
        """Run both steps.  ``progress``: step (screening, sobol) -> callback.  StoreError if too many runs failed."""
        blueprint, outputs = Blueprint.build(self.scenario), outputs_of(self.scenario, self.outcomes)

        def values(design: Design, step: str) -> Evaluated:
            size, tell = self.size.replications, progress[step]
            return evaluate(blueprint, design, size, self.kept, step, executor, tell)

        first = values(screening(self.swept, self.size.trajectories, self.scenario.seed), "screening")
        screened = self.screened(first.whole_blocks(), outputs)
        chosen = most_important(screened, self.size.top)
        if not chosen:
            raise StoreError("no quantity has an effect distinguishable from chance; ask for more --trajectories")
        second = values(self.second_step(chosen), "sobol")
        found = self.shared_out(second.whole_blocks(), outputs)
        return Sensitivity(
            scenario=self.scenario,
            baseline=self.baseline,
            within=self.within,
            size=self.size,
            swept=tuple(quantity.name for quantity in self.swept),
            chosen=chosen,
            outputs=tuple(Explained(*parts) for parts in zip(outputs, screened, found, strict=True)),
            failed=len(first.failed) + len(second.failed),
        )

    def second_step(self, chosen: Sequence[str]) -> Design:
        """The Sobol' design of the chosen quantities; the others rest."""
        by_name = {quantity.name: quantity for quantity in self.swept}
        resting = [quantity for quantity in self.swept if quantity.name not in chosen]
        return sobol([by_name[name] for name in chosen], resting, self.size.samples, self.scenario.seed)

    def screened(self, found: Evaluated, outputs: Sequence[Output]) -> list[pd.DataFrame]:
        """The screening of each output."""
        return [screen(found.design, each.values(found, self.baseline), self.scenario.seed) for each in outputs]

    def shared_out(self, found: Evaluated, outputs: Sequence[Output]) -> list[Indices]:
        """The indices of each output."""
        return [share_out(found.design, each.values(found, self.baseline), self.scenario.seed) for each in outputs]


def outputs_of(scenario: Scenario, outcomes: Sequence[str]) -> tuple[Output, ...]:
    """For each outcome the baseline's total, then the difference of each variant."""
    names = list(variants_of(scenario))
    baseline = scenario.baseline or names[0]
    others = [name for name in names if name != baseline]
    return tuple(Output(outcome, variant) for outcome in outcomes for variant in (None, *others))


def _with_chance(indices: Indices) -> pd.DataFrame:
    noise: dict[str, Any] = {"quantity": "chance", "first": indices.chance, "first_conf": indices.chance_conf}
    noise |= {"total": indices.chance, "total_conf": indices.chance_conf}
    table = pd.concat([indices.table, pd.DataFrame([noise])], ignore_index=True)
    return table.assign(standard_deviation=indices.variance**0.5)


def _stacked(parts: Any) -> pd.DataFrame:
    frames = [
        frame.assign(outcome=output.outcome, difference_of=output.variant or "", simulated=True)
        for output, frame in parts
    ]
    whole = pd.concat(frames, ignore_index=True)
    return whole[["outcome", "difference_of", *(name for name in whole if name not in ("outcome", "difference_of"))]]
