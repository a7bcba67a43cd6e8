"""The distribution of an average when each replication has its own draw of the uncertain parameters.

A replication gives value = average(draw) + chance.  Draw and chance change together from one replication to the next,
so they are separated by regression: replications with similar draws have similar values as far as the draws matter.
The model is one of variance components (restricted likelihood; in genetics, heritability from unrelated individuals):
average(draw) is additive in the normal scores of the drawn parameters, whose effects have a common normal prior.
``share`` is the part of the variance that is due to the draws; its posterior on a grid (flat prior) carries the
uncertainty of estimating it from n replications.  Effects that are not additive count as chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtr, stdtrit

FloatArray = npt.NDArray[np.float64]

LEVEL = 0.95
SHARES = np.linspace(0.0, 0.96, 25)
_LEAST_WEIGHT = 0.01  # of the largest: shares with less are left out
_UNLIKELY = 0.26  # relative likelihood of a share of zero below which a one-sided 5 % ratio test rejects it
_STEPS = 10  # by turns along a straight line and by halves: four digits of a probability


class Basis:
    """The draws of n replications, decomposed once for any number of values.

    ``scores``: float64 [n, drawn numbers], each column with mean 0 and variance 1; no columns without draws.
    """

    def __init__(self, scores: FloatArray) -> None:
        self.n, drawn = scores.shape
        self.vectors, self.weights = np.zeros((self.n, 0)), np.zeros(0)
        if drawn and self.n > 2:
            vectors, values, _ = np.linalg.svd(scores, full_matrices=False)
            kept = values > 1e-9 * values.max(initial=1.0)
            self.vectors, self.weights = vectors[:, kept], values[kept] ** 2 / drawn

    @property
    def draws(self) -> bool:
        """Whether any number was drawn."""
        return len(self.weights) > 0

    def shares(self) -> FloatArray:
        """The shares of variance that may belong to the draws."""
        return SHARES if self.draws else SHARES[:1]


@dataclass(frozen=True)
class Average:
    """The average of n values, as a distribution over draws.

    centres, scales: float64 [shares, n], Student distributions with n - 1 degrees of freedom, one for the draw of
    each replication; weights: float64 [shares].  All may stand for one draw where nothing was drawn.
    """

    values: FloatArray
    weights: FloatArray
    shares: FloatArray
    centres: FloatArray
    scales: FloatArray
    draws_matter: bool = False  # a share of zero is rejected

    @property
    def n(self) -> int:
        """Number of replications."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return float(self.values.mean()) if self.n else float("nan")

    @property
    def deviation(self) -> float:
        """Standard deviation of the values, draws and chance together; not a number for fewer than two."""
        return float(self.values.std(ddof=1)) if self.n > 1 else float("nan")

    @property
    def monte_carlo_error(self) -> float:
        """Standard error of the mean: the first spread, which more replications shrink."""
        return self.deviation / float(np.sqrt(self.n)) if self.n > 1 else float("nan")

    @property
    def share_of_draws(self) -> float:
        """Expected part of the variance of the values that belongs to the draws."""
        return float(self.weights @ self.shares)

    @cached_property
    def noise_averaged(self) -> FloatArray:
        """Expected average at the draw of each replication, float64 [n]."""
        return np.asarray(self.weights @ np.broadcast_to(self.centres, (len(self.weights), self.n)))

    @cached_property
    def chance(self) -> FloatArray:
        """What chance added to each replication, with the variance that chance has, float64 [n]."""
        rest = self.values - self.noise_averaged
        if self.n < 2:
            return rest
        size = rest.std()
        wanted = self.deviation * np.sqrt(max(1.0 - self.share_of_draws, 0.0))
        return np.asarray(rest * (wanted / size)) if size > 0 else rest

    def below(self, x: float) -> float:
        """Probability that the average at a draw lies below ``x``."""
        if not self._spread:
            return float(self.mean < x)
        return float(self.weights @ stdtr(self.n - 1, (x - self.centres) / self.scales).mean(axis=1))

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """The middle ``level`` of the average over draws."""
        if self.n < 2:
            return float("nan"), float("nan")
        if not self._spread:
            return self.mean, self.mean
        return self._quantile((1 - level) / 2), self._quantile((1 + level) / 2)

    @property
    def _spread(self) -> bool:
        return self.n > 1 and bool(self.scales.max(initial=0.0) > 0)

    def _quantile(self, probability: float) -> float:
        reach = float(stdtrit(self.n - 1, probability))
        ends = self.centres + reach * self.scales
        low, high = float(ends.min()), float(ends.max())
        under, over = self.below(low), self.below(high)
        for step in range(_STEPS):
            along = (probability - under) / (over - under) if step % 2 and over > under else 0.5
            middle = low + (high - low) * along
            reached = self.below(middle)
            if reached < probability:
                low, under = middle, reached
            else:
                high, over = middle, reached
        return low + (high - low) * (probability - under) / (over - under) if over > under else low


def average(values: FloatArray, basis: Basis) -> Average:
    """The average of ``values``, float64 [basis.n], without those parts of the posterior that have no weight."""
    shares = basis.shares()
    if len(values) < 2 or values.std() == 0:
        centre = np.full((1, 1), values.mean() if len(values) else np.nan)
        return Average(values, np.ones(1), np.zeros(1), centre, np.zeros((1, 1)))
    along, variances, total = _projected(values, basis, shares)
    weights = _posterior(along, variances, total, shares, len(values))
    matter = bool(weights[0] < _UNLIKELY * weights.max())
    kept = np.flatnonzero(weights > _LEAST_WEIGHT * weights.max())
    weights = weights[kept] / weights[kept].sum()
    centres, scales = _conditional(values, basis, shares[kept], along, variances[kept], total[kept])
    return Average(values, weights, shares[kept], centres, scales, matter)


def _projected(values: FloatArray, basis: Basis, shares: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Values along the directions of the draws; their relative variances and the weighted sum of squares by share."""
    centred = values - values.mean()
    along = basis.vectors.T @ centred
    variances = shares[:, None] * basis.weights + (1 - shares[:, None])
    rest = max(float(centred @ centred - along @ along), 0.0)
    return along, variances, (along**2 / variances).sum(axis=1) + rest / (1 - shares)


def _posterior(along: FloatArray, variances: FloatArray, total: FloatArray, shares: FloatArray, n: int) -> FloatArray:
    """Weight of each share: the restricted likelihood with the scale integrated out."""
    others = n - 1 - len(along)  # directions that the draws do not reach
    log = -0.5 * (np.log(variances).sum(axis=1) + others * np.log(1 - shares) + (n - 1) * np.log(total))
    return np.asarray(np.exp(log - log.max()))


def _conditional(
    values: FloatArray, basis: Basis, shares: FloatArray, along: FloatArray, variances: FloatArray, total: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Centre and scale of the average at each replication's draw, given the share; [shares, n], or [shares, 1]."""
    size = total / (basis.n - 1)  # variance of draws and chance together
    if not basis.draws:
        return np.full((len(shares), 1), values.mean()), np.sqrt(size / basis.n)[:, None]
    kept = shares[:, None] * basis.weights / variances
    centres = values.mean() + (kept * along) @ basis.vectors.T
    spread = (kept * (1 - shares[:, None])) @ (basis.vectors**2).T + 1 / basis.n
    return centres, np.sqrt(size[:, None] * spread)


@lru_cache(maxsize=8)
def normal_points(n: int) -> FloatArray:
    """The middles of ``n`` equally likely parts of the normal distribution, ascending, float64 [n]."""
    return np.asarray(ndtri((np.arange(n) + 0.5) / n))


def normal_scores(columns: FloatArray) -> FloatArray:
    """Columns, float64 [n, k], as normal scores of their ranks; columns that do not vary are left out."""
    varying = columns[:, np.ptp(columns, axis=0) > 0] if len(columns) else columns[:, :0]
    ranks = varying.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    scores = normal_points(len(columns))[ranks] if len(columns) else varying
    return np.asarray(scores / scores.std() if scores.size else scores)
