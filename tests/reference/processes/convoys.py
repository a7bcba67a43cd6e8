"""A convoy drives its route cell by cell, out and back; every cell entered is a trip with all of escort and searchers.

Its speed lies between paved and track by the paved share, for the share of a day that movement leaves; behind a search
team it is divided by 1 + ``search_slowdown``.  It waits ``unloading_days``, delivers, drives back, and then frees its
people.
"""

from typing import TYPE_CHECKING

from tests.reference.events import Trip

if TYPE_CHECKING:
    from tests.reference.agents import Convoy, PatrolUnit
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Region

LEAST = 1.0e-9  # of a day or a kilometre: less is none


def convoys(model: "ReferenceModel") -> None:
    """Every convoy on the road moves on."""
    model.trips.clear()
    for convoy in model.convoys:
        if convoy is not None:
            convoy.move()


class Driving:
    """What a convoy does in a day."""

    def move(self: "Convoy") -> None:
        """Unload, or drive as far as the day allows."""
        p = self.model.p
        region = self.cell.region
        _count_vehicles(region, self.unit, self.escort / p.persons_per_escort_vehicle)
        _count_vehicles(region, self.clearing_unit, self.searchers / p.persons_per_escort_vehicle)
        if self.wait > 0:
            self.wait -= 1
            return
        left = region.today("movement")
        if self.searchers > 0:
            left /= 1.0 + p.search_slowdown
        passes = 0
        while left > LEAST and self.active and self.wait == 0:
            leg = self.base.route[self.position]
            speed = leg.paved * p.paved_speed + (1.0 - leg.paved) * p.track_speed
            step = min(leg.km - self.km, left * speed)
            left -= step / speed
            self.km += step
            self.cell = leg.cell
            self.model.trips.append(self.trip(step, passes))
            self.cell.region.book("convoy_km", step)
            passes += 1
            if self.km >= leg.km - LEAST:
                self.km = 0.0
                self.position += self.direction
                self.arrive()

    def trip(self: "Convoy", km: float, passes: int) -> Trip:
        """Its passage through the cell where it is."""
        persons = self.escort + self.searchers
        return Trip(
            run=self.model.key,
            key=self.key,
            clock=(self.model.day - self.born) * 64 + passes,
            activity="convoy",
            unit=self.unit or self.clearing_unit,
            convoy=self,
            cell=self.cell,
            km=km,
            groups=1,
            persons=persons,
            vehicles=persons / self.model.p.persons_per_escort_vehicle,
            trucks=self.trucks,
            cleared=self.searchers > 0,
            joint=False,
        )

    def arrive(self: "Convoy") -> None:
        """At the base: deliver, turn and wait.  Back at the hub: free everybody."""
        base = self.base
        if self.position >= len(base.route):
            self.position = len(base.route) - 1
            self.direction = -1
            self.wait = int(self.model.p.unloading_days)
            base.stock += self.cargo
            base.in_transit = max(0.0, base.in_transit - self.cargo)
            self.cargo = 0.0
            self.cell.region.book("convoys_completed", 1.0)
        elif self.position < 0:
            self.leave()
            self.free_people()

    def free_people(self: "Convoy") -> None:
        """Escort and searchers can be tasked again; of a closed base, all who are not on another road."""
        if self.withdrawal:
            for unit in self.base.units:
                unit.escorting = min(unit.escorting, _with_convoys(unit))
            return
        if self.unit is not None:
            self.unit.escorting = max(0, self.unit.escorting - self.escort)
        if self.clearing_unit is not None:
            self.clearing_unit.clearing = max(0, self.clearing_unit.clearing - self.searchers)


def _with_convoys(unit: "PatrolUnit") -> int:
    """Persons of a unit who are out as escorts."""
    return sum(convoy.escort for convoy in unit.model.convoys if convoy is not None and convoy.unit is unit)


def _count_vehicles(region: "Region", unit: "PatrolUnit | None", vehicles: float) -> None:
    """The mission's vehicles on the road with a convoy today, on the move or waiting."""
    region.book("vehicle_days", vehicles)
    if unit is not None:
        region.book("protected_vehicle_days", vehicles * unit.protection)
