"""What a policy costs beside what it saves: people's days, road, supply, and deaths per 1,000 personnel-years."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.comparison.pairs import Pairs
from sim.comparison.precision import half_width
from sim.scenario.outcomes import OUTCOMES
from sim.study.extras import EXTRAS

COSTS = (
    "effort_person_days",
    "effort_shortfall",
    "training_days",
    "standby_days",
    "personnel_days",
    "patrol_days",
    "convoy_km",
    "convoys_completed",
    "supply_shortfall",
)
RATES = {
    "killed_per_1000_years": ("peacekeepers_killed",),
    "died_per_1000_years": ("peacekeepers_killed", "peacekeepers_died_other"),
}
RATE_UNIT = "deaths per 1,000 personnel-years"
_THOUSAND_YEARS = 365.25 * 1000  # person-days


def costs(pairs: Pairs) -> pd.DataFrame:
    """variant, item, unit, baseline, value, difference, low, high (95 % Monte Carlo bounds of the mean difference)."""
    rows = [_row(pairs, name, unit_of(name), pairs.baseline(name), pairs.values(name)) for name in COSTS]
    for name, causes in RATES.items():
        base, own = (
            sum((read(cause) for cause in causes), start=np.zeros(pairs.count))
            / np.maximum(read("personnel_days"), 1.0)
            * _THOUSAND_YEARS
            for read in (pairs.baseline, pairs.values)
        )
        rows.append(_row(pairs, name, RATE_UNIT, base, own))
    return pd.DataFrame(rows)


def unit_of(name: str) -> str:
    """Unit of an outcome or an extra."""
    return OUTCOMES[name].unit if name in OUTCOMES else EXTRAS[name][0]


def _row(pairs: Pairs, name: str, unit: str, base: np.ndarray, own: np.ndarray) -> dict[str, object]:
    mean, half = float((own - base).mean()), half_width(own - base)
    row = {"variant": pairs.variant, "item": name, "unit": unit, "baseline": float(base.mean())}
    return {**row, "value": float(own.mean()), "difference": mean, "low": mean - half, "high": mean + half}
