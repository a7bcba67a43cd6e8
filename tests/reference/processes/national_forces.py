"""Losses are made good month by month; on some days a unit patrols a neighbouring cell.

Each day a unit stands in its garrison or, with probability sortie rate x ``national_activity``, in one of the eight
cells around it (in the garrison where that lies beyond the border).
"""

from typing import TYPE_CHECKING

from tests.reference.draws import stream_of

if TYPE_CHECKING:
    from tests.reference.agents import NationalUnit
    from tests.reference.model import ReferenceModel

STREAM = stream_of("national_forces")


def national_forces(model: "ReferenceModel") -> None:
    """Every unit takes its place; cells count who stands in them."""
    for cell in model.cells:
        cell.national = cell.partner = 0
    for unit in model.national_units:
        unit.take_place()
        if unit.malian:
            unit.cell.national += unit.strength
        else:
            unit.cell.partner += unit.strength


class Garrison:
    """A national unit holds its garrison and goes out from it."""

    def take_place(self: "NationalUnit") -> None:
        """Be made up to strength on the first of a month; stand in the garrison or go out."""
        model = self.model
        if model.day == 0 or model.day_of_month == 1:
            self.strength = model.national_targets[self.index]
        self.cell = self.home
        if self.strength == 0:
            return
        rate = model.p.sortie_rate if self.malian else model.p.partner_sortie_rate
        u_out, u_where, _, _ = self.draw(STREAM)
        if u_out < rate * self.home.region.today("national_activity"):
            self.cell = self.home.neighbours[int(u_where * 8.0)] or self.home
