"""Posterior predictive draws: many runs, each under a set of the posterior, with or without the record to guide them.

Draws are made in islands of a fixed size, each with a particle filter of its own: the same draws on one process or
many, and memory that does not grow with their number.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sim.clock import EPOCH, Calendar, day_index
from sim.ensemble import begin_worker
from sim.forecast.assimilate import RECORD_ENDS, assimilate, start
from sim.forecast.seen import panel
from sim.model import MissionModel
from sim.plan import Plan
from sim.posterior import Posterior
from sim.recorder import RunRecord
from sim.scenario import Scenario
from sim.study.draws import drawn_plan
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


def panels(request: Request, workers: int) -> Iterator[FloatArray]:
    """Draws x months x regions x outcomes, island by island in order; the months begin with July 2013."""
    islands = request.islands()
    if workers <= 1 or len(islands) < 2:
        yield from (island(request, draws) for draws in islands)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(islands)), context, begin_worker) as pool:
        yield from pool.map(island, [request] * len(islands), islands)


def island(request: Request, draws: Sequence[int]) -> FloatArray:
    """The panels of some draws."""
    plan = whole_plan(request.scenario)
    if not request.conditional:
        plan = frozen(plan, request.origin)
    seed = request.scenario.seed
    plans = [drawn_plan(plan, request.posterior.values(seed, draw)) for draw in draws]
    if not request.assimilated:
        return np.stack([_finished(MissionModel(each, seed, draw)) for each, draw in zip(plans, draws, strict=True)])
    particles = assimilate(start(plans, seed, draws[0]), min(request.origin, NEXT), seed, draws[0])
    return np.stack([_finished(particle.model) for particle in particles])


@lru_cache(maxsize=2)
def whole_plan(scenario: Scenario) -> Plan:
    """The plan of a scenario with everything from July 2013 on reported, its run-up too."""
    plan = Plan.build(scenario)
    return replace(plan, report=(0, plan.report[1]))


def frozen(plan: Plan, origin: date) -> Plan:
    """The plan of somebody who knows no date after the origin: what holds on the day before goes on."""
    day = day_index(origin)
    month = int(Calendar(day + 1).month[day])
    inputs = dict(plan.inputs)
    for column in INPUTS:
        rows = {"days": day, "months": month}.get(column.shape[0])
        if rows is None or column.name in UNFORESEEN or rows >= len(inputs[column.name]):
            continue
        held = inputs[column.name].copy()
        held[rows:] = held[rows - 1]
        inputs[column.name] = held
    return replace(plan, inputs=inputs)


def _finished(model: MissionModel) -> FloatArray:
    record: RunRecord = model.run()
    model.close()
    model.columns.clear()  # Mesa's models are cycles: their arrays would wait for the garbage collector
    return panel(record)


NEXT = date(RECORD_ENDS.year + 1, 1, 1)
assert day_index(EPOCH) == 0  # noqa: S101  # months of a panel are counted from the first day of a run
