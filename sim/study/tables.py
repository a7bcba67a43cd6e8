"""Runs as Arrow tables: what a part of a store holds, and what every column of it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.results.panel import OUTCOME_NAMES
from sim.scenario import OUTCOMES
from sim.study.executor import Failure
from sim.study.exposure import EXTRAS
from sim.study.frame import CELL_OUTCOMES, DONE, FAILED
from sim.study.task import RunResult, RunTables

TOTALS = (*OUTCOME_NAMES, *EXTRAS)
ABOUT_RUN = {
    "variant": ("name", "variant of the scenario"),
    "variant_hash": ("sha256", "hash of the resolved variant"),
    "draw_hash": ("sha256", "identity of what is drawn for each replication"),
    "replication": ("number", "replication: a history with its own chance and its own draw, shared by all variants"),
    "status": ("class", "done or failed"),
    "stage": ("class", "where a failed run failed: build, run, reduce or worker; empty where it did not"),
    "traceback": ("text", "what a failed run reported; empty where it did not fail"),
    "seconds": ("s", "processor time of the run, with its part of the days that it shares with other variants"),
    "simulated": ("true", "the row is simulated, never observed"),
}
ABOUT_DETAIL = {
    "month": ("YYYY-MM", "calendar month; the first and the last may be part months of the period"),
    "region": ("name", "region of the mission pack"),
    "gid": ("PRIO-GRID id", "grid cell; only cells where somebody was killed"),
}


class Tables(NamedTuple):
    """The three tables of a part."""

    runs: pa.Table
    monthly: pa.Table
    cells: pa.Table


@dataclass(frozen=True)
class RunKey:
    """What a run is known by, so that it is never simulated twice: equal keys, equal results to the bit."""

    variant: str
    variant_hash: str
    fingerprint: str
    draw_hash: str
    replication: int


def tables(results: Sequence[RunResult], hashes: Mapping[str, str], draw_hash: str, regions: Sequence[str]) -> Tables:
    """The tables of some runs; ``hashes`` is variant -> hash of the resolved variant."""
    ended = [(run, run.kept) for run in results if isinstance(run.kept, RunTables)]
    return Tables(_runs(results, hashes, draw_hash), _monthly(ended, regions), _cells(ended))


def _runs(results: Sequence[RunResult], hashes: Mapping[str, str], draw_hash: str) -> pa.Table:
    failures = [run.kept if isinstance(run.kept, Failure) else Failure("", "") for run in results]
    blank = np.full(len(TOTALS), np.nan)
    totals = np.array([run.kept.totals if isinstance(run.kept, RunTables) else blank for run in results])
    totals = totals.reshape(-1, len(TOTALS))
    columns: dict[str, Any] = {
        "variant": _names([run.variant for run in results]),
        "variant_hash": _names([hashes[run.variant] for run in results]),
        "draw_hash": _names([draw_hash] * len(results)),
        "replication": pa.array([run.replication for run in results], pa.int32()),
        "status": _names([FAILED if problem.stage else DONE for problem in failures]),
        "stage": _names([problem.stage for problem in failures]),
        "traceback": [problem.traceback for problem in failures],
        "seconds": [run.seconds for run in results],
        "simulated": np.ones(len(results), dtype=bool),
    }
    columns |= {name: totals[:, number] for number, name in enumerate(TOTALS)}
    return pa.table(columns)


def _monthly(ended: Sequence[tuple[RunResult, RunTables]], regions: Sequence[str]) -> pa.Table:
    sizes = [len(kept.months) * len(regions) for _, kept in ended]
    values = [kept.monthly.reshape(-1, len(OUTCOME_NAMES)) for _, kept in ended]
    stacked = np.concatenate([np.zeros((0, len(OUTCOME_NAMES))), *values])
    months = [month for _, kept in ended for month in kept.months]
    columns = _keys(ended, sizes) | {
        "month": _repeated(months, [len(regions)] * len(months)),
        "region": _coded(np.tile(np.arange(len(regions)), len(months)), regions),
    }
    columns |= {name: stacked[:, number] for number, name in enumerate(OUTCOME_NAMES)}
    return pa.table(columns | {"simulated": np.ones(len(stacked), dtype=bool)})


def _cells(ended: Sequence[tuple[RunResult, RunTables]]) -> pa.Table:
    columns = _keys(ended, [len(kept.gids) for _, kept in ended])
    columns["gid"] = np.concatenate([np.zeros(0, np.int64), *(kept.gids for _, kept in ended)])
    killed = np.concatenate([np.zeros((0, len(CELL_OUTCOMES)), np.int64), *(kept.killed for _, kept in ended)])
    columns |= {name: killed[:, number] for number, name in enumerate(CELL_OUTCOMES)}
    return pa.table(columns | {"simulated": np.ones(len(killed), dtype=bool)})


def _keys(ended: Sequence[tuple[RunResult, RunTables]], sizes: Sequence[int]) -> dict[str, Any]:
    replication = np.repeat(np.array([run.replication for run, _ in ended], np.int32), sizes)
    return {"variant": _repeated([run.variant for run, _ in ended], sizes), "replication": replication}


def _repeated(names: Sequence[str], sizes: Sequence[int]) -> pa.DictionaryArray:
    words = tuple(dict.fromkeys(names))
    code = {word: number for number, word in enumerate(words)}
    return _coded(np.repeat(np.array([code[name] for name in names], np.int64), sizes), words)


def _names(names: Sequence[str]) -> pa.DictionaryArray:
    return _repeated(names, [1] * len(names))


def _coded(codes: np.ndarray, words: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(words, pa.string()))


def codebook() -> pd.DataFrame:
    """Table, column, unit and definition of every column in a store."""
    outcomes = {name: (row.unit, row.definition) for name, row in OUTCOMES.items()}
    known = {**outcomes, **EXTRAS, **ABOUT_RUN, **ABOUT_DETAIL}
    empty = tables([], {}, "", ())
    rows = [(part, name, *known[name]) for part, one in empty._asdict().items() for name in one.column_names]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "definition"])
