"""The packaged posterior: sets of calibrated values that agree with the record, each with its weight.

Table ``posterior``: structure, weight, source, then a column per calibrated parameter and per year and region of the
threat path.  ``minusim calibrate`` makes it; sim/data/README.md says from which runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.data import path, table
from sim.parameters import parameters

STRUCTURE, WEIGHT, SOURCE = "structure", "weight", "source"
EDGE = 0.01  # share of a prior beyond which a value counts as at its end
GOLDEN = (5**0.5 - 1) / 2  # steps of the golden ratio fill the unit interval evenly, however many there are


@dataclass(frozen=True)
class Posterior:
    """``sets`` (sets x names) with ``weights`` that sum to one and the rival ``structures`` that they come from."""

    names: tuple[str, ...]
    sets: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    structures: tuple[str, ...]
    identity: str

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, identity: str = "") -> Posterior:
        """As in the packaged table.  ValueError where there is no set, no number, or no weight above zero."""
        if frame.empty:
            raise ValueError("posterior: the table has no sets")
        names = tuple(str(name) for name in frame.columns if name not in (STRUCTURE, WEIGHT, SOURCE))
        sets = frame[list(names)].to_numpy(np.float64)
        weights = frame[WEIGHT].to_numpy(np.float64)
        if not np.isfinite(sets).all() or not np.isfinite(weights).all() or weights.min() < 0 or weights.sum() <= 0:
            raise ValueError("posterior: every value must be a number, and weights must be positive")
        return cls(names, sets, weights / weights.sum(), tuple(map(str, frame[STRUCTURE])), identity)

    def values(self, seed: int, replication: int) -> Mapping[str, float]:
        """The set of a replication: a function of seed and replication only."""
        return dict(zip(self.names, self.sets[self.index(seed, replication)].tolist(), strict=True))

    def narrowing(self, name: str) -> float | None:
        """Sd of the posterior over that of the prior, where the prior is normal; None for what has no prior here."""
        row = parameters().get(name)
        if name not in self.names or row is None:
            return None
        quantile = NormalDist().inv_cdf
        z = np.array(
            [quantile(min(max(row.law.below(x), EDGE), 1 - EDGE)) for x in self.sets[:, self.names.index(name)]]
        )
        middle = float(self.weights @ z)
        return float(np.sqrt(self.weights @ (z - middle) ** 2))

    def index(self, seed: int, replication: int) -> int:
        """Row of the set of a replication; weights are kept as evenly as the number of replications allows."""
        digest = hashlib.blake2b(f"posterior:{seed}".encode(), digest_size=8).digest()
        u = (int.from_bytes(digest, "little") / 2.0**64 + replication * GOLDEN) % 1.0
        return min(int(np.searchsorted(np.cumsum(self.weights), u, side="right")), len(self.weights) - 1)


@cache
def packaged(which: str = "posterior") -> Posterior:
    """The posterior that comes with this version; ``posterior_training`` knows the record to 2018 only."""
    identity = hashlib.sha256(path(which).read_bytes()).hexdigest()
    return Posterior.from_frame(table(which), identity)
