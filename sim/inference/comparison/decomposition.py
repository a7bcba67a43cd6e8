"""Shapley values, and the decomposition of a difference in peacekeepers killed into five factors, in persons.

killed = exposure x attacks per exposure x share of attacks with casualties x hits per such attack x share of hits
that kill, for patrols (exposure: patrol-days), convoys (km), camps and all other targets (personnel-days).  The part
of a factor is its Shapley value between the mean factors of the baseline and of the variant: the parts add up exactly,
no order of the factors is preferred, and a factor of zero needs no exception.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.inference.comparison.pairs import Pairs

FloatArray = npt.NDArray[np.float64]
FACTORS = ("exposure", "attacks per exposure", "casualty share", "hits per attack", "lethality")
EXPOSURE = {"patrols": "patrol_days", "convoys": "convoy_km", "camps": "personnel_days", "other": "personnel_days"}
TOTALS = ("attacks_on_mission", "attacks_with_casualties", "peacekeepers_hit", "peacekeepers_killed")
PARTS = ("attacks_on_{}", "attacks_on_{}_with_casualties", "hit_on_{}", "killed_on_{}")
_RESAMPLES = 1000
_FIXED = 20_130_701
MOST = 12  # players: 4,096 subsets


@dataclass(frozen=True)
class Decomposition:
    """parts: float64 [targets, factors], in persons; low, high: 95 % by resampling pairs, of the sums over targets."""

    variant: str
    targets: tuple[str, ...]
    parts: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def by_factor(self) -> FloatArray:
        """Persons by factor, which sum to the mean difference."""
        return np.asarray(self.parts.sum(axis=0))

    def frame(self) -> pd.DataFrame:
        """variant, factor, persons, low, high, and one column per target."""
        columns = {name: self.parts[row] for row, name in enumerate(self.targets)}
        head = {"variant": self.variant, "factor": FACTORS, "persons": self.by_factor}
        return pd.DataFrame({**head, "low": self.low, "high": self.high, **columns})


def decompose(pairs: Pairs) -> Decomposition:
    """The parts of the mean difference in peacekeepers_killed."""
    base = np.stack([_chain(pairs.baseline, name) for name in EXPOSURE])
    own = np.stack([_chain(pairs.values, name) for name in EXPOSURE])
    parts = product_parts(base.mean(axis=-1), own.mean(axis=-1))
    low = high = np.full(len(FACTORS), np.nan)
    if pairs.count > 1:
        means = [chain @ _resamples(pairs.count) for chain in (base, own)]  # [targets, 5, resamples]
        low, high = np.quantile(product_parts(*means).sum(axis=0), [0.025, 0.975], axis=-1)
    return Decomposition(pairs.variant, tuple(EXPOSURE), parts, low, high)


def product_parts(base: FloatArray, own: FloatArray) -> FloatArray:
    """Shares of each factor in the change of a product, [..., factors, ...] like the chains.

    base, own: [targets, 5, ...], the chain of totals from exposure to killed; factors are ratios of its neighbours.
    """
    one, other = _factors(base, own), _factors(own, base)
    subsets = np.arange(2 ** len(FACTORS))
    values = [_product(one, other, int(subset)) for subset in subsets]
    return np.moveaxis(shapley(np.stack(values)), 0, 1)


def _factors(chain: FloatArray, instead: FloatArray) -> FloatArray:
    """The factors of a chain; where one is undefined (nothing to divide by), that of the other chain, or zero."""
    mine, theirs = (_ratios(each) for each in (chain, instead))
    filled = np.where(np.isnan(mine), theirs, mine)
    return np.asarray(np.where(np.isnan(filled), 0.0, filled))


def _ratios(chain: FloatArray) -> FloatArray:
    above = np.where(chain[:, :-1] > 0, chain[:, :-1], np.nan)
    return np.concatenate([chain[:, :1], chain[:, 1:] / above], axis=1)


def _product(one: FloatArray, other: FloatArray, subset: int) -> FloatArray:
    held = np.array([subset >> factor & 1 for factor in range(len(FACTORS))], dtype=bool)
    shape = (1, -1, *([1] * (one.ndim - 2)))
    return np.asarray(np.where(held.reshape(shape), other, one).prod(axis=1))


def _chain(read: Callable[[str], FloatArray], target: str) -> FloatArray:
    """Exposure, attacks, attacks with casualties, hits, killed of one target, float64 [5, pairs]."""
    exposure = read(EXPOSURE[target])
    if target != "other":
        return np.stack([exposure, *(read(part.format(target)) for part in PARTS)])
    named = [name for name in EXPOSURE if name != "other"]
    known = [sum(read(part.format(name)) for name in named) for part in PARTS]
    return np.stack([exposure, *(read(total) - own for total, own in zip(TOTALS, known, strict=True))])


def _resamples(n: int) -> FloatArray:
    """Weights of resampled pairs, float64 [n, resamples]; the same for every variant."""
    counts = np.random.default_rng(_FIXED).multinomial(n, np.full(n, 1 / n), size=_RESAMPLES)
    return np.asarray(counts.T / n)


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
