"""Where patrols are seen a band holds back; where people informed or blood was shed it strikes more.

A band kills civilians of its cell at rate ``killing_rate`` x will of its family x weight of civilians x size x tempo x
people x (1 + ``revenge_effect`` x bloodshed + ``informer_effect`` x remembered warnings), more in election windows
unless troops secure them, deterred by ``presence_deterrence`` x remembered patrols.  Deaths: 1 + heavy-tailed count.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import chance
from tests.reference.draws import stream_of
from tests.reference.violence import PLATOON, attack_civilians

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel

STREAM = stream_of("one_sided")


def one_sided(model: "ReferenceModel") -> None:
    """Every band may kill civilians where there are any."""
    for band in model.bands:
        if band.cell.population > 0:
            band.threaten_civilians()


class Killing:
    """A band among civilians."""

    def threaten_civilians(self: "ArmedGroup") -> None:
        """Kill, be deterred, or neither: one uniform against two rates."""
        p, cell = self.model.p, self.cell
        meant = self.killing_rate()
        dared = meant * math.exp(-(p.presence_deterrence * min(p.presence_limit, cell.presence)))
        if max(meant, dared) <= 0.0:
            return
        u_kill, u_dead, u_wounded, u_who = self.draw(STREAM)
        if u_kill >= chance(max(meant, dared)):
            return
        if u_kill >= chance(dared):
            self.gain["civilians"] -= p.learning_deterred
            self.deterred += 1
            return
        attack_civilians(self, cell, u_dead, u_wounded, u_who)
        self.gain["civilians"] += p.learning_killing

    def killing_rate(self: "ArmedGroup") -> float:
        """What it would do if no patrol were seen, 1/day."""
        p, cell = self.model.p, self.cell
        wills = {
            "jihadist": p.killing_will_jihadist,
            "islamic_state": p.killing_will_islamic_state,
            "self_defence": p.killing_will_self_defence,
        }
        will = wills.get(self.organisation.family, p.killing_will_other)
        rate = p.killing_rate * will * self.weight["civilians"] * self.strength / PLATOON * cell.region.tempo
        shed = min(p.revenge_limit, cell.revenge)
        rate *= 1.0 + p.revenge_effect * shed + p.informer_effect * min(p.informer_limit, cell.informed)
        rate *= min(1.0, cell.population / p.killing_people)
        if cell.region.today("election") == 1:
            secured = math.exp(-p.securing_effect * cell.near_base.guards / 100.0) if cell.near_base else 1.0
            rate *= 1.0 + (p.election_tempo - 1.0) * secured
        return rate
