"""The runs that validation looks at: posterior predictive, seen as the sources would have seen them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd

from sim._util.clock import EPOCH, day_index
from sim.calibration.observation import Window, simulated
from sim.model.mission_model import MissionModel
from sim.study.draws import told
from sim.study.executors import Executor
from sim.study.pool import HERE
from sim.validation.differences import paired
from sim.validation.forecast.particle_filter import chosen, weights
from sim.validation.forecast.posterior_draws import (
    Draw,
    Request,
    Watch,
    batches,
    begun,
    branch,
    draws_of,
    ended,
    finished,
    foreseen,
    lines,
    shared_out,
    unwatched,
    weighed,
    whole_plan,
)
from sim.validation.groups import GROUPS
from sim.validation.natural_experiments import Contingents
from sim.validation.run_summary import View, look
from sim.validation.table import Scored, best_rival, score_group

ORIGINS = tuple(date(year, 1, 1) for year in range(2015, 2021))  # rolling, a year ahead each
ROLLING = ("killed_by_month", "ucdp_by_month")


def seen(request: Request, executor: Executor = HERE, watch: Watch = unwatched) -> Iterator[View]:
    """The views of all draws in order."""
    parts = lines(request, executor, watch)
    for found in watch(shared_out(executor, request, partial(views, request), parts), len(parts), "batches of draws"):
        yield from found


def views(request: Request, draws: Sequence[Draw]) -> list[View]:
    """The views of one batch."""
    contingents = Contingents.of(whole_plan(request.scenario))
    return [
        look(record, draw.number, contingents) for draw, record in zip(draws, finished(request, draws), strict=True)
    ]


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


@dataclass(frozen=True)
class Year:
    """A year to foretell in one way by one draw."""

    origin: date
    kind: Kind
    draw: Draw


@dataclass(frozen=True)
class Told:
    """What a draw foretold of a year: one row of the flat vector."""

    origin: date
    kind: str
    vector: dict[str, float]


def rolling(
    request: Request, executor: Executor = HERE, watch: Watch = unwatched, origins: Sequence[date] = ORIGINS
) -> pd.DataFrame:
    """Forecasts of a year from each origin in each of KINDS: mean CRPS by series, beside the best baseline.

    Every particle is run along the record once and its draws leave it at each origin.  Origins before 2019 lie in the
    window that parameters were fitted to: there only the kinds can be compared.
    """
    request = replace(request, origin=max(origins), assimilated=True)
    plans = list(_plans(request, origins, executor, watch).items())
    parts = [plans[part.start : part.stop] for part in batches(len(plans))]
    done = shared_out(executor, request, partial(foretold, request), parts)
    found = list(watch(done, len(parts), "batches of forecasts"))
    rows = [row for part in found for row in part]
    return pd.DataFrame([score for origin in origins for kind in KINDS for score in _scores(rows, origin, kind.name)])


def foretold(request: Request, plans: Sequence[tuple[int, list[Year]]]) -> list[Told]:
    """The years that are asked for of some particles, each with its years in order of time."""
    plan, rows = whole_plan(request.scenario), []
    for particle, asked in plans:
        model = begun(request, plan, particle)
        for year in asked:
            model.advance_to(day_index(year.origin) - 1)
            rows.append(Told(year.origin, year.kind.name, _year_ahead(request, model, year)))
        ended(model)
    return rows


def _plans(request: Request, origins: Sequence[date], executor: Executor, watch: Watch) -> dict[int, list[Year]]:
    """Particle -> the years that are foretold from it."""
    logs = weighed(request, origins, executor, watch)
    found: dict[int, list[Year]] = {}
    for number, origin in enumerate(origins):
        picked = chosen(weights(logs[:, number]), request.draws, request.scenario.seed)
        for kind in KINDS:
            for draw in draws_of(picked if kind.assimilated else np.arange(request.draws)):
                found.setdefault(draw.particle, []).append(Year(origin, kind, draw))
    return dict(sorted(found.items()))


def _year_ahead(request: Request, model: MissionModel, year: Year) -> dict[str, float]:
    asked = replace(request, origin=year.origin, conditional=year.kind.conditional)
    ahead = branch(foreseen(model.plan, asked), model.snapshot(), request.scenario.seed, year.draw)
    ahead.advance_to(day_index(_end(year.origin)))
    record = told(ahead.record(), request.posterior.values(request.scenario.seed, year.draw.particle))
    ended(ahead)
    return {name: value for name, value in simulated(record).items() if f"/{year.origin.year}" in name}


def _end(origin: date) -> date:
    return date(origin.year, 12, 31)


def _scores(rows: Sequence[Told], origin: date, kind: str) -> list[dict[str, object]]:
    frame = pd.DataFrame([row.vector for row in rows if (row.origin, row.kind) == (origin, kind)])
    window, known = Window(origin, _end(origin)), Window(EPOCH, origin - timedelta(days=1))
    return [
        {"origin": origin.isoformat(), "kind": kind, **_score(score_group(GROUPS[name], frame, window, known), name)}
        for name in ROLLING
    ]


def _score(scored: list[Scored], name: str) -> dict[str, object]:
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
