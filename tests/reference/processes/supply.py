"""A base that runs low calls a convoy from its hub; aircraft carry a small share; a shortfall is recorded.

Each base uses one person-day of supply per person; a share comes by air; what lacks is booked.  If stock and what is on
the road are at or under ``stock_days`` of demand (its own and that of bases behind it), the hub has the cargo and
movement allows it that day, a convoy leaves with enough trucks for ``dispatch_days``.  It takes an escort, or as many
as its unit can spare, and with the probability of ``route_clearance`` a search team, whole or not at all.  Specialists
go first.  A base that closes leaves in one convoy with everybody on board; behind a closed hub the hub's hub supplies.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import distance_km, limited
from tests.reference.draws import child_key, stream_of

if TYPE_CHECKING:
    from tests.reference.agents import Base, Convoy, PatrolUnit
    from tests.reference.model import ReferenceModel

STREAM = stream_of("supply")
CLOSING_CONVOY = 1_000_000  # child number of the convoy that empties a base, out of reach of ordinary ones
ROOT_STOCK = 1.0e9  # person-days; the first hub never runs dry


def supply(model: "ReferenceModel") -> None:
    """Every base eats, and calls a convoy when it must."""
    for base in model.bases:
        base.demand = 0.0
    for base in model.bases:
        for fed_by in base.chain():
            fed_by.demand += base.strength
    for base in model.bases:
        base.resupply()


class Supply:
    """A base and its stocks."""

    def chain(self: "Base") -> "list[Base]":
        """The base, its hub, the hub of that, up to the first."""
        return [self] if self.hub is None else [self, *self.hub.chain()]

    def supplier(self: "Base") -> "Base | None":
        """The nearest hub up the chain that is open, or the first of all; None for the first itself."""
        hub = self.hub
        while hub is not None and not hub.open and hub.hub is not None:
            hub = hub.hub
        return hub

    def resupply(self: "Base") -> None:
        """One day of the base's supply."""
        hub = self.supplier()
        if hub is None:
            self.stock = ROOT_STOCK
            return
        if self.strength == 0:
            return
        if not self.open:
            self.leave_by_road()
            return
        self.consume(hub)
        self.call_convoy(hub)

    def leave_by_road(self: "Base") -> None:
        """Once, and with everybody on board who is not on the road already."""
        if self.evacuated or self.model.convoy_room() is None:
            return
        self.evacuated = True
        convoy = self.model.new_convoy(self, child_key(self.key, STREAM, CLOSING_CONVOY), int(self.model.p.most_trucks))
        convoy.withdrawal = True
        convoy.direction = -1
        convoy.position = len(self.route) - 1
        convoy.cell = self.route[-1].cell
        for unit in self.units:
            if unit.strength > 0:
                boarding = unit.strength - unit.clearing - unit.escorting
                unit.escorting += boarding
                unit.free = 0.0  # no patrol goes out on the day
                convoy.escort += boarding
                convoy.unit = unit

    def consume(self: "Base", hub: "Base") -> None:
        """Supplies used up and flown in today."""
        p = self.model.p
        used = float(self.strength)
        flown = p.airlift_share * self.region.today("flights") * used
        self.stock += flown - used
        if self.stock < 0.0:
            self.region.book("supply_shortfall", -self.stock)
            self.stock = 0.0
        apart = distance_km(self.cell.lat, self.cell.lon, hub.cell.lat, hub.cell.lon)
        self.region.book("flight_hours", flown / p.airlift_person_days * 2.0 * apart / p.airlift_kmh)

    def call_convoy(self: "Base", hub: "Base") -> None:
        """Send for supplies if they are needed, at hand, and the road is open."""
        p = self.model.p
        enough = math.ceil(self.demand * p.dispatch_days / p.truck_person_days)
        trucks = int(limited(enough, p.least_trucks, p.most_trucks))
        cargo = trucks * p.truck_person_days
        if self.stock + self.in_transit > p.stock_days * self.demand or hub.stock < cargo:
            return
        if self.model.convoy_room() is None:
            return
        u_road, u_clearing, _, _ = self.draw(STREAM)
        if u_road > self.region.today("movement"):
            return
        self.convoys += 1
        convoy = self.model.new_convoy(self, child_key(self.key, STREAM, self.convoys), trucks)
        convoy.cargo = cargo
        convoy.cell = self.route[0].cell
        self.in_transit += cargo
        hub.stock -= cargo
        self.detail_escort(convoy, hub)
        self.detail_searchers(convoy, hub, u_clearing < self.level("route_clearance"))

    def detail_escort(self: "Base", convoy: "Convoy", hub: "Base") -> None:
        """As many as the measure asks for, or as the unit can spare."""
        wanted = math.floor(self.level("convoy_escort") * self.model.p.persons_per_escort_vehicle + 0.5)
        unit = _most_to_spare(self, hub, ESCORTS)
        given = min(wanted, int(unit.free)) if unit is not None else 0
        self.region.book("effort_shortfall", wanted - given)
        if unit is not None and given > 0:
            convoy.unit = unit
            convoy.escort = given
            unit.escorting += given
            unit.free -= given
            self.region.book("escorts", 1.0)

    def detail_searchers(self: "Base", convoy: "Convoy", hub: "Base", asked: bool) -> None:
        """A search team is whole or it does not go."""
        wanted = int(self.model.p.search_persons) if asked else 0
        unit = _most_to_spare(self, hub, SEARCHERS) if wanted > 0 else None
        given = wanted if unit is not None and unit.free >= wanted else 0
        self.region.book("effort_shortfall", wanted - given)
        if unit is not None and given > 0:
            convoy.clearing_unit = unit
            convoy.searchers = given
            unit.clearing += given
            unit.free -= given


SPECIALIST = "specialist"
ESCORTS = {"combat_convoy": SPECIALIST, "infantry": "able", "reconnaissance": "able", "formed_police": "able"}
SEARCHERS = {"engineers": SPECIALIST, "infantry": "able", "combat_convoy": "able"}


def _most_to_spare(base: "Base", hub: "Base", suited: dict[str, str]) -> "PatrolUnit | None":
    """The unit at hub or base with the most people to spare; specialists first, then the smaller key."""
    preference = {SPECIALIST: base.model.p.specialist_preference, "able": 1.0}
    offers = [
        (unit.free * preference[suited[unit.kind]], unit)
        for unit in (*base.units, *hub.units)
        if unit.kind in suited and unit.free > 0.0
    ]
    return min(offers, key=lambda offer: (-offer[0], offer[1].key))[1] if offers else None
