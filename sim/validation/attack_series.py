"""What the pattern tests look at: attacks on the mission one by one, fatal days, and deaths by region.

Made alike from the record and from a run seen as the sources would have seen it.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.calibration.mission import CLOCK, LAST_DAY, MISSION
from sim.calibration.observation import PRESS, press_list
from sim.missions.record import attacks, deaths_by_region, fatal_days
from sim.model.recorder import EVENT_FIELDS, TACTICS, RunRecord
from sim.results.panel import deaths_of, is_kind

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

FIRST, LAST = CLOCK.day_index(PRESS[0]), CLOCK.day_index(PRESS[1])  # days of the press-coded list
# the two periods of the regional record, inclusive
PERIODS = tuple(
    (row.start.date(), row.end.date())
    for row in deaths_by_region(MISSION)[["start", "end"]].drop_duplicates().sort_values("start").itertuples()
)


@dataclass(frozen=True)
class AttackSeries:
    """Attacks of the press-coded list and fatal days of the mission.

    day: days since the first, int64 [attacks], in order.  region: index, -1 unknown.  tactic: index into TACTICS.
     killed, wounded: of the mission.  fatal_killed: deaths on each fatal day, int64 [fatal days].
    region_share: share of all violent deaths by period and region, float64 [PERIODS, regions].
    """

    day: IntArray
    region: IntArray
    tactic: IntArray
    killed: IntArray
    wounded: IntArray
    fatal_killed: IntArray
    region_share: FloatArray

    def once(self) -> IntArray:
        """Days of attacks, several of one day and region counted once: the list may split one attack into entries."""
        days: IntArray = np.unique(np.stack([self.day, self.region]), axis=1)[0]
        return days


def attack_series_of_record() -> AttackSeries:
    """The harm that the sources hold."""
    listed = attacks(MISSION)
    days = (listed["date"].to_numpy().astype("datetime64[D]") - np.datetime64(MISSION.first_day)).astype(np.int64)
    shares = deaths_by_region(MISSION).pivot_table(index="start", columns="region", values="share")
    return AttackSeries(
        day=days,
        region=np.array([MISSION.regions.index(name) if name else -1 for name in listed["region"]]),
        tactic=np.array([TACTICS.index(name) for name in listed["tactic"]]),
        killed=listed["killed"].to_numpy(np.int64),
        wounded=listed["wounded"].to_numpy(np.int64),
        fatal_killed=fatal_days(MISSION)["killed"].to_numpy(np.int64),
        region_share=shares[list(MISSION.regions)].to_numpy(np.float64),
    )


def attack_series_of_run(record: RunRecord, seed: int) -> AttackSeries:
    """The harm that the sources would have shown of a run over the whole record at least.

    ``seed`` draws the press list.  ValueError for a run that begins later or ends earlier.
    """
    if record.first_day > 0 or record.last_day < CLOCK.day_index(LAST_DAY):
        raise ValueError(f"the patterns need a run from {MISSION.first_day} to {LAST_DAY}")
    events, rows = record.events, record.events[press_list(record, seed)]
    day = events[:, EVENT_FIELDS.index("day")]
    killed = np.bincount(day, events[:, EVENT_FIELDS.index("peacekeepers_killed")], CLOCK.day_index(LAST_DAY) + 1)
    daily = killed[: CLOCK.day_index(LAST_DAY) + 1].astype(np.int64)
    return AttackSeries(
        day=rows[:, EVENT_FIELDS.index("day")],
        region=rows[:, EVENT_FIELDS.index("region")],
        tactic=rows[:, EVENT_FIELDS.index("tactic")],
        killed=rows[:, EVENT_FIELDS.index("peacekeepers_killed")],
        wounded=rows[:, EVENT_FIELDS.index("peacekeepers_wounded")],
        fatal_killed=daily[daily > 0],
        region_share=np.array([_shares(events, first, last) for first, last in PERIODS]),
    )


def _shares(events: IntArray, first: date, last: date) -> FloatArray:
    """Share of violent deaths by region, float64 [regions]; NaN where nobody died."""
    day = events[:, EVENT_FIELDS.index("day")]
    violent = is_kind(events, "mission", "state_based", "non_state", "one_sided")
    chosen = events[violent & (day >= CLOCK.day_index(first)) & (day <= CLOCK.day_index(last))]
    deaths = np.bincount(chosen[:, EVENT_FIELDS.index("region")], deaths_of(chosen), len(MISSION.regions))
    return np.asarray(deaths / deaths.sum() if deaths.any() else np.full(len(MISSION.regions), np.nan))
