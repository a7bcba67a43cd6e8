"""What the page says of two policies: paired differences with their uncertainty, histories by month, harm by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.app.policy import FIRST, SECOND
from sim.app.summary_names import MONTHS_BY_MONTH, OUTCOMES
from sim.comparison.differences import Difference, difference
from sim.comparison.ledger import deciding_draw, learned
from sim.comparison.pairs import Pairs
from sim.study.collect import collect
from sim.study.store import Memory
from sim.study.tables import tables
from sim.study.task import draws_of

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study import StudyFrame
    from sim.study.task import RunResult

COSTS = ("effort_person_days", "patrol_days", "convoy_km")

SPAN = ("mean", "low", "high", "chance_low", "chance_high", "baseline_mean", "variant_mean", "probability_lower")


def summary(scenario: Scenario, results: Sequence[RunResult]) -> dict[str, Any]:
    """As plain JSON data; nothing where no pair has ended under both policies."""
    frame = study_frame(scenario, results)
    pairs = Pairs(frame, SECOND)
    if not pairs.count:
        return {"pairs": 0, "failed": pairs.failed, "failure": _failure(results)}
    said: dict[str, Any] = {"pairs": pairs.count, "failed": pairs.failed, "failure": _failure(results)}
    said["edges"], bins = _bins(frame)
    said["outcomes"] = {name: _outcome(pairs, name, bins) for name in OUTCOMES}
    said["costs"] = {name: [_mean(pairs.baseline(name)), _mean(pairs.values(name))] for name in COSTS}
    said["cells"] = _cells(frame, pairs.count)
    return said


def study_frame(scenario: Scenario, results: Sequence[RunResult]) -> StudyFrame:
    """The results as the study that they are."""
    memory = Memory([])
    hashes = {name: scenario.variant(name).hash for name in scenario.variants}
    memory.add(tables(results, hashes, draws_of(scenario).identity))
    return collect(memory.parts(), scenario)


def told(pairs: Pairs, outcome: str) -> Difference:
    """The difference with its word, by the rules of ``minusim compare``."""
    narrowed = None
    if pairs.frame.scenario.uncertainties.kind == "posterior":
        narrowed = learned(deciding_draw(pairs, outcome)[0])
    return difference(pairs, outcome, narrowed=narrowed)


def _outcome(pairs: Pairs, outcome: str, bins: list[int]) -> dict[str, Any]:
    row = told(pairs, outcome)
    panel = pairs.frame.panel(outcome).sum(axis=-1)[:, pairs.kept]  # [variant, replication, month]
    binned = np.add.reduceat(panel, bins, axis=-1)
    first, second = (pairs.frame.variants.index(name) for name in (FIRST, SECOND))
    return {
        **{name: _plain(getattr(row, name)) for name in SPAN},
        "verdict": str(row.verdict),
        "differences": _whole(pairs.values(outcome) - pairs.baseline(outcome)),
        "first": [_whole(history) for history in binned[first]],
        "second": [_whole(history) for history in binned[second]],
    }


def _bins(frame: StudyFrame) -> tuple[list[str], list[int]]:
    """First months of the bins (and the month after the last), and the number of the first month of each."""
    months = np.array(frame.months, dtype="datetime64[M]")
    step = 1 if len(months) <= MONTHS_BY_MONTH else 3
    starts = np.flatnonzero(np.diff(months.astype(int) // step, prepend=-1))
    edges = [*months[starts], months[-1] + 1]
    return [str(month) for month in edges], [int(start) for start in starts]


def _cells(frame: StudyFrame, pairs: int) -> dict[str, dict[str, list[list[float]]]]:
    """Variant -> outcome -> [gid, mean deaths per history] of cells with any."""
    found: dict[str, dict[str, list[list[float]]]] = {}
    for piece in frame.detail.cells():
        for name, part in piece.groupby(piece["variant"].astype(str)):
            sums = part.groupby("gid")[["peacekeepers_killed", "civilians_killed"]].sum() / pairs
            found[str(name)] = {
                outcome: [[int(gid), round(float(mean), 4)] for gid, mean in column[column > 0].items()]
                for outcome, column in sums.items()
            }
    return found


def _failure(results: Sequence[RunResult]) -> str:
    """The last line of what the first failed run reported."""
    lines = [getattr(run.kept, "traceback", "").strip().splitlines() for run in results]
    return next((known[-1] for known in lines if known), "")


def _plain(value: float) -> float | None:
    return None if value != value or abs(value) == float("inf") else round(float(value), 4)


def _mean(values: Any) -> float:
    return round(float(np.mean(values)), 1)


def _whole(values: Any) -> list[int]:
    return [round(float(value)) for value in values]
