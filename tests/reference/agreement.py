"""Both models side by side: the same history, or the first day, process and entity at which they part."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.recorder import TACTICS
from sim.scenario.registry import PROCESSES
from tests.minusma import date_of, parameters
from tests.reference.columns import Found, differences, ledger_differences
from tests.reference.model import TWINS, ReferenceModel


@dataclass(frozen=True)
class Parting:
    """Where two histories part: the day, the process after which they differ first, and what differs then."""

    day: date
    process: str
    found: list[Found]

    def __str__(self) -> str:
        lines = [f"{self.day}: {self.process}: {len(self.found)} differences"]
        lines += [f"  {name}[{row}]: engine {mine}, reference {theirs}" for name, row, mine, theirs in self.found[:12]]
        return "\n".join(lines)


@dataclass(frozen=True)
class Agreement:
    """What was compared: the days reached, events by tactic since the first day, and the parting if there was one."""

    days: int
    events: Counter[str]
    parting: Parting | None


def compare(
    plan: Plan, seed: int, last_day: int, first_day: int = 0, progress: Callable[[date], None] | None = None
) -> Agreement:
    """Run both to ``last_day`` and hold every column, event and book against each other at the end of each day.

    Up to ``first_day`` they run without being compared, which is faster and shows no less: what differs stays.
    """
    plan = with_twins(plan)
    engine, reference = MissionModel(plan, seed), ReferenceModel(plan, seed)
    parting = None
    if first_day > 0:
        engine.advance_to(first_day - 1)
        reference.advance_to(first_day - 1)
    while engine.day <= last_day and parting is None:
        engine.step()
        reference.step()
        if differences(engine, reference):
            parting = locate(plan, seed, engine.day - 1)
        elif progress is not None:
            progress(date_of(engine.day - 1))
    parting = parting or _of_books(engine, reference)
    tactics = Counter(event.tactic for event in reference.events if event.day >= first_day)
    engine.close()
    reference.close()
    return Agreement(reference.day, Counter({tactic: tactics[tactic] for tactic in TACTICS}), parting)


def with_twins(plan: Plan) -> Plan:
    """The plan with every process off that has no readable twin."""
    known = np.array([int(process.name in TWINS) for process in PROCESSES])
    return replace(plan, enabled=plan.enabled * known)


def varied(plan: Plan, seed: int) -> Plan:
    """The plan with every parameter drawn evenly across its range."""
    chance = random.Random(seed)
    drawn = [chance.uniform(row.low, row.high) for row in parameters().values()]
    return replace(plan, parameters=np.array(drawn))


def locate(plan: Plan, seed: int, day: int) -> Parting:
    """The process of a day after which the two differ first; they must agree on the evening before."""
    engine, reference = MissionModel(plan, seed), ReferenceModel(plan, seed)
    engine.advance_to(day - 1)
    reference.advance_to(day - 1)
    reference.start_day()
    for number, process in enumerate(PROCESSES):
        engine.step_process(number)
        reference.act(number)
        found = differences(engine, reference)
        if found:
            return Parting(date_of(day), process.name, found)
    raise AssertionError(f"{date_of(day)}: no process parts them")


def _of_books(engine: MissionModel, reference: ReferenceModel) -> Parting | None:
    found = ledger_differences(engine, reference)
    if not found:
        return None
    first = min(row for _, row, _, _ in found)
    return Parting(date_of(first), "books", [entry for entry in found if entry[1] == first])
