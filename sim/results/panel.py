"""Outcome totals of a run by day, month, year and region, cheap enough to be taken for hundreds of seeds.

Every function reads the record and nothing else.  Flows are summed over the days of a bin; a stock, such
as ``internally_displaced``, is the value on the last day of the bin.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.model.recorder import EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS, RunRecord
from sim.scenario.registry import OUTCOMES

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

CASUALTIES = tuple(name for name, row in OUTCOMES.items() if row.counted == "casualties")
DEATHS = tuple(name for name in CASUALTIES if not name.endswith("wounded"))
FLOWS = tuple(name for name, row in OUTCOMES.items() if row.counted == "ledger" and row.additive)
STOCKS = tuple(name for name, row in OUTCOMES.items() if not row.additive)
OUTCOME_NAMES = tuple(OUTCOMES)

_EXPLOSIONS = ("ied", "ied_then_ambush")
_ORGANISED = ("state_based", "non_state", "one_sided")
_FIELD = {name: column for column, name in enumerate(EVENT_FIELDS)}
_FLOW_COLUMNS = [LEDGER_ITEMS.index(name) for name in FLOWS]
_STOCK_COLUMNS = [LEDGER_ITEMS.index(name) for name in STOCKS]
_STOCK_NUMBERS = [OUTCOME_NAMES.index(name) for name in STOCKS]


def column(events: npt.NDArray[np.int64], field: str) -> IntArray:
    """One field of all events, int64 [n]."""
    picked: IntArray = events[:, _FIELD[field]]
    return picked


def is_kind(events: npt.NDArray[np.int64], *kinds: str) -> npt.NDArray[np.bool_]:
    """Which events are of these kinds, bool [n]."""
    return _among(KINDS, kinds)[column(events, "kind")]


def is_tactic(events: npt.NDArray[np.int64], *tactics: str) -> npt.NDArray[np.bool_]:
    """Which events are of these tactics, bool [n]."""
    return _among(TACTICS, tactics)[column(events, "tactic")]


@cache
def _among(words: tuple[str, ...], chosen: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Which of the words are chosen, by number; several times as fast as np.isin.  ValueError for an unknown one."""
    picked = np.zeros(len(words), dtype=bool)
    picked[[words.index(word) for word in chosen]] = True
    return picked


def deaths_of(events: npt.NDArray[np.int64]) -> IntArray:
    """Everybody who died in each event, on any side and of any cause, int64 [n]."""
    total: IntArray = events[:, [_FIELD[name] for name in DEATHS]].sum(axis=1)
    return total


# outcomes that are counted by a rule over events: what each event adds, int64 [n]
RULES: Mapping[str, Callable[[IntArray], Any]] = {
    "attacks_on_mission": lambda events: is_kind(events, "mission").astype(np.int64),
    "ied_incidents": lambda events: (
        is_tactic(events, *_EXPLOSIONS) + np.where(is_kind(events, "find"), column(events, "devices_found"), 0)
    ),
    "ied_found": lambda events: column(events, "devices_found"),
    "organised_violence_deaths": lambda events: np.where(is_kind(events, *_ORGANISED), deaths_of(events), 0),
}
_ORDER = [(*CASUALTIES, *RULES, *FLOWS, *STOCKS).index(name) for name in OUTCOME_NAMES]


def _event_values(events: IntArray) -> list[IntArray]:
    """What each event adds to each of CASUALTIES and of RULES."""
    return [*(column(events, name) for name in CASUALTIES), *(rule(events) for rule in RULES.values())]


def _event_sums(events: npt.NDArray[np.int64], bins: IntArray, size: int) -> FloatArray:
    """CASUALTIES and RULES per bin, float64 [size, outcomes]."""
    values = _event_values(events)
    out = np.zeros((size, len(values)))
    for number, value in enumerate(values):
        used = np.flatnonzero(value)
        out[:, number] = np.bincount(bins[used], weights=value[used], minlength=size)
    return out


def month_numbers(record: RunRecord) -> IntArray:
    """Month of each day of the period, counted from the first month of the period, int64 [days]."""
    months = dates(record).astype("datetime64[M]").astype(np.int64)
    return np.asarray(months - months[0])


def dates(record: RunRecord) -> npt.NDArray[np.datetime64]:
    """The days of the period, datetime64[D] [days]."""
    return record.scenario.mission.clock.dates(record.first_day, record.last_day)


def months(record: RunRecord) -> tuple[str, ...]:
    """The months of the period, ``YYYY-MM``; the first and the last may be part months."""
    clock = record.scenario.mission.clock
    first, last = (clock.month_index(clock.date_of(day)) for day in (record.first_day, record.last_day))
    return tuple(clock.month_name(month) for month in range(first, last + 1))


def years(record: RunRecord) -> IntArray:
    """The calendar years that the period touches, int64."""
    clock = record.scenario.mission.clock
    return np.arange(clock.date_of(record.first_day).year, clock.date_of(record.last_day).year + 1)


def last_days(bins: IntArray) -> IntArray:
    """Position of the last day of each bin; bins are sorted and without gaps."""
    return np.append(np.flatnonzero(np.diff(bins)), len(bins) - 1)


def sums_by(values: FloatArray, bins: IntArray) -> FloatArray:
    """Sums of daily values, float64 [days, ...], over sorted bins without gaps."""
    starts = np.append(0, last_days(bins)[:-1] + 1)
    return np.add.reduceat(values, starts, axis=0)


def _panel(record: RunRecord, bins: IntArray) -> FloatArray:
    """Outcomes by bin of days and region, float64 [bins, regions, OUTCOME_NAMES]."""
    size, n_regions = int(bins[-1]) + 1, len(record.names.regions)
    day = column(record.events, "day") - record.first_day
    cells = bins[day] * n_regions + column(record.events, "region")
    happened = _event_sums(record.events, cells, size * n_regions).reshape(size, n_regions, -1)
    flows = sums_by(record.ledger[:, :, _FLOW_COLUMNS], bins)
    stock = record.ledger[last_days(bins)][:, :, _STOCK_COLUMNS]
    return np.concatenate([happened, flows, stock], axis=2)[:, :, _ORDER]


def monthly_array(record: RunRecord) -> FloatArray:
    """Outcomes by month and region, float64 [months, regions, outcomes] in the order of OUTCOME_NAMES."""
    return _panel(record, month_numbers(record))


def period_totals(by_month: FloatArray) -> FloatArray:
    """Totals of a period from months, float64 [months, ..., outcomes]: sums, and stocks as the last month has them."""
    totals = by_month.sum(axis=0)
    totals[..., _STOCK_NUMBERS] = by_month[-1][..., _STOCK_NUMBERS]
    return np.asarray(totals)


def daily_array(record: RunRecord) -> FloatArray:
    """Outcomes of the whole country by day, float64 [days, outcomes] in the order of OUTCOME_NAMES."""
    day = column(record.events, "day") - record.first_day
    happened = _event_sums(record.events, day, len(record.ledger))
    items = record.ledger.sum(axis=1)
    return np.concatenate([happened, items[:, [*_FLOW_COLUMNS, *_STOCK_COLUMNS]]], axis=1)[:, _ORDER]


def yearly_totals(record: RunRecord) -> dict[str, FloatArray]:
    """Outcomes of the whole country by calendar year: name -> float64 [years(record)]."""
    year = dates(record).astype("datetime64[Y]").astype(np.int64)
    totals = _panel(record, year - year[0]).sum(axis=1)
    return {name: totals[:, number] for number, name in enumerate(OUTCOME_NAMES)}


def item_by_month(record: RunRecord, item: str) -> FloatArray:
    """Sum of one daily item of the ledger over the country, float64 [months]."""
    return sums_by(record.ledger[:, :, LEDGER_ITEMS.index(item)].sum(axis=1), month_numbers(record))
