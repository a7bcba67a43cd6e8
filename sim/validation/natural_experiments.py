"""Five natural experiments that nothing was fitted to: what the model gives, and what the record can say.

The record says nothing after its last day, and for closures nothing at the place: there the model's side stands
alone.  A change before and after is not an effect: other things changed too, in the model as in the country.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.calibration.mission import CLOCK, LAST_DAY, MISSION, RECORD
from sim.calibration.observation import observed, simulated
from sim.missions.record import deaths_by_contingent, fatal_days, series
from sim.model.recorder import EVENT_FIELDS, RunRecord
from sim.model.world import KM_PER_DEGREE
from sim.results.panel import is_kind

if TYPE_CHECKING:
    from sim.model.plan import Plan

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

CASES = RECORD.experiments
DECENTRALISED = CASES.evacuation_decentralised
WOUNDED_FROM, WOUNDED_TO = RECORD.wounded_from, LAST_DAY  # the last interval between dated counts of wounded
NEAR_KM = 75.0  # km around a closed base
YEAR = timedelta(days=365)
_LAST = CLOCK.day_index(LAST_DAY)


@dataclass(frozen=True)
class Contingents:
    """Which units are of the contingent, bool [units], and its person-years in the record and those of all others."""

    of_contingent: BoolArray
    person_years: tuple[float, float]

    @classmethod
    def of(cls, plan: "Plan") -> "Contingents":
        """From the plan of the runs' scenario; without parameters, as deployment is an input."""
        chosen = plan.inputs["unit_contributor"] == plan.contributors.index(CASES.contingent)
        days = np.bincount(CLOCK.calendar(_LAST + 1).month)
        person_days = (plan.inputs["unit_target"][: len(days)] * days[:, None]).sum(axis=0)
        years = person_days / 365.25
        return cls(chosen, (float(years[chosen].sum()), float(years[~chosen].sum())))


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
    """Every number of one run, by its words; the run must cover the record.

    ValueError otherwise.
    """
    if run.first_day > 0 or run.last_day < _LAST:
        raise ValueError(f"the natural experiments need a run from {MISSION.first_day:%B %Y} to {LAST_DAY}")
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
    first_row, end = np.searchsorted(day, [CLOCK.day_index(first), CLOCK.day_index(last) + 1])
    return run.events[first_row:end]


def _total(events: npt.NDArray[np.int64], field: str) -> float:
    return float(events[:, EVENT_FIELDS.index(field)].sum())


def _ratio(above: float, below: float) -> float:
    return above / below if below else float("nan")


def _rate(run: RunRecord, contingents: Contingents, of_contingent: bool) -> float:
    """Deaths by malicious act per 1,000 person-years in the record."""
    events = _between(run, MISSION.first_day, LAST_DAY)
    unit = events[:, EVENT_FIELDS.index("unit")]
    chosen = (unit >= 0) & (contingents.of_contingent[unit] == of_contingent)
    return 1000 * _total(events[chosen], "peacekeepers_killed") / contingents.person_years[0 if of_contingent else 1]


def _recorded_rate(of_contingent: bool) -> float:
    row = deaths_by_contingent(MISSION).set_index("contingent").loc[CASES.contingent if of_contingent else "others"]
    return float(1000 * row["killed"] / row["person_years"])


def _lethality(run: RunRecord, first: date, last: date) -> float:
    """Share of the mission's casualties of hostile acts who died."""
    events = _between(run, first, last)
    killed = _total(events, "peacekeepers_killed")
    return _ratio(killed, killed + _total(events, "peacekeepers_wounded"))


def _recorded_lethality(first: date, last: date) -> float:
    """The same for an interval between two dated counts of the wounded."""
    days = fatal_days(MISSION)
    killed = days[(days["date"] >= np.datetime64(first)) & (days["date"] <= np.datetime64(last))]["killed"].sum()
    counts, eve = series(MISSION, "peacekeepers_wounded").set_index("end")["value"], first - timedelta(days=1)
    before = float(counts.loc[str(eve)]) if str(eve) in counts.index else 0.0
    wounded = float(counts.loc[str(last)]) - before
    return float(killed / (killed + wounded))


def _launch(run: RunRecord) -> float:
    """Lethality from the change to the end of the record over that of the two years before the change."""
    before = _lethality(run, date(DECENTRALISED.year - 2, 1, 1), DECENTRALISED - timedelta(days=1))
    return _ratio(_lethality(run, DECENTRALISED, LAST_DAY), before)


def _one_sided(values: dict[str, float]) -> float:
    kinds = ("one_sided_government", "one_sided_nonstate")
    after, before = (sum(values[f"ucdp/{kind}/{year}"] for kind in kinds) for year in _YEARS)
    return _ratio(after, before)


def _in_centre(run: RunRecord) -> float:
    """Civilians killed in the region of a new sector, the year after over the year before."""
    region = MISSION.regions.index(CASES.sector.region)
    after, before = (
        _harmed(run, span, lambda events: _region(events) == region) for span in _spans(CASES.sector.created)
    )
    return _ratio(after, before)


def _near_base(run: RunRecord, contingents: Contingents, base: str) -> float:  # noqa: ARG001 - called alike
    """Civilians killed near a closed base, year after over year before, against the rest of the country."""
    row = MISSION.table("bases").set_index("base").loc[base]
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


_YEARS = (LAST_DAY.year, CASES.sector.created.year - 1)  # after and before
_CONTINGENT = f"{CASES.contingent}'s contingent"
_LAUNCH = f"evacuation launched by the sectors from {DECENTRALISED.year}"
_SECTOR = f"{CASES.sector.name}, {CASES.sector.created:%B %Y}"
_EVE = WOUNDED_FROM - timedelta(days=1)
_BEFORE = (MISSION.first_day, WOUNDED_FROM - timedelta(days=1))
QUANTITIES = (
    Quantity(
        _CONTINGENT,
        f"deaths per 1,000 person-years, {_CONTINGENT}",
        partial(_rate, of_contingent=True),
        partial(_recorded_rate, of_contingent=True),
    ),
    Quantity(
        _CONTINGENT,
        "deaths per 1,000 person-years, all others",
        partial(_rate, of_contingent=False),
        partial(_recorded_rate, of_contingent=False),
    ),
    Quantity(
        _LAUNCH,
        f"share of casualties who died, {MISSION.first_day:%B %Y} to {_EVE.day} {_EVE:%B %Y}",
        lambda run, _: _lethality(run, *_BEFORE),
        partial(_recorded_lethality, *_BEFORE),
    ),
    Quantity(
        _LAUNCH,
        f"share of casualties who died, {WOUNDED_FROM.day} {WOUNDED_FROM:%B %Y} to {LAST_DAY.year}",
        lambda run, _: _lethality(run, WOUNDED_FROM, WOUNDED_TO),
        partial(_recorded_lethality, WOUNDED_FROM, WOUNDED_TO),
    ),
    Quantity(
        _LAUNCH,
        f"share of casualties who died, {DECENTRALISED:%B %Y} on over {DECENTRALISED.year - 2} to "
        f"{DECENTRALISED - timedelta(days=1):%B %Y}",
        lambda run, _: _launch(run),
        lambda: None,
    ),
    Quantity(
        _SECTOR,
        f"deaths in one-sided violence as UCDP counts, {_YEARS[0]} over {_YEARS[1]}, whole country",
        lambda run, _: _one_sided(simulated(run)),
        lambda: _one_sided(observed()),
    ),
    Quantity(
        _SECTOR,
        f"civilians killed in {CASES.sector.region}, year after over year before",
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
        for base in CASES.closed_bases
    ),
)
