"""A run's record as pandas frames, and back."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from sim.model.recorder import ACTIVITIES, EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS, Names, RunRecord
from sim.results.panel import OUTCOME_NAMES, column, daily_array, dates, deaths_of, is_kind, monthly_array, months

VICTIMS = ("mission", "state forces", "armed groups", "civilians", "none")

_VICTIM_OF = {
    "mission": "mission",
    "accident": "mission",
    "illness": "mission",
    "state_based": "state forces",
    "non_state": "armed groups",
    "one_sided": "civilians",
    "find": "none",
}
_CODED = ("kind", "tactic", "activity", "actor")
_PLACED = ("day", "cell", "region", "base")
_PLAIN = tuple(name for name in EVENT_FIELDS if name not in (*_CODED, *_PLACED))


def _labels(names: Names) -> dict[str, tuple[str, ...]]:
    """Field -> what its codes stand for.  The last base is "none", written as an empty name (code -1)."""
    return {
        "region": names.regions,
        "base": (*names.bases, ""),
        "kind": KINDS,
        "tactic": TACTICS,
        "activity": ACTIVITIES,
        "actor": names.actors,
    }


def _victims(events: np.ndarray, actors: tuple[str, ...], state_side: tuple[str, ...]) -> pd.Categorical:
    """The side against which each event was directed.

    State-based violence is directed against armed groups where state forces act, else against state forces.
    """
    codes = np.array([VICTIMS.index(_VICTIM_OF[kind]) for kind in KINDS])[column(events, "kind")]
    state = [number for number, name in enumerate(actors) if name in state_side]
    by_state = is_kind(events, "state_based") & np.isin(column(events, "actor"), state)
    codes[by_state] = VICTIMS.index("armed groups")
    return pd.Categorical.from_codes(codes, categories=list(VICTIMS))


def events_frame(record: RunRecord) -> pd.DataFrame:
    """One row per thing that happened, in order of day; columns are described in the codebook."""
    events, names = record.events, record.names
    cell, day, epoch = column(events, "cell"), column(events, "day"), record.scenario.mission.first_day
    data: dict[str, Any] = {
        "date": (np.datetime64(epoch) + day).astype("datetime64[s]"),
        "gid": names.gids[cell],
        "lat": names.lats[cell],
        "lon": names.lons[cell],
    }
    for field, labels in _labels(names).items():
        codes = column(events, field) % len(labels)  # base -1 wraps to the last label, the empty name
        data[field] = pd.Categorical.from_codes(codes, categories=list(labels))
    data["victim"] = _victims(events, names.actors, record.scenario.mission.facts.state_side)
    data |= {name: column(events, name).copy() for name in _PLAIN}
    data |= {"killed": deaths_of(events), "simulated": np.ones(len(events), dtype=bool)}
    return pd.DataFrame(data)


def events_array(frame: pd.DataFrame, names: Names, epoch: date) -> np.ndarray:
    """The int64 rows [n, EVENT_FIELDS] of which ``events_frame`` made this frame; ``epoch`` is day 0.

    KeyError, IndexError or ValueError for a frame that it cannot have made.
    """
    rows = np.empty((len(frame), len(EVENT_FIELDS)), dtype=np.int64)
    order = np.argsort(names.gids)
    columns = {
        "day": (frame["date"].to_numpy().astype("datetime64[D]") - np.datetime64(epoch)).astype(np.int64),
        "cell": order[np.searchsorted(names.gids, frame["gid"].to_numpy(), sorter=order)],
    }
    for field, labels in _labels(names).items():
        code = {label: number for number, label in enumerate(labels)}
        columns[field] = np.array([code[str(label)] for label in frame[field]], dtype=np.int64)
    columns["base"] = np.where(columns["base"] == len(names.bases), -1, columns["base"])
    for number, field in enumerate(EVENT_FIELDS):
        rows[:, number] = columns[field] if field in columns else _whole(frame[field])
    if not np.array_equal(names.gids[columns["cell"]], frame["gid"].to_numpy()):
        raise ValueError("an event lies in no cell of the run")
    return rows


def _whole(values: pd.Series) -> np.ndarray:
    if values.dtype.kind not in "iub":
        raise ValueError(f"{values.name}: not whole numbers")
    whole: np.ndarray = values.to_numpy()
    return whole


def monthly_frame(record: RunRecord) -> pd.DataFrame:
    """Every month and region with one column per outcome; no total row."""
    values = monthly_array(record)
    head = pd.MultiIndex.from_product([months(record), record.names.regions], names=["month", "region"])
    frame = pd.DataFrame(values.reshape(len(head), -1), columns=list(OUTCOME_NAMES), index=head).reset_index()
    frame.attrs["simulated"] = True
    return frame


def daily_frame(record: RunRecord) -> pd.DataFrame:
    """Every day with one column per outcome, the whole country."""
    frame = pd.DataFrame(daily_array(record), columns=list(OUTCOME_NAMES))
    frame.insert(0, "date", dates(record).astype("datetime64[s]"))
    frame.attrs["simulated"] = True
    return frame


def ledger_frame(record: RunRecord) -> pd.DataFrame:
    """Every day and region with one column per item of the ledger."""
    n_days, n_regions, n_items = record.ledger.shape
    frame = pd.DataFrame(record.ledger.reshape(-1, n_items), columns=list(LEDGER_ITEMS))
    frame.insert(0, "date", np.repeat(dates(record).astype("datetime64[s]"), n_regions))
    regions = pd.Categorical.from_codes(np.tile(np.arange(n_regions), n_days), categories=list(record.names.regions))
    frame.insert(1, "region", regions)
    return frame


def ledger_array(frame: pd.DataFrame, n_regions: int) -> np.ndarray:
    """The float64 [days, regions, LEDGER_ITEMS] of which ``ledger_frame`` made this frame."""
    values = frame[list(LEDGER_ITEMS)].to_numpy(dtype=np.float64)
    return np.asarray(values.reshape(-1, n_regions, len(LEDGER_ITEMS)))
