"""Scenarios: YAML in, typed, complete and frozen objects out; one clear message for whatever is wrong."""

from sim._util.dated import Path
from sim._util.immutable import FrozenMap
from sim.scenario.changes import Change, changes
from sim.scenario.errors import ScenarioError
from sim.scenario.jsonschema import json_schema
from sim.scenario.notes import notes
from sim.scenario.packaged import names as packaged_names
from sim.scenario.packaged import path as packaged_path
from sim.scenario.parts import (
    ContributorExit,
    Coup,
    Election,
    Episode,
    Move,
    Organisation,
    Period,
    Place,
    Settings,
    Shocks,
    Uncertainties,
    Withdrawal,
)
from sim.scenario.registry import MEASURES, OUTCOMES, SHOCKS, Measure, Outcome, Shock
from sim.scenario.scenario import Scenario, load, loads, parse_set, restored

__all__ = [
    "MEASURES",
    "OUTCOMES",
    "SHOCKS",
    "Change",
    "ContributorExit",
    "Coup",
    "Election",
    "Episode",
    "FrozenMap",
    "Measure",
    "Move",
    "Organisation",
    "Outcome",
    "Path",
    "Period",
    "Place",
    "Scenario",
    "ScenarioError",
    "Settings",
    "Shock",
    "Shocks",
    "Uncertainties",
    "Withdrawal",
    "changes",
    "json_schema",
    "load",
    "loads",
    "notes",
    "packaged_names",
    "packaged_path",
    "parse_set",
    "restored",
]
