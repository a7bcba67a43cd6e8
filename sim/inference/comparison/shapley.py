"""Shapley values: a total shared among its causes so that the parts add up and equal causes get equal parts."""

from functools import lru_cache
from math import factorial

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MOST = 12  # players: 4,096 subsets


@lru_cache(maxsize=MOST)
def shapley_weights(players: int) -> FloatArray:
    """float64 [players, 2**players]: times the values of all subsets, the share of each player.

    Subset s holds player i where bit i of s is set.
    """
    if not 1 <= players <= MOST:
        raise ValueError(f"{players} players; 1 to {MOST}")
    subsets = np.arange(2**players)
    member = (subsets[None, :] >> np.arange(players)[:, None]) & 1 == 1
    size = member.sum(axis=0)
    joins = [factorial(k) * factorial(players - k - 1) / factorial(players) for k in range(players)]
    weight = np.array([*joins, 0.0])  # of joining a subset of k others
    return np.asarray(np.where(member, weight[size - 1], -weight[size]))


def shapley(values: FloatArray) -> FloatArray:
    """Shares [players, ...] of the values of all subsets, [2**players, ...]; they sum to the last less the first."""
    players = len(values).bit_length() - 1
    if len(values) != 2**players:
        raise ValueError(f"{len(values)} subsets; a power of two")
    return np.asarray(np.tensordot(shapley_weights(players), values, axes=1))
