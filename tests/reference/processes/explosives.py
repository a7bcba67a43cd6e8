"""A device goes off at a rate per vehicle and kilometre; protection lowers the hits, trained eyes notice some.

A trip meets each device with probability 1 - exp(-``trigger_rate`` x root of vehicles x km / road km).  It sees it in
time with a chance that grows with training: then it is a find.  Else the hits are a heavy-tailed count; with a band
there and ``followup_probability`` fire follows.  Trucks draw their share of strikes.  National units and civilians set
off devices too.  The band learns from each.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial, chance, heavy_tailed
from tests.reference.draws import stream_of
from tests.reference.violence import DRILL_CURRENT, kill_civilians, trend

if TYPE_CHECKING:
    from tests.reference.agents import NationalUnit
    from tests.reference.events import Event, Trip
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("explosives")


def explosives(model: "ReferenceModel") -> None:
    """The mission first, then national forces, then civilians."""
    for trip in model.trips:
        if trip.cell.devices > 0:
            _pass(trip)
    for unit in model.national_units:
        if unit.strength > 0 and unit.cell.devices > 0:
            unit.meet_devices()
    for cell in model.cells:
        if cell.devices > 0:
            _civilians_pass(cell)


def _pass(trip: "Trip") -> None:
    """A trip through a cell with devices."""
    p, cell = trip.cell.model.p, trip.cell
    vehicles = trip.groups * (trip.vehicles + trip.trucks)
    # vehicles follow in a track: the first ones meet most of what lies there
    rate = p.trigger_rate * math.sqrt(vehicles) * trip.km / max(p.road_km_floor, cell.road_km)
    u_met, u_seen, u_hits, u_fire = trip.draw(STREAM)
    met = binomial(u_met, cell.devices, chance(rate))
    if met == 0:
        return
    cell.devices -= met
    if u_seen < min(p.notice_cap, p.notice_probability * (1.0 + p.notice_training_gain * trip.training)):
        # seen in time: marked and disposed of; this is a find without a search team
        cell.model.record(
            cell, "find", "find", trip.activity, cell.laid_by, trip.key, devices_found=met, unit=trip.unit
        )
        cell.layer.found += met
        cell.layer.gain["traffic"] -= met
        return
    _strike(trip, u_hits, ambushed=bool(cell.bands) and u_fire < p.followup_probability)


def _strike(trip: "Trip", u_hits: float, ambushed: bool) -> None:
    """The device goes off under a vehicle of the mission or a truck."""
    cell, model, p = trip.cell, trip.cell.model, trip.cell.model.p
    cell.laid_by.seen += p.seen_pace * (trip.protection - cell.laid_by.seen)
    scale = p.device_scale * cell.laid_by.charge * (1.0 - p.protection_effect * trip.protection)
    scale *= math.exp(-p.training_effect * trip.training)
    if ambushed:
        scale += p.followup_scale * math.exp(-p.drill_effect * trip.drill - p.training_effect * trip.training)
    hits = heavy_tailed(u_hits, scale * trend(p.hit_trend, model.trend_days), p.device_spread)
    event = model.record(
        cell,
        "mission",
        "ied_then_ambush" if ambushed else "ied",
        trip.activity,
        cell.laid_by,
        trip.key,
        unit=trip.unit,
        escorted=trip.trucks > 0 and trip.persons > 0,
        cleared=trip.cleared,
        drilled=trip.drill > DRILL_CURRENT,
        joint=trip.joint,
    )
    _harm(trip, hits, event)
    cell.layer.gain["traffic"] += 1.0 if hits > 0 else -p.learning_failure


def _harm(trip: "Trip", hits: int, event: "Event") -> None:
    """Trucks draw their share of strikes; of their crews some die, peacekeepers are treated later."""
    p = trip.cell.model.p
    u_truck, u_dead, _, _ = trip.draw(STREAM + 1)
    trucks = float(trip.trucks)
    if u_truck < min(p.truck_share_cap, trucks / max(1.0, trucks + trip.vehicles)) or trip.persons == 0:
        hurt = min(hits, int(p.truck_crew * trip.trucks))
        event.contractors_killed = binomial(u_dead, hurt, p.contractor_death_share)
    else:
        event.peacekeepers_hit = min(hits, trip.persons)


class Minefields:
    """A national unit among devices."""

    def meet_devices(self: "NationalUnit") -> None:
        """Set off some of those in its cell."""
        p, cell = self.model.p, self.cell
        u_met, u_hits, u_dead, _ = self.draw(STREAM + 2)
        rate = p.national_trigger_rate * self.strength / 100.0
        if self.kind == "partner":
            rate *= p.partner_exposure
        met = binomial(u_met, cell.devices, chance(rate))
        if met == 0:
            return
        cell.devices -= met
        hits = min(self.strength, heavy_tailed(u_hits, p.national_device_scale * met, p.device_spread))
        dead = binomial(u_dead, hits, p.national_death_share)
        self.strength -= dead
        event = self.model.record(cell, "state_based", "ied", "garrison", cell.laid_by, self.key)
        if self.malian:
            event.malian_forces_killed = dead
        else:
            event.partner_forces_killed = dead
        cell.layer.gain["forces"] += 1.0 if hits > 0 else -p.learning_failure


def _civilians_pass(cell: "Cell") -> None:
    """Civilians set off some of the devices of their cell."""
    p = cell.model.p
    u_met, u_hits, u_dead, u_who = cell.draw(STREAM + 3)
    people = min(p.civilian_traffic_limit, cell.population / p.civilian_traffic_people)
    rate = p.civilian_trigger_rate * (p.civilian_traffic_floor + people)
    met = binomial(u_met, cell.devices, chance(rate))
    if met == 0:
        return
    cell.devices -= met
    hits = heavy_tailed(u_hits, p.civilian_device_scale * met, p.device_spread)
    dead = kill_civilians(cell, binomial(u_dead, hits, p.civilian_death_share), u_who)
    cell.model.record(
        cell, "state_based", "ied", "road", cell.laid_by, cell.key,
        civilians_killed=dead, civilians_wounded=hits - dead,
    )  # fmt: skip
    cell.layer.gain["civilians"] -= p.learning_civilian_device
