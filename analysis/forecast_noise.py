"""How far two histories under one set of the posterior differ: the scale on which a forecast weighs runs.

``python -m analysis.forecast_noise [RUNS] [--workers N]`` prints the standard deviations and correlations that
``sim/validation/forecast/particle_filter.py`` keeps as CHANCE and TOGETHER.  About a quarter of a second a run on one
core.
"""

import argparse
from functools import partial

import numpy as np
import numpy.typing as npt

from analysis.command import told_plainly
from sim.calibration.mission import CLOCK, MISSION
from sim.cli.progress import tracked
from sim.scenario import load
from sim.study.executor import Threads
from sim.validation.forecast.particle_filter import AFTER_THE_RECORD, scored_years, yearly_statistics
from sim.validation.forecast.posterior_draws import (
    ForecastRequest,
    batches,
    map_parts,
    start_particle,
    whole_plan,
)

FloatArray = npt.NDArray[np.float64]
NAMES = ("fatal days", "deaths of the mission", "deaths in organised violence")
RUNS = 800


def features(request: ForecastRequest, particles: range) -> FloatArray:
    """The last years of the record in some runs, on the scales of comparison: float64 [runs, years, NAMES]."""
    plan, out = whole_plan(request.scenario), []
    for particle in particles:
        model = start_particle(request, plan, particle)
        model.advance_to(CLOCK.day_index(AFTER_THE_RECORD) - 1)
        events = model.columns["events"][: int(model.columns["event_count"][0])]
        spans = scored_years(AFTER_THE_RECORD)
        out.append([yearly_statistics(events, len(plan.names.actors), *span) for span in spans])
    return np.array(out)


def within(values: FloatArray, sets: npt.NDArray[np.int64]) -> FloatArray:
    """Pooled covariance of runs about the mean of their set and year: float64 [NAMES, NAMES].

    ``values``: runs x years x NAMES; ``sets``: the set of each run, some of them with two runs at least.
    """
    total, freedom = np.zeros((values.shape[2], values.shape[2])), 0
    for number in np.unique(sets):
        own = values[sets == number]
        error = own - own.mean(axis=0)
        total += np.einsum("rya,ryb->ab", error, error)
        freedom += (len(own) - 1) * values.shape[1]
    return np.asarray(total / freedom)


def text(covariance: FloatArray, everything: FloatArray) -> str:
    """One line per quantity: standard deviation, share of the variance between sets, correlations."""
    spread = np.sqrt(np.diag(covariance))
    together = covariance / np.outer(spread, spread)
    between = 1.0 - np.diag(covariance) / everything
    rows = zip(NAMES, spread, between, together, strict=True)
    lines = (f"{a:30s}{b:6.2f}{c:8.0%}   " + " ".join(f"{value:5.2f}" for value in row) for a, b, c, row in rows)
    return "\n".join(("within one set: sd, share of the variance between sets, correlations", *lines))


def main() -> None:
    """Run the model and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=RUNS, metavar="RUNS")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    with told_plainly(parser):
        try:
            print(measured(asked.runs, asked.workers))
        except ValueError as problem:
            parser.error(str(problem))


def measured(runs: int, workers: int) -> str:
    """Table from that many runs of the training posterior."""
    scenario = load("historical").with_values({"period.end": AFTER_THE_RECORD.isoformat()})
    request = ForecastRequest(scenario, MISSION.posterior("posterior_training"), AFTER_THE_RECORD, runs)
    sets = np.array([request.posterior.index(scenario.seed, run) for run in range(runs)])
    if len(np.unique(sets)) == runs:
        raise ValueError(f"{runs} runs: no set of the posterior has two of them; ask for more")
    parts = batches(runs)
    done = map_parts(Threads(workers), request, partial(features, request), parts)
    found = list(tracked(done, len(parts), "batches of runs"))
    values = np.concatenate(found)
    return text(within(values, sets), values.var(axis=0).mean(axis=0))


if __name__ == "__main__":
    main()
