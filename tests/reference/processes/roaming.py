"""A band stays near home, near people and out of the way of stronger forces; success draws it towards its targets.

With probability ``roaming_rate`` a band chooses among its cell and the eight around it in proportion to exp(people +
appetite - avoidance - ``home_pull`` x degrees from home).
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import chosen
from tests.reference.draws import stream_of
from tests.reference.violence import COMPANY

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("roaming")


def roaming(model: "ReferenceModel") -> None:
    """Bands move, and are met where they are now for the rest of the day."""
    for band in model.bands:
        u_move, u_where, _, _ = band.draw(STREAM)
        if u_move < model.p.roaming_rate:
            around = band.cell.around()
            band.cell = chosen(u_where, around, [band.utility(cell) for cell in around])
    model.gather()


class Roaming:
    """A band weighs places."""

    def utility(self: "ArmedGroup", cell: "Cell") -> float:
        """How much a cell draws the band."""
        p, home = self.model.p, self.home
        apart = math.fabs(cell.lat - home.lat) + math.fabs(cell.lon - home.lon)
        forces = (cell.national + p.partner_menace * cell.partner) / COMPANY
        mission = cell.presence / p.roaming_presence
        appetite = (self.weight["traffic"] - 1.0) * min(1.0, mission) + (self.weight["forces"] - 1.0) * min(1.0, forces)
        friendly = 1.0 - p.crowd_state_trust * cell.state_trust
        people = p.crowd_appeal * math.log1p(cell.population / p.crowd_people) * friendly
        avoided = p.evasion * min(p.evasion_limit, forces + p.evasion_mission * mission)
        return math.exp(people + appetite - avoided - p.home_pull * apart)
