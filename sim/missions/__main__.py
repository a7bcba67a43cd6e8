"""Keep README.md true: ``python -m sim.missions`` prints the rows of its table, ``--write`` puts them in.

Rows, checksum, source keys and licence of a table are computed; what it holds is written by hand and kept.
"""

from __future__ import annotations

import hashlib
import re
import sys

from sim.missions import FOLDER, TABLES, table

README = FOLDER / "README.md"
_ROW = re.compile(r"^\| `(?P<file>[^`]+)` \|(?P<cells>.*)\|$", re.MULTILINE)


def refreshed(text: str) -> str:
    """The text of README.md with its table rows computed anew.  ValueError if rows and files differ."""
    listed = {match["file"] for match in _ROW.finditer(text)}
    missing = [name for name in TABLES if f"{name}.csv" not in listed]
    if missing:
        raise ValueError(f"README.md has no row for {', '.join(missing)}")
    return _ROW.sub(lambda match: _row(match["file"], match["cells"]), text)


def rows(text: str) -> list[str]:
    """The table rows of a README.md, one file each."""
    return [match[0] for match in _ROW.finditer(text)]


def _row(file: str, cells: str) -> str:
    """One row: file, rows, sha256, what, source keys, licence."""
    _, _, what, sources, licence = (cell.strip() for cell in cells.split("|"))
    if not (FOLDER / file).exists():
        raise ValueError(f"README.md has a row for {file}, which is not in {FOLDER}")
    digest = hashlib.sha256((FOLDER / file).read_bytes()).hexdigest()
    count = ""
    if file.endswith(".csv"):
        name = file.removesuffix(".csv")
        count = str(len(table(name)))
        sources, licence = _provenance(name)
    return f"| `{file}` | {count} | {digest} | {what} | {sources} | {licence} |"


def _provenance(name: str) -> tuple[str, str]:
    """Source keys of a table and the licences behind them, each sorted and joined."""
    frame = table(name)
    if name == "sources":
        return "", "own work"
    keys = sorted({key for entry in frame["source"] for key in entry.split(";") if key})
    licences = table("sources").set_index("key")["licence"]
    known = {str(licences[key]) for key in keys if key in licences.index}
    return ", ".join(keys), ", ".join(sorted(known))


def main() -> None:
    """Print the rows, or write them with ``--write``."""
    text = refreshed(README.read_text(encoding="utf-8"))
    if "--write" in sys.argv[1:]:
        README.write_text(text, encoding="utf-8", newline="\n")
        return
    sys.stdout.write("\n".join([*rows(text), ""]))


if __name__ == "__main__":
    main()
