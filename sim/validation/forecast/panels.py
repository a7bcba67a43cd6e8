"""Monthly panels of forecast draws, with deaths counted as UCDP counts them, and the layout of the VIEWS competition.

UCDP counts an actor in a type of violence from 25 deaths in a calendar year on; a forecast of its figures must omit
the deaths that UCDP omits.  Everything else is as simulated.

VIEWS (Hegre et al. 2024): folders ``cm`` and ``pgm`` with Parquet files of the columns month_id (1 is January 1980),
country_id or priogrid_gid, draw, outcome; a row for every month, unit and draw.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim._util.clock import Calendar
from sim.calibration.mission import MISSION, RECORD
from sim.missions import Mission
from sim.model.recorder import EVENT_FIELDS, KINDS, RunRecord
from sim.results.panel import OUTCOME_NAMES, monthly_array
from sim.results.ucdp_counting import DEATHS, UCDP_THRESHOLD

FloatArray = npt.NDArray[np.float64]
ORGANISED = ("state_based", "non_state", "one_sided")
OUTCOMES = (
    "peacekeepers_killed",
    "peacekeepers_wounded",
    "peacekeepers_died_other",
    "civilians_killed",
    "organised_violence_deaths",
    "ied_incidents",
    "civilians_displaced",
    "internally_displaced",
    "malian_forces_killed",
    "attacks_on_mission",
    "contractors_killed",
)
FIRST_YEAR = 1980


def panel(record: RunRecord) -> FloatArray:
    """Months x regions x OUTCOMES of a run from the first day on."""
    values = monthly_array(record)[:, :, [OUTCOME_NAMES.index(name) for name in OUTCOMES]]
    seen = counted(record)
    for name, fields in (("organised_violence_deaths", DEATHS), ("civilians_killed", ("civilians_killed",))):
        values[:, :, OUTCOMES.index(name)] = _sums(record, fields, seen)
    return values


def counted(record: RunRecord) -> npt.NDArray[np.bool_]:
    """Which events UCDP counts, bool [n]: those of actors above the threshold in their type and year."""
    events, calendar = record.events, _calendar(record)
    kinds = [KINDS.index(name) for name in ORGANISED]
    kind = _field(events, "kind")
    year = calendar.year[_field(events, "day")] - calendar.epoch.year
    years, actors = int(calendar.year[-1]) - calendar.epoch.year + 1, len(record.names.actors)
    cell = (kind * years + year) * actors + _field(events, "actor")
    deaths = sum(_field(events, name) for name in DEATHS)
    known = np.bincount(cell, deaths, len(KINDS) * years * actors) >= UCDP_THRESHOLD
    # the first year: most of its deaths precede the mission, so its actors were known
    known.reshape(len(KINDS), years, actors)[:, 0] = True
    return np.asarray(np.isin(kind, kinds) & known[cell])


def tidy(mission: Mission, panels: FloatArray, draw: int, month: int) -> pd.DataFrame:
    """Long frame of draws x months x regions x outcomes: draw, month, region (or the country), outcome, value.

    ``draw`` numbers the first draw; ``month`` is the first month, counted from the beginning of the run.
    """
    chosen = np.concatenate([panels, panels.sum(axis=2, keepdims=True)], axis=2)
    months = [mission.clock.month_name(month + number) for number in range(panels.shape[1])]
    levels = (range(draw, draw + len(chosen)), months, (*mission.regions, mission.facts.country), OUTCOMES)
    index = pd.MultiIndex.from_product(levels, names=["draw", "month", "region", "outcome"])
    return pd.Series(chosen.reshape(-1), index=index, name="value").reset_index()


def state_based(record: RunRecord) -> pd.DataFrame:
    """State-based deaths that UCDP counts: month (from the beginning of the run), priogrid_gid, outcome."""
    chosen = counted(record) & (_field(record.events, "kind") == KINDS.index("state_based"))
    events = record.events[chosen]
    month = _calendar(record).month[_field(events, "day")]
    deaths = sum(_field(events, name) for name in DEATHS)
    gids = np.asarray(record.names.gids)[_field(events, "cell")]
    frame = pd.DataFrame({"month": month, "priogrid_gid": gids, "outcome": deaths})
    return frame.groupby(["month", "priogrid_gid"], as_index=False)["outcome"].sum()


def _calendar(record: RunRecord) -> Calendar:
    return record.scenario.mission.clock.calendar(record.last_day + 1)


def _sums(record: RunRecord, fields: tuple[str, ...], chosen: npt.NDArray[np.bool_]) -> FloatArray:
    events, regions = record.events[chosen], len(record.names.regions)
    month = _calendar(record).month
    size = int(month[-1]) + 1
    cell = month[_field(events, "day")] * regions + _field(events, "region")
    weight = sum(_field(events, name) for name in fields)
    return np.bincount(cell, weight, size * regions).reshape(size, regions).astype(np.float64)


def _field(events: npt.NDArray[np.int64], name: str) -> npt.NDArray[np.int64]:
    return np.asarray(events[:, EVENT_FIELDS.index(name)])


def month_id(month: pd.Series) -> pd.Series:
    """VIEWS numbers of months counted from the beginning of a run."""
    return month + 12 * (MISSION.first_day.year - FIRST_YEAR) + MISSION.first_day.month


def write_views(folder: Path, draws: int, span: tuple[int, int], cells: pd.DataFrame) -> None:
    """Write ``cm`` and ``pgm`` from cells: draw, month (from the beginning of the run), priogrid_gid, outcome."""
    months, gids = range(span[0], span[1] + 1), sorted(MISSION.table("cells")["gid"])
    units = pd.MultiIndex.from_product((months, gids, range(draws)), names=["month", "priogrid_gid", "draw"])
    found = cells.groupby(["month", "priogrid_gid", "draw"])["outcome"].sum()
    pgm = found.reindex(units, fill_value=0).reset_index()
    cm = pgm.groupby(["month", "draw"], as_index=False)["outcome"].sum().assign(country_id=RECORD.views_country_id)
    for name, unit, frame in (("cm", "country_id", cm), ("pgm", "priogrid_gid", pgm)):
        target = folder / name
        target.mkdir(exist_ok=True)
        out = frame.assign(month_id=month_id(frame["month"]), outcome=frame["outcome"].astype("int32"))
        out[["month_id", unit, "draw", "outcome"]].to_parquet(target / f"{name}.parquet", index=False)
