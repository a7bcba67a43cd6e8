"""Whether a scenario is on the scale at which the model was calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.parts import Settings

if TYPE_CHECKING:
    from sim.scenario import Scenario

CALIBRATED = Settings(persons_per_community=10_000, cell_size=0.5)


def off_scale(scenario: Scenario) -> str | None:
    """One line about a scenario at another scale, for the user and beside the results; None on the calibrated one."""
    asked = scenario.settings
    if asked == CALIBRATED:
        return None
    return (
        f"Warning: {asked.persons_per_community:,} persons per community and cells of {asked.cell_size:g} degree are "
        f"off the calibrated scale ({CALIBRATED.persons_per_community:,} and {CALIBRATED.cell_size:g}): they show what "
        "a run costs; its numbers were held against no record."
    )
