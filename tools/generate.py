"""Rewrites every generated file: ``python -m tools.generate`` (``make generate``).

``--check`` writes nothing, names the files that are stale, and ends with 1 where there are any.  The comparison that
the browser view opens on takes a minute and has its own target, ``make opening``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.missions import Mission

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Generated:
    """A file that is written by code, whole or in part, and the text that it should have."""

    path: Path
    text: Callable[[], str]

    @property
    def name(self) -> str:
        """The path from the root of the repository."""
        return self.path.relative_to(ROOT).as_posix()

    def is_fresh(self) -> bool:
        """Whether the file says what the code says."""
        return self.path.read_text("utf-8") == self.text()

    def write(self) -> None:
        """Write the file."""
        self.path.write_text(self.text(), encoding="utf-8", newline="\n")


def generated() -> list[Generated]:
    """Every generated file, in the order in which one may depend on another."""
    from analysis import odd
    from sim.missions import load_mission, packaged_missions
    from sim.model import code_generation
    from tools.pages import with_blocks

    day = Generated(ROOT / "sim" / "model" / "day.py", code_generation.render)
    pages = [_rewritten(page, partial(with_blocks, blocks=odd.SECTIONS)) for page in odd.PAGES]
    missions = [load_mission(name) for name in packaged_missions()]
    facts = [_rewritten(mission.folder / "README.md", partial(_pack_page, mission)) for mission in missions]
    return [*facts, day, *pages]


def _pack_page(mission: Mission, text: str) -> str:
    from sim.missions.provenance import refreshed
    from tools.pack_format import BLOCKS
    from tools.pages import with_blocks

    return with_blocks(refreshed(mission, text), BLOCKS)


def _rewritten(page: Path, change: Callable[[str], str]) -> Generated:
    return Generated(page, lambda: change(page.read_text("utf-8")))


def main() -> int:
    """Write what is stale, and say what was; with ``--check`` only say it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where a file is stale")
    check = parser.parse_args().check
    stale = [file for file in generated() if not file.is_fresh()]
    for file in stale:
        sys.stdout.write(f"{file.name}\n")
        if not check:
            file.write()
    return int(check and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main())
