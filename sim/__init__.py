"""minusim: ten years of a United Nations peace operation in Mali, day by day.

The public names are loaded when they are first asked for, so that `import sim` reads nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import (
        attribute,
        compare,
        forecast,
        list_bases,
        list_measures,
        list_organisations,
        list_outcomes,
        list_parameters,
        list_processes,
        list_regions,
        list_scenarios,
        list_shocks,
        load,
        run,
    )
    from sim.model.mission_model import MissionModel
    from sim.present.comparison import Comparison
    from sim.results import Results
    from sim.scenario import Scenario, ScenarioError

__version__ = "0.1.0"
__all__ = [
    "Comparison",
    "MissionModel",
    "Results",
    "Scenario",
    "ScenarioError",
    "__version__",
    "attribute",
    "compare",
    "forecast",
    "list_bases",
    "list_measures",
    "list_organisations",
    "list_outcomes",
    "list_parameters",
    "list_processes",
    "list_regions",
    "list_scenarios",
    "list_shocks",
    "load",
    "run",
]

_HOMES = {
    "attribute": "sim.api",
    "compare": "sim.api",
    "forecast": "sim.api",
    "list_bases": "sim.api",
    "list_measures": "sim.api",
    "list_organisations": "sim.api",
    "list_outcomes": "sim.api",
    "list_parameters": "sim.api",
    "list_processes": "sim.api",
    "list_regions": "sim.api",
    "list_scenarios": "sim.api",
    "list_shocks": "sim.api",
    "load": "sim.api",
    "run": "sim.api",
    "Comparison": "sim.present.comparison",
    "MissionModel": "sim.model.mission_model",
    "Results": "sim.results",
    "Scenario": "sim.scenario",
    "ScenarioError": "sim.scenario",
}


def __getattr__(name: str) -> Any:
    """The public object of this name, from its home module. AttributeError for any other name."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
