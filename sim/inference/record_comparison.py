"""A run beside the record: for each year and quantity what was observed and simulated over the same months."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sim._util.clock import Clock
from sim.inference.seed_ranges import Bounds, reported_range, seed_range
from sim.missions import Mission
from sim.missions.record import SERIES, Observation
from sim.model.recorder import RunRecord
from sim.results.panel import STOCKS
from sim.results.summary import SeedSummary, summarise, total

if TYPE_CHECKING:
    import pandas as pd

THOUSAND_YEARS = 365.25 * 1000  # person-days


@dataclass(frozen=True)
class Quantity:
    """One line of a year.  name: the series of record and summary; per: total, stock, day, week or rate.

    ``reported`` names a tactic: the record shows only a share of such attacks, by which they are thinned.
    """

    name: str
    label: str
    per: str = "total"
    reported: str = ""


QUANTITIES = (
    Quantity("peacekeepers_killed", "peacekeepers killed"),
    Quantity("peacekeepers_killed", "  per 1,000 personnel-years", per="rate"),
    Quantity("peacekeepers_wounded", "peacekeepers wounded"),
    Quantity("peacekeepers_died_other", "died by accident or illness"),
    Quantity("attacks_ied", "reported attacks: IED", reported="ied"),
    Quantity("attacks_ied_then_ambush", "reported attacks: IED then ambush", reported="ied_then_ambush"),
    Quantity("attacks_direct_fire", "reported attacks: direct fire", reported="direct_fire"),
    Quantity("attacks_indirect_fire", "reported attacks: indirect fire", reported="indirect_fire"),
    Quantity("attacks_complex_attack", "reported attacks: complex", reported="complex_attack"),
    Quantity("ied_incidents", "IED incidents, nationwide"),
    Quantity("civilians_killed", "civilians killed"),
    Quantity("internally_displaced", "internally displaced, year end", per="stock"),
    Quantity("patrols", "patrols a day", per="day"),
    Quantity("escorts", "escorts a week", per="week"),
)
SINCE_START = {"killed": "killed since the mission began", "wounded": "wounded since the mission began"}


@dataclass(frozen=True)
class RecordRow:
    """One comparison over start..end.  None: not observed, too few seeds, or nothing to compare."""

    start: date
    end: date
    quantity: str
    record: float | None
    low: float | None
    median: float | None
    high: float | None
    one: float
    inside: bool | None


@dataclass(frozen=True)
class RecordComparison:
    """A run, its range over seeds and the record, line by line.  All but ``record`` is simulated."""

    seeds: int
    yearly: tuple[RecordRow, ...]
    cumulative: tuple[RecordRow, ...]

    @classmethod
    def from_runs(cls, one: RunRecord, many: Sequence[SeedSummary]) -> RecordComparison:
        """Set one run beside the record; ``many`` are the seeds of the same scenario, the one included."""
        own, mission = summarise(one), one.scenario.mission
        yearly, cumulative = yearly_rows(mission, own, many), cumulative_rows(mission, own, many)
        return cls(max(len(many), 1), tuple(yearly), tuple(cumulative))

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, seeds: int) -> RecordComparison:
        """The comparison that ``frame`` made of itself.  KeyError, ValueError or TypeError where it is another."""
        rows: dict[str, list[RecordRow]] = {"yearly": [], "cumulative": []}
        for line in frame.to_dict(orient="records"):
            about: dict[str, Any] = {name: date.fromisoformat(str(line[name])) for name in ("start", "end")}
            about |= {name: _known(line[name]) for name in ("record", "low", "median", "high")}
            inside = None if line["inside"] != line["inside"] else str(line["inside"]) == "True"
            about |= {"quantity": str(line["quantity"]), "one": float(line["one"]), "inside": inside}
            rows[line["set"]].append(RecordRow(**about))
        return cls(seeds, tuple(rows["yearly"]), tuple(rows["cumulative"]))

    @property
    def rows(self) -> tuple[RecordRow, ...]:
        """All lines."""
        return (*self.yearly, *self.cumulative)

    @property
    def compared(self) -> int:
        """How many lines have a record and a range."""
        return sum(row.inside is not None for row in self.rows)

    @property
    def inside(self) -> int:
        """How many of the compared lines have the record inside the 90 % range."""
        return sum(row.inside is True for row in self.rows)

    def frame(self) -> pd.DataFrame:
        """All lines as a frame; the column ``set`` is yearly or cumulative."""
        import pandas as pd

        rows = [("yearly", row) for row in self.yearly] + [("cumulative", row) for row in self.cumulative]
        return pd.DataFrame([{"set": name, **asdict(row)} for name, row in rows])


def _known(value: float) -> float | None:
    return None if value != value else float(value)


@dataclass(frozen=True)
class _Span:
    """What was observed over start..end, and the bounds of its source; ``seen`` is None where nothing was."""

    start: date
    end: date
    seen: Bounds | None = None

    def months(self, summary: SeedSummary, clock: Clock) -> slice:
        """The months of the run that the span touches."""
        first = clock.month_index(clock.date_of(summary.first_day))
        return slice(clock.month_index(self.start) - first, clock.month_index(self.end) - first + 1)

    def days(self, summary: SeedSummary, clock: Clock) -> int:
        """Days of the period in the months that the span touches."""
        first = max(clock.day_index(self.start.replace(day=1)), summary.first_day)
        end = self.end.replace(day=monthrange(self.end.year, self.end.month)[1])
        return min(clock.day_index(end), summary.last_day) - first + 1


def yearly_rows(mission: Mission, own: SeedSummary, many: Sequence[SeedSummary]) -> Iterator[RecordRow]:
    """Every year of the period, every quantity."""
    first, last = mission.clock.date_of(own.first_day), mission.clock.date_of(own.last_day)
    observed = {quantity.name: _observed(mission, quantity.name, first, last) for quantity in QUANTITIES}
    for year in range(first.year, last.year + 1):
        whole = _Span(max(first, date(year, 1, 1)), min(last, date(year, 12, 31)))
        for quantity in QUANTITIES:
            seen = [row for row in observed[quantity.name] if row.start.year == year]
            for span in _spans(seen, quantity) or [whole]:
                yield _row(quantity, span, own, many, mission.clock)


def cumulative_rows(mission: Mission, own: SeedSummary, many: Sequence[SeedSummary]) -> Iterator[RecordRow]:
    """Killed and wounded since the mission began, on the days for which a count of wounded exists."""
    if own.first_day > 0:  # a run that starts later has no count since the mission began
        return
    dead = [(date.fromisoformat(row["date"]), float(row["killed"])) for row in mission.rows("record_fatal_days")]
    for seen in SERIES["peacekeepers_wounded"].rows(mission):
        day = mission.clock.day_index(seen.end)
        if day > own.last_day:
            continue
        killed = sum((count for when, count in dead if when <= seen.end), 0.0)
        for label, value in (("killed", killed), ("wounded", seen.value)):
            span = _Span(mission.first_day, seen.end, (value, value, value))
            bounds = seed_range([float(getattr(summary, label)[day]) for summary in many])
            yield _compare(SINCE_START[label], span, bounds, float(getattr(own, label)[day]))


def _observed(mission: Mission, name: str, first: date, last: date) -> list[Observation]:
    """The observations that lie wholly within the period."""
    if name == "peacekeepers_wounded":  # counted since the start only: see cumulative_rows
        return []
    found = SERIES[name].rows(mission)
    if name in STOCKS:
        ends = {row.end: row for row in reversed(found) if (row.end.month, row.end.day) == (12, 31)}
        found = [row._replace(start=row.end) for row in reversed(ends.values())]
    return [row for row in found if first <= row.start and row.end <= last]


def _spans(seen: list[Observation], quantity: Quantity) -> list[_Span]:
    """One span a year for totals, each observation its own for the rest."""
    if not seen:
        return []
    bounds = [_bounds(row) for row in seen]
    if quantity.per in ("total", "rate"):
        low, value, high = (sum(column) for column in zip(*bounds, strict=True))
        return [_Span(min(row.start for row in seen), max(row.end for row in seen), (low, value, high))]
    return [_Span(row.start, row.end, known) for row, known in zip(seen, bounds, strict=True)]


def _bounds(row: Observation) -> Bounds:
    low = row.value if row.low is None else row.low
    return low, row.value, row.value if row.high is None else row.high


def _row(quantity: Quantity, span: _Span, own: SeedSummary, many: Sequence[SeedSummary], clock: Clock) -> RecordRow:
    values = [_simulated(summary, quantity, span, clock) for summary in many]
    one = _simulated(own, quantity, span, clock)
    if quantity.per == "rate" and span.seen:
        low, value, high = (count / _person_years(own, span, clock) for count in span.seen)
        span = _Span(span.start, span.end, (low, value, high))
    if not quantity.reported:
        return _compare(quantity.label, span, seed_range(values), one)
    bounds = reported_range(values, [summary.shares[quantity.reported] for summary in many])
    return _compare(quantity.label, span, bounds, one * own.shares[quantity.reported])


def _compare(label: str, span: _Span, bounds: Bounds | None, one: float) -> RecordRow:
    low, median, high = bounds or (None, None, None)
    inside = None
    if bounds and span.seen:
        inside = bool(bounds[0] <= span.seen[2] and span.seen[0] <= bounds[2])
    record = span.seen[1] if span.seen else None
    return RecordRow(span.start, span.end, label, record, low, median, high, one, inside)


def _simulated(summary: SeedSummary, quantity: Quantity, span: _Span, clock: Clock) -> float:
    """The quantity over the months of the span, in the unit of its label."""
    amount = total(summary, quantity.name, span.months(summary, clock))
    if quantity.per == "rate":
        return amount / _person_years(summary, span, clock)
    if quantity.per in ("day", "week"):
        return amount / span.days(summary, clock) * {"day": 1, "week": 7}[quantity.per]
    return amount


def _person_years(summary: SeedSummary, span: _Span, clock: Clock) -> float:
    """Thousands of personnel-years in the months of the span."""
    return max(total(summary, "personnel_days", span.months(summary, clock)), 1.0) / THOUSAND_YEARS
