"""A patrol goes where people live, where harm was, and not far; where it was seen its presence is remembered.

Planned patrols accrue (a few are carried over) and go out as whole patrols, all of a unit to one cell of its base's
range, chosen in proportion to exp(-km / decay) x (1 + town + harm that is known).  With the probability of
``protection_of_civilians`` they protect instead: (people + floor) x (floor + fear) x exp(-km / (2 decay)), with a
larger party and more presence.  Where Malian forces are in the base's cell a patrol is joint with the probability of
``joint_patrols``.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import chosen, faded
from tests.reference.draws import stream_of
from tests.reference.events import Trip

if TYPE_CHECKING:
    from tests.reference.agents import PatrolUnit
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("patrols")
PEOPLE = 10_000.0  # persons; the appeal of a settlement is counted per this many


def patrols(model: "ReferenceModel") -> None:
    """Presence fades, and every unit goes out as often as planned."""
    fading = faded(model.p.presence_memory)
    for cell in model.cells:
        cell.presence *= fading
        cell.police *= fading
    for unit in model.units:
        unit.patrols = 0
        number = unit.patrols_due()
        if number > 0:
            unit.patrol(number)


class Patrolling:
    """A unit goes out."""

    def patrols_due(self: "PatrolUnit") -> int:
        """Whole patrols that have accrued and for which there are people."""
        p, movement = self.model.p, self.base.region.today("movement")
        if self.strength == 0 or self.planned <= 0.0 or movement <= 0.0:
            return 0
        self.credit = min(p.patrol_backlog, self.credit + self.planned * movement)
        return max(0, min(int(self.credit), int(self.free / p.patrol_persons)))

    def patrol(self: "PatrolUnit", number: int) -> None:
        """All patrols of the day, to one cell."""
        p, base = self.model.p, self.base
        self.credit -= number
        u_place, u_joint, u_protect, _ = self.draw(STREAM)
        protecting = u_protect < base.level("protection_of_civilians")
        appeal = [self.appeal(cell, km, protecting) for cell, km in base.ring]
        cell = chosen(u_place, base.ring, appeal)[0]
        party = int(p.patrol_persons * (1.0 + p.protection_extra)) if protecting else int(p.patrol_persons)
        vehicles = p.patrol_persons / p.persons_per_escort_vehicle
        self.patrols = number
        self.cell = cell
        self.free = max(0.0, self.free - number * party)
        cell.presence += number * (p.protection_presence if protecting else 1.0)
        if self.kind == "formed_police":
            cell.police += number
        cell.region.book("patrols", number)
        cell.region.book("patrol_days", number * party)
        cell.region.book("vehicle_days", number * vehicles)
        cell.region.book("protected_vehicle_days", number * vehicles * self.protection)
        joint = base.cell.national > 0 and u_joint < base.level("joint_patrols")
        self.model.trips.append(
            Trip(
                run=self.model.key,
                key=self.key,
                clock=self.model.day,
                activity="patrol",
                unit=self,
                convoy=None,
                cell=cell,
                km=p.patrol_km,
                groups=number,
                persons=party,
                vehicles=vehicles,
                trucks=0,
                cleared=False,
                joint=joint,
            )
        )

    def appeal(self: "PatrolUnit", cell: "Cell", km: float, protecting: bool) -> float:
        """How much a cell of the range draws patrols."""
        p = self.model.p
        near = math.exp(-km / p.patrol_range_decay)
        if protecting:
            people = cell.population / PEOPLE + p.protection_floor
            return people * (p.protection_fear_floor + cell.fear) * math.sqrt(near)
        known_harm = p.harm_attraction * self.base.analysis * cell.harm
        return near * (1.0 + cell.town / p.patrol_town_people + known_harm)
