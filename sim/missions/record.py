"""The record of a mission: what was observed, as series to hold a run against.

A series is a frame with one observation per row: ``start`` and ``end`` (dates, inclusive), ``value``, ``low``
and ``high`` (empty where the source gives none), ``source``.  Outcomes after the last day of the record are withheld
for testing: no series reaches beyond it, and a row that does is an error.  A table that a pack leaves out is a series
without observations.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sim.missions.mission import Mission

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("total", "stock", "per_day", "per_week", "since_start")
UCDP_TYPES = ("state_based", "non_state", "one_sided_government", "one_sided_nonstate")
COLUMNS = ["start", "end", "value", "low", "high", "source"]
_TYPES = {"start": "datetime64[s]", "end": "datetime64[s]", "value": float, "low": float, "high": float}


class Observation(NamedTuple):
    """A row of a series; the bounds are None where the source gives none."""

    start: date
    end: date
    value: float
    low: float | None
    high: float | None
    source: str


@dataclass(frozen=True)
class Series:
    """One observed quantity: the table that holds it, what it counts, and how to read it.

    measure, one of MEASURES: total over start..end, stock at ``end``, mean per_day or per_week over
    start..end, or total since the mission began (since_start).
    """

    name: str
    table: str
    measure: str
    unit: str
    definition: str
    read: Callable[[Mission], Iterator[Observation]]

    def rows(self, mission: Mission) -> list[Observation]:
        """In order of time.  ValueError where an observation lies in the withheld years."""
        found = sorted(self.read(mission), key=lambda row: row.end)
        if found and found[-1].end > mission.record_end:
            raise ValueError(
                f"series {self.name}: an observation after {mission.record_end}, in the years withheld for testing"
            )
        return found

    def observations(self, mission: Mission) -> pd.DataFrame:
        """The same as a frame, columns COLUMNS."""
        import pandas as pd

        return pd.DataFrame(self.rows(mission), columns=COLUMNS).astype(_TYPES)


def series(mission: Mission, name: str) -> pd.DataFrame:
    """Observations of one series by name.  KeyError for an unknown name; SERIES lists them."""
    return SERIES[name].observations(mission)


def attacks_by_region(mission: Mission) -> pd.DataFrame:
    """Press-coded attacks on the mission: year, region, attacks, source ."""
    return mission.table("record_attacks_region")


def attacks(mission: Mission) -> pd.DataFrame:
    """Press-coded attacks on the mission one by one.

    Columns date, region ("" for five without one), tactic, killed, wounded, source; killed and wounded of the mission.
    """
    return mission.table("record_attack_days").astype({"date": "datetime64[s]"})


def deaths_by_region(mission: Mission) -> pd.DataFrame:
    """Share of all violent deaths by region in some spans of years: start, end, region, share, source."""
    return mission.table("record_deaths_region").astype({"start": "datetime64[s]", "end": "datetime64[s]"})


def deaths_by_contingent(mission: Mission) -> pd.DataFrame:
    """Deaths by malicious act of a contingent and of all others: contingent, killed, person_years, source."""
    return mission.table("record_deaths_contingent")


def fatal_days(mission: Mission) -> pd.DataFrame:
    """Days with deaths by malicious act: date, killed, source.  A day is not always one attack."""
    return mission.table("record_fatal_days").astype({"date": "datetime64[s]"})


def _observed(start: date, end: date, value: str, row: dict[str, str], spread: bool = False) -> Iterator[Observation]:
    """One observation, with the bounds of its row for ``spread``; none where nothing was observed."""
    if value:
        low, high = (float(row[bound]) if spread and row.get(bound) else None for bound in ("low", "high"))
        yield Observation(start, end, float(value), low, high, row["source"])


def _month(text: str) -> tuple[date, date]:
    """First and last day of a month, YYYY-MM."""
    start = date.fromisoformat(f"{text}-01")
    return start, start.replace(day=monthrange(start.year, start.month)[1])


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _months(mission: Mission, columns: tuple[str, ...]) -> Iterator[Observation]:
    """Deaths of the mission per month, the sum of some causes."""
    for row in mission.rows("record_deaths_month"):
        value = sum(float(row[column] or 0) for column in columns)
        yield Observation(*_month(row["month"]), value, None, None, row["source"])


def _years(mission: Mission, name: str, value: str, spread: bool = False) -> Iterator[Observation]:
    """One column of a yearly table, with the columns low and high where they belong to it."""
    for row in mission.rows(name):
        yield from _observed(*_year(int(row["year"])), row[value], row, spread)


def _tactic(tactic: str) -> Callable[[Mission], Iterator[Observation]]:
    def read(mission: Mission) -> Iterator[Observation]:
        rows = mission.rows("record_attacks")
        for year in sorted({int(row["year"]) for row in rows}):
            # a coded year without an attack of this tactic is a zero, not a gap
            seen = (float(row["attacks"]) for row in rows if (int(row["year"]), row["tactic"]) == (year, tactic))
            yield Observation(*_year(year), sum(seen, 0.0), None, None, rows[0]["source"])

    return read


def _quarters(mission: Mission) -> Iterator[Observation]:
    """Attacks by quarter; the last quarter is left out, because the list ends within it."""
    rows = mission.rows("record_attack_days")
    days = (date.fromisoformat(row["date"]) for row in rows)
    seen = Counter(date(day.year, day.month - (day.month - 1) % 3, 1) for day in days)
    for start in sorted(seen)[:-1]:
        after = date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)
        yield Observation(start, after - timedelta(days=1), float(seen[start]), None, None, rows[0]["source"])


def _dated(name: str, value: str) -> Callable[[Mission], Iterator[Observation]]:
    def read(mission: Mission) -> Iterator[Observation]:
        for row in mission.rows(name):
            yield from _observed(mission.first_day, date.fromisoformat(row["date"]), row[value], row)

    return read


def _ucdp_months(mission: Mission) -> Iterator[Observation]:
    for row in mission.rows("record_ucdp_month"):
        yield from _observed(*_month(row["month"]), row["deaths"], row)


def _ucdp_type(kind: str) -> Series:
    definition = f"deaths in organised violence of the type {kind.replace('_', ' ')} (UCDP)"
    return Series(
        f"ucdp_{kind}",
        "record_ucdp_year",
        "total",
        "persons",
        definition,
        lambda mission: _years(mission, "record_ucdp_year", kind),
    )


def _volumes(column: str) -> Callable[[Mission], Iterator[Observation]]:
    """Means over spans of days, with the bounds of their row."""

    def read(mission: Mission) -> Iterator[Observation]:
        for row in mission.rows("record_patrols"):
            start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
            yield from _observed(start, end, row[column], row, spread=True)

    return read


_PRESS = "press-coded attacks on the mission by tactic; a part of all attacks"
SERIES = {
    item.name: item
    for item in (
        Series(
            "peacekeepers_killed",
            "record_deaths_month",
            "total",
            "persons",
            "deaths of the mission by malicious act",
            lambda mission: _months(mission, ("malicious",)),
        ),
        Series(
            "peacekeepers_died_other",
            "record_deaths_month",
            "total",
            "persons",
            "deaths of the mission by accident or illness; undetermined causes left out",
            lambda mission: _months(mission, ("accident", "illness")),
        ),
        Series(
            "peacekeepers_died_accident",
            "record_deaths_month",
            "total",
            "persons",
            "deaths of the mission by accident",
            lambda mission: _months(mission, ("accident",)),
        ),
        Series(
            "peacekeepers_died_illness",
            "record_deaths_month",
            "total",
            "persons",
            "deaths of the mission by illness",
            lambda mission: _months(mission, ("illness",)),
        ),
        Series(
            "peacekeepers_wounded",
            "record_wounded",
            "since_start",
            "persons",
            "wounded by hostile acts since the mission began, as the mission counted at dated points",
            _dated("record_wounded", "wounded"),
        ),
        Series("attacks_ied", "record_attacks", "total", "attacks", _PRESS, _tactic("ied")),
        Series("attacks_ied_then_ambush", "record_attacks", "total", "attacks", _PRESS, _tactic("ied_then_ambush")),
        Series("attacks_direct_fire", "record_attacks", "total", "attacks", _PRESS, _tactic("direct_fire")),
        Series("attacks_indirect_fire", "record_attacks", "total", "attacks", _PRESS, _tactic("indirect_fire")),
        Series("attacks_complex_attack", "record_attacks", "total", "attacks", _PRESS, _tactic("complex_attack")),
        Series(
            "attacks_by_quarter",
            "record_attack_days",
            "total",
            "attacks",
            "press-coded attacks on the mission of any tactic; a part of all attacks",
            _quarters,
        ),
        Series(
            "ied_incidents",
            "record_ied",
            "total",
            "incidents",
            "explosive devices used against anybody in the country",
            lambda mission: _years(mission, "record_ied", "incidents", spread=True),
        ),
        Series(
            "civilians_killed",
            "record_ucdp_year",
            "total",
            "persons",
            "civilians killed in organised violence (UCDP)",
            lambda mission: _years(mission, "record_ucdp_year", "civilians"),
        ),
        Series(
            "organised_violence_deaths",
            "record_ucdp_month",
            "total",
            "persons",
            "all deaths in organised violence, by month (UCDP)",
            _ucdp_months,
        ),
        *(_ucdp_type(kind) for kind in UCDP_TYPES),
        Series(
            "internally_displaced",
            "record_displaced",
            "stock",
            "persons",
            "internally displaced persons at dated points",
            _dated("record_displaced", "displaced"),
        ),
        Series(
            "patrols",
            "record_patrols",
            "per_day",
            "patrols/day",
            "patrols of the mission a day",
            _volumes("patrols_per_day"),
        ),
        Series(
            "escorts",
            "record_patrols",
            "per_week",
            "escorts/week",
            "escorts of the mission a week",
            _volumes("escorts_per_week"),
        ),
    )
}
