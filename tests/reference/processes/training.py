"""Each training day closes a share of the gap to full skill; drills are forgotten within weeks; vehicles arrive slowly.

Days are those tasked the day before.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.reference.agents import PatrolUnit
    from tests.reference.model import ReferenceModel


def training(model: "ReferenceModel") -> None:
    """Every unit that is there trains, drills and is equipped."""
    for unit in model.units:
        if unit.strength > 0:
            unit.train()


class Training:
    """A unit gains and loses skill."""

    def train(self: "PatrolUnit") -> None:
        """Gain from yesterday's days, forget, and get some of the vehicles that are due."""
        p = self.model.p
        gained = p.training_gain * self.training_days * (1.0 - self.training)
        self.training += gained - p.training_decay / 365.0 * self.training
        refreshed = min(1.0, p.drill_gain * self.drill_days) * (1.0 - self.drill)
        self.drill += refreshed - self.drill / p.drill_memory
        self.protection += (self.base.level("equipment") - self.protection) / p.equipment_delivery_days
