"""The record of a mission: what was observed, as series to hold a run against.

A series is a frame with one observation per row: ``start`` and ``end`` (dates, inclusive), ``value``, ``low``
and ``high`` (empty where the source gives none), ``source``.  Outcomes after the last day of the record are withheld
for testing: no series reaches beyond it, and a row that does is an error.  A table that a pack leaves out is a series
without observations.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from sim.missions.mission import Mission

MEASURES = ("total", "stock", "per_day", "per_week", "since_start")
UCDP_TYPES = ("state_based", "non_state", "one_sided_government", "one_sided_nonstate")
COLUMNS = ["start", "end", "value", "low", "high", "source"]
_TYPES = {"start": "datetime64[s]", "end": "datetime64[s]", "value": float, "low": float, "high": float}


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
    read: Callable[[Mission], pd.DataFrame]

    def observations(self, mission: Mission) -> pd.DataFrame:
        """In order of time, columns COLUMNS.  ValueError where an observation lies in the withheld years."""
        if not mission.path(self.table).is_file():
            return pd.DataFrame(columns=COLUMNS).astype(_TYPES)
        frame = self.read(mission).dropna(subset=["value"]).reindex(columns=COLUMNS)
        frame = frame.astype({"start": "datetime64[s]", "end": "datetime64[s]"})
        if (frame["end"] > pd.Timestamp(mission.record_end)).any():
            raise ValueError(
                f"series {self.name}: an observation after {mission.record_end}, in the years withheld for testing"
            )
        return frame.sort_values("end", ignore_index=True)


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


def _months(mission: Mission, columns: tuple[str, ...]) -> pd.DataFrame:
    """Deaths of the mission per month, the sum of some causes."""
    frame = mission.table("record_deaths_month")
    start = pd.to_datetime(frame["month"], format="%Y-%m")
    value = frame[list(columns)].sum(axis=1)
    end = start + pd.offsets.MonthEnd(0)
    return pd.DataFrame({"start": start, "end": end, "value": value, "source": frame["source"]})


def _years(mission: Mission, name: str, value: str, spread: bool = False) -> pd.DataFrame:
    """One column of a yearly table, with the columns low and high where they belong to it."""
    frame = mission.table(name)
    year = frame["year"].astype(str)
    out = {"start": pd.to_datetime(year + "-01-01"), "end": pd.to_datetime(year + "-12-31")}
    bounds = {bound: frame[bound] for bound in ("low", "high") if spread and bound in frame}
    return pd.DataFrame({**out, "value": frame[value], **bounds, "source": frame["source"]})


def _tactic(tactic: str) -> Callable[[Mission], pd.DataFrame]:
    def read(mission: Mission) -> pd.DataFrame:
        frame = mission.table("record_attacks")
        seen = frame[frame["tactic"] == tactic].groupby("year")["attacks"].sum()
        # a coded year without an attack of this tactic is a zero, not a gap
        counts = seen.reindex(sorted(frame["year"].unique()), fill_value=0)
        year = counts.index.astype(str)
        out = {"start": pd.to_datetime(year + "-01-01"), "end": pd.to_datetime(year + "-12-31")}
        return pd.DataFrame({**out, "value": counts.to_numpy(), "source": frame["source"].iloc[0]})

    return read


def _quarters(mission: Mission) -> pd.DataFrame:
    """Attacks by quarter; the last quarter is left out, because the list ends within it."""
    when = attacks(mission)["date"].dt.to_period("Q")
    seen = when.value_counts().sort_index().iloc[:-1]
    start, end = seen.index.to_timestamp(), seen.index.to_timestamp(how="end").normalize()
    source = mission.table("record_attack_days")["source"].iloc[0]
    return pd.DataFrame({"start": start, "end": end, "value": seen.to_numpy(), "source": source})


def _dated(name: str, value: str) -> Callable[[Mission], pd.DataFrame]:
    def read(mission: Mission) -> pd.DataFrame:
        frame = mission.table(name)
        when = pd.to_datetime(frame["date"])
        start = pd.Series(pd.Timestamp(mission.first_day), index=frame.index)
        return pd.DataFrame({"start": start, "end": when, "value": frame[value], "source": frame["source"]})

    return read


def _ucdp_months(mission: Mission) -> pd.DataFrame:
    frame = mission.table("record_ucdp_month")
    start = pd.to_datetime(frame["month"], format="%Y-%m")
    end = start + pd.offsets.MonthEnd(0)
    return pd.DataFrame({"start": start, "end": end, "value": frame["deaths"], "source": frame["source"]})


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


def _volumes(column: str) -> Callable[[Mission], pd.DataFrame]:
    return lambda mission: mission.table("record_patrols").rename(columns={column: "value"})


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
