"""Text for one line of a terminal, and which characters can play tricks there."""

from __future__ import annotations

import re

LONGEST = 1_200
# controls but for tabs and ends of lines; then what turns round what stands after it, so that a line reads otherwise
_TRICK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """The text with line breaks and unprintable characters escaped, cut where it is too long to read."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def trick(text: str) -> str | None:
    """The first character that commands a terminal or turns the direction of reading; None where there is none."""
    found = _TRICK.search(text)
    return found[0] if found else None
