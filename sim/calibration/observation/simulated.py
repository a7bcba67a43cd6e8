"""A run as the sources would have seen it: one function and one observation model per series.

- Deaths of the mission: exact, by month and year; fatal days by their deaths.
- Attacks on the mission: the press shows a share by tactic (``reporting_share_<tactic>``), while its list was kept.
- Wounded, displaced, accident, illness, patrols, escorts: as counted, at the days or over the periods of the source.
- UCDP: an actor counts from 25 deaths in a calendar year and type; deaths of the mission in or out of state-based.
- Shares of regions in all deaths by violence: as counted; they are shares because sources count differently.
- Explosive devices: incidents against anybody, with or without those found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.calibration.mission import CLOCK, LAST_DAY, MISSION, RECORD
from sim.calibration.observation.observed import FATAL_DAYS, observations
from sim.missions.record import UCDP_TYPES
from sim.model.recorder import EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS, RunRecord
from sim.results.summary import TACTICS_ON_MISSION, reporting_shares
from sim.results.ucdp_counting import DEATHS, UCDP_THRESHOLD

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

PRESS = (RECORD.press.start, RECORD.press.end)  # first and last month of the press-coded list
GOVERNMENTS = MISSION.facts.state_side
DAYS = CLOCK.day_index(LAST_DAY) + 1
_CALENDAR = CLOCK.calendar(DAYS)
_MONTH = _CALENDAR.month
_YEAR = _CALENDAR.year - MISSION.first_day.year
_MONTHS = tuple(CLOCK.month_name(month) for month in range(int(_MONTH[-1]) + 1))
_YEARS = tuple(str(MISSION.first_day.year + year) for year in range(int(_YEAR[-1]) + 1))
_QUARTERS = tuple(f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}" for month in _MONTHS[::3])
_LEDGER = {"displaced": "internally_displaced", "patrols": "patrols", "escorts": "escorts"}
_PER = {"displaced": 1, "patrols": 1, "escorts": 7}  # days of the unit of a rate


@dataclass(frozen=True)
class Choices:
    """How to look where sources differ or do not say.

    mission_deaths_in_ucdp: deaths in attacks on the mission count as state-based.  finds_in_ied: devices found before
    they harm count as incidents.
    """

    mission_deaths_in_ucdp: bool = False
    finds_in_ied: bool = True


AS_REPORTED = Choices()


def simulated(record: RunRecord, seed: int | None = None, choices: Choices = AS_REPORTED) -> dict[str, float]:
    """Name -> simulated value, for every name of ``observed()`` whose days the run covers.

    ``seed`` draws which attacks the press shows; without one, their expected number is given.
    """
    view = _View(record)
    values = {
        **_mission(view),
        **_attacks(view, reporting_shares(record.scenario), seed),
        **_ucdp(view, choices),
        **_devices(view, choices),
        **_regions(view),
        **_other_deaths(view),
        **_ledger(record),
    }
    return {name: values[name] for name in _covered(record.first_day, record.last_day)}


class _View:
    """The events of a run to the end of the record, with their month and year counted from the first."""

    def __init__(self, record: RunRecord) -> None:
        events = record.events
        self.events = events[: np.searchsorted(events[:, EVENT_FIELDS.index("day")], DAYS)]
        self.names = record.names
        self.day = self.field("day")
        self.month = _MONTH[self.day]
        self.year = _YEAR[self.day]
        self.kind = self.field("kind")
        self.tactic = self.field("tactic")

    def field(self, name: str) -> IntArray:
        """One field of every event, int64 [n]."""
        picked: IntArray = self.events[:, EVENT_FIELDS.index(name)]
        return picked

    def deaths(self, names: Iterable[str]) -> IntArray:
        """Sum of some fields of every event, int64 [n]."""
        total: IntArray = np.add.reduce([self.field(name) for name in names])
        return total


def _named(prefix: str, stamps: tuple[str, ...], values: npt.NDArray[np.generic]) -> dict[str, float]:
    return {f"{prefix}/{stamp}": value for stamp, value in zip(stamps, values.tolist(), strict=True)}


def _totals(bins: IntArray, weights: npt.NDArray[np.int64 | np.float64 | np.bool_], size: int) -> FloatArray:
    return np.bincount(bins, weights=weights, minlength=size).astype(np.float64)


def _mission(view: _View) -> dict[str, float]:
    """Deaths by malicious act, exact; days by their deaths; wounded since the mission began at dated points."""
    daily = _totals(view.day, view.field("peacekeepers_killed"), DAYS)
    wounded = _totals(view.day, view.field("peacekeepers_wounded"), DAYS).cumsum()
    out = {
        **_named("killed", _MONTHS, _totals(_MONTH, daily, len(_MONTHS))),
        **_named("killed", _YEARS, _totals(_YEAR, daily, len(_YEARS))),
        **{name: float(wounded[day]) for name, _, day in _spans("wounded")},
    }
    for name, least in FATAL_DAYS.items():
        out |= _named(name, _YEARS, _totals(_YEAR, daily >= least, len(_YEARS)))
    return out


def press_list(record: RunRecord, seed: int) -> IntArray:
    """Rows of ``record.events`` that the press list would hold, int64 [n]; the same seed gives those counted above."""
    rows, seen = _listed(_View(record), reporting_shares(record.scenario), seed)
    return rows[seen > 0]


def _listed(view: _View, shares: dict[str, float], seed: int | None) -> tuple[IntArray, FloatArray]:
    """Rows of attacks on the mission while the list was kept, and for each 1 or 0 (seen or not) or its probability."""
    first, last = np.searchsorted(view.day, [CLOCK.day_index(PRESS[0]), CLOCK.day_index(PRESS[1]) + 1])
    share = np.zeros(len(TACTICS))
    share[[TACTICS.index(tactic) for tactic in TACTICS_ON_MISSION]] = [shares[name] for name in TACTICS_ON_MISSION]
    rows = first + np.flatnonzero(view.kind[first:last] == KINDS.index("mission"))
    seen = share[view.tactic[rows]]
    if seed is not None:
        seen = (np.random.default_rng(seed).random(len(seen)) < seen).astype(np.float64)
    return rows, seen


def _attacks(view: _View, shares: dict[str, float], seed: int | None) -> dict[str, float]:
    """Attacks that the press shows, by year and tactic, by year and region, and by quarter."""
    rows, seen = _listed(view, shares, seed)
    year, years, regions = view.year[rows], len(_YEARS), view.names.regions
    by_tactic = _totals(view.tactic[rows] * years + year, seen, len(TACTICS) * years).reshape(-1, years)
    by_region = _totals(view.field("region")[rows] * years + year, seen, len(regions) * years).reshape(-1, years)
    out = _named("attacks_quarter", _QUARTERS, _totals(view.month[rows] // 3, seen, len(_QUARTERS)))
    for name in TACTICS_ON_MISSION:
        out |= _named(f"attacks/{name}", _YEARS, by_tactic[TACTICS.index(name)])
    for region, counts in zip(regions, by_region, strict=True):
        out |= _named(f"attacks_region/{region}", _YEARS, counts)
    return out


def _ucdp(view: _View, choices: Choices) -> dict[str, float]:
    """Deaths in organised violence of actors above the threshold of the year: by type, by month, and of civilians."""
    kind, actors = _ucdp_type(view, choices), len(view.names.actors)
    chosen = np.flatnonzero(kind >= 0)
    fields = (*DEATHS, "peacekeepers_killed", "contractors_killed") if choices.mission_deaths_in_ucdp else DEATHS
    deaths, year = view.deaths(fields)[chosen], view.year[chosen]
    cell = (kind[chosen] * len(_YEARS) + year) * actors + view.field("actor")[chosen]
    by_actor = _totals(cell, deaths, len(UCDP_TYPES) * len(_YEARS) * actors)
    known = by_actor >= UCDP_THRESHOLD
    # most deaths of the first year precede the mission (832 of 881): its actors had crossed the threshold
    known.reshape(len(UCDP_TYPES), len(_YEARS), actors)[:, 0] = True
    by_type = (by_actor * known).reshape(len(UCDP_TYPES), len(_YEARS), actors).sum(axis=2)
    counted = known[cell]
    civilians = view.field("civilians_killed")[chosen] * counted
    out = _named("ucdp_month", _MONTHS, _totals(view.month[chosen], deaths * counted, len(_MONTHS)))
    out |= _named("civilians_killed", _YEARS, _totals(year, civilians, len(_YEARS)))
    for name, values in zip(UCDP_TYPES, by_type, strict=True):
        out |= _named(f"ucdp/{name}", _YEARS, values)
    return out


def _ucdp_type(view: _View, choices: Choices) -> IntArray:
    """Index into UCDP_TYPES for every event, -1 for none; one-sided violence is split by who did it."""
    of_kind = np.full(len(KINDS), -1)
    of_kind[KINDS.index("state_based")] = UCDP_TYPES.index("state_based")
    of_kind[KINDS.index("non_state")] = UCDP_TYPES.index("non_state")
    of_kind[KINDS.index("one_sided")] = UCDP_TYPES.index("one_sided_nonstate")
    if choices.mission_deaths_in_ucdp:
        of_kind[KINDS.index("mission")] = UCDP_TYPES.index("state_based")
    kind = of_kind[view.kind]
    of_state = np.array([actor in GOVERNMENTS for actor in view.names.actors])[view.field("actor")]
    kind[of_state & (kind == UCDP_TYPES.index("one_sided_nonstate"))] = UCDP_TYPES.index("one_sided_government")
    return kind


def _regions(view: _View) -> dict[str, float]:
    """Shares of regions in all deaths by violence over some years."""
    fields = (*DEATHS, "peacekeepers_killed", "contractors_killed")
    deaths, region, names = view.deaths(fields), view.field("region"), view.names.regions
    out = {}
    for name, first, last in _spans("deaths_share"):
        days = slice(*np.searchsorted(view.day, [first, last + 1]))
        here = deaths[days][region[days] == names.index(name.split("/")[1])].sum()
        out[name] = float(here) / max(1.0, float(deaths[days].sum()))
    return out


def _devices(view: _View, choices: Choices) -> dict[str, float]:
    """Incidents with explosive devices by year, whoever was the target."""
    blown = (view.tactic == TACTICS.index("ied")) | (view.tactic == TACTICS.index("ied_then_ambush"))
    count = blown.astype(np.int64)
    if choices.finds_in_ied:
        count += (view.kind == KINDS.index("find")) * view.field("devices_found")
    return _named("ied", _YEARS, _totals(view.year, count, len(_YEARS)))


def _other_deaths(view: _View) -> dict[str, float]:
    """Deaths by accident and by illness, by year."""
    died = view.field("peacekeepers_died_other")
    out: dict[str, float] = {}
    for kind in ("accident", "illness"):
        counts = _totals(view.year, died * (view.kind == KINDS.index(kind)), len(_YEARS))
        out |= _named(kind, _YEARS, counts)
    return out


def _ledger(record: RunRecord) -> dict[str, float]:
    """Displaced on the last day of a period, and mean patrols a day and escorts a week over it."""
    out = {}
    for prefix, item in _LEDGER.items():
        number = LEDGER_ITEMS.index(item)
        for name, first, last in _spans(prefix):
            first = last if prefix == "displaced" else first
            if record.first_day <= first and last <= record.last_day:
                days = record.ledger[first - record.first_day : last - record.first_day + 1, :, number]
                out[name] = float(days.sum()) * _PER[prefix] / (last - first + 1)
    return out


@cache
def _spans(prefix: str) -> tuple[tuple[str, int, int], ...]:
    """Name, first and last day index of every observation of a series."""
    chosen = (item for item in observations().values() if item.name.startswith(f"{prefix}/"))
    return tuple((item.name, CLOCK.day_index(item.start), CLOCK.day_index(item.end)) for item in chosen)


@cache
def _covered(first_day: int, last_day: int) -> tuple[str, ...]:
    """Observations whose days lie in a run; a month of UCDP deaths needs its whole year, for the threshold."""
    names = []
    for item in observations().values():
        start, end = CLOCK.day_index(item.start), CLOCK.day_index(item.end)
        if item.name.startswith("displaced/"):
            start = end
        elif item.name.startswith("ucdp_month/"):
            start = max(CLOCK.day_index(date(item.start.year, 1, 1)), 0)
            end = CLOCK.day_index(date(item.start.year, 12, 31))
        if first_day <= start and end <= last_day:
            names.append(item.name)
    return tuple(names)
