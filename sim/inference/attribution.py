"""Attribution of deaths averted by a package to its measures, by Shapley values over all subsets.

Every subset of the measures is a variant, run with the same random numbers and draws.  The share of a measure is what
it averts when it is added, averaged over all orders of adding the measures: shares sum to what the package averts, and
measures with equal effects get equal shares.  Shares are linear in the outcomes, so they are computed within each
replication, and their average is treated like any paired difference (``sim.inference.comparison.averages``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import yaml

from sim.scenario import MEASURES, ScenarioError, restored

if TYPE_CHECKING:
    import pandas as pd

    from sim.inference.comparison.averages import Average
    from sim.scenario import Scenario
    from sim.study import StudyFrame

FloatArray = npt.NDArray[np.float64]

MOST = 7  # measures: 128 variants
NONE, ALL = "none", "all together"


def package(scenario: Scenario) -> tuple[str, ...]:
    """The measures of the baseline that are off in some variant; all in force where there are none."""
    base = scenario.variant(scenario.baseline) if scenario.baseline else scenario
    others = [scenario.variant(name) for name in scenario.variants]
    switched = [name for name in MEASURES if base.measures[name] and any(not o.measures[name] for o in others)]
    return tuple(switched or (name for name in MEASURES if base.measures[name]))


def factorial(scenario: Scenario, measures: Sequence[str]) -> Scenario:
    """The scenario with one variant for every subset of ``measures``; the rest of its baseline stays as it is.

    ScenarioError for no measures, too many, unknown ones, or one that is off in the baseline.
    """
    base = scenario.variant(scenario.baseline) if scenario.baseline else scenario
    _check(base, measures)
    tree: dict[str, Any] = yaml.safe_load(base.to_yaml())
    tree |= {"variants": {}, "baseline": NONE, "replications": scenario.replications}
    tree["outcomes"] = list(scenario.outcomes)
    for subset in range(2 ** len(measures)):
        off = {name: None for bit, name in enumerate(measures) if not subset >> bit & 1}
        tree["variants"][subset_name(measures, subset)] = {"measures": off} if off else {}
    return restored(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True), f"{scenario.name}-attribution")


def subset_name(measures: Sequence[str], subset: int) -> str:
    """The variant of a subset, bit i of which holds measure i: `with_101` has the first and the third; or `none`."""
    return "with_" + "".join("01"[subset >> bit & 1] for bit in range(len(measures))) if subset else NONE


def factorial_measures(scenario: Scenario) -> tuple[str, ...]:
    """The measures of a factorial study in the order of its names; none where the variants are not all subsets."""
    nothing = scenario.variants.get(NONE)
    off = nothing.get("measures") if nothing else None
    names = tuple(off) if isinstance(off, Mapping) else ()
    wanted = {subset_name(names, subset) for subset in range(2 ** len(names))}
    return names if names and wanted == set(scenario.variants) and set(names) <= set(MEASURES) else ()


def _check(base: Scenario, measures: Sequence[str]) -> None:
    if not 1 <= len(set(measures)) == len(measures) <= MOST:
        raise ScenarioError(f"measures: {len(measures)} to share among; 1 to {MOST} different ones")
    for name in measures:
        if name not in MEASURES:
            raise ScenarioError(f"measures: unknown measure {name!r}; it is one of {', '.join(MEASURES)}")
        if not base.measures[name]:
            raise ScenarioError(f"measures: {name} is off in the baseline; there is nothing to share")


@dataclass(frozen=True)
class Share:
    """Deaths (or other harm) that one measure averts: on average over orders, on its own, and as the last one added."""

    measure: str
    averted: float
    low: float
    high: float
    monte_carlo_error: float
    probability_harms: float
    alone: float
    last: float


@dataclass(frozen=True)
class Attribution:
    """Shares of one outcome, which sum to ``total``."""

    frame: StudyFrame
    outcome: str
    shares: tuple[Share, ...]
    total: Share

    def table(self) -> pd.DataFrame:
        """One row per measure, then the package."""
        import pandas as pd

        return pd.DataFrame([vars(share) for share in (*self.shares, self.total)])


def attribute(frame: StudyFrame, measures: Sequence[str], outcome: str) -> Attribution:
    """Shares of these measures in their ``factorial`` study, whose order they have.

    Only replications that ended under every subset count.
    """
    # here, so that the names of a package cost neither pandas nor SciPy
    from sim.inference.comparison.averages import Basis, average, normal_scores
    from sim.inference.comparison.decomposition import shapley

    order = [frame.variants.index(subset_name(measures, subset)) for subset in range(2 ** len(measures))]
    totals = frame.values(outcome)[order]
    whole = ~np.isnan(totals).any(axis=0)
    averted = totals[0, whole] - totals[:, whole]
    draws = frame.draws.reindex(np.asarray(frame.replications)[whole]).to_numpy(dtype=np.float64)
    basis = Basis(normal_scores(draws))
    parts = shapley(averted)
    everything = averted[-1]
    shares = []
    for bit, name in enumerate(measures):
        alone, last = averted[1 << bit], everything - averted[(len(order) - 1) ^ (1 << bit)]
        shares.append(_share(name, average(parts[bit], basis), alone, last))
    total = _share(ALL, average(everything, basis), everything, everything)
    return Attribution(frame, outcome, tuple(shares), total)


def _share(name: str, known: Average, alone: FloatArray, last: FloatArray) -> Share:
    low, high = known.interval()
    return Share(
        measure=name,
        averted=known.mean,
        low=low,
        high=high,
        monte_carlo_error=known.monte_carlo_error,
        probability_harms=known.below(0.0) if known.values.any() else 0.0,
        alone=float(alone.mean()) if len(alone) else float("nan"),
        last=float(last.mean()) if len(last) else float("nan"),
    )
