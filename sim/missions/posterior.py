"""The packaged posterior: sets of calibrated values that agree with the record, each with its weight.

Table ``posterior``: structure, weight, source, then a column per calibrated parameter and per year and region of the
threat path.  ``minusim calibrate`` makes it; the README of the pack says from which runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim._util import Unreadable, one_line, read_bytes
from sim.missions.parameters import Parameter

if TYPE_CHECKING:
    from sim.missions.mission import Mission

STRUCTURE, WEIGHT, SOURCE = "structure", "weight", "source"
LARGEST = 20_000_000  # bytes of a table
MOST_NAMES = 2_000
EDGE = 0.01  # share of a prior beyond which a value counts as at its end
GOLDEN = (5**0.5 - 1) / 2  # steps of the golden ratio fill the unit interval evenly, however many there are


NO_NUMBER = "posterior: every value must be a number, and weights must be positive"


class PosteriorError(ValueError):
    """A table that cannot be drawn from, in one line."""


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
        """As in the packaged table.  PosteriorError where there is no set, no number, or no weight above zero."""
        missing = {STRUCTURE, WEIGHT}.difference(frame.columns)
        if missing:
            raise PosteriorError(f"posterior: the column {min(missing)} is missing")
        if frame.empty:
            raise PosteriorError("posterior: the table has no sets")
        names = tuple(str(name) for name in frame.columns if name not in (STRUCTURE, WEIGHT, SOURCE))
        if len(names) > MOST_NAMES or frame.columns.has_duplicates:
            raise PosteriorError(f"posterior: more than {MOST_NAMES:,} values in a set, or one of them twice")
        try:
            sets, weights = frame[list(names)].to_numpy(np.float64), frame[WEIGHT].to_numpy(np.float64)
        except (ValueError, TypeError):
            raise PosteriorError(NO_NUMBER) from None
        if not np.isfinite(sets).all() or not np.isfinite(weights).all() or weights.min() < 0:
            raise PosteriorError(NO_NUMBER)
        if not 0 < weights.sum() < np.inf:
            raise PosteriorError(NO_NUMBER)
        return cls(names, sets, weights / weights.sum(), tuple(map(str, frame[STRUCTURE])), identity)

    def values(self, seed: int, replication: int) -> Mapping[str, float]:
        """The set of a replication: a function of seed and replication only."""
        return dict(zip(self.names, self.sets[self.index(seed, replication)].tolist(), strict=True))

    def narrowing(self, name: str, parameters: Mapping[str, Parameter]) -> float | None:
        """Sd of the posterior over that of the prior, where the prior is normal; None for what has no prior here."""
        row = parameters.get(name)
        if name not in self.names or row is None:
            return None
        from scipy.special import ndtri  # a run does not need it

        reached = [row.law.below(x) for x in self.sets[:, self.names.index(name)]]
        z = ndtri(np.clip(reached, EDGE, 1 - EDGE))
        middle = float(self.weights @ z)
        return float(np.sqrt(self.weights @ (z - middle) ** 2))

    def index(self, seed: int, replication: int) -> int:
        """Row of the set of a replication; weights are kept as evenly as the number of replications allows."""
        digest = hashlib.blake2b(f"posterior:{seed}".encode(), digest_size=8).digest()
        u = (int.from_bytes(digest, "little") / 2.0**64 + replication * GOLDEN) % 1.0
        return min(int(np.searchsorted(np.cumsum(self.weights), u, side="right")), len(self.weights) - 1)


@lru_cache(maxsize=8)
def packaged(mission: Mission, which: str) -> Posterior:
    """The posterior in the table ``which`` of a pack.  PosteriorError where it has none."""
    return read(mission.path(which))


def read(file: Path) -> Posterior:
    """The posterior in a CSV file, known by the sha256 of its bytes.  PosteriorError where it is none."""
    try:
        content = read_bytes(file, LARGEST, links=True)
        # from bytes: pandas would fetch addresses and unpack archives
        frame = pd.read_csv(BytesIO(content), keep_default_na=False, na_values=[""], low_memory=False)
    except Unreadable as problem:
        raise PosteriorError(f"{file}: {problem}") from None
    except (ValueError, OverflowError) as problem:
        raise PosteriorError(f"{file}: no table: {one_line(str(problem))[:200]}") from None
    return Posterior.from_frame(frame, hashlib.sha256(content).hexdigest())
