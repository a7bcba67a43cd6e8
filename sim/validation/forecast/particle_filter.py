"""Particle filter: runs weighted by the record before a forecast, resampled once where the forecast begins.

Every particle is a whole run under a posterior set, so latent threat, bands, stocks of devices and the displaced are
carried along together.  Two runs under the same set differ by chance; a run weighs the more, the less it differs
from the record on that scale.  What sets of the posterior say of years to come differs four to eight times as much as
two histories under one set, so nearly all that a filter can learn is which sets to trust: resampling on the way would
copy state that is soon forgotten, and lose sets.  (Rubin 1987, sampling importance resampling; weights are raised to a
power that keeps enough particles, as in the tempering of Del Moral, Doucet and Jasra 2006.)
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.calibration.mission import CLOCK, LAST_DAY, MISSION
from sim.calibration.observation import observed
from sim.missions.record import fatal_days
from sim.model.recorder import EVENT_FIELDS, KINDS
from sim.results.ucdp_counting import DEATHS, UCDP_THRESHOLD

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ORGANISED_KINDS = [KINDS.index(name) for name in ("state_based", "non_state", "one_sided")]
AFTER_THE_RECORD = LAST_DAY + timedelta(days=1)
# a year of one history about the mean of its set, on_the_scales: standard deviations and correlations of fatal days,
# deaths of the mission and deaths in organised violence; measured by `python -m analysis.forecast_noise`
CHANCE_SD = np.array([1.23, 2.63, 0.33])
CHANCE_CORRELATION = np.array([[1.0, 0.73, 0.31], [0.73, 1.0, 0.23], [0.31, 0.23, 1.0]])
UNEXPLAINED_WAR_SD = 0.7  # log; what no set knows of the war of a year: it has tripled and doubled from year to year
MOST_YEARS = 5  # before the origin that count at all
HALF_LIFE = 4.0  # years; the weight of a year fades, as do the circumstances of it
LEAST_EFFECTIVE_SHARE = 0.25  # effective share of particles that is left: weights that would leave fewer are flattened


def scored_years(origin: date) -> list[tuple[date, date]]:
    """First and last day of the years before a day, the last first: four whole quarters of the record each, the
    earliest perhaps fewer."""
    starts = [
        date(year, month, 1) for year in range(MISSION.first_day.year, LAST_DAY.year + 2) for month in (1, 4, 7, 10)
    ]
    whole = [start for start in starts if MISSION.first_day <= start <= min(origin, AFTER_THE_RECORD)]
    ends = range(len(whole) - 1, 0, -4)
    return [(whole[max(0, end - 4)], whole[end] - timedelta(days=1)) for end in ends][:MOST_YEARS]


def log_likelihood(events: IntArray, actors: int, origin: date) -> float:
    """How well the events of a run, in order of time, meet the record before a day, up to a constant."""
    total = 0.0
    for age, (begin, end) in enumerate(scored_years(origin)):
        error = yearly_statistics(events, actors, begin, end) - _record_statistics(begin, end)
        total -= 0.5 ** (1 + age / HALF_LIFE) * float(error @ _precision() @ error)
    return total


def importance_weights(logs: FloatArray) -> FloatArray:
    """Weights that sum to one, from log likelihoods: as they are where they leave enough particles, or else raised to
    the power that leaves FEWEST of them."""
    low, high = 0.0, 1.0
    if effective_size(_tempered(logs, high)) >= LEAST_EFFECTIVE_SHARE * len(logs):
        return _tempered(logs, high)
    for _ in range(30):
        middle = (low + high) / 2
        enough = effective_size(_tempered(logs, middle)) >= LEAST_EFFECTIVE_SHARE * len(logs)
        low, high = (middle, high) if enough else (low, middle)
    return _tempered(logs, low)


def effective_size(weight: FloatArray) -> float:
    """Effective sample size: the number of equally weighted particles with the same precision."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def resample(weight: FloatArray, draws: int, seed: int) -> IntArray:
    """The particle of each draw, in order: every one as often as its weight says, rounded down or up (systematic)."""
    places = (np.random.default_rng(seed).random() + np.arange(draws)) / draws
    return np.minimum(np.searchsorted(np.cumsum(weight), places), len(weight) - 1).astype(np.int64)


def _tempered(logs: FloatArray, power: float) -> FloatArray:
    weight = np.exp(power * (logs - logs.max()))
    return np.asarray(weight / weight.sum())


@cache
def _precision() -> FloatArray:
    """Inverse covariance of the difference between two runs under one parameter set."""
    covariance = 2.0 * np.outer(CHANCE_SD, CHANCE_SD) * CHANCE_CORRELATION
    covariance[2, 2] += UNEXPLAINED_WAR_SD**2
    return np.linalg.inv(covariance)


def _variance_stabilised(fatal: float, killed: float, war: float) -> FloatArray:
    """Scales on which chance is about as wide at any level: roots of counts, the logarithm for the war."""
    return np.array([2.0 * np.sqrt(fatal + 0.375), 2.0 * np.sqrt(killed + 0.375), np.log(war + 20.0)])


@cache
def _record_statistics(begin: date, end: date) -> FloatArray:
    """The record of some whole quarters: fatal days, deaths of the mission, deaths in organised violence."""
    known, day = observed(), fatal_days(MISSION)["date"].dt.date
    first, last = (CLOCK.month_index(when) for when in (begin, end))
    months = [CLOCK.month_name(month) for month in range(first, last + 1)]
    killed, war = (sum(known[f"{name}/{month}"] for month in months) for name in ("killed", "ucdp_month"))
    return _variance_stabilised(float(((day >= begin) & (day <= end)).sum()), killed, war)


def yearly_statistics(events: IntArray, actors: int, begin: date, end: date) -> FloatArray:
    """The same of a run, events in order of time.

    UCDP counts actors of 25 deaths in the year, and knew all of the first.
    """
    rows = np.searchsorted(events[:, 0], [CLOCK.day_index(begin), CLOCK.day_index(end) + 1])
    events = events[rows[0] : rows[1]]
    killed = events[:, EVENT_FIELDS.index("peacekeepers_killed")]
    kind = events[:, EVENT_FIELDS.index("kind")]
    cell = kind * actors + events[:, EVENT_FIELDS.index("actor")]
    columns = [EVENT_FIELDS.index(name) for name in DEATHS]
    by_actor = np.bincount(cell, events[:, columns].sum(axis=1), len(KINDS) * actors)
    if end.year > MISSION.first_day.year:
        by_actor[by_actor < UCDP_THRESHOLD] = 0.0
    war = by_actor.reshape(len(KINDS), actors)[ORGANISED_KINDS].sum()
    return _variance_stabilised(float(len(np.unique(events[killed > 0, 0]))), float(killed.sum()), float(war))
