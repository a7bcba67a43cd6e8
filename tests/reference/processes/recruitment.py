"""Monthly gains grow with distrust and grievance and are bounded by the people around; losses are proportional.

On the first of a month a band loses ``desertion_rate``, who go home to a community of the cell; gains
Poisson(``recruit_rate`` x strength x room x crowding x grievance x pull), residents of the cell; and, in the jihadist
families, draws fighters from beyond the border at ``reservoir_rate``.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial, poisson
from tests.reference.draws import stream_of

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup, Community
    from tests.reference.model import ReferenceModel

STREAM = stream_of("recruitment")


def recruitment(model: "ReferenceModel") -> None:
    """Every band loses and gains on the first of a month."""
    if model.day_of_month == 1:
        for band in model.bands:
            band.recruit()


class Recruiting:
    """A band loses and gains fighters."""

    def recruit(self: "ArmedGroup") -> None:
        """Deserters first, then recruits from one community of the cell, then those from abroad."""
        p, cell, organisation, balance = self.model.p, self.cell, self.organisation, self.model.balance
        u_leave, u_join, u_abroad, u_community = self.draw(STREAM)
        community = cell.communities[int(u_community * len(cell.communities))] if cell.communities else None
        if community is not None:
            self.let_go(binomial(u_leave, self.strength, p.desertion_rate), community)

        room = max(0.0, 1.0 - self.strength * p.people_per_fighter / (cell.population + p.recruit_people_floor))
        crowding = 1.0 / (1.0 + self.strength / (p.crowding_size * organisation.band))
        grievance = 1.0 + p.recruit_abuse_gain * min(p.grievance_limit, cell.abuse)
        grievance += p.recruit_revenge_gain * min(p.grievance_limit, cell.revenge)
        heat = math.exp(p.recruit_threat * cell.region.threat)
        pull = heat * (1.0 - cell.state_trust)
        wanted = poisson(u_join, p.recruit_rate * self.strength * room * crowding * grievance * pull)
        if community is not None:
            joined = min(wanted, max(0, community.at_home))
            community.population -= joined
            self.strength += joined
            balance["fighters_recruited"] += joined
            balance["people_recruited"] += joined
        if organisation.insurgent:
            sent = poisson(u_abroad, p.reservoir_rate * organisation.band * (heat * crowding))
            self.strength += sent
            balance["fighters_from_abroad"] += sent

    def let_go(self: "ArmedGroup", number: int, community: "Community") -> None:
        """Deserters go home to a community."""
        self.strength -= number
        community.population += number
        self.model.balance["fighters_deserted"] += number
        self.model.balance["people_rejoined"] += number
