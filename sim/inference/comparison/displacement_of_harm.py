"""Displacement of harm: differences by region and group of victims, and the share of averted harm that reappears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.inference.comparison.pairs import Pairs
from sim.inference.comparison.precision import half_width

FloatArray = npt.NDArray[np.float64]

VICTIMS = (
    "peacekeepers_killed",
    "peacekeepers_died_other",
    "contractors_killed",
    "civilians_killed",
    "malian_forces_killed",
    "partner_forces_killed",
    "fighters_killed",
)
FOLLOWED = ("peacekeepers_killed", "civilians_killed")


@dataclass(frozen=True)
class Displacement:
    """Of harm averted (by whichever policy has less of it), the share that reappears.

    elsewhere: as the same harm in the regions where it rises; on_others: as deaths of people of other groups,
    fighters left out.  NaN where the difference in the harm itself is not distinguishable from zero.
    """

    variant: str
    outcome: str
    elsewhere: float
    on_others: float
    others_low: float
    others_high: float


def by_region(pairs: Pairs) -> pd.DataFrame:
    """Mean differences with 95 % Monte Carlo bounds: variant, region, outcome, mean, low, high, clear.

    clear: beyond what the largest of all regions and outcomes would be by Monte Carlo error alone.
    """
    regions = pairs.frame.scenario.mission.regions
    level = 1 - 0.05 / (len(VICTIMS) * len(regions))  # at which 95 % of studies without effects show nothing
    rows = []
    for outcome in VICTIMS:
        change = regional(pairs, outcome)
        for number, region in enumerate(regions):
            mean, half = float(change[:, number].mean()), half_width(change[:, number])
            row = {"variant": pairs.variant, "region": region, "outcome": outcome}
            clear = abs(mean) > half_width(change[:, number], level)
            rows.append({**row, "mean": mean, "low": mean - half, "high": mean + half, "clear": clear})
    return pd.DataFrame(rows)


def regional(pairs: Pairs, outcome: str) -> FloatArray:
    """Paired differences of an additive outcome by region, float64 [pairs, region]."""
    frame = pairs.frame
    totals = frame.regions[..., frame.outcomes.index(outcome)]
    change = totals[frame.variants.index(pairs.variant)] - totals[frame.variants.index(frame.baseline)]
    return np.asarray(change[pairs.kept])


def displacement(pairs: Pairs, outcome: str) -> Displacement:
    """Where the difference in one kind of harm went."""
    main = pairs.values(outcome) - pairs.baseline(outcome)
    others = sum(
        (pairs.values(name) - pairs.baseline(name) for name in VICTIMS if name not in (outcome, "fighters_killed")),
        start=np.zeros(len(main)),
    )
    if not len(main) or abs(float(main.mean())) <= half_width(main):
        return Displacement(pairs.variant, outcome, *([float("nan")] * 4))
    low, high = _ratio_bounds(-others, main)
    return Displacement(
        pairs.variant, outcome, elsewhere(regional(pairs, outcome)), -others.mean() / main.mean(), low, high
    )


def elsewhere(change: FloatArray) -> float:
    """Share of a regional fall that comes back in other regions, from float64 [pairs, region].

    Which regions fall is judged on one half of the pairs and measured on the other, both ways round: judged and
    measured on the same pairs, noise alone would look like harm that moves.
    """
    sign = np.sign(change.mean())
    halves = change[::2] * sign, change[1::2] * sign
    averted = back = 0.0
    for judge, measure in (halves, halves[::-1]):
        falls = judge.mean(axis=0) > 0
        averted += float(measure.mean(axis=0)[falls].sum())
        back -= float(measure.mean(axis=0)[~falls].sum())
    return back / averted if averted > 0 else float("nan")


def _ratio_bounds(above: FloatArray, below: FloatArray) -> tuple[float, float]:
    """95 % bounds of a ratio of means by Fieller's theorem; infinite where the divisor may be zero."""
    n = len(above)
    if n < 3:
        return float("nan"), float("nan")
    reach = (half_width(below) / below.std(ddof=1)) ** 2 if below.std() > 0 else 0.0
    cov = np.cov(above, below) * reach
    a, b = float(above.mean()), float(below.mean())
    square, middle, rest = b * b - cov[1, 1], a * b - cov[0, 1], a * a - cov[0, 0]
    root = middle * middle - square * rest
    if square <= 0 or root < 0:
        return float("-inf"), float("inf")
    return (middle - np.sqrt(root)) / square, (middle + np.sqrt(root)) / square
