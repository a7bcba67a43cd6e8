"""The record: what was observed in Mali, July 2013 to December 2020, as series to hold a run against.

A series is a frame with one observation per row: ``start`` and ``end`` (dates, inclusive), ``value``, ``low``
and ``high`` (empty where the source gives none), ``source``.  Outcomes of 2021-2023 are withheld for testing:
no series reaches beyond LAST_DAY, and a row that does is an error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sim._util.clock import EPOCH
from sim.missions import table

LAST_DAY = date(2020, 12, 31)
MEASURES = ("total", "stock", "per_day", "per_week", "since_start")
UCDP_TYPES = ("state_based", "non_state", "one_sided_government", "one_sided_nonstate")
COLUMNS = ["start", "end", "value", "low", "high", "source"]


@dataclass(frozen=True)
class Series:
    """One observed quantity: how to read it, what it counts, and where it comes from.

    measure, one of MEASURES: total over start..end, stock at ``end``, mean per_day or per_week over
    start..end, or total since the mission began (since_start).
    """

    name: str
    measure: str
    unit: str
    definition: str
    read: Callable[[], pd.DataFrame]

    def observations(self) -> pd.DataFrame:
        """In order of time, columns COLUMNS.  ValueError where an observation lies in the withheld years."""
        frame = self.read().dropna(subset=["value"]).reindex(columns=COLUMNS)
        frame = frame.astype({"start": "datetime64[s]", "end": "datetime64[s]"})
        if (frame["end"] > pd.Timestamp(LAST_DAY)).any():
            raise ValueError(f"series {self.name}: an observation after {LAST_DAY}, in the years withheld for testing")
        return frame.sort_values("end", ignore_index=True)


def series(name: str) -> pd.DataFrame:
    """Observations of one series by name.  KeyError for an unknown name; SERIES lists them."""
    return SERIES[name].observations()


def attacks_by_region() -> pd.DataFrame:
    """Press-coded attacks on the mission: year, region, attacks, source (2015-2018)."""
    return table("record_attacks_region")


def attacks() -> pd.DataFrame:
    """Press-coded attacks on the mission one by one, January 2015 to November 2018.

    Columns date, region ("" for five without one), tactic, killed, wounded, source; killed and wounded of the mission.
    """
    return table("record_attack_days").astype({"date": "datetime64[s]"})


def deaths_by_region() -> pd.DataFrame:
    """Share of all violent deaths by region in 2014-16 and 2017-20: start, end, region, share, source."""
    return table("record_deaths_region").astype({"start": "datetime64[s]", "end": "datetime64[s]"})


def deaths_by_contingent() -> pd.DataFrame:
    """Deaths by malicious act of Chad's contingent and of all others: contingent, killed, person_years, source."""
    return table("record_deaths_contingent")


def fatal_days() -> pd.DataFrame:
    """Days with deaths by malicious act: date, killed, source.  A day is not always one attack."""
    return table("record_fatal_days").astype({"date": "datetime64[s]"})


def _months(columns: tuple[str, ...]) -> pd.DataFrame:
    """Deaths of the mission per month, the sum of some causes."""
    frame = table("record_deaths_month")
    start = pd.to_datetime(frame["month"], format="%Y-%m")
    value = frame[list(columns)].sum(axis=1)
    end = start + pd.offsets.MonthEnd(0)
    return pd.DataFrame({"start": start, "end": end, "value": value, "source": frame["source"]})


def _years(name: str, value: str, spread: bool = False) -> pd.DataFrame:
    """One column of a yearly table, with the columns low and high where they belong to it."""
    frame = table(name)
    year = frame["year"].astype(str)
    out = {"start": pd.to_datetime(year + "-01-01"), "end": pd.to_datetime(year + "-12-31")}
    bounds = {bound: frame[bound] for bound in ("low", "high") if spread and bound in frame}
    return pd.DataFrame({**out, "value": frame[value], **bounds, "source": frame["source"]})


def _tactic(tactic: str) -> Callable[[], pd.DataFrame]:
    def read() -> pd.DataFrame:
        frame = table("record_attacks")
        seen = frame[frame["tactic"] == tactic].groupby("year")["attacks"].sum()
        # a coded year without an attack of this tactic is a zero, not a gap
        counts = seen.reindex(sorted(frame["year"].unique()), fill_value=0)
        year = counts.index.astype(str)
        out = {"start": pd.to_datetime(year + "-01-01"), "end": pd.to_datetime(year + "-12-31")}
        return pd.DataFrame({**out, "value": counts.to_numpy(), "source": frame["source"].iloc[0]})

    return read


def _quarters() -> pd.DataFrame:
    """Attacks by quarter; the last quarter is left out, because the list ends in November 2018."""
    when = attacks()["date"].dt.to_period("Q")
    seen = when.value_counts().sort_index().iloc[:-1]
    start, end = seen.index.to_timestamp(), seen.index.to_timestamp(how="end").normalize()
    source = table("record_attack_days")["source"].iloc[0]
    return pd.DataFrame({"start": start, "end": end, "value": seen.to_numpy(), "source": source})


def _dated(name: str, value: str) -> Callable[[], pd.DataFrame]:
    def read() -> pd.DataFrame:
        frame = table(name)
        when = pd.to_datetime(frame["date"])
        start = pd.Series(pd.Timestamp(EPOCH), index=frame.index)
        return pd.DataFrame({"start": start, "end": when, "value": frame[value], "source": frame["source"]})

    return read


def _ucdp_months() -> pd.DataFrame:
    frame = table("record_ucdp_month")
    start = pd.to_datetime(frame["month"], format="%Y-%m")
    end = start + pd.offsets.MonthEnd(0)
    return pd.DataFrame({"start": start, "end": end, "value": frame["deaths"], "source": frame["source"]})


def _ucdp_type(kind: str) -> Series:
    definition = f"deaths in organised violence of the type {kind.replace('_', ' ')} (UCDP)"
    return Series(f"ucdp_{kind}", "total", "persons", definition, lambda: _years("record_ucdp_year", kind))


def _volumes(column: str) -> Callable[[], pd.DataFrame]:
    return lambda: table("record_patrols").rename(columns={column: "value"})


_PRESS = "press-coded attacks on the mission by tactic, 2015-2018; a part of all attacks"
SERIES = {
    item.name: item
    for item in (
        Series(
            "peacekeepers_killed",
            "total",
            "persons",
            "deaths of the mission by malicious act",
            lambda: _months(("malicious",)),
        ),
        Series(
            "peacekeepers_died_other",
            "total",
            "persons",
            "deaths of the mission by accident or illness; undetermined causes left out",
            lambda: _months(("accident", "illness")),
        ),
        Series(
            "peacekeepers_died_accident",
            "total",
            "persons",
            "deaths of the mission by accident",
            lambda: _months(("accident",)),
        ),
        Series(
            "peacekeepers_died_illness",
            "total",
            "persons",
            "deaths of the mission by illness",
            lambda: _months(("illness",)),
        ),
        Series(
            "peacekeepers_wounded",
            "since_start",
            "persons",
            "wounded by hostile acts since the mission began, as the mission counted at dated points",
            _dated("record_wounded", "wounded"),
        ),
        Series("attacks_ied", "total", "attacks", _PRESS, _tactic("ied")),
        Series("attacks_ied_then_ambush", "total", "attacks", _PRESS, _tactic("ied_then_ambush")),
        Series("attacks_direct_fire", "total", "attacks", _PRESS, _tactic("direct_fire")),
        Series("attacks_indirect_fire", "total", "attacks", _PRESS, _tactic("indirect_fire")),
        Series("attacks_complex_attack", "total", "attacks", _PRESS, _tactic("complex_attack")),
        Series(
            "attacks_by_quarter",
            "total",
            "attacks",
            "press-coded attacks on the mission of any tactic; a part of all attacks",
            _quarters,
        ),
        Series(
            "ied_incidents",
            "total",
            "incidents",
            "explosive devices used against anybody in the country",
            lambda: _years("record_ied", "incidents", spread=True),
        ),
        Series(
            "civilians_killed",
            "total",
            "persons",
            "civilians killed in organised violence (UCDP)",
            lambda: _years("record_ucdp_year", "civilians"),
        ),
        Series(
            "organised_violence_deaths",
            "total",
            "persons",
            "all deaths in organised violence, by month (UCDP)",
            _ucdp_months,
        ),
        *(_ucdp_type(kind) for kind in UCDP_TYPES),
        Series(
            "internally_displaced",
            "stock",
            "persons",
            "internally displaced persons at dated points",
            _dated("record_displaced", "displaced"),
        ),
        Series("patrols", "per_day", "patrols/day", "patrols of the mission a day", _volumes("patrols_per_day")),
        Series(
            "escorts",
            "per_week",
            "escorts/week",
            "escorts of the mission a week",
            _volumes("escorts_per_week"),
        ),
    )
}
