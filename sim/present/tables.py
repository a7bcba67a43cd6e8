"""A table of words, as the views hold it and every medium lays it out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One cell: its text, further lines below it, whether its sign is clear, whether it is a name in files."""

    text: str
    below: tuple[str, ...] = ()
    clear: bool = False
    code: bool = False


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its head.  words: cells are words, set left; gaps: rows after a gap."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: bool = False
    gaps: frozenset[int] = frozenset()
