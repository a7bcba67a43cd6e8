"""Arbitrary legal days: what a process finds in the columns, whatever the parameters, policy and state."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from sim.model import MissionModel
from sim.parameters import Parameter, parameters
from sim.plan import Plan
from sim.recorder import EVENT_FIELDS, EVENTS_PER_DAY
from sim.scenario import MEASURES
from sim.streams import run_key
from sim.tables import STATE
from tests.engine_support import plan_of
from tests.reference import worlds

# months begin on 31, 153, 184 and their middle is 76, weeks on 63 and 203; on 63 and 76 movement is restricted, on 101
# an organisation has ended, on 151 a base has just closed, on 203 all measures are at their best
DAYS = (31, 63, 76, 101, 151, 153, 184, 203)
FREE_SHARES = ("unit_training", "unit_drill", "unit_protection", "cell_trust", "cell_state_trust", "cell_fear",
               "community_trust", "community_state_trust", "community_fear", "band_skill")  # fmt: skip
MEMORIES = ("cell_presence", "cell_police", "cell_traffic", "cell_informed", "cell_harm", "cell_revenge", "cell_abuse",
            "base_caution", "base_stock")  # fmt: skip
POLITICS = ("movement", "flights", "operations", "national_activity")

ROOM = 2 * EVENTS_PER_DAY
Columns = dict[str, np.ndarray]


@dataclass
class Dawn:
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
def _world() -> tuple[Plan, dict[int, Columns]]:
    plan = worlds.crowded(plan_of(worlds.SMALL))
    model = MissionModel(plan, 3)
    dawns = {}
    for day in DAYS:
        model.advance_to(day - 1)
        dawns[day] = model.snapshot().columns
        dawns[day]["events"] = np.vstack([dawns[day]["events"], np.zeros((ROOM, len(EVENT_FIELDS)), np.int64)])
        dawns[day]["ledger"] = model.columns["ledger"].copy()
    return plan, dawns


def any_dawn(day: int, seed: int, values: dict[str, float]) -> Dawn:
    """A day of the crowded world with whatever is legal in its columns and parameters, by a seed.

    ``values``: parameters that are set; the others lie at an end of their range or anywhere between.
    """
    plan, dawns = _world()
    rng = np.random.default_rng(seed)
    drawn = [values.get(name, between(row, rng)) for name, row in parameters().items()]
    model = MissionModel(replace(plan, parameters=np.array(drawn), start={}), 3)
    model.columns = dict(plan.inputs) | {name: column.copy() for name, column in dawns[day].items()}
    model.day = day
    model.key = run_key(seed)
    for change in (_shares, _memories, _politics, _levers, _threat, _bands, _devices, _people):
        if rng.random() < 0.6:
            change(model.columns, day, rng)
    return Dawn(model, day)


def empty_dawn(day: int, seed: int) -> Dawn:
    """A day in a country without anybody, on which nobody is due to come."""
    dawn = any_dawn(day, seed, {})
    columns = dawn.model.columns
    for name in ("unit_target", "national_target", "scheduled_strength", "cell_town"):
        columns[name] = np.zeros_like(columns[name])
    fresh = MissionModel(_world()[0], 3).columns
    for column in STATE:
        if column.name not in ("events", "ledger"):
            columns[column.name] = fresh[column.name]
    for name in ("unit_strength", "band_strength", "national_strength", "community_population", "community_displaced",
                 "cell_population", "base_strength"):  # fmt: skip
        columns[name][:] = 0
    return dawn


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


def _bands(columns: Columns, day: int, rng: np.random.Generator) -> None:
    alive = columns["band_strength"] > 0
    others = rng.integers(1, 3 * columns["band_strength"] + 2)
    columns["band_strength"][:] = np.where(alive, others * (rng.random(len(alive)) < 0.9), 0)
    columns["band_weight"][:] = 10.0 ** rng.uniform(-0.3, 0.3, columns["band_weight"].shape)
    columns["band_gain"][:] = rng.normal(0.0, 2.0, columns["band_gain"].shape)
    columns["band_found"][:] = rng.integers(0, 4, len(alive))


def _devices(columns: Columns, day: int, rng: np.random.Generator) -> None:
    living = np.flatnonzero(columns["band_strength"] > 0)
    if len(living) == 0:
        return
    cells = len(columns["cell_devices"])
    owner = rng.choice(living, cells)
    columns["cell_devices"][:] = rng.poisson(0.5, cells)
    columns["cell_owner"][:] = owner
    columns["cell_owner_key"][:] = columns["band_key"][owner]
    columns["cell_owner_organisation"][:] = columns["band_organisation"][owner]


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


def state_of(model: MissionModel) -> Columns:
    """A copy of every column that a run changes; of events and books what has been written."""
    cut = {"events": int(model.columns["event_count"][0]), "ledger": DAYS[-1] + 2}
    return {column.name: model.columns[column.name][: cut.get(column.name)].copy() for column in STATE}
