"""Text for one line of a terminal, and which characters can play tricks there."""

from __future__ import annotations

LONGEST = 1_200
_KEPT = "\t\n\r\x85"
# these turn round what stands after them, so that a line reads otherwise than it is
_TURNING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def one_line(text: str) -> str:
    """The text with line breaks and unprintable characters escaped, cut where it is too long to read."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def trick(text: str) -> str | None:
    """The first character that commands a terminal or turns the direction of reading; None where there is none."""
    found = (c for c in text if c not in _KEPT and (ord(c) < 32 or 127 <= ord(c) < 160 or ord(c) in _TURNING))
    return next(found, None)
