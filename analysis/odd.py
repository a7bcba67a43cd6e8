"""Renews the generated parts of the ODD+D description, so that it says what the code does.

``python -m analysis.odd`` rewrites what stands between ``<!-- generated: NAME -->`` and ``<!-- end -->`` in
``docs/odd.md``, ``docs/columns.md`` and ``docs/parameters.md``; all else in these pages is written by hand.  It runs
nothing and takes two seconds; a test fails when a page is stale.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from analysis import odd_tables as tables
from sim.scenario.registry import PROCESSES

DOCS = Path(__file__).parent.parent / "docs"
PAGES = (DOCS / "odd.md", DOCS / "columns.md", DOCS / "parameters.md")
SECTION = re.compile(r"(<!-- generated: (?P<name>[^>]+) -->\n).*?(<!-- end -->)", re.DOTALL)

SECTIONS: Mapping[str, Callable[[], str]] = {
    "entities": tables.entities,
    "columns": tables.columns,
    "schedule": tables.schedule,
    "streams": tables.streams,
    "measures": tables.measures,
    "shocks": tables.shocks,
    "inputs": tables.inputs,
    "record": tables.record,
    "observation": tables.observation,
    "outcomes": tables.outcomes,
    "status": tables.status,
    "parameters": tables.parameter_rows,
    "patterns": tables.patterns,
    **{f"process {process.name}": partial(tables.process, process) for process in PROCESSES},
}


def named(text: str) -> tuple[str, ...]:
    """The generated sections of a page, in order."""
    return tuple(match["name"] for match in SECTION.finditer(text))


def renewed(text: str, sections: Mapping[str, Callable[[], str]] = SECTIONS) -> str:
    """The page with its sections written anew.  KeyError for a section that nothing writes."""
    return SECTION.sub(lambda match: f"{match[1]}{sections[match['name']]()}\n{match[3]}", text)


def main(pages: Iterable[Path] = PAGES) -> None:
    """Rewrite the pages in place."""
    for page in pages:
        page.write_text(renewed(page.read_text("utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
