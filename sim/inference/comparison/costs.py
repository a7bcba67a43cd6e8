"""What a policy costs beside what it saves: days of people and vehicles, hours flown, road, supply, and rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.inference.comparison.pairs import Pairs
from sim.inference.comparison.precision import half_width
from sim.scenario.outcomes import OUTCOMES
from sim.study.exposure import EXTRAS

FloatArray = npt.NDArray[np.float64]

COSTS = (
    "effort_person_days",
    "effort_shortfall",
    "training_days",
    "standby_days",
    "liaison_days",
    "personnel_days",
    "patrol_days",
    "convoy_km",
    "convoys_completed",
    "supply_shortfall",
    "vehicle_days",
    "protected_vehicle_days",
    "flight_hours",
    "evacuation_hours",
    "alert_hours",
    "treatment_minutes",
)
RATE_UNIT = "deaths per 1,000 personnel-years"
_THOUSAND_YEARS = 365.25 * 1000  # person-days


@dataclass(frozen=True)
class Rate:
    """A sum of totals per ``factor`` of another total; runs where that is zero have no rate."""

    parts: tuple[str, ...]
    per: str
    factor: float
    unit: str

    def of(self, read: Callable[[str], FloatArray]) -> FloatArray:
        """The rate of every run, float64 [pairs]; nan where there is none."""
        per = read(self.per)
        total = sum((read(part) for part in self.parts), start=np.zeros(len(per)))
        rate: FloatArray = np.divide(total, per, out=np.full(len(per), np.nan), where=per > 0)
        return rate * self.factor


RATES = {
    "killed_per_1000_years": Rate(("peacekeepers_killed",), "personnel_days", _THOUSAND_YEARS, RATE_UNIT),
    "died_per_1000_years": Rate(
        ("peacekeepers_killed", "peacekeepers_died_other"), "personnel_days", _THOUSAND_YEARS, RATE_UNIT
    ),
    "minutes_to_treatment": Rate(("treatment_minutes",), "peacekeepers_hit", 1.0, "minutes per peacekeeper hit"),
}


def costs(pairs: Pairs) -> pd.DataFrame:
    """variant, item, unit, baseline, value, difference, low, high (95 % Monte Carlo bounds of the mean difference)."""
    rows = [_row(pairs, name, unit_of(name), pairs.baseline(name), pairs.values(name)) for name in COSTS]
    for name, rate in RATES.items():
        base, own = rate.of(pairs.baseline), rate.of(pairs.values)
        both = ~np.isnan(base) & ~np.isnan(own)
        rows.append(_row(pairs, name, rate.unit, base[both], own[both]))
    return pd.DataFrame(rows)


def unit_of(name: str) -> str:
    """Unit of an outcome or an extra."""
    return OUTCOMES[name].unit if name in OUTCOMES else EXTRAS[name][0]


def _row(pairs: Pairs, name: str, unit: str, base: FloatArray, own: FloatArray) -> dict[str, object]:
    row: dict[str, object] = {"variant": pairs.variant, "item": name, "unit": unit}
    if len(own) == 0:
        return row | dict.fromkeys(("baseline", "value", "difference", "low", "high"), np.nan)
    mean, half = float((own - base).mean()), half_width(own - base)
    row |= {"baseline": float(base.mean()), "value": float(own.mean())}
    return row | {"difference": mean, "low": mean - half, "high": mean + half}
