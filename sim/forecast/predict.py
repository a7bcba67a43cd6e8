"""Posterior predictive draws: many runs, each under a set of the posterior, with or without the record to guide them.

Draws are made in islands of a fixed size, each with a particle filter of its own: the same draws on one process or
many, and memory that does not grow with their number.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.clock import Calendar, day_index
from sim.ensemble import begin_worker
from sim.forecast.assimilate import AFTER_THE_RECORD, assimilate, start
from sim.forecast.seen import panel, state_based
from sim.plan import Plan
from sim.posterior import Posterior
from sim.recorder import RunRecord
from sim.scenario import Scenario
from sim.study.draws import drawn_plan, told
from sim.tables import INPUTS

FloatArray = npt.NDArray[np.float64]

ISLAND = 100  # draws that share a particle filter
UNFORESEEN = ("month_of_day", "day_of_month", "threat_mean")  # days that come whatever happens


@dataclass(frozen=True)
class Request:
    """What to foretell: the scenario to its end, and from which day on the record is unknown.

    assimilated: carry runs along the record to the origin.  conditional: inputs dated after the origin are known;
    otherwise they stay as they are on the day before it.
    """

    scenario: Scenario
    posterior: Posterior
    origin: date
    draws: int
    assimilated: bool = True
    conditional: bool = True

    def islands(self) -> list[range]:
        """Draws of each island."""
        return [range(first, min(first + ISLAND, self.draws)) for first in range(0, self.draws, ISLAND)]


@dataclass(frozen=True)
class Island:
    """Some draws: ``first`` is the number of the first; ``panels`` draws x months x regions x outcomes, the months
    counted from July 2013; ``cells`` state-based deaths by draw, month and priogrid_gid, where asked for."""

    first: int
    panels: FloatArray
    cells: pd.DataFrame | None


def islands(request: Request, workers: int, cells: bool = False) -> Iterator[Island]:
    """All draws, island by island in order."""
    parts = request.islands()
    if workers <= 1 or len(parts) < 2:
        yield from (island(request, draws, cells) for draws in parts)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(parts)), context, begin_worker) as pool:
        yield from pool.map(island, repeat(request), parts, repeat(cells))


def island(request: Request, draws: range, cells: bool) -> Island:
    """One island."""
    records = list(finished(request, draws))
    found = [state_based(record).assign(draw=draw) for record, draw in zip(records, draws, strict=True) if cells]
    panels = np.stack([panel(record) for record in records])
    return Island(draws.start, panels, pd.concat(found, ignore_index=True) if cells else None)


def finished(request: Request, draws: range) -> Iterator[RunRecord]:
    """The whole run of each draw of an island, in order."""
    plan = whole_plan(request.scenario)
    if not request.conditional:
        plan = frozen(plan, request.origin)
    seed = request.scenario.seed
    values = [request.posterior.values(seed, draw) for draw in draws]
    particles = start([drawn_plan(plan, each) for each in values], seed, draws.start)
    if request.assimilated:
        assimilate(particles, min(request.origin, AFTER_THE_RECORD), seed, draws.start)
    for particle in particles:
        record = particle.model.run()
        particle.model.close()
        particle.model.columns.clear()  # Mesa's models are cycles: their arrays would wait for the garbage collector
        yield told(record, values[particle.number])


@lru_cache(maxsize=2)
def whole_plan(scenario: Scenario) -> Plan:
    """The plan of a scenario with everything from July 2013 on reported, its run-up too."""
    plan = Plan.build(scenario)
    return replace(plan, report=(0, plan.report[1]))


def frozen(plan: Plan, origin: date) -> Plan:
    """The plan of somebody who knows no date after the origin: what holds on the day before, or the first, goes on.

    Foundings and ends of armed organisations stay as they are: the few that are dated late are known.
    """
    day = day_index(origin)
    month = int(Calendar(day + 1).month[day])
    inputs = dict(plan.inputs)
    for column in INPUTS:
        rows = {"days": day, "months": month}.get(column.shape[0])
        if rows is None or column.name in UNFORESEEN or rows >= len(inputs[column.name]):
            continue
        held = inputs[column.name].copy()
        # an election on the day before ends as elections do; everything else goes on
        held[rows:] = 0 if column.name == "election" else held[max(0, rows - 1)]
        inputs[column.name] = held
    return replace(plan, inputs=inputs)
