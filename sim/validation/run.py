"""The runs that validation looks at: posterior predictive, seen as the sources would have seen them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import repeat

import numpy as np
import pandas as pd

from sim.ensemble import begin_worker
from sim.forecast.predict import Request, finished, whole_plan
from sim.observation import Window
from sim.posterior import Posterior
from sim.scenario import Scenario
from sim.validation.differences import paired
from sim.validation.groups import GROUPS
from sim.validation.natural import Contingents
from sim.validation.table import best_rival, score_group
from sim.validation.view import View, look

ORIGINS = tuple(date(year, 1, 1) for year in range(2015, 2021))  # rolling, a year ahead each
ROLLING = ("killed_by_month", "ucdp_by_month")


def seen(request: Request, workers: int) -> Iterator[list[View]]:
    """The views of all draws, island by island."""
    parts = request.islands()
    if workers <= 1 or len(parts) < 2:
        yield from (views(request, draws) for draws in parts)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(parts)), context, begin_worker) as pool:
        yield from pool.map(views, repeat(request), parts)


def views(request: Request, draws: range) -> list[View]:
    """The views of one island."""
    contingents = Contingents.of(whole_plan(request.scenario))
    return [look(record, draw, contingents) for draw, record in zip(draws, finished(request, draws), strict=True)]


def vectors(found: list[View]) -> pd.DataFrame:
    """A row per draw, a column per observation."""
    return pd.DataFrame([view.vector for view in found])


@dataclass(frozen=True)
class Kind:
    """A way to foretell a year: with or without assimilation, with or without dated inputs of the year."""

    name: str
    assimilated: bool
    conditional: bool


KINDS = (
    Kind("assimilated, dated inputs known", True, True),
    Kind("assimilated, ex ante", True, False),
    Kind("not assimilated, dated inputs known", False, True),
)


def rolling(scenario: Scenario, posterior: Posterior, draws: int, workers: int) -> Iterator[dict[str, object]]:
    """Forecasts of a year from each origin in each of KINDS: mean CRPS by series, beside the best baseline.

    Origins before 2019 lie in the window that parameters were fitted to: there only the kinds can be compared.
    """
    for origin in ORIGINS:
        window = Window(origin, date(origin.year, 12, 31))
        for kind in KINDS:
            request = Request(scenario, posterior, origin, draws, kind.assimilated, kind.conditional)
            frame = vectors([view for part in seen(request, workers) for view in part])
            for name in ROLLING:
                yield {"origin": origin.isoformat(), "kind": kind.name, **_year(name, frame, window)}


def _year(name: str, frame: pd.DataFrame, window: Window) -> dict[str, object]:
    scored = score_group(GROUPS[name], frame, window)
    rival = best_rival(scored)
    return {
        "series": name,
        "crps": float(scored[0].values["crps"].mean()),
        "best_baseline": rival.forecast,
        "baseline_crps": float(rival.values["crps"].mean()),
        "coverage_90": float(scored[0].values["coverage_90"].mean()),
    }


def gain(table: pd.DataFrame, series: str, kind: str, other: str) -> tuple[float, float, float]:
    """Mean difference in CRPS of one kind to another over the origins, with its 95 % interval."""
    wide = table[table["series"] == series].pivot_table(index="origin", columns="kind", values="crps")
    found = paired(wide[kind].to_numpy(np.float64), wide[other].to_numpy(np.float64), block=1)
    return found.mean, found.low, found.high
