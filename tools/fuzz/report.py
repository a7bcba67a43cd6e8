"""What the record of the campaign says, written into SECURITY.md between its marks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = Path("SECURITY.md")
BLOCK = re.compile(r"(<!-- measured: fuzz -->\n).*?(<!-- end -->)", re.DOTALL)


def measured(record: dict[str, Any]) -> str:
    """The counts as a paragraph and a table."""
    parts = record["readers"]
    slowest = max(part["slowest"] for part in parts.values())
    seconds = sum(part["seconds"] for part in parts.values())
    wrong = sum(sum(kinds.values()) for kinds in record["wrong"].values())
    head = (
        f"{record['inputs']:,} inputs in {seconds:,.0f} s of a processor; {wrong or 'none'} of them went wrong; the "
        f"slowest took {slowest:.2f} s.\n\n"
        "| reader | inputs | accepted | refused | slowest (s) |\n| --- | ---: | ---: | ---: | ---: |\n"
    )
    return head + "".join(_line(name, part) for name, part in parts.items())


def _line(name: str, part: dict[str, Any]) -> str:
    became = part["became"]
    total = sum(became.values())
    accepted, refused = became.get("accepted", 0), became.get("refused", 0)
    return f"| {name} | {total:,} | {accepted:,} | {refused:,} | {part['slowest']:.2f} |\n"


def written(text: str, record: dict[str, Any]) -> str:
    """The page with the counts of this record."""
    return BLOCK.sub(lambda match: f"{match[1]}{measured(record)}{match[2]}", text)
