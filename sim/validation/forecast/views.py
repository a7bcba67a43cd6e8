"""Forecasts in the layout of the VIEWS prediction competition: state-based deaths by country and by grid cell.

Layout (Hegre et al. 2024): a folder ``cm`` and a folder ``pgm``, Parquet files with the columns month_id (1 is January
1980), country_id or priogrid_gid, draw, outcome; a row for every month, unit and draw.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim._util.clock import EPOCH
from sim.missions import table

COUNTRY_ID = 50  # Mali in the countries of VIEWS
FIRST_YEAR = 1980


def month_id(month: pd.Series) -> pd.Series:
    """VIEWS numbers of months counted from the beginning of a run."""
    return month + 12 * (EPOCH.year - FIRST_YEAR) + EPOCH.month


def write(folder: Path, draws: int, span: tuple[int, int], cells: pd.DataFrame) -> None:
    """Write ``cm`` and ``pgm`` from cells: draw, month (from the beginning of the run), priogrid_gid, outcome."""
    months, gids = range(span[0], span[1] + 1), sorted(table("cells")["gid"])
    units = pd.MultiIndex.from_product((months, gids, range(draws)), names=["month", "priogrid_gid", "draw"])
    found = cells.groupby(["month", "priogrid_gid", "draw"])["outcome"].sum()
    pgm = found.reindex(units, fill_value=0).reset_index()
    cm = pgm.groupby(["month", "draw"], as_index=False)["outcome"].sum().assign(country_id=COUNTRY_ID)
    for name, unit, frame in (("cm", "country_id", cm), ("pgm", "priogrid_gid", pgm)):
        target = folder / name
        target.mkdir(exist_ok=True)
        out = frame.assign(month_id=month_id(frame["month"]), outcome=frame["outcome"].astype("int32"))
        out[["month_id", unit, "draw", "outcome"]].to_parquet(target / f"{name}.parquet", index=False)
