"""One difference: a variant against the baseline in one outcome, its three spreads kept apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.inference.comparison.averages import LEVEL, Average
from sim.inference.comparison.chance import chance
from sim.inference.comparison.confidence_words import Doubt, Verdict, verdict
from sim.inference.comparison.pairs import Pairs
from sim.missions.parameters import parameters

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """Variant less baseline.

    mean, low, high: the mean difference and the 95 % uncertainty of the average difference (over draws and
    replications); joint_low, joint_high: the same, holding for all variants at once.
    monte_carlo_error: standard error of the mean difference, which more replications shrink.
    chance_low, chance_high: 95 % of what two histories of the same policy differ by (spread of single histories).
    history_low, history_high: 95 % of what one history of each policy would differ by.
    probability_lower, probability_higher: that the noise-averaged difference is below, above zero.
    share_of_pairs_lower, share_of_pairs_equal: of the pairs themselves.
    correlation: between the members of a pair; variance_ratio: variance with independent seeds over that of pairs.
    visible: probability that one history of each policy differs by more than chance explains, on the right side.
    chance_at_least: whether the spread of single histories is a lower bound and ``visible`` an upper one (see chance).
    share_of_draws: part of the variance of the paired differences that belongs to what was drawn.
    """

    variant: str
    outcome: str
    pairs: int
    failed: int
    baseline_mean: float
    variant_mean: float
    variant_low: float
    variant_high: float
    mean: float
    low: float
    high: float
    joint_low: float
    joint_high: float
    monte_carlo_error: float
    chance_low: float
    chance_high: float
    history_low: float
    history_high: float
    probability_lower: float
    probability_higher: float
    share_of_pairs_lower: float
    share_of_pairs_equal: float
    correlation: float
    variance_ratio: float
    visible: float
    chance_at_least: bool
    share_of_draws: float
    swept_low: float
    swept_high: float
    verdict: Verdict

    def row(self) -> dict[str, Any]:
        """As a row of the table, the verdict as its words."""
        return {**asdict(self), "verdict": str(self.verdict)}


def difference(pairs: Pairs, outcome: str, joint_level: float = LEVEL, narrowed: float | None = None) -> Difference:
    """The difference of one outcome.  ``narrowed``: posterior over prior standard deviation, where both are known."""
    own, base = pairs.values(outcome), pairs.baseline(outcome)
    change, variant, baseline = pairs.average(own - base), pairs.average(own), pairs.average(base)
    (low, high), (joint_low, joint_high) = change.interval(), change.interval(joint_level)
    lower, higher = _probabilities(change)
    alone = chance(pairs, outcome, variant, baseline, change.mean)
    (bounds, range_of_one), own_bounds = alone.bounds(), variant.interval()
    known = change.noise_averaged if change.n else np.full(1, np.nan)
    return Difference(
        variant=pairs.variant,
        outcome=outcome,
        pairs=pairs.count,
        failed=pairs.failed,
        baseline_mean=baseline.mean,
        variant_mean=variant.mean,
        variant_low=own_bounds[0],
        variant_high=own_bounds[1],
        mean=change.mean,
        low=low,
        high=high,
        joint_low=min(low, joint_low),
        joint_high=max(high, joint_high),
        monte_carlo_error=change.monte_carlo_error,
        chance_low=bounds[0],
        chance_high=bounds[1],
        history_low=range_of_one[0],
        history_high=range_of_one[1],
        probability_lower=lower,
        probability_higher=higher,
        share_of_pairs_lower=float((own < base).mean()) if change.n else float("nan"),
        share_of_pairs_equal=float((own == base).mean()) if change.n else float("nan"),
        correlation=_correlation(own, base),
        variance_ratio=_variance_ratio(own, base),
        visible=alone.visible(change.mean),
        chance_at_least=alone.at_least,
        share_of_draws=change.share_of_draws,
        swept_low=float(known.min()),
        swept_high=float(known.max()),
        verdict=verdict(lower, higher, doubt_of(pairs, change, narrowed)),
    )


def doubt_of(pairs: Pairs, change: Average, narrowed: float | None = None) -> Doubt:
    """Where the uncertainty of this difference comes from."""
    rows = parameters()
    drawn = [name for name in pairs.draws.columns if name not in rows or rows[name].status == "assumed"]
    return Doubt(
        swept=pairs.basis.draws,
        draws_matter=change.draws_matter,
        assumed=len(drawn) == len(pairs.draws.columns),
        narrowed=narrowed,
    )


def _probabilities(change: Average) -> tuple[float, float]:
    """Below and above zero; both zero where no pair differs."""
    if not change.n:
        return float("nan"), float("nan")
    if not change.values.any():
        return 0.0, 0.0
    lower = change.below(0.0)
    return lower, 1.0 - lower


def _correlation(own: FloatArray, base: FloatArray) -> float:
    if len(own) < 3 or own.std() == 0 or base.std() == 0:
        return float("nan")
    return float(np.corrcoef(own, base)[0, 1])


def _variance_ratio(own: FloatArray, base: FloatArray) -> float:
    if len(own) < 3:
        return float("nan")
    paired = float((own - base).var(ddof=1))
    apart = float(own.var(ddof=1) + base.var(ddof=1))
    return apart / paired if paired > 0 else float("inf") if apart > 0 else float("nan")
