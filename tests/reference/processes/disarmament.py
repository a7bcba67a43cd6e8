"""The programme's monthly places are shared by strength among eligible groups; where people fear, fewer come forward.

On the first of a month of each band that is not of the jihadist families a share min(``disarmament_cap``, places /
fighters) x (1 - ``disarmament_fear_effect`` x fear) goes home to a community of the cell.
"""

from typing import TYPE_CHECKING

from tests.reference.counts import binomial
from tests.reference.draws import stream_of

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel

STREAM = stream_of("disarmament")


def disarmament(model: "ReferenceModel") -> None:
    """Eligible bands share the month's places."""
    if model.day_of_month != 1:
        return
    eligible = [band for band in model.bands if not band.organisation.insurgent]
    fighters = sum(band.strength for band in eligible)
    for band in eligible:
        band.hand_in_arms(fighters)


class Disarming:
    """Fighters hand in their arms."""

    def hand_in_arms(self: "ArmedGroup", fighters: int) -> None:
        """A share goes home; ``fighters`` is the number of all who are eligible."""
        p, cell = self.model.p, self.cell
        places = cell.region.level("disarmament")
        if places <= 0.0 or not cell.communities:
            return
        share = min(p.disarmament_cap, places / fighters) * (1.0 - p.disarmament_fear_effect * cell.fear)
        u_gone, u_community, _, _ = self.draw(STREAM)
        gone = binomial(u_gone, self.strength, share)
        self.strength -= gone
        cell.communities[int(u_community * len(cell.communities))].population += gone
        self.model.balance["fighters_demobilised"] += gone
        self.model.balance["people_rejoined"] += gone
