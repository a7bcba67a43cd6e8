"""What the engine's tests share: small plans, runs of them, and how to read what a run leaves."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher

from sim.model.code_generation import arguments_for, function_of
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.recorder import ACTIVITIES, EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS, RunRecord
from sim.model.simulation import STREAMS
from sim.model.tables import BALANCE
from sim.scenario import loads
from sim.scenario.registry import PROCESSES
from tests.minusma import day_index, parameter_names

ALPHA = 1e-6  # error rate of one statistical test; a hundred of them still fail an innocent reseeding once in 10,000


# every wound kills unless help comes in time: one life more or less is seen within a few years of one seed
EVERY_WOUND_DEADLY = dict.fromkeys(
    ("deadly_share_ied", "deadly_share_direct", "deadly_share_indirect", "deadly_share_complex"), 1.0
)


NUMBER = {process.name: number for number, process in enumerate(PROCESSES)}


@cache
def plan_of(text: str) -> Plan:
    """The plan of a scenario text; plans are read-only and cost up to seconds, so that tests share them."""
    return Plan.build(loads(text, "test"))


def with_columns(plan: Plan, **columns: np.ndarray) -> Plan:
    """The plan with other input columns or first states."""
    # the day is compiled again for an array of another memory layout, such as a slice of columns
    columns = {name: np.ascontiguousarray(column) for name, column in columns.items()}
    inputs = {name: column for name, column in columns.items() if name in plan.inputs}
    start = {name: column for name, column in columns.items() if name in plan.start}
    assert inputs.keys() | start.keys() == columns.keys()
    return replace(plan, inputs=plan.inputs | inputs, start=plan.start | start)


def with_parameters(plan: Plan, **values: float) -> Plan:
    """The plan with other numbers, also outside the range that a scenario may set."""
    vector = plan.parameters.copy()
    for name, value in values.items():
        vector[parameter_names().index(name)] = value
    return replace(plan, parameters=vector)


def without(plan: Plan, *processes: str) -> Plan:
    """The plan with processes switched off."""
    enabled = plan.enabled.copy()
    for name in processes:
        enabled[[process.name for process in PROCESSES].index(name)] = 0
    return replace(plan, enabled=enabled)


def finished(plan: Plan, seed: int = 1) -> MissionModel:
    """A model that has run to the end of the period."""
    model = MissionModel(plan, seed)
    model.advance_to(model.last_day)
    return model


def records(plan: Plan, seeds: Iterable[int]) -> list[RunRecord]:
    """One record per seed."""
    return [finished(plan, seed).record() for seed in seeds]


def before(plan: Plan, process: str, day: date) -> MissionModel:
    """A run on a day up to, and without, a process."""
    model = MissionModel(plan, 3)
    model.advance_to(day_index(day) - 1)
    for number in range(NUMBER[process]):
        model.step_process(number)
    return model


def act(model: MissionModel, name: str, **replaced: Any) -> None:
    """One process in plain Python on the columns of a run, with some of the names that it uses replaced."""
    process = PROCESSES[NUMBER[name]]
    rule = plain(function_of(process))
    rule.__globals__.update(replaced)
    parameters = dict(zip(parameter_names(), model.plan.parameters, strict=True))
    rule(*arguments_for(process, model.columns, parameters, model.key, STREAMS[NUMBER[name]], model.day))


def happen(model: MissionModel, number: int, **fields: int) -> None:
    """So many events alike are all that happened today."""
    columns = model.columns
    columns["event_count"][0] = columns["event_today"][0] + number
    rows = columns["events"][columns["event_today"][0] : columns["event_count"][0]]
    rows[:] = 0
    for name, value in fields.items():
        rows[:, EVENT_FIELDS.index(name)] = value


def of_field(run: MissionModel | RunRecord, field: str, **where: str) -> np.ndarray:
    """A column of the events, of those of a ``kind``, ``tactic`` or ``activity``; one entry an event."""
    events = run.events if isinstance(run, RunRecord) else run.record().events
    chosen = np.ones(len(events), bool)
    for name, word in where.items():
        words = {"kind": KINDS, "tactic": TACTICS, "activity": ACTIVITIES}[name]
        chosen &= events[:, EVENT_FIELDS.index(name)] == words.index(word)
    return events[chosen, EVENT_FIELDS.index(field)]


def total(run: MissionModel | RunRecord, field: str, **where: str) -> int:
    """The sum of a field over the events of a ``kind``, ``tactic`` or ``activity``."""
    return int(of_field(run, field, **where).sum())


def count(run: MissionModel | RunRecord, **where: str) -> int:
    """The number of events of a ``kind``, ``tactic`` or ``activity``."""
    return len(of_field(run, "day", **where))


def ledger(run: MissionModel | RunRecord, item: str) -> np.ndarray:
    """A ledger item, [days, regions]."""
    whole = run.ledger if isinstance(run, RunRecord) else run.record().ledger
    return whole[:, :, LEDGER_ITEMS.index(item)]


def balance(model: MissionModel) -> dict[str, int]:
    """Cumulative flows by name."""
    return dict(zip(BALANCE, model.columns["balance"].tolist(), strict=True))


def identified(model: MissionModel) -> np.ndarray:
    """All events so far with the units' identity in place of their row, which is only storage."""
    events = model.columns["events"][: model.columns["event_count"][0]].copy()
    keys = np.append(model.columns["unit_key"], np.uint64(0)).astype(np.int64)
    column = EVENT_FIELDS.index("unit")
    events[:, column] = keys[events[:, column]]
    return events


def differing(a: RunRecord, b: RunRecord) -> list[str]:
    """What differs between two records, to the bit: 'events', 'ledger' or both."""
    same = {
        "events": np.array_equal(a.events, b.events),
        "ledger": np.array_equal(a.ledger, b.ledger),
    }
    return [name for name, equal in same.items() if not equal]


def plain(function: Any, _known: dict[Any, Callable[..., Any]] | None = None) -> Callable[..., Any]:
    """The same rule in plain Python: every compiled function that it calls is replaced by what it was compiled from."""
    known = {} if _known is None else _known
    rule = getattr(function, "py_func", function)
    if rule not in known:
        names = dict(rule.__globals__)
        known[rule] = FunctionType(rule.__code__, names, rule.__name__, rule.__defaults__, rule.__closure__)
        for name in rule.__code__.co_names:
            if isinstance(names.get(name), Dispatcher):
                names[name] = plain(names[name], known)
    return known[rule]
