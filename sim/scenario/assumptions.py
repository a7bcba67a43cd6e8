"""Inputs of a scenario without a published source: assumed parameters, paths and strengths, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.missions import Mission
    from sim.scenario import Scenario

# table of dated facts: what one row of it is about
_FACTS = {
    "strength": "date",
    "contingents": "base",
    "other_forces": "force",
    "organisations": "organisation",
    "garrisons": "place",
    "partner_bases": "place",
    "bases": "base",
}


@dataclass(frozen=True)
class Assumed:
    """Names of what rests on assumption.

    parameters: of the table of parameters, status assumed, in use whether or not the scenario sets them.
    measures: those in force; their intensities were not published.
    facts: table -> the things in it with at least one assumed row.
    """

    parameters: tuple[str, ...]
    of_parameters: int
    measures: tuple[str, ...]
    facts: dict[str, tuple[str, ...]]

    @property
    def inputs(self) -> int:
        """Assumed parameters and assumed paths of measures."""
        return len(self.parameters) + len(self.measures)


def assumed_inputs(scenario: Scenario) -> Assumed:
    """What this scenario takes without a published source."""
    rows = scenario.mission.parameters
    return Assumed(
        parameters=tuple(name for name, row in rows.items() if row.status == "assumed"),
        of_parameters=len(rows),
        measures=tuple(name for name, episodes in scenario.measures.items() if episodes),
        facts={name: _names(scenario.mission, name, key) for name, key in _FACTS.items()},
    )


def _names(mission: Mission, table: str, key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row[key] for row in mission.rows(table) if row.get("status") == "assumed"))
