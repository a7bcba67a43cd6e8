"""Five natural experiments that nothing was fitted to: what the model gives, and what the record can say.

The record says nothing after 2020, and for closures nothing at the place: there the model's side stands alone.  A
change before and after is not an effect: other things changed too, in the model as in Mali.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim._util.clock import Calendar, day_index
from sim.calibration.observation import observed, simulated
from sim.missions import table
from sim.missions.record import LAST_DAY, deaths_by_contingent, fatal_days, series
from sim.model.recorder import EVENT_FIELDS, RunRecord
from sim.model.world import KM_PER_DEGREE, REGIONS
from sim.results.panel import is_kind

if TYPE_CHECKING:
    from sim.model.plan import Plan

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

CHAD = "Chad"
DECENTRALISED = date(2020, 2, 1)  # launch of medical evacuation left to the sectors, "early 2020"
SECTOR_CENTRE = date(2019, 6, 24)
WOUNDED_FROM, WOUNDED_TO = date(2018, 4, 8), LAST_DAY  # the last interval between dated counts of wounded
NEAR_KM = 75.0  # km around a closed base
YEAR = timedelta(days=365)
_LAST = day_index(LAST_DAY)


@dataclass(frozen=True)
class Contingents:
    """Which units are Chad's, bool [units], and person-years to 2020 of Chad and of all others."""

    chad: BoolArray
    person_years: tuple[float, float]

    @classmethod
    def of(cls, plan: "Plan") -> "Contingents":
        """From the plan of the runs' scenario; without parameters, as deployment is an input."""
        chad = plan.inputs["unit_contributor"] == plan.contributors.index(CHAD)
        days = np.bincount(Calendar(_LAST + 1).month)
        person_days = (plan.inputs["unit_target"][: len(days)] * days[:, None]).sum(axis=0)
        years = person_days / 365.25
        return cls(chad, (float(years[chad].sum()), float(years[~chad].sum())))


@dataclass(frozen=True)
class Quantity:
    """One number of an experiment: in a run, and in the record (None where the record cannot say)."""

    experiment: str
    words: str
    of_run: Callable[[RunRecord, Contingents], float]
    of_record: Callable[[], float | None]


@dataclass(frozen=True)
class ExperimentResult:
    """The record beside the runs' median and 90 % range.  inside: whether the record lies in it, None without one."""

    experiment: str
    words: str
    record: float | None
    median: float
    low: float
    high: float
    inside: bool | None


def measure(run: RunRecord, contingents: Contingents) -> dict[str, float]:
    """Every number of one run, by its words; the run must reach from July 2013 to the end of 2020.

    ValueError otherwise.
    """
    if run.first_day > 0 or run.last_day < _LAST:
        raise ValueError(f"the natural experiments need a run from July 2013 to {LAST_DAY}")
    return {quantity.words: quantity.of_run(run, contingents) for quantity in QUANTITIES}


def experiment_results(measured: Sequence[dict[str, float]]) -> list[ExperimentResult]:
    """The runs' numbers, one dictionary of ``measure`` a run, beside the record."""
    return [_finding(quantity, [run[quantity.words] for run in measured]) for quantity in QUANTITIES]


def _finding(quantity: Quantity, values: Sequence[float]) -> ExperimentResult:
    known = np.array([value for value in values if not np.isnan(value)])
    low, median, high = np.quantile(known, [0.05, 0.5, 0.95]) if len(known) else (np.nan,) * 3
    seen = quantity.of_record()
    inside = None if seen is None or not len(known) else bool(low <= seen <= high)
    return ExperimentResult(quantity.experiment, quantity.words, seen, float(median), float(low), float(high), inside)


def _between(run: RunRecord, first: date, last: date) -> npt.NDArray[np.int64]:
    day = run.events[:, EVENT_FIELDS.index("day")]
    first_row, end = np.searchsorted(day, [day_index(first), day_index(last) + 1])
    return run.events[first_row:end]


def _total(events: npt.NDArray[np.int64], field: str) -> float:
    return float(events[:, EVENT_FIELDS.index(field)].sum())


def _ratio(above: float, below: float) -> float:
    return above / below if below else float("nan")


def _rate(run: RunRecord, contingents: Contingents, of_chad: bool) -> float:
    """Deaths by malicious act per 1,000 person-years to 2020."""
    events = _between(run, date(2013, 7, 1), LAST_DAY)
    unit = events[:, EVENT_FIELDS.index("unit")]
    chosen = (unit >= 0) & (contingents.chad[unit] == of_chad)
    return 1000 * _total(events[chosen], "peacekeepers_killed") / contingents.person_years[0 if of_chad else 1]


def _recorded_rate(of_chad: bool) -> float:
    row = deaths_by_contingent().set_index("contingent").loc[CHAD if of_chad else "others"]
    return float(1000 * row["killed"] / row["person_years"])


def _lethality(run: RunRecord, first: date, last: date) -> float:
    """Share of the mission's casualties of hostile acts who died."""
    events = _between(run, first, last)
    killed = _total(events, "peacekeepers_killed")
    return _ratio(killed, killed + _total(events, "peacekeepers_wounded"))


def _recorded_lethality(first: date, last: date) -> float:
    """The same for an interval between two dated counts of the wounded."""
    days = fatal_days()
    killed = days[(days["date"] >= np.datetime64(first)) & (days["date"] <= np.datetime64(last))]["killed"].sum()
    counts, eve = series("peacekeepers_wounded").set_index("end")["value"], first - timedelta(days=1)
    before = float(counts.loc[str(eve)]) if str(eve) in counts.index else 0.0
    wounded = float(counts.loc[str(last)]) - before
    return float(killed / (killed + wounded))


def _launch(run: RunRecord) -> float:
    """Lethality from the change to the end of 2020 over that from 2018 to the change."""
    before = _lethality(run, date(2018, 1, 1), DECENTRALISED - timedelta(days=1))
    return _ratio(_lethality(run, DECENTRALISED, LAST_DAY), before)


def _one_sided(values: dict[str, float]) -> float:
    kinds = ("one_sided_government", "one_sided_nonstate")
    after, before = (sum(values[f"ucdp/{kind}/{year}"] for kind in kinds) for year in (2020, 2018))
    return _ratio(after, before)


def _in_centre(run: RunRecord) -> float:
    """Civilians killed in Mopti, the year after Sector Centre over the year before."""
    region = REGIONS.index("Mopti")
    after, before = (_harmed(run, span, lambda events: _region(events) == region) for span in _spans(SECTOR_CENTRE))
    return _ratio(after, before)


def _near_base(run: RunRecord, contingents: Contingents, base: str) -> float:  # noqa: ARG001 - called alike
    """Civilians killed near a closed base, year after over year before, against the rest of the country."""
    row = table("bases").set_index("base").loc[base]
    north = (run.names.lats - float(row["lat"])) * KM_PER_DEGREE
    east = (run.names.lons - float(row["lon"])) * KM_PER_DEGREE * np.cos(np.radians(float(row["lat"])))
    near = np.hypot(north, east) <= NEAR_KM
    spans = _spans(date.fromisoformat(str(row["closed"])))
    here = [1 + _harmed(run, span, lambda events: near[_cell(events)]) for span in spans]
    elsewhere = [1 + _harmed(run, span, lambda events: ~near[_cell(events)]) for span in spans]
    return float(here[0] / here[1] / (elsewhere[0] / elsewhere[1]))


def _spans(day: date) -> tuple[tuple[date, date], tuple[date, date]]:
    """The year from a day on, and the year before it."""
    return (day, day + YEAR - timedelta(days=1)), (day - YEAR, day - timedelta(days=1))


def _harmed(run: RunRecord, span: tuple[date, date], where: Callable[[npt.NDArray[np.int64]], BoolArray]) -> float:
    events = _between(run, *span)
    violent = events[is_kind(events, "mission", "state_based", "non_state", "one_sided")]
    return _total(violent[where(violent)], "civilians_killed")


def _region(events: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.asarray(events[:, EVENT_FIELDS.index("region")])


def _cell(events: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.asarray(events[:, EVENT_FIELDS.index("cell")])


_BEFORE = (date(2013, 7, 1), WOUNDED_FROM - timedelta(days=1))
QUANTITIES = (
    Quantity(
        "Chad's contingent",
        "deaths per 1,000 person-years, Chad's contingent",
        partial(_rate, of_chad=True),
        partial(_recorded_rate, of_chad=True),
    ),
    Quantity(
        "Chad's contingent",
        "deaths per 1,000 person-years, all others",
        partial(_rate, of_chad=False),
        partial(_recorded_rate, of_chad=False),
    ),
    Quantity(
        "evacuation launched by the sectors from 2020",
        "share of casualties who died, July 2013 to 7 April 2018",
        lambda run, _: _lethality(run, *_BEFORE),
        partial(_recorded_lethality, *_BEFORE),
    ),
    Quantity(
        "evacuation launched by the sectors from 2020",
        "share of casualties who died, 8 April 2018 to 2020",
        lambda run, _: _lethality(run, WOUNDED_FROM, WOUNDED_TO),
        partial(_recorded_lethality, WOUNDED_FROM, WOUNDED_TO),
    ),
    Quantity(
        "evacuation launched by the sectors from 2020",
        "share of casualties who died, February 2020 on over 2018 to January 2020",
        lambda run, _: _launch(run),
        lambda: None,
    ),
    Quantity(
        "Sector Centre, June 2019",
        "deaths in one-sided violence as UCDP counts, 2020 over 2018, whole country",
        lambda run, _: _one_sided(simulated(run)),
        lambda: _one_sided(observed()),
    ),
    Quantity(
        "Sector Centre, June 2019",
        "civilians killed in Mopti, year after over year before",
        lambda run, _: _in_centre(run),
        lambda: None,
    ),
    *(
        Quantity(
            f"closure of {base}",
            f"civilians killed within 75 km of {base}, year after over year before, against the rest of the country",
            partial(_near_base, base=base),
            lambda: None,
        )
        for base in ("Gossi", "Diabaly")
    ),
)
