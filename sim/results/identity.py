"""What a run is known by, and the error of a folder that holds none."""

from typing import Any

from sim._util import one_line
from sim.model.recorder import RunRecord


class FolderError(ValueError):
    """A folder that is no saved run, or one whose files are not as they were written."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def period_of(record: RunRecord) -> tuple[str, str]:
    """First and last reported day, ISO."""
    clock = record.scenario.mission.clock
    return clock.date_of(record.first_day).isoformat(), clock.date_of(record.last_day).isoformat()


def identity(record: RunRecord) -> dict[str, Any]:
    """What a run is known by; equal identities mean equal results."""
    return {
        "simulated": True,
        "title": record.scenario.title,
        "hash": record.scenario.hash,
        "seed": record.seed,
        "period": list(period_of(record)),
        "version": record.version,
        "fingerprint": record.fingerprint,
    }
