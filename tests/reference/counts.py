"""Whole numbers and choices from one uniform each, and distances: the forms that several rules use.

Sums are written out, in order: the built-in ``sum`` of newer Pythons corrects for rounding, compiled loops do not.
"""

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

EARTH_RADIUS_KM = 6371.0088


def chance(rate: float) -> float:
    """Probability that a thing with this rate a day happens today."""
    return 1.0 - math.exp(-rate)


def faded(days: float) -> float:
    """What is left after a day of a memory of so many days."""
    return math.exp(-1.0 / days)


def added(values: Iterable[float]) -> float:
    """The sum, from left to right."""
    total = 0.0
    for value in values:
        total += value
    return total


def chosen(u: float, options: Sequence[T], weights: Sequence[float]) -> T:
    """One of the options in proportion to weights; the total must be positive."""
    goal = u * added(weights)
    reached = 0.0
    for option, weight in zip(options, weights, strict=True):
        reached += weight
        if reached >= goal:
            return option
    return options[-1]


def limited(x: float, low: float, high: float) -> float:
    """x kept within [low, high]."""
    return min(high, max(low, x))


def poisson(u: float, mean: float) -> int:
    """The Poisson count at quantile u; a normal approximation above a mean of 60."""
    if mean <= 0.0:
        return 0
    if mean > 60.0:
        return max(0, math.floor(mean + math.sqrt(mean) * normal(u) + 0.5))
    term = math.exp(-mean)
    cumulative = term
    count = 0
    while u > cumulative and count < 1000:
        count += 1
        term *= mean / count
        cumulative += term
    return count


def binomial(u: float, trials: int, p: float) -> int:
    """The binomial count at quantile u; a normal approximation above 60 expected events of either kind."""
    if trials <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return trials
    mean = trials * p
    if mean > 60.0 and trials - mean > 60.0:
        return min(trials, max(0, math.floor(mean + math.sqrt(mean * (1.0 - p)) * normal(u) + 0.5)))
    if p > 0.5:
        return trials - _few(1.0 - u, trials, 1.0 - p)
    return _few(u, trials, p)


def _few(u: float, trials: int, p: float) -> int:
    """The binomial count for p up to one half, by adding up probabilities."""
    term = math.exp(trials * math.log1p(-p))
    odds = p / (1.0 - p)
    cumulative = term
    count = 0
    while u > cumulative and count < trials:
        term *= odds * (trials - count) / (count + 1)
        count += 1
        cumulative += term
    return count


def heavy_tailed(u: float, scale: float, spread: float) -> int:
    """floor(scale x exp(spread x z)) with z standard normal at quantile u, so that 0 is frequent."""
    if scale <= 0.0:
        return 0
    return math.floor(scale * math.exp(spread * normal(u)))


# Acklam's rational approximation of the normal quantile, coefficients from the highest power down
CENTRE_ABOVE = (
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.3577518672690, -30.66479806614716, 2.506628277459239,
)  # fmt: skip
CENTRE_BELOW = (
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1.0,
)  # fmt: skip
TAIL_ABOVE = (
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
)  # fmt: skip
TAIL_BELOW = (0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1.0)


def normal(u: float) -> float:
    """The standard normal quantile."""
    if u < 0.02425:
        q = math.sqrt(-2.0 * math.log(u))
        return _polynomial(q, TAIL_ABOVE) / _polynomial(q, TAIL_BELOW)
    if u > 0.97575:
        q = math.sqrt(-2.0 * math.log(1.0 - u))
        return -(_polynomial(q, TAIL_ABOVE) / _polynomial(q, TAIL_BELOW))
    q = u - 0.5
    r = q * q
    return _polynomial(r, CENTRE_ABOVE) * q / _polynomial(r, CENTRE_BELOW)


def _polynomial(x: float, coefficients: Sequence[float]) -> float:
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


def distance_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_phi = math.sin((phi_b - phi_a) / 2.0)
    half_lambda = math.sin(math.radians(lon_b - lon_a) / 2.0)
    chord = half_phi * half_phi + math.cos(phi_a) * math.cos(phi_b) * half_lambda * half_lambda
    return 2.0 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))
