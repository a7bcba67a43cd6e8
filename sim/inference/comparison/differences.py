"""Differences between a variant and the baseline, with their three kinds of uncertainty and a verdict in fixed words.

The spread of single runs is what chance does.  Without draws of uncertain parameters replications differ by chance
alone, so runs of different replications are compared.  With a draw for each replication, runs differ by their draw as
well; chance is then estimated within each run, from successive differences of its monthly totals (von Neumann), which
neither level nor trend enters.  Chance that persists for months is missed, so this spread is a lower bound, and the
probability that an effect would have been visible is an upper bound.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.inference.comparison.averages import LEVEL, Average, normal_points
from sim.inference.comparison.pairs import Pairs
from sim.scenario.registry import OUTCOMES

FloatArray = npt.NDArray[np.float64]
_SHIFTS = 40  # other replications that each run is compared with
_POINTS = 99  # quantiles of the normal distribution for each run
VERY_LIKELY, LIKELY = 0.90, 0.66  # least probability of each word
WIDE_POSTERIOR = 0.8  # posterior over prior standard deviation: above it, assumptions decide
CANNOT_TELL, RESTS_ON_ASSUMPTION, NO_DIFFERENCE = "cannot tell", "rests on assumption", "no difference"


@dataclass(frozen=True)
class Difference:
    """Variant minus baseline in one outcome.

    mean, low, high: the mean difference and the 95 % uncertainty of the average difference (over draws and
    replications); joint_low, joint_high: the same, holding for all variants at once.
    monte_carlo_error: standard error of the mean difference, which more replications shrink.
    chance_low, chance_high: 95 % interval of the difference between two runs of the same policy.
    history_low, history_high: 95 % interval of the difference between one run of each policy.
    probability_lower, probability_higher: that the noise-averaged difference is below, above zero.
    share_of_pairs_lower, share_of_pairs_equal: of the pairs themselves.
    correlation: between the members of a pair; variance_ratio: variance with independent seeds over that of pairs.
    visible: probability that one run of each policy differs by more than chance explains, in the direction of ``mean``.
    chance_at_least: whether the spread of single runs is a lower bound and ``visible`` an upper bound.
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
    alone = single_run_spread(pairs, outcome, variant, baseline, change.mean)
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
        verdict=verdict(lower, higher, uncertainty_sources(pairs, change, narrowed)),
    )


def uncertainty_sources(pairs: Pairs, change: Average, narrowed: float | None = None) -> UncertaintySources:
    """Where the uncertainty of this difference comes from."""
    rows = pairs.frame.scenario.mission.parameters
    drawn = [name for name in pairs.draws.columns if name not in rows or rows[name].status == "assumed"]
    return UncertaintySources(
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


@dataclass(frozen=True)
class SingleRunSpread:
    """Differences of two runs of the baseline (``alone``), and of one run each of variant and baseline (``history``).

    at_least: estimated within runs, and so a lower bound of the spread.
    """

    alone: FloatArray
    history: FloatArray
    at_least: bool

    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Middle 95 % of ``alone`` and of ``history``."""
        return _middle(self.alone), _middle(self.history)

    def visible(self, mean: float) -> float:
        """Probability that two runs differ by more than chance explains, in the direction of ``mean``."""
        if not len(self.history):
            return float("nan")
        low, high = _middle(self.alone)
        return float((self.history < low).mean() if mean < 0 else (self.history > high).mean())


def single_run_spread(pairs: Pairs, outcome: str, variant: Average, baseline: Average, mean: float) -> SingleRunSpread:
    """The spread of single runs of one outcome; ``mean`` is the mean difference."""
    if not pairs.basis.draws or not OUTCOMES[outcome].additive or len(pairs.frame.months) < 6:
        alone = _independent(baseline.chance, baseline.chance)
        return SingleRunSpread(alone, mean + _independent(variant.chance, baseline.chance), at_least=False)
    own, base = pairs.within(outcome)
    alone, history = (np.outer(np.sqrt(size), normal_points(_POINTS)).ravel() for size in (2 * base, own + base))
    return SingleRunSpread(alone, mean + history, at_least=True)


def _independent(one: FloatArray, other: FloatArray) -> FloatArray:
    """Differences between runs of different replications."""
    shifts = range(1, min(len(one), _SHIFTS + 1))
    return np.concatenate([one - np.roll(other, shift) for shift in shifts]) if len(one) > 1 else np.zeros(0)


def _middle(values: FloatArray) -> tuple[float, float]:
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


@dataclass(frozen=True)
class UncertaintySources:
    """Where the uncertainty of a difference comes from.

    swept: whether anything was drawn; draws_matter: whether the differences follow the draws; assumed: whether only
    assumed numbers were drawn; narrowed: posterior over prior standard deviation, None without both.
    """

    swept: bool
    draws_matter: bool
    assumed: bool
    narrowed: float | None = None


@dataclass(frozen=True)
class Verdict:
    """The word and the side: ``str()`` gives `very likely fewer`."""

    word: str
    side: str  # fewer, more, or nothing

    def __str__(self) -> str:
        return f"{self.word} {self.side}".strip()


def verdict(lower: float, higher: float, doubt: UncertaintySources) -> Verdict:
    """The verdict on a difference that is below zero with probability ``lower``, above zero with ``higher``.

    `rests on assumption` where nothing was swept, or where the sweep of assumed numbers decides the sign, or where a
    posterior is hardly narrower than the prior: there no probability is headlined.
    """
    if lower == 0.0 and higher == 0.0:
        return Verdict(NO_DIFFERENCE, "")
    single_run_spread = max(lower, higher)
    side = "fewer" if lower > higher else "more"
    if single_run_spread < LIKELY or single_run_spread != single_run_spread:
        return Verdict(CANNOT_TELL, "")
    if _rests_on_assumption(single_run_spread, doubt):
        return Verdict(RESTS_ON_ASSUMPTION, "")
    return Verdict("very likely" if single_run_spread >= VERY_LIKELY else "likely", side)


def _rests_on_assumption(single_run_spread: float, doubt: UncertaintySources) -> bool:
    if not doubt.swept:
        return True
    if doubt.narrowed is not None:
        return doubt.narrowed > WIDE_POSTERIOR
    return single_run_spread < VERY_LIKELY and doubt.draws_matter and doubt.assumed
