"""The default mission as most tests look at it: its tables, days, regions, parameters and record."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sim.missions import load_mission, record
from sim.missions.parameters import Parameter
from sim.missions.posterior import Posterior
from sim.scenario.registry import PROCESSES

MISSION = load_mission()
REGIONS = MISSION.regions
FIRST_DAY, LAST_DAY, RECORD_END = MISSION.first_day, MISSION.last_day, MISSION.record_end
CLOCK = MISSION.clock
day_index, date_of, month_index, month_name = CLOCK.day_index, CLOCK.date_of, CLOCK.month_index, CLOCK.month_name
table, path = MISSION.table, MISSION.path
PROCESS_NAMES = tuple(process.name for process in PROCESSES)
FOLDER: Path = MISSION.folder


def parameters() -> Mapping[str, Parameter]:
    return MISSION.parameters


def parameter_names() -> tuple[str, ...]:
    return tuple(MISSION.parameters)


def packaged(which: str = "posterior") -> Posterior:
    return MISSION.posterior(which)


def series(name: str) -> pd.DataFrame:
    return record.series(MISSION, name)


def attacks() -> pd.DataFrame:
    return record.attacks(MISSION)


def attacks_by_region() -> pd.DataFrame:
    return record.attacks_by_region(MISSION)


def deaths_by_region() -> pd.DataFrame:
    return record.deaths_by_region(MISSION)


def deaths_by_contingent() -> pd.DataFrame:
    return record.deaths_by_contingent(MISSION)


def fatal_days() -> pd.DataFrame:
    return record.fatal_days(MISSION)
