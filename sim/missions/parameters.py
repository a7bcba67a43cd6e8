"""The table of parameters: name, value, range, unit, prior, status and source of every number in the model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from sim.missions.mission import Mission


@dataclass(frozen=True)
class Prior:
    """What is thought of a number before the record is seen: a law between ``low`` and ``high``."""

    law: str  # triangular (with its mode), loguniform or uniform
    low: float
    mode: float
    high: float

    def quantile(self, u: float) -> float:
        """Inverse of the distribution function, 0 < u < 1."""
        import numpy as np

        return float(self.quantiles(np.array([u]))[0])

    def quantiles(self, u: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The same for many."""
        import numpy as np  # a scenario is read without it

        width = self.high - self.low
        if width <= 0.0:
            return np.full(u.shape, self.low)
        if self.law == "loguniform":
            return np.asarray(self.low * np.exp(u * math.log(self.high / self.low)))
        if self.law == "uniform":
            return np.asarray(self.low + u * width)
        rise = self.mode - self.low
        left = self.low + np.sqrt(u * width * rise)
        right = self.high - np.sqrt((1.0 - u) * width * (self.high - self.mode))
        return np.where(u * width < rise, left, right)

    def below(self, value: float) -> float:
        """The distribution function: how much of the prior lies below a value."""
        width = self.high - self.low
        if width <= 0.0 or value <= self.low:
            return 0.0
        if value >= self.high:
            return 1.0
        if self.law == "loguniform":
            return math.log(value / self.low) / math.log(self.high / self.low)
        if self.law == "uniform":
            return (value - self.low) / width
        if value < self.mode:
            return (value - self.low) ** 2 / (width * (self.mode - self.low))
        return 1.0 - (self.high - value) ** 2 / (width * (self.high - self.mode))


@dataclass(frozen=True)
class Parameter:
    """One number.  ``status`` is reported, calibrated or assumed; low and high are what sensitivity analysis sweeps."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    prior: str
    status: str
    source: str
    note: str

    @property
    def law(self) -> Prior:
        """The prior; the mode of a triangular one is the value unless it says another, as in triangular(0.3)."""
        name, _, mode = self.prior.rstrip(")").partition("(")
        return Prior(name, self.low, float(mode) if mode else self.value, self.high)


def read_parameters(mission: Mission) -> dict[str, Parameter]:
    """Every parameter of a mission by name, in the order of names (that of the vector ``p`` in a compiled day)."""
    rows = [_parse(row) for row in mission.parameter_rows()]
    return {row.name: row for row in sorted(rows, key=lambda row: row.name)}


def _parse(row: dict[str, str]) -> Parameter:
    return Parameter(
        name=row["name"],
        value=float(row["value"]),
        low=float(row["low"]),
        high=float(row["high"]),
        unit=row["unit"],
        prior=row["prior"],
        status=row["status"],
        source=row["source"],
        note=row["note"],
    )
