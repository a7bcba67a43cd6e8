"""What is exposed and what happens: trips of a day, and one event per thing that happened."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.recorder import ACTIVITIES, EVENT_FIELDS, KINDS, TACTICS
from tests.reference.draws import Four, uniforms

if TYPE_CHECKING:
    from tests.reference.agents import Base, Convoy, PatrolUnit
    from tests.reference.places import Cell, Organisation, Region

MALIAN_FORCES, PARTNER_FORCES, NOBODY = "Malian forces", "Partner forces", "none"  # actors that are no organisation
WORDS = {"kind": KINDS, "tactic": TACTICS, "activity": ACTIVITIES}


@dataclass(eq=False)
class Trip:
    """The patrols of a unit, or a convoy, in one cell on one day: the unit of exposure outside camps."""

    run: int
    key: int  # identity of who travels
    clock: int  # day by which it draws: of the calendar, or since departure
    activity: str  # patrol or convoy
    unit: "PatrolUnit | None"  # at risk
    convoy: "Convoy | None"
    cell: "Cell"
    km: float
    groups: int  # parties
    persons: int  # peacekeepers in a party
    vehicles: float  # mission vehicles in a party
    trucks: int  # contractors' trucks
    cleared: bool  # behind a search team
    joint: bool  # with national forces

    @property
    def training(self) -> float:
        """Training of the unit at risk."""
        return self.unit.training if self.unit else 0.0

    @property
    def drill(self) -> float:
        """Drill currency of the unit at risk."""
        return self.unit.drill if self.unit else 0.0

    @property
    def protection(self) -> float:
        """Mine-protected share of its vehicles."""
        return self.unit.protection if self.unit else 0.0

    def draw(self, stream: int) -> Four:
        """Four uniforms of the trip."""
        return uniforms(self.run, self.key, self.clock, stream)


@dataclass(eq=False)
class Event:
    """One thing that happened; the fields are those of the engine's event rows."""

    day: int
    cell: "Cell"
    region: "Region"
    kind: str
    tactic: str
    activity: str
    actor: "Organisation | str"
    key: int  # identity of who or what caused it
    base: "Base | None" = None
    unit: "PatrolUnit | None" = None
    escorted: bool = False
    cleared: bool = False
    drilled: bool = False
    joint: bool = False
    devices_found: int = 0
    peacekeepers_hit: int = 0
    peacekeepers_killed: int = 0
    peacekeepers_wounded: int = 0
    peacekeepers_died_other: int = 0
    contractors_killed: int = 0
    civilians_killed: int = 0
    civilians_wounded: int = 0
    malian_forces_killed: int = 0
    partner_forces_killed: int = 0
    fighters_killed: int = 0

    def row(self, organisations: int) -> list[int]:
        """The event as the engine writes it: positions for names and entities, -1 for none."""
        actors = {MALIAN_FORCES: organisations, PARTNER_FORCES: organisations + 1, NOBODY: organisations + 2}
        values = []
        for field in EVENT_FIELDS:
            value = getattr(self, field)
            if field in WORDS:
                value = WORDS[field].index(value)
            elif field == "actor":
                value = actors[value] if isinstance(value, str) else value.index
            elif field == "key":
                value = value - 2**64 if value >= 2**63 else value
            elif value is None:
                value = -1
            elif hasattr(value, "index"):
                value = value.index
            values.append(int(value))
        return values
