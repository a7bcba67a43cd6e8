"""Each death drives a number of people out of the cell; fear adds to it, patrols that are seen take from it.

After an event deaths D = civilians + ``combatant_weight`` x combatants (x ``flight_mission_weight`` if the mission was
attacked) drive out a share min(``flight_cap``, ``flight_per_death`` x D x exp(-``flight_presence_effect`` x patrols) /
residents), for each community raised by 1 + ``flight_fear_gain`` x fear.  They go to the nearest other cell with a town
of 15,000.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial
from tests.reference.draws import pair_key, stream_of
from tests.reference.events import TACTICS

if TYPE_CHECKING:
    from tests.reference.agents import Community
    from tests.reference.events import Event
    from tests.reference.model import ReferenceModel

STREAM = stream_of("flight")
UNSEEN = ("find", "accident", "illness")  # kinds from which nobody flees


def flight(model: "ReferenceModel") -> None:
    """After every violent event of the day people of its cell flee."""
    p = model.p
    for event in model.events_today:
        if event.kind in UNSEEN:
            continue
        combatants = event.fighters_killed + event.malian_forces_killed + event.partner_forces_killed
        deaths = event.civilians_killed + p.combatant_weight * combatants
        if event.kind == "mission":
            deaths *= p.flight_mission_weight
        residents = sum(community.at_home for community in event.cell.communities)
        if deaths <= 0.0 or residents <= 0:
            continue
        calm = math.exp(-p.flight_presence_effect * min(p.presence_limit, event.cell.presence))
        share = min(p.flight_cap, p.flight_per_death * deaths * calm / residents)
        for community in event.cell.communities:
            community.flee(event, share)


class Flight:
    """People of a community flee."""

    def flee(self: "Community", event: "Event", share: float) -> None:
        """Some of those at home go; all the displaced of a community are where the last went."""
        p = self.model.p
        going = min(p.flight_cap, share * (1.0 + p.flight_fear_gain * self.fear))
        u = self.model.draw(pair_key(self.key, event.key), STREAM + TACTICS.index(event.tactic))[0]
        leaving = binomial(u, self.at_home, going)
        if leaving > 0:
            self.displaced += leaving
            self.refuge = event.cell.refuge
            event.cell.region.book("civilians_displaced", leaving)
