"""Packaged facts: small CSV tables, each row with its sources; README.md tells what, whence and how sure."""

from __future__ import annotations

import hashlib
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent / "minusma"

TABLES: tuple[str, ...] = (
    "authorised",
    "bases",
    "cells",
    "contingents",
    "contributor_exits",
    "contributors",
    "corridor_cells",
    "corridors",
    "dated_events",
    "garrisons",
    "organisation_homes",
    "organisations",
    "other_forces",
    "parameters",
    "partner_bases",
    "planned_strength",
    "population_region",
    "posterior",
    "posterior_training",
    "record_attack_days",
    "record_attacks",
    "record_attacks_region",
    "record_deaths_contingent",
    "record_deaths_month",
    "record_deaths_region",
    "record_displaced",
    "record_fatal_days",
    "record_ied",
    "record_patrols",
    "record_ucdp_month",
    "record_ucdp_year",
    "record_wounded",
    "rivalries",
    "sources",
    "strength",
    "threat_path",
    "towns",
)


def path(name: str) -> Path:
    """The file of a table.  KeyError names the nearest table if there is none of this name."""
    if name not in TABLES:
        nearest = get_close_matches(name, TABLES, n=1, cutoff=0.0)[0]
        raise KeyError(f"{name!r} is no table; did you mean {nearest!r}?")
    return FOLDER / f"{name}.csv"


def table(name: str) -> pd.DataFrame:
    """The caller's own copy of a table: dates are ISO text, absent text is "", absent numbers are NaN."""
    return _read(name).copy()


def checksums() -> dict[str, str]:
    """The sha256 (hex) of every table's bytes, by table."""
    return {name: hashlib.sha256(path(name).read_bytes()).hexdigest() for name in TABLES}


@cache
def _read(name: str) -> pd.DataFrame:
    import pandas as pd

    frame = pd.read_csv(path(name), keep_default_na=False, na_values=[""])
    for column in frame:
        # a column without any value is text: read_csv would call it a number
        if frame[column].isna().all() or not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype(object).fillna("")
    return frame
