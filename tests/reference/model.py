"""The day: the packaged processes in order, on agents that a plan puts in place.

A process that nobody wrote for readers has no twin here: it runs in the engine, and comparisons switch it off.
"""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import mesa

from sim.model.plan import Plan
from sim.model.streams import run_key
from sim.model.tables import INPUTS
from sim.scenario.registry import PROCESSES
from tests.minusma import parameter_names
from tests.reference import setting
from tests.reference.agents import ArmedGroup, Base, Convoy
from tests.reference.draws import Four, child_key, uniforms
from tests.reference.events import Event, Trip
from tests.reference.places import Cell, Organisation
from tests.reference.processes.accidents import accidents
from tests.reference.processes.ambush import ambush
from tests.reference.processes.attitudes import attitudes
from tests.reference.processes.battles import battles
from tests.reference.processes.casualties import casualties
from tests.reference.processes.clearance import clearance
from tests.reference.processes.complex_attack import complex_attack
from tests.reference.processes.convoys import convoys
from tests.reference.processes.deployment import deployment
from tests.reference.processes.disarmament import disarmament
from tests.reference.processes.displacement import displacement
from tests.reference.processes.emplacement import emplacement
from tests.reference.processes.explosives import explosives
from tests.reference.processes.flight import flight
from tests.reference.processes.growth import growth
from tests.reference.processes.illness import illness
from tests.reference.processes.indirect_fire import indirect_fire
from tests.reference.processes.information import information
from tests.reference.processes.learning import learning
from tests.reference.processes.national_forces import national_forces
from tests.reference.processes.offensives import offensives
from tests.reference.processes.one_sided import one_sided
from tests.reference.processes.organisations import organisations
from tests.reference.processes.patrols import patrols
from tests.reference.processes.recruitment import recruitment
from tests.reference.processes.return_home import return_home
from tests.reference.processes.rivalry import rivalry
from tests.reference.processes.roaming import roaming
from tests.reference.processes.supply import supply
from tests.reference.processes.tally import tally
from tests.reference.processes.tasking import tasking
from tests.reference.processes.threat import threat
from tests.reference.processes.training import training

DAY = (
    threat,
    deployment,
    training,
    tasking,
    supply,
    convoys,
    patrols,
    roaming,
    national_forces,
    information,
    emplacement,
    clearance,
    explosives,
    ambush,
    indirect_fire,
    complex_attack,
    battles,
    offensives,
    rivalry,
    one_sided,
    displacement,
    casualties,
    accidents,
    illness,
    flight,
    return_home,
    attitudes,
    growth,
    learning,
    recruitment,
    organisations,
    disarmament,
    tally,
)
TWINS = {rule.__name__: rule for rule in DAY}
WITHOUT_TWIN = tuple(process.name for process in PROCESSES if process.name not in TWINS)
DAILY = tuple(column.name for column in INPUTS if column.shape[0] == "days")
CONVOYS_AT_ONCE = 256


class ReferenceModel(mesa.Model):
    """One run in plain Python: the same plan and seed give the history of ``sim.MissionModel``, event by event.

    ``today`` holds the daily inputs of the day that runs, by name; ``p`` the parameters, by name.
    """

    def __init__(self, plan: Plan, seed: int = 1) -> None:
        super().__init__()
        self.plan = plan
        self.key = int(run_key(seed))
        self.day = 0
        self.p = SimpleNamespace(**dict(zip(parameter_names(), plan.parameters.tolist(), strict=True)))
        self.switched_on = {process.name for process, on in zip(PROCESSES, plan.enabled, strict=True) if on}
        self.today: dict[str, list[float]] = {}
        self.day_of_month = 1
        self.trend_days = 0
        self.unit_targets: list[int] = []  # scheduled strengths of the month
        self.national_targets: list[int] = []

        self.trips: list[Trip] = []
        self.events: list[Event] = []
        self.events_today: list[Event] = []
        self.books: list[list[dict[str, float]]] = []  # by day and region
        self.balance: Counter[str] = Counter()
        self.convoys: list[Convoy | None] = [None] * CONVOYS_AT_ONCE

        self.regions = setting.regions(self)
        self.cells = setting.cells(self)
        self.bases = setting.bases(self)
        self.units = setting.units(self)
        self.national_units = setting.national_units(self)
        self.organisations = setting.organisations(self)
        self.rows = setting.rows(self)
        self.communities = setting.communities(self)

    @property
    def bands(self) -> list[ArmedGroup]:
        """Living bands in the order of their rows."""
        return [row.band for row in self.rows if row.band is not None and row.band.strength > 0]

    def step(self) -> None:
        """One day."""
        self.start_day()
        for number in range(len(PROCESSES)):
            self.act(number)
        self.dusk()

    def start_day(self) -> None:
        """Take the day's inputs; nothing has happened yet."""
        inputs = self.plan.inputs
        self.today = {name: inputs[name][self.day].tolist() for name in DAILY}
        self.day_of_month = self.today["day_of_month"]
        self.trend_days = self.today["trend_days"]
        self.unit_targets = inputs["unit_target"][self.today["month_of_day"]].tolist()
        self.national_targets = inputs["national_target"][self.today["month_of_day"]].tolist()
        self.events_today = []
        self.trips.clear()
        for region in self.regions:
            region.books.clear()

    def act(self, number: int) -> None:
        """One process of today, by its place in the day, if the scenario has it on."""
        name = PROCESSES[number].name
        if name in self.switched_on and name in TWINS:
            TWINS[name](self)

    def dusk(self) -> None:
        """Close the books of the day."""
        self.books.append([dict(region.books) for region in self.regions])
        self.day += 1

    def advance_to(self, last_day: int) -> None:
        """Run all days up to and including ``last_day``."""
        while self.day <= last_day:
            self.step()

    def draw(self, entity: int, stream: int) -> Four:
        """Four uniforms for an entity today."""
        return uniforms(self.key, entity, self.day, stream)

    def record(
        self, cell: Cell, kind: str, tactic: str, activity: str, actor: Organisation | str, key: int,
        **outcome: Any,
    ) -> Event:  # fmt: skip
        """Note that something happened."""
        event = Event(self.day, cell, cell.region, kind, tactic, activity, actor, key, **outcome)
        self.events.append(event)
        self.events_today.append(event)
        return event

    def cause(self, event: Event, stream: int) -> int:
        """The key of who or what caused an event of today, for draws about those whom it hit.

        Its second one of the same tactic in the same cell has another key: what differs must not share draws.
        """
        before = self.events_today[: self.events_today.index(event)]
        alike = sum((e.key, e.cell, e.tactic) == (event.key, event.cell, event.tactic) for e in before)
        return event.key if alike == 0 else child_key(event.key, stream, alike)

    def gather(self) -> None:
        """Every cell lists the bands that are in it, the latest row first."""
        for cell in self.cells:
            cell.bands = []
        for band in reversed(self.bands):
            band.cell.bands.append(band)

    def new_band(self, key: int, organisation: Organisation, home: Cell) -> ArmedGroup:
        """A band without fighters yet."""
        return ArmedGroup(self, key, organisation, home)

    def convoy_room(self) -> int | None:
        """The first free place in the order of convoys."""
        return next((place for place, convoy in enumerate(self.convoys) if convoy is None), None)

    def new_convoy(self, base: Base, key: int, trucks: int) -> Convoy:
        """A convoy for a base, at the hub, without cargo or company yet; there must be room."""
        place = self.convoy_room()
        convoy = self.convoys[place] = Convoy(self, key, place, base, trucks)
        return convoy

    def close(self) -> None:
        """Drop the agents and, on Mesa 3.3, the entry that would keep this model alive for ever."""
        self.remove_all_agents()
        ids = getattr(mesa.Agent, "_ids", None)
        if ids is not None and hasattr(ids, "pop"):
            ids.pop(self, None)
