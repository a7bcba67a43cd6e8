"""What a run counts beside its outcomes, and the rates made of totals: costs and exposure.

An item with a place under ``cost`` stands beside every answer of a comparison; outcomes that are costs have theirs in
their own rows.  ``LEDGER`` lists every column of the daily ledger, in the order in which it is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.registry.base import Counted, Message, Row, by_name
from sim.scenario.registry.outcomes import OUTCOMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Counted):
    """A column of the daily ledger that is no outcome; ``stock``: its value at the end of the day, without a total."""

    stock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Row):
    """The sum of some totals per ``factor`` of another total; runs where that is zero have no rate."""

    parts: tuple[str, ...]
    per: str
    factor: float
    unit: str
    head: str = ""

    def messages(self) -> Iterator[Message]:
        """Label and heading."""
        yield from ((text, None) for text in (self.label, self.head) if text)


_ITEMS = (
    Item(
        name="civilians_returned",
        label="returned home",
        unit="persons",
        definition="displaced persons who went home",
        daily="persons who returned home on the day",
        ledger=1,
    ),
    Item(
        name="patrols",
        label="patrols",
        unit="patrols",
        definition="patrols that set out",
        daily="patrols that set out on the day",
        ledger=6,
    ),
    Item(
        name="escorts",
        label="escorts",
        unit="escorts",
        definition="escorts of the mission",
        daily="escorts of the mission on the day",
        ledger=9,
    ),
    Item(
        name="effort_shortfall",
        singular="person-day of work not done",
        label="person-days of work not done",
        unit="person-days",
        definition="person-days of work asked for that did not fit",
        daily="person-days of work asked for that did not fit into the day",
        ledger=11,
        head="not done",
        cost=2,
    ),
    Item(
        name="training_days",
        singular="day of training and drills",
        label="days of training and drills",
        unit="person-days",
        definition="person-days of training and drills",
        daily="person-days of training and drills on the day",
        ledger=12,
        head="training",
        cost=3,
    ),
    Item(
        name="standby_days",
        singular="day on standby",
        label="days on standby",
        unit="person-days",
        definition="person-days of quick reaction on standby",
        daily="person-days of quick reaction on standby on the day",
        ledger=13,
        cost=4,
    ),
    Item(
        name="fighters",
        label="fighters of armed groups",
        unit="persons",
        daily="members of armed groups at the end of the day",
        ledger=14,
        stock=True,
    ),
    Item(
        name="devices_standing",
        label="devices on roads",
        unit="devices",
        daily="explosive devices lying on roads at the end of the day",
        ledger=15,
        stock=True,
    ),
    Item(
        name="protected_vehicle_days",
        singular="protected vehicle-day",
        label="protected vehicle-days",
        unit="vehicle-days",
        definition="mine-protected vehicles of the mission on the road",
        daily="those of them that were mine-protected",
        ledger=17,
        cost=12,
    ),
    Item(
        name="evacuation_hours",
        singular="hour of evacuation flights",
        label="hours of evacuation flights",
        unit="hours",
        definition="hours flown to evacuate the wounded, part of flight_hours",
        daily="those of them flown to evacuate the wounded",
        ledger=19,
        cost=14,
    ),
    Item(
        name="alert_hours",
        singular="hour on evacuation alert",
        label="hours on evacuation alert",
        unit="hours",
        definition="hours in which an evacuation crew stands ready, summed over bases",
        daily="hours of the day in which an evacuation crew stands ready, summed over bases",
        ledger=20,
        cost=15,
    ),
    Item(
        name="liaison_days",
        singular="liaison day",
        label="liaison days",
        unit="person-days",
        definition="staff officers who pass information on to national forces",
        daily="staff officers who passed information on to national forces on the day",
        ledger=22,
        cost=5,
    ),
    Item(
        name="attacks_deterred",
        label="deterred attacks",
        unit="attacks",
        definition="attacks that armed groups did not dare, for escorts or patrols",
        daily="attacks that armed groups did not dare, for escorts or patrols, on the day",
        ledger=23,
    ),
    Item(
        name="attacks_displaced",
        label="displaced attacks",
        unit="attacks",
        definition="attacks on civilians in place of deterred ones",
        daily="attacks on civilians on the day in place of deterred ones",
        ledger=24,
    ),
)

ITEMS = by_name(_ITEMS)

_THOUSAND_YEARS = 365.25 * 1000  # person-days
_PER_YEARS = "deaths per 1,000 personnel-years"

_RATES = (
    Rate(
        name="killed_per_1000_years",
        label="killed per 1,000 personnel-years",
        head="killed per 1,000 pers.-years",
        parts=("peacekeepers_killed",),
        per="personnel_days",
        factor=_THOUSAND_YEARS,
        unit=_PER_YEARS,
    ),
    Rate(
        name="died_per_1000_years",
        label="died of any cause per 1,000 personnel-years",
        parts=("peacekeepers_killed", "peacekeepers_died_other"),
        per="personnel_days",
        factor=_THOUSAND_YEARS,
        unit=_PER_YEARS,
    ),
    Rate(
        name="minutes_to_treatment",
        label="minutes from hit to treatment",
        head="minutes to treatment",
        parts=("treatment_minutes",),
        per="peacekeepers_hit",
        factor=1.0,
        unit="minutes per peacekeeper hit",
    ),
)

RATES = by_name(_RATES)

COUNTED = by_name([*OUTCOMES.values(), *ITEMS.values()])
COSTS = by_name(sorted((row for row in COUNTED.values() if row.cost), key=lambda row: row.cost))
LEDGER = by_name(sorted((row for row in COUNTED.values() if row.ledger >= 0), key=lambda row: row.ledger))

if [row.ledger for row in LEDGER.values()] != list(range(len(LEDGER))):
    raise ValueError(f"columns of the ledger are numbered 0, 1, 2, ...: {[row.ledger for row in LEDGER.values()]}")
