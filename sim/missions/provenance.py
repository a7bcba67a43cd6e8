"""The rows of a mission's README.md: rows, checksum, source keys and licence of each of its tables.

``make generate`` writes them; what a table holds is written by hand and kept.
"""

from __future__ import annotations

import hashlib
import re

from sim.missions import Mission
from sim.missions.tables import POSTERIORS, TABLES

_ROW = re.compile(r"^\| `(?P<file>[^`]+)` \|(?P<cells>.*)\|$", re.MULTILINE)


def refreshed(mission: Mission, text: str) -> str:
    """The text of README.md with its table rows computed again.  ValueError if rows and files differ."""
    listed = {match["file"] for match in _ROW.finditer(text)}
    missing = [name for name in held(mission) if f"{name}.csv" not in listed]
    if missing:
        raise ValueError(f"README.md has no row for {', '.join(missing)}")
    return _ROW.sub(lambda match: _row(mission, match["file"], match["cells"]), text)


def rows(text: str) -> list[str]:
    """The table rows of a README.md, one file each."""
    return [match[0] for match in _ROW.finditer(text)]


def held(mission: Mission) -> list[str]:
    """The tables that a pack has."""
    return [name for name in (*TABLES, *POSTERIORS) if mission.path(name).is_file()]


def _row(mission: Mission, file: str, cells: str) -> str:
    """One row: file, rows, sha256, what, source keys, licence."""
    _, _, what, sources, licence = (cell.strip() for cell in cells.split("|"))
    if not (mission.folder / file).exists():
        raise ValueError(f"README.md has a row for {file}, which is not in {mission.folder}")
    digest = hashlib.sha256((mission.folder / file).read_bytes()).hexdigest()
    count = ""
    if file.endswith(".csv"):
        name = file.removesuffix(".csv")
        count = str(len(mission.table(name)))
        sources, licence = _provenance(mission, name)
    return f"| `{file}` | {count} | {digest} | {what} | {sources} | {licence} |"


def _provenance(mission: Mission, name: str) -> tuple[str, str]:
    """Source keys of a table and the licences behind them, each sorted and joined."""
    frame = mission.table(name)
    if name == "sources":
        return "", "own work"
    keys = sorted({key for entry in frame["source"] for key in entry.split(";") if key})
    licences = mission.table("sources").set_index("key")["licence"]
    known = {str(licences[key]) for key in keys if key in licences.index}
    return ", ".join(keys), ", ".join(sorted(known))
