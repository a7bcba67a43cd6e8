"""Posterior predictive runs for validation, seen as the sources would have reported them, and rolling forecasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd

from sim.calibration.mission import CLOCK, LAST_DAY, MISSION
from sim.calibration.observation import AS_REPORTED, Choices, Window, simulated
from sim.model.recorder import RunRecord
from sim.model.simulation import Simulation
from sim.study.draws import told
from sim.study.executor import LOCAL, Executor
from sim.validation.attack_series import AttackSeries, attack_series_of_run
from sim.validation.forecast.particle_filter import importance_weights, resample
from sim.validation.forecast.posterior_draws import (
    Draw,
    ForecastRequest,
    Progress,
    assign_particles,
    batches,
    complete_runs,
    continue_from,
    draws_from_particles,
    known_plan,
    map_parts,
    no_progress,
    particle_log_likelihoods,
    start_particle,
    whole_plan,
)
from sim.validation.natural_experiments import Contingents, measure
from sim.validation.score_table import GROUPS, ScoredForecast, best_rival, score_group
from sim.validation.scores import paired_difference

ORIGINS = tuple(
    date(year, 1, 1) for year in range(MISSION.first_day.year + 2, LAST_DAY.year + 1)
)  # rolling, a year ahead each
ROLLING = ("killed_by_month", "ucdp_by_month")


def observed_runs(
    request: ForecastRequest, executor: Executor = LOCAL, watch: Progress = no_progress
) -> Iterator[ObservedRun]:
    """The views of all draws in order."""
    parts = assign_particles(request, executor, watch)
    for found in watch(
        map_parts(executor, request, partial(observe_batch, request), parts), len(parts), "batches of draws"
    ):
        yield from found


def observe_batch(request: ForecastRequest, draws: Sequence[Draw]) -> list[ObservedRun]:
    """The views of one batch."""
    contingents = Contingents.of(whole_plan(request.scenario))
    return [
        observe_run(record, draw.number, contingents)
        for draw, record in zip(draws, complete_runs(request, draws), strict=True)
    ]


def observation_vectors(found: list[ObservedRun]) -> pd.DataFrame:
    """A row per draw, a column per observation."""
    return pd.DataFrame([view.vector for view in found])


@dataclass(frozen=True)
class ForecastMode:
    """A mode of forecasting a year: with or without assimilation, with or without dated inputs of the year."""

    name: str
    assimilated: bool
    conditional: bool


FORECAST_MODES = (
    ForecastMode("assimilated, dated inputs known", True, True),
    ForecastMode("assimilated, ex ante", True, False),
    ForecastMode("not assimilated, dated inputs known", False, True),
)


@dataclass(frozen=True)
class YearRequest:
    """One draw's forecast of a year in one mode, to be made."""

    origin: date
    kind: ForecastMode
    draw: Draw


@dataclass(frozen=True)
class YearForecast:
    """One draw's forecast of a year: one row of the flat vector."""

    origin: date
    kind: str
    vector: dict[str, float]


def rolling_forecasts(
    request: ForecastRequest,
    executor: Executor = LOCAL,
    watch: Progress = no_progress,
    origins: Sequence[date] = ORIGINS,
) -> pd.DataFrame:
    """Forecasts of a year from each origin in each of KINDS: mean CRPS by series, beside the best baseline.

    Every particle is run along the record once and its draws leave it at each origin.  Earlier origins lie in the
    window that parameters were fitted to: there only the kinds can be compared.
    """
    request = replace(request, origin=max(origins), assimilated=True)
    plans = list(_years_by_particle(request, origins, executor, watch).items())
    parts = [plans[part.start : part.stop] for part in batches(len(plans))]
    done = map_parts(executor, request, partial(forecast_years, request), parts)
    found = list(watch(done, len(parts), "batches of forecasts"))
    rows = [row for part in found for row in part]
    return pd.DataFrame(
        [score for origin in origins for kind in FORECAST_MODES for score in _scores(rows, origin, kind.name)]
    )


def forecast_years(request: ForecastRequest, plans: Sequence[tuple[int, list[YearRequest]]]) -> list[YearForecast]:
    """The years that are asked for of some particles, each with its years in order of time."""
    plan, rows = whole_plan(request.scenario), []
    for particle, asked in plans:
        model = start_particle(request, plan, particle)
        for year in asked:
            model.advance_to(CLOCK.day_index(year.origin) - 1)
            rows.append(YearForecast(year.origin, year.kind.name, _year_ahead(request, model, year)))
    return rows


def _years_by_particle(
    request: ForecastRequest, origins: Sequence[date], executor: Executor, watch: Progress
) -> dict[int, list[YearRequest]]:
    """Particle -> the forecasts that start from it."""
    logs = particle_log_likelihoods(request, origins, executor, watch)
    found: dict[int, list[YearRequest]] = {}
    for number, origin in enumerate(origins):
        picked = resample(importance_weights(logs[:, number]), request.draws, request.scenario.seed)
        for kind in FORECAST_MODES:
            for draw in draws_from_particles(picked if kind.assimilated else np.arange(request.draws)):
                found.setdefault(draw.particle, []).append(YearRequest(origin, kind, draw))
    return dict(sorted(found.items()))


def _year_ahead(request: ForecastRequest, model: Simulation, year: YearRequest) -> dict[str, float]:
    asked = replace(request, origin=year.origin, conditional=year.kind.conditional)
    ahead = continue_from(known_plan(model.plan, asked), model.snapshot(), request.scenario.seed, year.draw)
    ahead.advance_to(CLOCK.day_index(_end(year.origin)))
    record = told(ahead.record(), request.posterior.values(request.scenario.seed, year.draw.particle))
    return {name: value for name, value in simulated(record).items() if f"/{year.origin.year}" in name}


def _end(origin: date) -> date:
    return date(origin.year, 12, 31)


def _scores(rows: Sequence[YearForecast], origin: date, kind: str) -> list[dict[str, object]]:
    frame = pd.DataFrame([row.vector for row in rows if (row.origin, row.kind) == (origin, kind)])
    window, known = Window(origin, _end(origin)), Window(MISSION.first_day, origin - timedelta(days=1))
    return [
        {"origin": origin.isoformat(), "kind": kind, **_score(score_group(GROUPS[name], frame, window, known), name)}
        for name in ROLLING
    ]


def _score(scored: list[ScoredForecast], name: str) -> dict[str, object]:
    rival = best_rival(scored)
    return {
        "series": name,
        "crps": float(scored[0].values["crps"].mean()),
        "best_baseline": rival.forecast,
        "baseline_crps": float(rival.values["crps"].mean()),
        "coverage_90": float(scored[0].values["coverage_90"].mean()),
    }


def crps_difference(table: pd.DataFrame, series: str, kind: str, other: str) -> tuple[float, float, float]:
    """Mean difference in CRPS of one kind to another over the origins, with its 95 % interval."""
    wide = table[table["series"] == series].pivot_table(index="origin", columns="kind", values="crps")
    found = paired_difference(wide[kind].to_numpy(np.float64), wide[other].to_numpy(np.float64), block=1)
    return found.mean, found.low, found.high


@dataclass(frozen=True)
class ObservedRun:
    """One run as the sources would have seen it: the flat vector, attacks and fatal days, natural experiments."""

    vector: dict[str, float]
    harm: AttackSeries
    natural: dict[str, float]


def observe_run(record: RunRecord, seed: int, contingents: Contingents, choices: Choices = AS_REPORTED) -> ObservedRun:
    """See a run from July 2013 to December 2020 at least; ``seed`` draws the press list, the same in every part."""
    return ObservedRun(
        simulated(record, seed, choices), attack_series_of_run(record, seed), measure(record, contingents)
    )
