"""A particle filter: runs that have gone the way the record went are carried on, the others are dropped.

Every particle is a whole run under a posterior set, so latent threat, bands, stocks of devices and the displaced are
carried along together.  Each quarter particles are weighed by what the record says of it and, when few of them carry
most of the weight, resampled; copies go on with random numbers of their own.  (Gordon, Salmond and Smith 1993.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count

import numpy as np
import numpy.typing as npt

from sim.clock import EPOCH, day_index, month_name
from sim.model import MissionModel
from sim.observation import observed
from sim.observe import DEATHS, UCDP_THRESHOLD
from sim.plan import Plan
from sim.record import LAST_DAY
from sim.recorder import EVENT_FIELDS, KINDS, LEDGER_ITEMS
from sim.streams import run_key

FloatArray = npt.NDArray[np.float64]

ORGANISED = [KINDS.index(name) for name in ("state_based", "non_state", "one_sided")]
AFTER_THE_RECORD = date(LAST_DAY.year + 1, 1, 1)
# how near a particle must come, on the scale of comparison: the chance of one history and what the model leaves out
ROOT_KILLED = 2.0  # 2 sqrt(deaths of the mission in a quarter)
LOG_WAR = 0.6  # log(UCDP deaths in a quarter + 20)
LOG_DISPLACED = 0.4  # log(displaced at a dated point)
COUNTS = 0.5  # of the log likelihood: the sets have seen the same record already, and quarters are not independent
YEARS = 3  # before the origin that are assimilated: what is older has faded, and only costs particles
FEWEST = 0.5  # effective share of particles below which they are resampled
COPY_STREAM = 500_000_000  # replications of copies: far from all others
COPIES = 1000  # at most, per particle of the start


@dataclass
class Particle:
    """A run under way and the posterior set it runs under."""

    model: MissionModel
    number: int
    log_weight: float = 0.0


def quarters(origin: date) -> list[tuple[date, date]]:
    """First and last day of the last YEARS of quarters of the record before a day."""
    starts = [date(year, month, 1) for year in range(EPOCH.year, LAST_DAY.year + 1) for month in (1, 4, 7, 10)]
    ends = [*(start for start in starts[1:]), AFTER_THE_RECORD]
    pairs = zip(starts, ends, strict=True)
    known = [(a, date.fromordinal(b.toordinal() - 1)) for a, b in pairs if a >= EPOCH and b <= origin]
    return known[-4 * YEARS :]


def start(plans: Sequence[Plan], seed: int, first: int) -> list[Particle]:
    """A particle for each plan; ``first`` numbers them."""
    return [Particle(MissionModel(plan, seed, first + n), n) for n, plan in enumerate(plans)]


def assimilate(particles: list[Particle], origin: date, seed: int, first: int) -> None:
    """Carry particles along the record up to the last whole quarter before ``origin``; equal weights at the end."""
    rng = np.random.default_rng([seed, first])
    keys = (run_key(seed, number) for number in count(COPY_STREAM + first * COPIES))
    known = quarters(origin)
    for begin, end in known:
        for particle in particles:
            particle.model.advance_to(day_index(end))
            particle.log_weight += COUNTS * log_likelihood(particle.model, begin, end)
        if (begin, end) == known[-1] or effective(particles) < FEWEST * len(particles):
            resample(particles, rng, keys)


def log_likelihood(model: MissionModel, begin: date, end: date) -> float:
    """How well a run has met the record of a quarter, up to a constant."""
    known = observed()
    months = [month_name(12 * (begin.year - EPOCH.year) + begin.month - EPOCH.month + k) for k in range(3)]
    events = _events(model, begin, end)
    killed = float(events[:, EVENT_FIELDS.index("peacekeepers_killed")].sum())
    error = 2.0 * (np.sqrt(killed + 0.375) - np.sqrt(sum(known[f"killed/{month}"] for month in months) + 0.375))
    total = -0.5 * (error / ROOT_KILLED) ** 2
    deaths = sum(known[f"ucdp_month/{month}"] for month in months)
    total += -0.5 * (np.log((_counted(model, events, end) + 20.0) / (deaths + 20.0)) / LOG_WAR) ** 2
    for name, value in known.items():
        if name.startswith("displaced/") and begin <= date.fromisoformat(name[10:]) <= end:
            stock = model.columns["ledger"][day_index(date.fromisoformat(name[10:])), :, _DISPLACED].sum()
            total += -0.5 * (np.log((stock + 100.0) / (value + 100.0)) / LOG_DISPLACED) ** 2
    return float(total)


def effective(particles: Sequence[Particle]) -> float:
    """Effective number: how many particles of equal weight would be worth as much."""
    weight = _weights(particles)
    return float(1.0 / (weight**2).sum())


def resample(particles: list[Particle], rng: np.random.Generator, keys: Iterator[np.uint64]) -> None:
    """Systematic resampling: the first copy of a particle goes on as it is, further ones under new ``keys``."""
    picks = (rng.random() + np.arange(len(particles))) / len(particles)
    chosen = np.minimum(np.searchsorted(np.cumsum(_weights(particles)), picks), len(particles) - 1)
    free = [n for n in range(len(particles)) if n not in set(chosen.tolist())]
    taken: set[int] = set()
    for number in chosen.tolist():
        particle = particles[number]
        if number in taken:
            _overwrite(particles[free.pop()], particle, next(keys))
        taken.add(number)
    for particle in particles:
        particle.log_weight = 0.0


def _overwrite(lost: Particle, kept: Particle, key: np.uint64) -> None:
    """Make a lost particle a copy of a kept one, in the memory that it has."""
    model = lost.model
    model.plan, model.day, model.running = kept.model.plan, kept.model.day, kept.model.running
    for name, column in kept.model.columns.items():
        mine = model.columns[name]
        if name in kept.model.plan.start and mine.shape == column.shape:
            mine[...] = column
        else:
            model.columns[name] = column.copy() if name in kept.model.plan.start else column
    model.key = key
    lost.number = kept.number


def _weights(particles: Sequence[Particle]) -> FloatArray:
    logs = np.array([particle.log_weight for particle in particles])
    weight = np.exp(logs - logs.max())
    return np.asarray(weight / weight.sum())


def _events(model: MissionModel, begin: date, end: date) -> npt.NDArray[np.int64]:
    events = model.columns["events"][: int(model.columns["event_count"][0])]
    rows = np.searchsorted(events[:, 0], [day_index(begin), day_index(end) + 1])
    return np.asarray(events[rows[0] : rows[1]])


def _counted(model: MissionModel, events: npt.NDArray[np.int64], end: date) -> float:
    """Deaths in organised violence of actors that crossed the threshold within the last year."""
    year = _events(model, max(EPOCH, date(end.year - 1, end.month, 28)), end)
    actors = len(model.plan.names.actors)
    known = np.bincount(_cell(year, actors), _deaths(year), len(KINDS) * actors) >= UCDP_THRESHOLD
    if end.year == EPOCH.year:
        known[:] = True
    return float(_deaths(events)[known[_cell(events, actors)]].sum())


def _cell(events: npt.NDArray[np.int64], actors: int) -> npt.NDArray[np.int64]:
    return np.asarray(events[:, EVENT_FIELDS.index("kind")] * actors + events[:, EVENT_FIELDS.index("actor")])


def _deaths(events: npt.NDArray[np.int64]) -> FloatArray:
    organised = np.isin(events[:, EVENT_FIELDS.index("kind")], ORGANISED)
    columns = [EVENT_FIELDS.index(name) for name in DEATHS]
    return np.asarray(events[:, columns].sum(axis=1) * organised, np.float64)


_DISPLACED = LEDGER_ITEMS.index("internally_displaced")
