"""Averages free of the chance in single runs, from replications.

The square of an average over R replications holds 1/R of the variance of chance.  Products of two different
replications do not: averaged over all pairs they estimate the square of the expectation without bias.
"""

from __future__ import annotations

import numpy as np

from sim.inference.sensitivity.quantities import FloatArray


def product(a: FloatArray, b: FloatArray) -> FloatArray:
    """E[a] E[b] of [..., replications]: the mean of a_r b_s over all pairs r != s; two replications or more."""
    n = a.shape[-1]
    return np.asarray((a.sum(axis=-1) * b.sum(axis=-1) - (a * b).sum(axis=-1)) / (n * (n - 1)))


def square(a: FloatArray) -> FloatArray:
    """E[a] squared of [..., replications]."""
    return product(a, a)
