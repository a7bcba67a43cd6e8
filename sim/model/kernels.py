"""Small compiled functions that several processes share: inverse CDFs, distances, decay.

Only scalar ``math`` functions are used in rules, so that plain Python gives the same numbers to the bit.
"""

import math
from collections.abc import Callable
from typing import Any

from numba import njit

EARTH_RADIUS_KM = 6371.0088

# Called from the compiled day only: without wrappers for Python they compile in half the time.  Without numba's memory
# runtime a kernel cannot allocate: one that tries fails to compile, which keeps the hot path free of it.
# In tests and plain Python use ``function.py_func``.
kernel: Callable[..., Any] = njit(  # type: ignore[call-overload]
    no_cpython_wrapper=True, no_cfunc_wrapper=True, no_rewrites=True, _nrt=False
)
# For what is called many times a day: a call would pass every column as seven numbers, and a loop over a column would
# not become vector instructions.
inlined_kernel: Callable[..., Any] = njit(  # type: ignore[call-overload]
    no_cpython_wrapper=True, no_cfunc_wrapper=True, no_rewrites=True, _nrt=False, forceinline=True
)
ROUNDING = 1.0e-12  # far above the rounding error of a probability, far below the smallest draw, 1.2e-10


@inlined_kernel
def could_happen(u, rate):
    """False only where ``happens`` is False for every rate up to this one: 1 - exp(-x) is never above x."""
    return u < rate + ROUNDING


@inlined_kernel
def happens(u, rate):
    """Whether the first event of a Poisson process with this rate falls within the day, at the draw u."""
    return u < rate + ROUNDING and u < 1.0 - math.exp(-rate)


@kernel
def poisson_inverse(u, mean):
    """The Poisson count at quantile u (0 < u < 1).  One uniform per count: no draw depends on another's rate."""
    if mean <= 0.0:
        return 0
    if mean > 60.0:
        return max(0, int(math.floor(mean + math.sqrt(mean) * normal_inverse(u) + 0.5)))
    if u < 1.0 - mean - ROUNDING:  # below exp(-mean), which need not be computed
        return 0
    term = math.exp(-mean)
    cumulative = term
    count = 0
    while u > cumulative and count < 1000:
        count += 1
        term *= mean / count
        cumulative += term
    return count


@kernel
def binomial_inverse(u, trials, p):
    """The binomial count at quantile u; a normal approximation above 60 expected events."""
    if trials <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return trials
    mean = trials * p
    if mean > 60.0 and trials - mean > 60.0:
        count = int(math.floor(mean + math.sqrt(mean * (1.0 - p)) * normal_inverse(u) + 0.5))
        return min(trials, max(0, count))
    if p > 0.5:
        return trials - binomial_inverse_low(1.0 - u, trials, 1.0 - p)
    return binomial_inverse_low(u, trials, p)


@kernel
def binomial_inverse_low(u, trials, p):
    """binomial_inverse for p <= 1/2 by summing the probabilities upwards."""
    if u < 1.0 - trials * p - ROUNDING:  # below (1 - p) ** trials
        return 0
    term = math.exp(trials * math.log1p(-p))
    odds = p / (1.0 - p)
    cumulative = term
    count = 0
    while u > cumulative and count < trials:
        term *= odds * (trials - count) / (count + 1)
        count += 1
        cumulative += term
    return count


@kernel
def normal_inverse(u):
    """The standard normal quantile (Acklam's rational approximation, relative error below 1.2e-9)."""
    if u < 0.02425:
        q = math.sqrt(-2.0 * math.log(u))
        return _tail(q)
    if u > 0.97575:
        q = math.sqrt(-2.0 * math.log(1.0 - u))
        return -_tail(q)
    q = u - 0.5
    r = q * q
    numerator = (
        (
            (((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.3577518672690) * r
            - 30.66479806614716
        )
        * r
        + 2.506628277459239
    ) * q
    denominator = (
        (((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r
        - 13.28068155288572
    ) * r + 1.0
    return numerator / denominator


@kernel
def _tail(q):
    numerator = (
        (((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q
        + 4.374664141464968
    ) * q + 2.938163982698783
    denominator = (
        ((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416
    ) * q + 1.0
    return numerator / denominator


@kernel
def heavy_tailed_count(u, scale, spread):
    """A count with a lognormal tail: floor(scale * exp(spread * z)); zero is an outcome of its own.

    Event sizes in organised violence are heavy-tailed (Bohorquez et al. 2009); whether power law or lognormal the
    record of this mission cannot tell.
    """
    if scale <= 0.0:
        return 0
    return int(math.floor(scale * math.exp(spread * normal_inverse(u))))


@kernel
def distance_km(lat_a, lon_a, lat_b, lon_b):
    """Great-circle distance."""
    phi_a = math.radians(lat_a)
    phi_b = math.radians(lat_b)
    half_phi = math.sin((phi_b - phi_a) / 2.0)
    half_lambda = math.sin(math.radians(lon_b - lon_a) / 2.0)
    chord = half_phi * half_phi + math.cos(phi_a) * math.cos(phi_b) * half_lambda * half_lambda
    return 2.0 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


@kernel
def clamp(x, low, high):
    """x limited to [low, high]."""
    return min(high, max(low, x))
