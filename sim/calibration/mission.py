"""The mission to whose record the model is fitted, and by which it is validated: the default pack."""

from sim.missions import MissionError, load_mission
from sim.missions.facts import Record


def _record_of(record: Record | None) -> Record:
    if record is None:
        raise MissionError("mission.yaml: record: missing; there is nothing to fit the model to")
    return record


MISSION = load_mission()
CLOCK = MISSION.clock
RECORD = _record_of(MISSION.facts.record)
LAST_DAY = RECORD.last_day  # later outcomes are withheld for testing
