"""Weights of targets rise with success and fall with failure, in competition: harm averted here may move there.

Weekly, the weight w of each target becomes w x exp(``learning_rate`` x gain, limited), relaxes to 1 by ``forgetting``,
stays within ``weight_limit`` either way, and the four are scaled to sum 4.  Skill grows to 1.  The charge of an
organisation follows 1 + ``charge_response`` x protected share of vehicles it struck, with a lag.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import added, limited

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel


def learning(model: "ReferenceModel") -> None:
    """Bands and organisations learn once a week."""
    if model.day % 7 != 0:
        return
    p = model.p
    for band in model.bands:
        band.learn()
    for organisation in model.organisations:
        goal = 1.0 + p.charge_response * organisation.seen
        organisation.charge += (goal - organisation.charge) * 7.0 / p.charge_lag


class Learning:
    """A band learns what pays."""

    def learn(self: "ArmedGroup") -> None:
        """Turn the week's successes and failures into weights; start a new week."""
        p = self.model.p
        for target, gain in self.gain.items():
            pull = limited(p.learning_rate * gain, -p.learning_limit, p.learning_limit)
            weight = self.weight[target] * math.exp(pull)
            weight += 7.0 * p.forgetting * (1.0 - weight)
            self.weight[target] = limited(weight, 1.0 / p.weight_limit, p.weight_limit)
        total = added(self.weight.values())
        for target in self.weight:
            self.weight[target] *= 4.0 / total
            self.gain[target] = 0.0
        self.skill += p.skill_growth / 52.0 * (1.0 - self.skill)
