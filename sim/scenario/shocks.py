"""Dated political events: what each acts on, what `off` means.  A literal; see `minusim list shocks`."""

from dataclasses import dataclass

from sim._util.immutable import FrozenMap


@dataclass(frozen=True, slots=True)
class Lever:
    """A number of a shock, with unit and range."""

    unit: str
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Shock:
    """A shock: its numbers, whether it can happen several times, its claim and the world without it."""

    name: str
    levers: FrozenMap[str, Lever]
    repeats: bool
    claim: str
    off_note: str


_HAPPENED_NOT = "it did not happen"

_ROWS = (
    Shock(
        "deployment",
        FrozenMap({"strength": Lever("uniformed persons", 0, 50_000)}),
        False,
        "The mission's strength follows this path; without the shock, the path observed; troops can move between bases",
        "the plan of 2013 is met, and holds until the strength observed reaches it",
    ),
    Shock(
        "coup",
        FrozenMap(
            {
                "intensity": Lever("share of national-force operations lost at onset", 0, 1),
                "recovery_days": Lever("days until operations are back", 1, 3_650),
            }
        ),
        True,
        "A coup halts part of the national forces' operations, which then recover",
        _HAPPENED_NOT,
    ),
    Shock(
        "contributor_exit",
        FrozenMap({"intensity": Lever("share of the contingent that leaves", 0, 1)}),
        False,
        "Contributors withdraw their contingents on the dates given",
        _HAPPENED_NOT,
    ),
    Shock(
        "protests",
        FrozenMap({"intensity": Lever("share of movement lost", 0, 1)}),
        True,
        "Protests keep troops in their camps",
        _HAPPENED_NOT,
    ),
    Shock(
        "consent",
        FrozenMap({"intensity": Lever("share of movement and flights denied", 0, 1)}),
        True,
        "The host state denies movement and flights, which also delays evacuation",
        _HAPPENED_NOT,
    ),
    Shock(
        "pause",
        FrozenMap({"intensity": Lever("share of patrols, vehicle checks and projects not made", 0, 1)}),
        True,
        "The mission pauses operations: patrols, vehicle checks and projects stop; guards and supply convoys go on",
        _HAPPENED_NOT,
    ),
    Shock(
        "withdrawal",
        FrozenMap(
            {
                "intensity": Lever("share of the mission that leaves", 0, 1),
                "air_support": Lever("share of flights that go on during the withdrawal", 0, 1),
                "hand_over": Lever("share of a camp's garrison that national forces send to a closing base", 0, 1),
            }
        ),
        False,
        "The mandate ends: bases close one by one, handed over to national forces or not, and the mission leaves",
        "it did not happen; bases stay open",
    ),
)

SHOCKS: FrozenMap[str, Shock] = FrozenMap((row.name, row) for row in _ROWS)
