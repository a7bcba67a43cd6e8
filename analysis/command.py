"""What the commands of evidence share: arguments, and one clear line instead of a traceback."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.scenario import ScenarioError
from sim.study import StoreError

INTERRUPTED = 130


def parser(what: str, folder: str, replications: int) -> argparse.ArgumentParser:
    """REPLICATIONS, ``--out`` and ``--workers``."""
    made = argparse.ArgumentParser(description=what)
    made.add_argument("replications", nargs="?", type=int, default=replications)
    made.add_argument("--out", type=Path, default=Path("results") / folder, help="finished runs stay here")
    made.add_argument("--workers", type=int, default=1, help="processes; 0: as many as help")
    return made


@contextmanager
def told_plainly(asked: argparse.ArgumentParser) -> Iterator[None]:
    """A folder or scenario that will not do ends with its message and 2, Ctrl-C with 130; finished runs are kept."""
    try:
        yield
    except (StoreError, ScenarioError) as problem:
        asked.error(str(problem))
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        sys.exit(INTERRUPTED)
