"""Tables of a pack as pandas frames, each checked by the types of its columns when it is first read."""

import csv
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim._util.suggestions import suggestion
from sim.missions.errors import MissionError
from sim.missions.table_check import table_problems
from sim.missions.tables import POSTERIORS, TABLES

if TYPE_CHECKING:
    from sim.missions.mission import Mission


@lru_cache(maxsize=256)
def read_frame(mission: "Mission", name: str) -> pd.DataFrame:
    """The table; do not change it.  KeyError for an unknown name, MissionError for the first thing that is wrong."""
    if name not in TABLES and name not in POSTERIORS:
        raise KeyError(f"{name!r} is no table; {suggestion(name, (*TABLES, *POSTERIORS))}")
    if name in TABLES:
        problems = table_problems(mission.folder, TABLES[name])
        if problems:
            raise MissionError(problems[0])
    if not mission.path(name).is_file():
        return pd.DataFrame(columns=list(TABLES[name].columns) if name in TABLES else [])
    frame = pd.read_csv(_text(mission, name), keep_default_na=False, na_values=[""])
    for column in frame:
        # a column without any value is text: read_csv would call it a number
        if frame[column].isna().all() or not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype(object).fillna("")
    return frame


def _text(mission: "Mission", name: str) -> Path | StringIO:
    """The file of a table, or its text with the rows that a scenario adds."""
    rows = mission.rows(name) if mission.new_bases else []
    if not rows:
        return mission.path(name)
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    text.seek(0)
    return text
