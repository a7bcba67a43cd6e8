"""What a policy costs beside what it saves: days of people and vehicles, hours flown, road, supply, and rates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.inference.comparison.pairs import Pairs
from sim.inference.comparison.precision import half_width
from sim.scenario.registry import COSTS, RATES, Rate

FloatArray = npt.NDArray[np.float64]


def rate_of(rate: Rate, read: Callable[[str], FloatArray]) -> FloatArray:
    """The rate of every run, float64 [pairs]; nan where there is none."""
    per = read(rate.per)
    total = sum((read(part) for part in rate.parts), start=np.zeros(len(per)))
    found: FloatArray = np.divide(total, per, out=np.full(len(per), np.nan), where=per > 0)
    return found * rate.factor


def costs(pairs: Pairs) -> pd.DataFrame:
    """variant, item, unit, baseline, value, difference, low, high (95 % Monte Carlo bounds of the mean difference)."""
    rows = [_row(pairs, name, row.unit, pairs.baseline(name), pairs.values(name)) for name, row in COSTS.items()]
    for name, rate in RATES.items():
        base, own = rate_of(rate, pairs.baseline), rate_of(rate, pairs.values)
        both = ~np.isnan(base) & ~np.isnan(own)
        rows.append(_row(pairs, name, rate.unit, base[both], own[both]))
    return pd.DataFrame(rows)


def _row(pairs: Pairs, name: str, unit: str, base: FloatArray, own: FloatArray) -> dict[str, object]:
    row: dict[str, object] = {"variant": pairs.variant, "item": name, "unit": unit}
    if len(own) == 0:
        return row | dict.fromkeys(("baseline", "value", "difference", "low", "high"), np.nan)
    mean, half = float((own - base).mean()), half_width(own - base)
    row |= {"baseline": float(base.mean()), "value": float(own.mean())}
    return row | {"difference": mean, "low": mean - half, "high": mean + half}
