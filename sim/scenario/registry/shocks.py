"""Dated political events: one row holds all that anything else says about one of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sim._util.immutable import FrozenMap
from sim.scenario.registry.base import Message, Row, by_name

Form = Literal["number", "dated", "strength", "days", "by base"]
Key = Literal["place", "move", "contributors", "closures"]


@dataclass(frozen=True, slots=True)
class Lever:
    """A number of a shock, with unit and range.

    ``form``: one number, a number that may change by date, whole days, or a number for each base named.
    """

    unit: str
    minimum: float
    maximum: float
    form: Form = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock(Row):
    """A shock: its numbers and other keys, whether it can happen several times, its claim and the world without it."""

    levers: FrozenMap[str, Lever]
    own_key: Key
    claim: str
    off_note: str = "it did not happen"
    repeats: bool = False
    example: str = "{start: 2020-01-01, intensity: 0.5}"

    def messages(self) -> Iterator[Message]:
        """Its label; the rest is shown in explanations, which are English."""
        yield self.label, None


def _levers(**levers: Lever) -> FrozenMap[str, Lever]:
    return FrozenMap(levers)


_SHOCKS = (
    Shock(
        name="deployment",
        label="deployment",
        levers=_levers(strength=Lever("uniformed persons", 0, 50_000, "strength")),
        own_key="move",
        repeats=True,
        claim="The mission's strength follows this path; without the shock, the path observed; troops can move "
        "between bases",
        off_note="the plan of 2013 is met, and holds until the strength observed reaches it",
        example="{strength: 12640}",
    ),
    Shock(
        name="coup",
        label="coup",
        levers=_levers(
            intensity=Lever("share of national-force operations lost at onset", 0, 1),
            recovery_days=Lever("days until operations are back", 1, 3_650, "days"),
        ),
        own_key="place",
        repeats=True,
        claim="A coup halts part of the national forces' operations, which then recover",
    ),
    Shock(
        name="contributor_exit",
        label="exit of contributors",
        levers=_levers(intensity=Lever("share of the contingent that leaves", 0, 1)),
        own_key="contributors",
        claim="Contributors withdraw their contingents on the dates given",
        example="{contributors: {NAME: DATE}}",
    ),
    Shock(
        name="protests",
        label="protests",
        levers=_levers(intensity=Lever("share of movement lost", 0, 1, "dated")),
        own_key="place",
        repeats=True,
        claim="Protests keep troops in their camps",
    ),
    Shock(
        name="consent",
        label="consent denied",
        levers=_levers(intensity=Lever("share of movement and flights denied", 0, 1, "dated")),
        own_key="place",
        repeats=True,
        claim="The host state denies movement and flights, which also delays evacuation",
    ),
    Shock(
        name="pause",
        label="pause of operations",
        levers=_levers(
            intensity=Lever("share of patrols, vehicle checks and projects not made", 0, 1, "dated"),
        ),
        own_key="place",
        repeats=True,
        claim="The mission pauses operations: patrols, vehicle checks and projects stop; guards and supply convoys "
        "go on",
    ),
    Shock(
        name="withdrawal",
        label="withdrawal",
        levers=_levers(
            intensity=Lever("share of the mission that leaves", 0, 1),
            air_support=Lever("share of flights that go on during the withdrawal", 0, 1),
            hand_over=Lever("share of a camp's garrison that national forces send to a closing base", 0, 1, "by base"),
        ),
        own_key="closures",
        claim="The mandate ends: bases close one by one, handed over to national forces or not, and the mission leaves",
        off_note="it did not happen; bases stay open",
    ),
)

SHOCKS = by_name(_SHOCKS)
