"""What the page says of two policies: paired differences with their uncertainty, histories by month, harm by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.app.in_memory_study import Histories
from sim.app.policy import FIRST, SECOND
from sim.app.url_state import OUTCOMES
from sim.app.view_models import MONTHS_BY_MONTH, SAID
from sim.inference.comparison.assumptions_audit import deciding_draw, posterior_narrowing
from sim.inference.comparison.differences import Difference, difference
from sim.inference.comparison.pairs import Pairs
from sim.present.locale import N_
from sim.study.frame import CELL_OUTCOMES
from sim.study.task import RunTables

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study import StudyFrame
    from sim.study.task import RunResult

COSTS = ("effort_person_days", "patrol_days", "convoy_km")
FEWEST, TOO_EARLY = 10, N_("too early to say")  # pairs for a verdict: what so few differ by changes with the next


def summary(scenario: Scenario, results: Sequence[RunResult]) -> dict[str, Any]:
    """As plain JSON data; nothing where no pair has ended under both policies."""
    pairs = Pairs(Histories.of(scenario, results), SECOND)
    failure = {"failed": pairs.failed, "failure": _failure(results)}
    if not pairs.count:
        return {"pairs": 0, **failure}
    edges, bins = _bins(pairs.frame)
    return {
        "pairs": pairs.count,
        **failure,
        "edges": edges,
        "outcomes": {name: _outcome(pairs, name, bins) for name in OUTCOMES},
        "costs": {name: [_mean(pairs.baseline(name)), _mean(pairs.values(name))] for name in COSTS},
        "cells": {
            name: _cells([run for run in results if run.variant == name], pairs.count) for name in (FIRST, SECOND)
        },
    }


def told(pairs: Pairs, outcome: str) -> Difference:
    """The difference with its word, by the rules of ``minusim compare``; of few pairs the page says no word."""
    narrowed = None
    if pairs.count >= FEWEST and pairs.frame.scenario.uncertainties.kind == "posterior":
        narrowed = posterior_narrowing(pairs.frame.scenario.mission, deciding_draw(pairs, outcome)[0])
    return difference(pairs, outcome, narrowed=narrowed)


def _outcome(pairs: Pairs, outcome: str, bins: list[int]) -> dict[str, Any]:
    row = told(pairs, outcome)
    panel = pairs.frame.panel(outcome).sum(axis=-1)[:, pairs.kept]  # [variant, replication, month]
    binned = np.add.reduceat(panel, bins, axis=-1)
    first, second = (pairs.frame.variants.index(name) for name in (FIRST, SECOND))
    return {
        **{name: _plain(getattr(row, name)) for name in (*SAID, "baseline_mean", "variant_mean") if name != "verdict"},
        "verdict": str(row.verdict) if pairs.count >= FEWEST else TOO_EARLY,
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


def _cells(results: Sequence[RunResult], pairs: int) -> dict[str, list[list[float]]]:
    """Outcome -> [gid, mean deaths per history] of cells with any, of one policy."""
    ended = [run.kept for run in results if isinstance(run.kept, RunTables)]
    gids, place = np.unique(np.concatenate([kept.gids for kept in ended]), return_inverse=True)
    deaths = np.zeros((len(gids), len(CELL_OUTCOMES)))
    np.add.at(deaths, place, np.concatenate([kept.killed for kept in ended]))
    return {
        outcome: [[int(gid), round(float(mean), 4)] for gid, mean in zip(gids, column / pairs, strict=True) if mean > 0]
        for outcome, column in zip(CELL_OUTCOMES, deaths.T, strict=True)
    }


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
