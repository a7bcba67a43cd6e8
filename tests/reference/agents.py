"""Who acts.  An agent has attributes of its own and inherits what it does from the processes in which it acts."""

from typing import TYPE_CHECKING, NamedTuple

import mesa

from tests.reference.draws import Four
from tests.reference.processes.ambush import Ambushing
from tests.reference.processes.attitudes import Believing
from tests.reference.processes.battles import Battling
from tests.reference.processes.complex_attack import Storming, Town
from tests.reference.processes.convoys import Driving
from tests.reference.processes.deployment import Deployment
from tests.reference.processes.disarmament import Disarming
from tests.reference.processes.displacement import Displaced
from tests.reference.processes.emplacement import Emplacement
from tests.reference.processes.explosives import Minefields
from tests.reference.processes.flight import Flight
from tests.reference.processes.growth import Growth
from tests.reference.processes.indirect_fire import Shelling
from tests.reference.processes.learning import Learning
from tests.reference.processes.national_forces import Garrison
from tests.reference.processes.offensives import Raiding
from tests.reference.processes.one_sided import Killing
from tests.reference.processes.organisations import Organising
from tests.reference.processes.patrols import Patrolling
from tests.reference.processes.recruitment import Recruiting
from tests.reference.processes.return_home import Return
from tests.reference.processes.rivalry import Feuding
from tests.reference.processes.roaming import Roaming
from tests.reference.processes.supply import Supply
from tests.reference.processes.tasking import PatrolWeight, Tasking
from tests.reference.processes.training import Training
from tests.reference.violence import intent

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell, Organisation

TARGETS = ("traffic", "camps", "forces", "civilians")  # whose weights a band learns


class Agent(mesa.Agent):
    """An agent with an identity by which it draws; ``index`` is its place in the order of its kind."""

    model: "ReferenceModel"

    def __init__(self, model: "ReferenceModel", key: int, index: int = -1) -> None:
        super().__init__(model)
        self.key = key
        self.index = index

    def draw(self, stream: int) -> Four:
        """Four uniforms of the agent for today."""
        return self.model.draw(self.key, stream)


class Leg(NamedTuple):
    """The part of a supply route in one cell."""

    cell: "Cell"
    km: float
    paved: float  # share


class Base(Tasking, Supply, Town, Agent):
    """A camp of the mission with its commander, stocks and tasks."""

    def __init__(self, model: "ReferenceModel", key: int, index: int, cell: "Cell") -> None:
        super().__init__(model, key, index)
        self.cell = cell
        self.region = cell.region
        self.hub: Base | None = None  # the base that supplies it
        self.rescue_km = 0.0  # to the nearest hospital base with helicopters
        self.units: list[PatrolUnit] = []
        self.route: list[Leg] = []  # from hub to base
        self.ring: list[tuple[Cell, float]] = []  # cells in patrol range and their distance, km

        self.strength = 0
        self.demand = 0.0  # persons whom it feeds, with the bases behind it
        self.stock = 0.0  # person-days
        self.in_transit = 0.0  # person-days on the road to it
        self.convoys = 0  # ever sent to it
        self.evacuated = False
        self.scale = 0.0  # share of today's tasks that fits the effort
        self.standby = 0.0  # persons
        self.checkpoints = 0.0  # 1/day
        self.projects = 0.0  # 1/month
        self.analysis = 0.0  # share of reports analysed
        self.guards = 0.0  # persons securing an election
        self.caution = 0.0  # remembered own deaths

    @property
    def open(self) -> bool:
        """Whether it is open today."""
        return self.model.today["base_open"][self.index] == 1

    @property
    def operations(self) -> float:
        """Share of patrols, checks and projects that a pause leaves today."""
        return self.model.today["operations"][self.index]

    def level(self, measure: str) -> float:
        """Level of a measure that is set by base."""
        return self.model.today[f"lever_{measure}"][self.index]


class PatrolUnit(Deployment, Training, PatrolWeight, Patrolling, Agent):
    """A company at most of a contingent at a base, of one kind."""

    def __init__(self, model: "ReferenceModel", key: int, index: int, base: Base, kind: str, rotation: int) -> None:
        super().__init__(model, key, index)
        self.base = base
        self.kind = kind
        self.rotation = rotation  # offset of the yearly rotation, days

        self.strength = 0
        self.training = 0.0  # share of full skill
        self.drill = 0.0  # share of full currency
        self.protection = 0.0  # mine-protected share of its vehicles
        self.escorting = 0  # on the road with convoys
        self.clearing = 0  # on the road searching for devices
        self.free = 0.0  # persons not yet committed today
        self.planned = 0.0  # patrols for today
        self.credit = 0.0  # patrols carried over
        self.patrols = 0  # out today
        self.cell: Cell | None = None  # visited by its last patrols
        self.training_days = 0.0  # per person, of the last tasking
        self.drill_days = 0.0


class Convoy(Driving, Agent):
    """Contractors' trucks, with escort and search team if people were to spare."""

    def __init__(self, model: "ReferenceModel", key: int, index: int, base: Base, trucks: int) -> None:
        super().__init__(model, key, index)
        self.base = base  # that it serves
        self.born = model.day
        self.active = True
        self.trucks = trucks
        self.cargo = 0.0  # person-days
        self.unit: PatrolUnit | None = None  # that escorts
        self.escort = 0  # persons
        self.clearing_unit: PatrolUnit | None = None
        self.searchers = 0  # persons
        self.withdrawal = False  # carries a closing base's people
        self.position = 0  # leg of the route
        self.km = 0.0  # done in the leg
        self.direction = 1  # or -1 on the way back
        self.wait = 0  # days left to unload
        self.cell = base.route[0].cell

    def leave(self) -> None:
        """It is back, and its place in the order is free."""
        self.active = False
        self.model.convoys[self.index] = None
        self.remove()


class ArmedGroup(
    Roaming, Emplacement, Ambushing, Shelling, Storming, Battling, Feuding, Killing, Displaced, Learning, Recruiting,
    Organising, Disarming, Agent,
):  # fmt: skip
    """A band of an armed organisation."""

    def __init__(self, model: "ReferenceModel", key: int, organisation: "Organisation", home: "Cell") -> None:
        super().__init__(model, key)
        self.organisation = organisation
        self.home = home  # centre of its area
        self.cell = home
        self.born = model.day
        self.strength = 0  # fighters
        self.skill = 0.0  # competence with devices
        self.weight = dict.fromkeys(TARGETS, 1.0)  # learned; the four add up to 4
        self.gain = dict.fromkeys(TARGETS, 0.0)  # successes less failures of the week
        self.deterred = 0  # attacks that were deterred today
        self.found = 0  # its devices found since it last laid any
        self.children = 0  # splits so far

    @property
    def will(self) -> float:
        """Intent towards the mission."""
        return intent(self)

    def lose(self, number: int) -> int:
        """Up to ``number`` fighters are killed; returns how many."""
        dead = min(number, self.strength)
        self.strength -= dead
        self.model.balance["fighters_killed"] += dead
        return dead


class NationalUnit(Garrison, Minefields, Raiding, Agent):
    """A company of Malian, partner or Wagner forces with a garrison."""

    def __init__(self, model: "ReferenceModel", key: int, index: int, home: "Cell", kind: str) -> None:
        super().__init__(model, key, index)
        self.home = home
        self.cell = home
        self.kind = kind
        self.strength = 0

    @property
    def malian(self) -> bool:
        """Whether it is of the Malian forces."""
        return self.kind == "malian"


class Community(Flight, Return, Believing, Growth, Agent):
    """Some thousands of civilians with one home cell."""

    def __init__(self, model: "ReferenceModel", key: int, index: int, home: "Cell") -> None:
        super().__init__(model, key, index)
        self.home = home
        self.population = 0  # living members, at home or displaced
        self.displaced = 0
        self.refuge: Cell | None = None  # that shelters the displaced
        self.trust = 0.0  # in the mission, share
        self.state_trust = 0.0
        self.fear = 0.0
        self.losses = 0

    @property
    def at_home(self) -> int:
        """Members who are not displaced."""
        return self.population - self.displaced
