"""Where harm fell: forecasts of regional shares against persistence and against the mission's troops alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.calibration.mission import MISSION, RECORD
from sim.calibration.observation import observed
from sim.validation.attack_series import PERIODS

FloatArray = npt.NDArray[np.float64]

ATTACK_YEARS = tuple(range(RECORD.press.start.year, RECORD.press.end.year + 1))


@dataclass(frozen=True)
class RegionalFit:
    """How near forecast shares come to those seen: total variation (0 best, 1 worst) and rank correlation."""

    forecast: str
    distance: float
    rank_correlation: float


def total_variation(forecast: FloatArray, seen: FloatArray) -> float:
    """Half the sum of absolute differences: the share of harm put in the wrong region."""
    return float(np.abs(forecast - seen).sum() / 2)


def rank_correlation(forecast: FloatArray, seen: FloatArray) -> float:
    """Spearman's, ties averaged; NaN where one side is constant."""
    a, b = (pd.Series(values).rank().to_numpy() for values in (forecast, seen))
    if a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def troop_shares(years: tuple[int, ...]) -> FloatArray:
    """Share of the mission by region, mean over years, float64 [regions]."""
    frame = MISSION.table("contingents").merge(MISSION.table("bases")[["base", "region"]], on="base")
    shares = frame[frame["year"].isin(years)].groupby("region")["share"].sum() / len(years)
    return np.array([float(shares.get(region, 0.0)) for region in MISSION.regions])


def attack_shares(values: dict[str, float]) -> FloatArray:
    """Share of press-coded attacks by region from a flat vector, float64 [regions]."""
    counts = [sum(values[f"attacks_region/{region}/{year}"] for year in ATTACK_YEARS) for region in MISSION.regions]
    return np.array(counts) / max(sum(counts), 1e-9)


def regional_change(region_share: FloatArray, seen: FloatArray) -> list[RegionalFit]:
    """Forecasts of where people died in the later period: the model's mean, persistence of the earlier, troops alone.

    region_share: float64 [draws, periods, regions] of the model; seen: float64 [periods, regions] of the record.
    """
    forecasts = {
        "model": np.nanmean(region_share[:, 1], axis=0),
        "persistence": seen[0],
        "troops": troop_shares(tuple(range(PERIODS[-1][0].year, PERIODS[-1][1].year + 1))),
    }
    return _fits(forecasts, seen[1])


def regional_attacks(shares: FloatArray) -> list[RegionalFit]:
    """Where the mission was attacked: the model's mean, float64 [draws, regions], and troops alone."""
    forecasts = {"model": shares.mean(axis=0), "troops": troop_shares(ATTACK_YEARS)}
    return _fits(forecasts, attack_shares(observed()))


def _fits(forecasts: dict[str, FloatArray], seen: FloatArray) -> list[RegionalFit]:
    measures: tuple[Callable[[FloatArray, FloatArray], float], ...] = (total_variation, rank_correlation)
    return [RegionalFit(name, *(measure(shares, seen) for measure in measures)) for name, shares in forecasts.items()]
