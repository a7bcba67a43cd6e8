"""Generated blocks of Markdown pages: what stands between ``<!-- measured: NAME -->`` and ``<!-- end -->``.

``generated`` is the other word for ``measured``.  Everything outside the marks is written by hand.
"""

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

BLOCK = re.compile(r"(<!-- (?:measured|generated): (?P<name>[^>]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
Blocks = Mapping[str, Callable[[], str]]


def with_blocks(text: str, blocks: Blocks) -> str:
    """The page with all its blocks rewritten.  KeyError for a block that nothing writes."""
    return BLOCK.sub(lambda found: f"{found[1]}{blocks[found['name']]().rstrip()}\n{found[3]}", text)


def with_block(text: str, name: str, content: str) -> str:
    """The page with one block rewritten.  ValueError where it has none of that name."""
    places = [found for found in BLOCK.finditer(text) if found["name"] == name]
    if len(places) != 1:
        raise ValueError(f"{len(places)} blocks of the name {name}")
    (place,) = places
    return f"{text[: place.end(1)]}{content.rstrip()}\n{text[place.start(3) :]}"


def rewrite(page: Path, change: Callable[[str], str]) -> None:
    """Change a page in place."""
    page.write_text(change(page.read_text("utf-8")), "utf-8", newline="\n")


def table(head: Sequence[object], rows: Iterable[Sequence[object]], align: str = " --- |") -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(map(str, head)) + " |", "|" + align * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def wrapped(text: str, indent: str = "") -> str:
    """Prose in lines of at most 120 characters; ``indent`` stands before all lines but the first."""
    return textwrap.fill(text, 120, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
