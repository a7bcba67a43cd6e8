"""Arbitrary legal days: what a process finds in the columns, whatever the parameters, policy and state."""

import os
import pickle
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numba import config

from sim.missions.parameters import Parameter
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.recorder import EVENT_FIELDS, EVENTS_PER_DAY
from sim.model.streams import run_key
from sim.model.tables import ISLAMIC_STATE, JIHADIST, STATE
from sim.scenario import MEASURES
from tests.engine_support import plan_of
from tests.minusma import parameters
from tests.reference import worlds

# Months begin on 31, 153, 184 and 1188, their middle is 76 and 1202, weeks begin on 63 and 1190; on 63 and 76 movement
# is restricted, on 101 an organisation has ended, on 150 a base closes; in 2016 trends that no measure causes count.
DAYS = (0, 31, 63, 76, 101, 150, 153, 184, 1188, 1190, 1202)
LONG = worlds.SMALL.replace("2014-02-28", "2016-12-31").replace("1000000", "200000")  # several communities in a cell
FREE_SHARES = ("unit_training", "unit_drill", "unit_protection", "cell_trust", "cell_state_trust", "cell_fear",
               "community_trust", "community_state_trust", "community_fear", "band_skill")  # fmt: skip
MEMORIES = ("cell_presence", "cell_police", "cell_traffic", "cell_informed", "cell_harm", "cell_revenge", "cell_abuse",
            "base_caution", "base_stock")  # fmt: skip
POLITICS = ("movement", "flights", "operations", "national_activity")

Columns = dict[str, np.ndarray]


@dataclass
class Morning:
    """A day before it begins: the model, and what the process in question will find when it is called."""

    model: MissionModel
    day: int

    def until(self, number: int) -> MissionModel:
        """The day up to, and without, a process."""
        if number > 0:
            self.model._days(self.day, self.day, 0, number - 1)
        else:  # what the day does before its first process
            self.model.columns["event_today"][0] = self.model.columns["event_count"][0]
            self.model.columns["trip_count"][0] = 0
        return self.model


@cache
def world() -> Plan:
    """A crowded world that lasts long enough."""
    return worlds.crowded(plan_of(LONG))


@cache
def mornings() -> dict[int, Columns]:
    """What the columns hold in the morning of each of the days, after a history of its own."""
    if config.DISABLE_JIT:  # three years in plain Python take minutes: let compiled code do that part
        environment = {name: value for name, value in os.environ.items() if name != "NUMBA_DISABLE_JIT"}
        run = subprocess.run([sys.executable, "-m", "tests.any_day"], env=environment, capture_output=True, check=True)
        return pickle.loads(run.stdout)
    model = MissionModel(world(), 3)
    found = {}
    for day in DAYS:
        model.advance_to(day - 1)
        found[day] = model.snapshot().columns
        found[day]["events"] = np.zeros((0, len(EVENT_FIELDS)), np.int64)  # nobody looks at those of days before
        found[day]["event_count"][0] = 0
    return found


def any_morning(day: int, seed: int, values: dict[str, float]) -> Morning:
    """A day of the crowded world with whatever is legal in its columns and parameters, by a seed.

    ``values``: parameters that are set; the others lie at an end of their range or anywhere between, rates of most days
    many times higher.
    """
    rng = np.random.default_rng(seed)
    times = worlds.RAISED if rng.random() < 0.7 else {}  # else most attacks are too rare to be seen
    drawn = [values.get(name, between(row, rng) * times.get(name, 1.0)) for name, row in parameters().items()]
    model = MissionModel(replace(world(), parameters=np.array(drawn), start={}), 3)
    model.columns = dict(world().inputs) | {name: column.copy() for name, column in mornings()[day].items()}
    for name in ("events", "ledger"):
        model.columns[name] = empty(name)
    model.day = day
    model.key = run_key(seed)
    for change in (_shares, _memories, _politics, _levers, _threat, _dates, _bands, _devices, _people, _forces):
        if rng.random() < 0.6:
            change(model.columns, day, rng)
    return Morning(model, day)


def empty(name: str) -> np.ndarray:
    """Events or books without an entry, and room for two days."""
    return (
        np.zeros((2 * EVENTS_PER_DAY, len(EVENT_FIELDS)), np.int64)
        if name == "events"
        else np.zeros_like(world().start["ledger"])
    )


def empty_morning(day: int, seed: int) -> Morning:
    """A day in a country without anybody, on which nobody is due to come."""
    morning = any_morning(day, seed, {})
    columns = morning.model.columns
    for name in ("unit_target", "national_target", "scheduled_strength", "cell_town"):
        columns[name] = np.zeros_like(columns[name])
    fresh = MissionModel(world(), 3).columns
    for column in STATE:
        if column.name not in ("events", "ledger"):
            columns[column.name] = fresh[column.name]
    for name in ("unit_strength", "band_strength", "national_strength", "community_population", "community_displaced",
                 "cell_population", "base_strength"):  # fmt: skip
        columns[name][:] = 0
    return morning


def between(row: Parameter, rng: np.random.Generator) -> float:
    """The lowest, the highest or any value of a parameter."""
    place = rng.random()
    if place < 0.15:
        return row.low
    return row.high if place < 0.3 else float(rng.uniform(row.low, row.high))


def _share(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Anything from 0 to 1, both ends often."""
    return np.clip(rng.uniform(-0.2, 1.2, shape), 0.0, 1.0)


def _shares(columns: Columns, day: int, rng: np.random.Generator) -> None:
    for name in FREE_SHARES:
        columns[name][:] = _share(rng, columns[name].shape)


def _memories(columns: Columns, day: int, rng: np.random.Generator) -> None:
    for name in MEMORIES:
        shape = columns[name].shape
        columns[name] *= 10.0 ** rng.uniform(-2.0, 2.0, shape) * (rng.random(shape) < 0.8)


def _politics(columns: Columns, day: int, rng: np.random.Generator) -> None:
    for name in POLITICS:
        columns[name] = columns[name].copy()
        columns[name][day] = _share(rng, columns[name][day].shape)
    columns["election"] = columns["election"].copy()
    columns["election"][day] = rng.integers(0, 2, columns["election"][day].shape)


def _levers(columns: Columns, day: int, rng: np.random.Generator) -> None:
    for name, measure in MEASURES.items():
        lever = columns[f"lever_{name}"].copy()
        share = _share(rng, lever[day].shape)
        lever[day] = measure.minimum + share * (measure.maximum - measure.minimum)
        columns[f"lever_{name}"] = lever


def _threat(columns: Columns, day: int, rng: np.random.Generator) -> None:
    columns["region_deviation"][:] = rng.normal(0.0, 1.5, columns["region_deviation"].shape)


def _dates(columns: Columns, day: int, rng: np.random.Generator) -> None:
    """Some things begin or end on this very day."""
    for name in ("rivalry_start", "rivalry_end", "organisation_ended", "organisation_against_state"):
        columns[name] = np.where(rng.random(columns[name].shape) < 0.3, day, columns[name])
    columns["organisation_ended"] = np.maximum(columns["organisation_ended"], day)
    waiting = np.flatnonzero((columns["scheduled_strength"] > 0) & (columns["band_born"] > day))
    columns["band_born"][rng.permutation(waiting)[:2]] = day


def _bands(columns: Columns, day: int, rng: np.random.Generator) -> None:
    alive = np.flatnonzero(columns["band_strength"] > 0)
    number = len(alive)
    others = rng.integers(1, 3 * columns["band_strength"][alive] + 2)
    others = np.where(rng.random(number) < 0.1, 1, others)
    columns["band_weight"][alive] = 10.0 ** rng.uniform(-0.3, 0.3, (number, 4))
    columns["band_gain"][alive] = rng.normal(0.0, 2.0, (number, 4))
    columns["band_found"][alive] = rng.integers(0, 4, number) * _lays(columns)[alive]
    # some stand near a base, any of them, and some in a corner of the map
    near = rng.choice(columns["base_cell"], number)
    place = rng.random(number)
    columns["band_cell"][alive] = np.select([place < 0.3, place < 0.35], [near, 0], columns["band_cell"][alive])
    columns["band_strength"][alive] = others * (rng.random(number) < 0.9)


def _devices(columns: Columns, day: int, rng: np.random.Generator) -> None:
    living = np.flatnonzero((columns["band_strength"] > 0) & _lays(columns))
    if len(living) == 0:
        return
    cells = len(columns["cell_devices"])
    owner = rng.choice(living, cells)
    columns["cell_devices"][:] = rng.poisson(0.5, cells)
    columns["cell_owner"][:] = owner
    columns["cell_owner_key"][:] = columns["band_key"][owner]
    columns["cell_owner_organisation"][:] = columns["band_organisation"][owner]


def _lays(columns: Columns) -> np.ndarray:
    """Bands of the families that lay devices."""
    return np.isin(columns["organisation_family"][columns["band_organisation"]], (JIHADIST, ISLAMIC_STATE))


def _people(columns: Columns, day: int, rng: np.random.Generator) -> None:
    """Some communities have gone from where they lived, some have nobody left."""
    people = columns["community_population"]
    people[:] = people * (rng.random(len(people)) < 0.9)
    gone = rng.integers(0, people + 1) * (rng.random(len(people)) < 0.3)
    columns["community_displaced"][:] = gone
    refuge = columns["cell_refuge"][columns["community_home"]]
    columns["community_refuge"][:] = np.where(gone > 0, refuge, columns["community_refuge"])
    present = np.bincount(columns["community_home"], people - gone, len(columns["cell_population"]))
    sheltering = np.bincount(refuge[gone > 0], gone[gone > 0], len(columns["cell_population"]))
    columns["cell_population"][:] = present + sheltering


def _forces(columns: Columns, day: int, rng: np.random.Generator) -> None:
    """Units of which nobody, one soldier or some are left; who is on the road with a convoy stays."""
    for name in ("national_strength", "unit_strength"):
        strength = columns[name]
        left = np.where(rng.random(len(strength)) < 0.3, rng.integers(0, 3, len(strength)), strength)
        strength[:] = np.minimum(left, strength)
    away = columns["unit_escorting"] + columns["unit_clearing"]
    columns["unit_strength"][:] = np.maximum(columns["unit_strength"], away)
    of_base = np.bincount(columns["unit_base"], columns["unit_strength"], len(columns["base_strength"]))
    columns["base_strength"][:] = of_base


def state_of(model: MissionModel) -> Columns:
    """A copy of every column that a run changes: of events those that happened, of the books those of the day."""
    names = [column.name for column in STATE if column.name not in ("events", "ledger")]
    books = model.columns["ledger"][today(model)].copy()
    events = model.columns["events"][: model.columns["event_count"][0]].copy()
    return {name: model.columns[name].copy() for name in names} | {"events": events, "ledger": books}


def today(model: MissionModel) -> int:
    """The day that was looked at; its last process has ended it."""
    return model.day - (model.day not in DAYS)


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(mornings()))
