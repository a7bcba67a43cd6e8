"""The record as a flat vector: one name, one period, one value per observation.

Names are ``series/when`` or ``series/which/when``: when is a year, ``YYYY-MM``, ``YYYY-Qn`` or a day, the first of the
period for rates (patrols, escorts) and the last for stocks and counts since the mission began (displaced, wounded).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import pandas as pd

from sim.calibration.mission import LAST_DAY, MISSION, RECORD
from sim.missions.record import UCDP_TYPES, attacks_by_region, deaths_by_region, fatal_days, series
from sim.results.summary import TACTICS_ON_MISSION

FATAL_DAYS = {"fatal_days": 1, "fatal_days_2plus": 2, "fatal_days_5plus": 5}  # name -> least deaths on the day
_YEARLY = {
    **{f"attacks/{tactic}": f"attacks_{tactic}" for tactic in TACTICS_ON_MISSION},
    **{f"ucdp/{kind}": f"ucdp_{kind}" for kind in UCDP_TYPES},
    "civilians_killed": "civilians_killed",
    "ied": "ied_incidents",
}
_SUMMED = {
    "killed": "peacekeepers_killed",
    "accident": "peacekeepers_died_accident",
    "illness": "peacekeepers_died_illness",
}


@dataclass(frozen=True)
class Observation:
    """One observed number over ``start`` .. ``end`` (inclusive) with the bounds of its source, equal if it has none."""

    name: str
    start: date
    end: date
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Window:
    """Days from ``start`` to ``end``, inclusive."""

    start: date
    end: date

    def names(self) -> tuple[str, ...]:
        """Observations known for the first time in the window: those that end in it."""
        return tuple(item.name for item in observations().values() if self.start <= item.end <= self.end)


TRAINING = Window(MISSION.first_day, RECORD.training_last_day)
VALIDATION = Window(RECORD.training_last_day + timedelta(days=1), LAST_DAY)


def observed() -> dict[str, float]:
    """Name -> value of every observation of the record that a run from the first day can be held against."""
    return {name: item.value for name, item in observations().items()}


@cache
def observations() -> dict[str, Observation]:
    """Every observation by name.  Years that began before the mission did are left out."""
    parts = [
        _named("killed", series(MISSION, "peacekeepers_killed"), "%Y-%m"),
        *(_named(name, _yearly(series(MISSION, source)), "%Y") for name, source in _SUMMED.items()),
        *(_named(name, _days_by_year(least), "%Y") for name, least in FATAL_DAYS.items()),
        *(_named(name, series(MISSION, source), "%Y") for name, source in _YEARLY.items()),
        *(_named(f"attacks_region/{region}", frame, "%Y") for region, frame in _by_region().items()),
        *(_named(f"deaths_share/{region}", frame, "%Y") for region, frame in _shares().items()),
        _named("attacks_quarter", series(MISSION, "attacks_by_quarter"), "quarter"),
        _named("ucdp_month", series(MISSION, "organised_violence_deaths"), "%Y-%m"),
        _named("wounded", series(MISSION, "peacekeepers_wounded"), "end"),
        _named("displaced", series(MISSION, "internally_displaced"), "end"),
        _named("patrols", series(MISSION, "patrols"), "start"),
        _named("escorts", series(MISSION, "escorts"), "start"),
    ]
    return {item.name: item for part in parts for item in part if item.start >= MISSION.first_day}


def _named(prefix: str, frame: pd.DataFrame, stamp: str) -> list[Observation]:
    """Rows as observations; ``stamp`` is a format of the first day, or quarter, start or end."""
    spread = frame.reindex(columns=["start", "end", "value", "low", "high"])
    bounds = {bound: spread[bound].astype(float).fillna(spread["value"]) for bound in ("low", "high")}
    return [
        Observation(
            f"{prefix}/{_when(row.start, row.end, stamp)}",
            row.start.date(),
            row.end.date(),
            float(row.value),
            float(row.low),
            float(row.high),
        )
        for row in spread.assign(**bounds).itertuples()
    ]


def _when(start: pd.Timestamp, end: pd.Timestamp, stamp: str) -> str:
    if stamp == "quarter":
        return f"{start.year}-Q{start.quarter}"
    if stamp in ("start", "end"):
        return str((start if stamp == "start" else end).date())
    return str(start.strftime(stamp))


def _yearly(frame: pd.DataFrame) -> pd.DataFrame:
    """Months summed by calendar year; the first may be a part of one."""
    return frame.groupby(frame["start"].dt.year).agg(start=("start", "min"), end=("end", "max"), value=("value", "sum"))


def _days_by_year(least: int) -> pd.DataFrame:
    """Days a year on which at least so many of the mission were killed."""
    days = fatal_days(MISSION)
    hit = days[days["killed"] >= least]["date"].dt.year.value_counts()
    frame = _yearly(series(MISSION, "peacekeepers_killed"))
    return frame.assign(value=hit.reindex(frame.index, fill_value=0))


def _by_region() -> dict[str, pd.DataFrame]:
    frame = attacks_by_region(MISSION)
    year = frame["year"].astype(str)
    frame = frame.assign(start=pd.to_datetime(year + "-01-01"), end=pd.to_datetime(year + "-12-31"))
    return {str(region): rows.rename(columns={"attacks": "value"}) for region, rows in frame.groupby("region")}


def _shares() -> dict[str, pd.DataFrame]:
    frame = deaths_by_region(MISSION).rename(columns={"share": "value"})
    return {str(region): rows for region, rows in frame.groupby("region")}
