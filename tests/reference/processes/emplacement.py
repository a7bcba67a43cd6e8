"""Devices are laid where mission, national or civilian traffic passes, and wear out if nothing sets them off.

Each standing device is gone after a mean of ``device_life`` days.  Bands of the jihadist families lay
Poisson(``device_rate`` x skill x size x tempo) devices, together, in their own or an adjacent cell, in proportion to
its worth.  The cell remembers who laid last.  Each device of a band that was found the day before is laid anew with
``displacement_share``.
"""

from typing import TYPE_CHECKING

from tests.reference.counts import binomial, chosen, faded, poisson
from tests.reference.draws import stream_of
from tests.reference.violence import PLATOON

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("emplacement")


def emplacement(model: "ReferenceModel") -> None:
    """Devices wear out, traffic is remembered, new devices are laid."""
    p = model.p
    fading = faded(p.traffic_memory)
    for cell in model.cells:
        cell.traffic *= fading
        if cell.devices > 0:
            cell.devices -= binomial(cell.draw(STREAM)[0], cell.devices, 1.0 / p.device_life)
    for trip in model.trips:
        trip.cell.traffic += (1.0 - fading) * trip.groups
    for band in model.bands:
        if band.organisation.insurgent:
            band.lay_devices()


class Emplacement:
    """A band and the roads around it."""

    def lay_devices(self: "ArmedGroup") -> None:
        """Lay today's devices where they are worth most, if anywhere."""
        p = self.model.p
        rate = p.device_rate * self.skill * self.strength / PLATOON * self.cell.region.tempo
        u_number, u_where, u_again, _ = self.draw(STREAM + 1)
        number = poisson(u_number, rate) + binomial(u_again, self.found, p.displacement_share)
        self.found = 0
        if number == 0:
            return
        worth = {cell: self.worth_of_road(cell) for cell in self.cell.around()}
        worth = {cell: value for cell, value in worth.items() if value > 0.0}
        if worth:
            cell = chosen(u_where, list(worth), list(worth.values()))
            cell.devices += number
            cell.layer = self
            cell.laid_by = self.organisation

    def worth_of_road(self: "ArmedGroup", cell: "Cell") -> float:
        """Who passes, weighed by what the band has learned, times the roads."""
        p = self.model.p
        mission = self.will * self.weight["traffic"] * cell.traffic
        forces = self.weight["forces"] * (cell.national + cell.partner) / p.device_forces
        people = min(p.device_civilian_limit, cell.population / p.device_people)
        civilians = p.device_civilian_appeal * self.weight["civilians"] * people
        return (mission + forces + civilians) * (p.device_offroad + cell.road_km / p.device_road_km)
