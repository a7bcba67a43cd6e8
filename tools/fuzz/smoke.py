"""Some thousands of inputs without atheris: ``python -m tools.fuzz.smoke`` prints what became of them as JSON.

``--wrong`` runs readers that do what none may, to see that each is noticed.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from pathlib import Path

os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"

from tools.fuzz.readers import READERS, mutated
from tools.fuzz.sandbox import Watch

EACH = {"address": 1_500, "event": 1_500, "set": 1_000, "table": 1_000, "run results": 60, "uploaded file": 100}
OTHERS = 150
SEED = 7


def inputs(watch: Watch) -> dict[str, Counter[str]]:
    """Reader -> how often an input ended in which way."""
    found: dict[str, Counter[str]] = {}
    for reader in READERS:
        folder = watch.folder / reader.name.replace(" ", "_")
        folder.mkdir()
        read, seeds, rng = reader.make(folder), reader.seeds(), random.Random(SEED)
        for data in seeds:  # whatever is imported late is imported now
            watch.outcome(read, reader.refusals, data)
        made = (mutated(rng, seeds, reader.longest) for _ in range(EACH.get(reader.name, OTHERS)))
        found[reader.name] = Counter(watch.outcome(read, reader.refusals, data) for data in made)
    return found


def wrong(watch: Watch) -> dict[str, Counter[str]]:
    """Misdeed -> what is said of it."""

    def writes(data: bytes) -> None:
        Path("outside").write_bytes(data)

    def renames(_: bytes) -> None:
        (watch.folder / "x").touch()
        (watch.folder / "x").rename("outside")

    def hangs(_: bytes) -> None:
        while True:
            pass

    def fills(_: bytes) -> None:
        bytearray(2_000_000_000)

    def runs(_: bytes) -> None:
        os.system("true")

    def evaluates(_: bytes) -> None:
        eval("1")

    def fails(_: bytes) -> None:
        raise KeyError("x")

    def mumbles(_: bytes) -> None:
        raise ValueError("two\nlines")

    misdeeds = (writes, renames, hangs, fills, runs, evaluates, fails, mumbles)
    return {deed.__name__: Counter([watch.outcome(deed, (ValueError,), b"x")]) for deed in misdeeds}


def main() -> None:
    """Run and print."""
    watch = Watch(slowest=0.5) if "--wrong" in sys.argv else Watch()
    try:
        watch.limit_memory()
        sys.stdout.write(json.dumps(wrong(watch) if "--wrong" in sys.argv else inputs(watch)))
    finally:
        watch.remove()


if __name__ == "__main__":
    main()
