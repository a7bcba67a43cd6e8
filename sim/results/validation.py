"""Whether what was read from a folder is what a run can leave behind; everything after it trusts that."""

import numpy as np

from sim.model.recorder import EVENT_FIELDS, LEDGER_ITEMS, Names, RunRecord

MOST = 10**9  # persons, days, km: more than any day has
LONGEST_NAME = 80  # characters
FREE = ("key", "unit")  # any number, none of which is added up


def checked(record: RunRecord) -> RunRecord:
    """The record.  ValueError for days outside the period, names that are none, numbers that nothing can have."""
    _names(record.names)
    days = record.last_day - record.first_day + 1
    if record.ledger.shape != (days, len(record.names.regions), len(LEDGER_ITEMS)):
        raise ValueError("the ledger does not have every day and region")
    if not (np.isfinite(record.ledger).all() and np.abs(record.ledger).max(initial=0) < MOST):
        raise ValueError("the ledger holds what is no number of persons, days or km")
    _events(record)
    return record


def _names(names: Names) -> None:
    texts = (*names.regions, *names.bases, *names.actors)
    if not all(isinstance(text, str) and text.isprintable() and len(text) <= LONGEST_NAME for text in texts):
        raise ValueError("a name is no short text")
    if not all(len(set(some)) == len(some) > 0 for some in (names.regions, names.actors, names.gids.tolist())):
        raise ValueError("regions, actors or cells are missing or given twice")
    if names.gids.dtype.kind != "i" or not len(names.gids) == len(names.lats) == len(names.lons):
        raise ValueError("cells need a gid, a latitude and a longitude each")
    for degrees in (names.lats, names.lons):
        if degrees.dtype.kind not in "if" or not (np.abs(degrees) <= 180).all():
            raise ValueError("a place is no place on Earth")


def _events(record: RunRecord) -> None:
    events = record.events
    counts = [number for number, name in enumerate(EVENT_FIELDS) if name not in FREE]
    day = events[:, EVENT_FIELDS.index("day")]
    if ((day < record.first_day) | (day > record.last_day)).any():
        raise ValueError("an event lies outside the period")
    if ((events[:, counts] < -1) | (events[:, counts] > MOST)).any():
        raise ValueError("an event holds what is no number of persons")
