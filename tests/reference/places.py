"""Places and collectives: they hold memories and books, and decide nothing."""

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.reference.draws import Four

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup, Base, Community
    from tests.reference.model import ReferenceModel


class Region:
    """One of the nine regions: its latent threat, and what politics leave in it today."""

    def __init__(self, model: "ReferenceModel", index: int, key: int, growth: float) -> None:
        self.model = model
        self.index = index
        self.key = key
        self.growth = growth  # 1/month
        self.deviation = 0.0  # log; threat less its mean
        self.threat = 0.0  # log
        self.tempo = 1.0  # exp(threat)
        self.books: defaultdict[str, float] = defaultdict(float)  # flows and stocks of today

    def today(self, name: str) -> float:
        """A daily input of the region: movement, flights, national_activity, election, threat_mean."""
        return self.model.today[name][self.index]

    def level(self, measure: str) -> float:
        """Level of a measure that is set by region."""
        return self.model.today[f"lever_{measure}"][self.index]

    def book(self, item: str, amount: float) -> None:
        """Add to a daily flow or stock."""
        self.books[item] += amount


class Cell:
    """A cell of the lattice: who lives and stands here, what lies on its roads, what is remembered."""

    def __init__(self, model: "ReferenceModel", index: int, key: int, lat: float, lon: float, region: Region) -> None:
        self.model = model
        self.index = index
        self.key = key
        self.lat = lat
        self.lon = lon
        self.region = region
        self.road_km = 0.0
        self.town = 0.0  # people in towns
        self.neighbours: list[Cell | None] = []  # eight, None beyond the border
        self.near_base: Base | None = None  # the base in the cell or beside it
        self.refuge: Cell = self  # the town to which its people flee
        self.communities: list[Community] = []  # those at home here

        self.population = 0  # residents and people who shelter here
        self.presence = 0.0  # remembered patrols
        self.police = 0.0  # remembered patrols of police
        self.traffic = 0.0  # remembered trips of the mission a day
        self.devices = 0
        self.layer: ArmedGroup | None = None  # who last laid a device
        self.laid_by: Organisation | None = None  # and for which organisation
        self.tip = False  # a warning was passed on today
        self.informed = 0.0  # remembered warnings
        self.harm = 0.0  # remembered deaths
        self.revenge = 0.0  # remembered deaths that call for revenge
        self.abuse = 0.0  # remembered civilian deaths by national forces
        self.trust = 0.0
        self.state_trust = 0.0
        self.fear = 0.0
        self.national = 0  # soldiers of Malian forces today
        self.partner = 0  # soldiers of partner forces today
        self.bands: list[ArmedGroup] = []  # who came here this morning, the latest row first

    def around(self) -> "list[Cell]":
        """The cells beside it, then the cell itself."""
        return [cell for cell in self.neighbours if cell is not None] + [self]

    def draw(self, stream: int) -> Four:
        """Four uniforms of the cell for today."""
        return self.model.draw(self.key, stream)


class Organisation:
    """An armed organisation: its dates and feuds, and what its members learned about vehicles."""

    def __init__(self, index: int, family: str, band: float, ended: int, against_state: int) -> None:
        self.index = index
        self.family = family
        self.band = band  # fighters of a typical band
        self.ended = ended  # last day
        self.against_state = against_state  # last day of its war with the state, -1 for never
        self.heir: Organisation | None = None  # who takes over its bands
        self.feuds: dict[Organisation, tuple[int, int]] = {}  # first and last day
        self.charge = 1.0  # size of devices
        self.seen = 0.0  # protected share of the vehicles that it struck

    @property
    def insurgent(self) -> bool:
        """Whether it is of the jihadist families."""
        return self.family in ("jihadist", "islamic_state")

    def fights_state(self, day: int) -> bool:
        """Whether national forces pursue it, and it them."""
        return self.insurgent or day <= self.against_state
