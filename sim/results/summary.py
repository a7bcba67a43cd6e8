"""What is kept of each of many seeds: small arrays that cross processes cheaply (about 70 kB a decade)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.model.recorder import RunRecord
from sim.results.panel import (
    OUTCOME_NAMES,
    STOCKS,
    FloatArray,
    column,
    is_kind,
    is_tactic,
    item_by_month,
    month_numbers,
    monthly_array,
)

if TYPE_CHECKING:
    from sim.scenario import Scenario

TACTICS_ON_MISSION = ("ied", "ied_then_ambush", "direct_fire", "indirect_fire", "complex_attack")
ITEMS = ("patrols", "escorts")


@dataclass(frozen=True)
class SeedSummary:
    """One seed of one scenario; simulated.

    monthly: name -> float64 [months] of the whole country, for every outcome (flows summed, the stock at
    month end), ``attacks_<tactic>`` on the mission for the five tactics, ``patrols`` and ``escorts``.
    shares: tactic -> share of attacks by it that the press-coded record would show.
    killed, wounded: peacekeepers since the start of the period, by malicious acts, int32 [days].
    by_cell: outcome -> float64 [cells], totals of the period.
    """

    seed: int
    first_day: int
    last_day: int
    monthly: dict[str, FloatArray]
    shares: dict[str, float]
    killed: npt.NDArray[np.int32]
    wounded: npt.NDArray[np.int32]
    by_cell: dict[str, FloatArray]


def summarise(record: RunRecord) -> SeedSummary:
    """The summary of one run."""
    by_month = monthly_array(record).sum(axis=1)
    monthly = {name: by_month[:, number] for number, name in enumerate(OUTCOME_NAMES)}
    return SeedSummary(
        seed=record.seed,
        first_day=record.first_day,
        last_day=record.last_day,
        monthly={**monthly, **_attacks(record), **{item: item_by_month(record, item) for item in ITEMS}},
        shares=reporting_shares(record.scenario),
        killed=_since_start(record, "peacekeepers_killed"),
        wounded=_since_start(record, "peacekeepers_wounded"),
        by_cell={name: _by_cell(record, name) for name in ("peacekeepers_killed", "civilians_killed")},
    )


def reporting_shares(scenario: "Scenario") -> dict[str, float]:
    """Tactic -> share of attacks reported: ``reporting_share_<tactic>``, the scenario's or the table's."""
    rows = scenario.mission.parameters
    names = {tactic: f"reporting_share_{tactic}" for tactic in TACTICS_ON_MISSION}
    return {tactic: scenario.parameters.get(name, rows[name].value) for tactic, name in names.items()}


def total(summary: SeedSummary, name: str, months: slice) -> float:
    """A monthly series over some months: the sum, or the last value of a stock."""
    values = summary.monthly[name][months]
    return float(values[-1] if name in STOCKS else values.sum())


def _attacks(record: RunRecord) -> dict[str, FloatArray]:
    month, on_mission = month_numbers(record), is_kind(record.events, "mission")
    day = column(record.events, "day") - record.first_day
    counts = {}
    for tactic in TACTICS_ON_MISSION:
        when = month[day[on_mission & is_tactic(record.events, tactic)]]
        counts[f"attacks_{tactic}"] = np.bincount(when, minlength=int(month[-1]) + 1).astype(np.float64)
    return counts


def _since_start(record: RunRecord, field: str) -> npt.NDArray[np.int32]:
    day = column(record.events, "day") - record.first_day
    daily = np.bincount(day, weights=column(record.events, field), minlength=len(record.ledger))
    return daily.cumsum().astype(np.int32)


def _by_cell(record: RunRecord, field: str) -> FloatArray:
    cell = column(record.events, "cell")
    totals = np.bincount(cell, weights=column(record.events, field), minlength=len(record.names.gids))
    return totals.astype(np.float64)
