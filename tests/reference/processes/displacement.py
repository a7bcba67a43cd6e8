"""A band whose attack was deterred today attacks civilians within a cell's reach instead, in a share of cases.

It does so with probability ``displacement_share``, at most once a day: in its own or an adjacent cell, drawn in
proportion to people x exp(-``presence_deterrence`` x remembered patrols).  Deaths as in one_sided.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import chosen
from tests.reference.draws import stream_of
from tests.reference.violence import attack_civilians

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("displacement")


def displacement(model: "ReferenceModel") -> None:
    """Whoever was deterred today may turn on others."""
    for band in model.bands:
        if band.deterred > 0:
            band.cell.region.book("attacks_deterred", band.deterred)
            band.turn_on_others()
            band.deterred = 0


class Displaced:
    """A band that was turned away."""

    def turn_on_others(self: "ArmedGroup") -> None:
        """Attack where people live and patrols are seldom seen, if it comes to that today."""
        u_whether, u_where, _, _ = self.draw(STREAM)
        if u_whether >= self.model.p.displacement_share:
            return
        open_to_attack = {cell: _unwatched(cell) for cell in self.cell.around() if cell.population > 0}
        if open_to_attack:
            cell = chosen(u_where, list(open_to_attack), list(open_to_attack.values()))
            cell.region.book("attacks_displaced", 1)
            u_dead, u_wounded, u_who, _ = self.draw(STREAM + 1)
            attack_civilians(self, cell, u_dead, u_wounded, u_who)


def _unwatched(cell: "Cell") -> float:
    """People x how far presence lets killings happen."""
    p = cell.model.p
    people = min(1.0, cell.population / p.killing_people)
    return people * math.exp(-p.presence_deterrence * min(p.presence_limit, cell.presence))
