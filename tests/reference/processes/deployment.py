"""On the first of a month a unit takes its scheduled strength, but never less than are on the road.

Newcomers have the training and drill of contingents that arrive; levels of the unit are averaged by persons.  Once a
year, on a day of its own, a unit rotates and falls to these levels.  When a base closes its people stay until the
closing convoy takes them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.reference.agents import PatrolUnit
    from tests.reference.model import ReferenceModel


def deployment(model: "ReferenceModel") -> None:
    """Units follow their schedule; bases count who is there."""
    for base in model.bases:
        base.strength = 0
    for unit in model.units:
        unit.deploy()
        unit.base.strength += unit.strength


class Deployment:
    """A unit follows its schedule."""

    def deploy(self: "PatrolUnit") -> None:
        """Take the strength of the month; rotate on the day of the year."""
        model, base = self.model, self.base
        if model.day == 0 or model.day_of_month == 1 or not base.open:
            waits_for_convoy = not base.open and not base.evacuated and self.strength > 0
            if not waits_for_convoy:
                scheduled = model.unit_targets[self.index] if base.open else 0
                self.grow_or_shrink(max(scheduled, self.escorting + self.clearing))
        if (model.day + self.rotation) % 365 == 0:
            self.training = model.p.predeployment_training
            self.drill = model.p.predeployment_drill

    def grow_or_shrink(self: "PatrolUnit", strength: int) -> None:
        """Change strength; newcomers bring only what they learned at home."""
        p = self.model.p
        if strength > self.strength:
            stayed = self.strength / strength
            self.training = stayed * self.training + (1.0 - stayed) * p.predeployment_training
            self.drill = stayed * self.drill + (1.0 - stayed) * p.predeployment_drill
            self.model.balance["troops_arrived"] += strength - self.strength
        else:
            self.model.balance["troops_departed"] += self.strength - strength
        self.strength = strength
