"""Posterior predictive draws: many runs, each under a set of the posterior, with or without the record to guide them.

With the record, more runs than draws are made up to the origin and weighed; draws are then taken from them by weight,
once over all of them, and go on from there.  Each part of the work is a function of its numbers alone: the same draws
on one process or many, and memory that does not grow with their number.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from itertools import groupby, pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.missions.posterior import Posterior
from sim.model.plan import Plan
from sim.model.recorder import RunRecord
from sim.model.simulation import Simulation, Snapshot
from sim.model.streams import run_key
from sim.model.tables import INPUTS
from sim.scenario import Scenario
from sim.study.draws import drawn_plan, told
from sim.study.executor import LOCAL, Executor, FunctionWork, in_order
from sim.study.first_compile import compile_model
from sim.study.run_up import WITH_EVENTS, RunUps
from sim.validation.forecast.panels import panel, state_based, tidy
from sim.validation.forecast.particle_filter import (
    AFTER_THE_RECORD,
    importance_weights,
    log_likelihood,
    resample,
    scored_years,
)

FloatArray = npt.NDArray[np.float64]
T = TypeVar("T")
R = TypeVar("R")
Progress = Callable[[Iterable[Any], int, str], Iterator[Any]]

BATCH_SIZE = 20  # runs of one part of the work
# particles: four for each draw, but at most so many more than draws.  With 200 particles the CRPS of the mission's
# deaths moves by 0.03 with the seed, with 800 by 0.015
PARTICLES_PER_DRAW, MOST_EXTRA_PARTICLES = 4, 600
COPY_STREAM = 500_000_000  # replications of further draws of a particle: far from all others
ALWAYS_KNOWN = ("month_of_day", "day_of_month", "threat_mean")  # days that come whatever happens; held() has the threat


@dataclass(frozen=True)
class ForecastRequest:
    """A forecast to be made: the scenario to its end, and the day from which on the record is unknown.

    assimilated: runs are weighed by the record up to the origin.  conditional: inputs dated after the origin are known;
    otherwise they stay as they are on the day before it.
    """

    scenario: Scenario
    posterior: Posterior
    origin: date
    draws: int
    assimilated: bool = True
    conditional: bool = True

    @classmethod
    def of_months(
        cls,
        scenario: Scenario,
        posterior: Posterior,
        months: tuple[date, date],
        draws: int,
        assimilated: bool = True,
        conditional: bool = True,
    ) -> ForecastRequest:
        """A forecast of the months from one to another, given by any of their days.

        ScenarioError where the scenario cannot end with the last of them.
        """
        first, last = months
        end = last.replace(day=monthrange(last.year, last.month)[1])
        cut = scenario.with_values({"period.end": end.isoformat()})
        return cls(cut, posterior, first.replace(day=1), draws, assimilated, conditional)

    @property
    def branches(self) -> date:
        """The day on which draws leave their particles: the origin, or the first day after the record."""
        return min(self.origin, AFTER_THE_RECORD)

    @property
    def particles(self) -> int:
        """Runs that are weighed; none where there is no record to weigh them by."""
        return (
            min(PARTICLES_PER_DRAW * self.draws, self.draws + MOST_EXTRA_PARTICLES)
            if self.assimilated and scored_years(self.origin)
            else 0
        )


@dataclass(frozen=True)
class Draw:
    """A draw and the particle it continues; the first of a particle keeps its random numbers, others get their own."""

    number: int
    particle: int
    first: bool


@dataclass(frozen=True)
class ForecastBatch:
    """Some draws: ``first`` is the number of the first; ``panels`` draws x months x regions x outcomes, from the month
    of the origin on; ``cells`` state-based deaths by draw, month and priogrid_gid, where asked for."""

    first: int
    panels: FloatArray
    cells: pd.DataFrame | None


def no_progress(items: Iterable[Any], total: int, what: str) -> Iterator[Any]:  # noqa: ARG001 - as other watches
    """The items unchanged, without reporting progress."""
    return iter(items)


def forecast(
    request: ForecastRequest, executor: Executor = LOCAL, cells: bool = False, watch: Progress = no_progress
) -> Iterator[ForecastBatch]:
    """All draws, batch by batch in order."""
    parts = assign_particles(request, executor, watch)
    found = map_parts(executor, request, partial(forecast_batch, request, cells=cells), parts)
    yield from watch(found, len(parts), "batches of draws")


def monthly_draws(
    request: ForecastRequest, executor: Executor = LOCAL, cells: bool = False, watch: Progress = no_progress
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """All draws from the origin to the end of the scenario, as long frames.

    The first has the columns draw, month, region (the country for the total), outcome, value, simulated; the second,
    with ``cells``, draw, month (from the beginning of the run), priogrid_gid, outcome.
    """
    mission = request.scenario.mission
    month, frames, found = mission.clock.month_index(request.origin), [], []
    for batch in forecast(request, executor, cells, watch):
        frames.append(tidy(mission, batch.panels, batch.first, month))
        found.append(batch.cells)
    return pd.concat(frames, ignore_index=True).assign(simulated=True), pd.concat(found) if cells else None


def map_parts(
    executor: Executor, request: ForecastRequest, function: Callable[[T], R], parts: Sequence[T]
) -> Iterator[R]:
    """What a function makes of each part of the work on a request, in their order."""
    return in_order(executor, FunctionWork(function, partial(compile_once, request)), parts)


def compile_once(request: ForecastRequest) -> None:
    """Compile the model unless it is compiled."""
    compile_model(whole_plan(request.scenario))


def forecast_batch(request: ForecastRequest, draws: Sequence[Draw], cells: bool) -> ForecastBatch:
    """Forecasts of one batch of draws."""
    # kept ones know the ledger from the branch on only: a month has to begin there
    run_ups = _run_ups(request.scenario) if request.branches.day == 1 else None
    records = list(complete_runs(request, draws, run_ups))
    found = [state_based(record).assign(draw=draw.number) for record, draw in zip(records, draws, strict=True) if cells]
    month = request.scenario.mission.clock.month_index(request.origin)
    panels = np.stack([panel(record)[month:] for record in records])
    return ForecastBatch(draws[0].number, panels, pd.concat(found, ignore_index=True) if cells else None)


def assign_particles(
    request: ForecastRequest, executor: Executor = LOCAL, watch: Progress = no_progress
) -> list[list[Draw]]:
    """Where each draw comes from, in batches: run n for draw n, or a run that the record has weighed."""
    particles = np.arange(request.draws)
    if request.particles:
        logs = particle_log_likelihoods(request, (request.origin,), executor, watch)[:, 0]
        particles = resample(importance_weights(logs), request.draws, request.scenario.seed)
    found = draws_from_particles(particles)
    return [[found[number] for number in batch] for batch in batches(request.draws)]


def draws_from_particles(particles: npt.NDArray[np.int64]) -> list[Draw]:
    """A draw for each particle of a sorted list."""
    first = [True, *(a != b for a, b in pairwise(particles.tolist()))]
    return [
        Draw(number, particle, new)
        for number, (particle, new) in enumerate(zip(particles.tolist(), first, strict=True))
    ]


def batches(number: int) -> list[range]:
    """Numbers below a number in parts of BATCH."""
    return [range(first, min(first + BATCH_SIZE, number)) for first in range(0, number, BATCH_SIZE)]


def particle_log_likelihoods(
    request: ForecastRequest, origins: Sequence[date], executor: Executor, watch: Progress
) -> FloatArray:
    """Log likelihoods of the request's particles, float64 [particles, origins]."""
    parts = batches(request.particles)
    found = map_parts(executor, request, partial(batch_log_likelihoods, request, origins=origins), parts)
    return np.concatenate(list(watch(found, len(parts), "batches of runs weighed")))


def batch_log_likelihoods(request: ForecastRequest, particles: range, origins: Sequence[date]) -> FloatArray:
    """Log likelihoods of some particles."""
    run_ups, last = _run_ups(request.scenario), min(max(origins), AFTER_THE_RECORD)
    plan, out = whole_plan(request.scenario), np.empty((len(particles), len(origins)))
    for row, particle in zip(out, particles, strict=True):
        model = start_particle(request, plan, particle)
        _advance(model, plan.scenario.mission.clock.day_index(last), run_ups)
        events = model.columns["events"][: int(model.columns["event_count"][0])]
        row[:] = [log_likelihood(events, len(plan.names.actors), origin) for origin in origins]
    return out


def complete_runs(
    request: ForecastRequest, draws: Sequence[Draw], run_ups: RunUps | None = None
) -> Iterator[RunRecord]:
    """The whole run of each draw of a batch, in order.

    With ``run_ups`` what was kept of earlier forecasts is used: the ledger is then known from the origin on only.
    """
    plan, day = whole_plan(request.scenario), request.scenario.mission.clock.day_index(request.branches)
    for particle, copies in groupby(draws, key=lambda draw: draw.particle):
        model = start_particle(request, plan, particle)
        _advance(model, day, run_ups)
        before, ahead = model.snapshot(), known_plan(model.plan, request)
        for draw in copies:
            model = continue_from(ahead, before, request.scenario.seed, draw)
            yield told(model.run(), request.posterior.values(request.scenario.seed, particle))


def _advance(model: Simulation, day: int, run_ups: RunUps | None) -> None:
    """Bring a particle to a day, by what is kept or by simulating it."""
    run_up = run_ups and run_ups.of(model.plan, model.key, day, WITH_EVENTS)
    if run_up:
        run_up.advance(model)
    else:
        model.advance_to(day - 1)


def start_particle(request: ForecastRequest, plan: Plan, particle: int) -> Simulation:
    """A particle on its first day."""
    seed = request.scenario.seed
    return Simulation(drawn_plan(plan, request.posterior.values(seed, particle)), seed, particle)


def continue_from(ahead: Plan, before: Snapshot, seed: int, draw: Draw) -> Simulation:
    """A draw that continues from the state of its particle."""
    model = Simulation(ahead, seed, draw.particle)
    model.restore(before)
    if not draw.first:
        model.key = run_key(seed, COPY_STREAM + draw.number)
    return model


@lru_cache(maxsize=2)
def whole_plan(scenario: Scenario) -> Plan:
    """The plan of a scenario with everything from the first day on reported, its run-up too."""
    plan = Plan.build(scenario)
    return replace(plan, report=(0, plan.report[1]))


@lru_cache(maxsize=2)
def _run_ups(scenario: Scenario) -> RunUps:
    return RunUps((whole_plan(scenario),))


def known_plan(plan: Plan, request: ForecastRequest) -> Plan:
    """The plan of a run as a forecast goes on with it."""
    ahead = held(plan, request.branches)
    return ahead if request.conditional else frozen(ahead, request.origin)


def held(plan: Plan, after: date) -> Plan:
    """The plan with the yearly path of the latent threat held from a day on.

    Beyond the record the path is a random walk that nothing was learned about, on top of weekly shocks that say already
    how far the threat may go: with both, forecasts were far too wide.
    """
    day, path = plan.scenario.mission.clock.day_index(after), plan.inputs["threat_mean"].copy()
    path[day:] = path[max(0, day - 1)]
    return replace(plan, inputs={**plan.inputs, "threat_mean": path})


def frozen(plan: Plan, origin: date) -> Plan:
    """The plan without dated inputs after the origin: inputs keep their value of the day before (or of the first day).

    Foundings and ends of armed organisations stay as they are: the few that are dated late are known.
    """
    clock = plan.scenario.mission.clock
    day, month = clock.day_index(origin), clock.month_index(origin)
    inputs = dict(plan.inputs)
    for column in INPUTS:
        rows = {"days": day, "months": month}.get(column.shape[0])
        if rows is None or column.name in ALWAYS_KNOWN or rows >= len(inputs[column.name]):
            continue
        past = inputs[column.name].copy()
        # an election on the day before ends as elections do; everything else goes on
        past[rows:] = 0 if column.name == "election" else past[max(0, rows - 1)]
        inputs[column.name] = past
    return replace(plan, inputs=inputs)
