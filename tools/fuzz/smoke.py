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
from tools.fuzz.sandbox import Sandbox

EACH = {"address": 1_500, "event": 1_500, "set": 1_000, "table": 1_000, "run results": 60, "uploaded file": 100}
OTHERS = 150
SEED = 7


def inputs(sandbox: Sandbox) -> dict[str, Counter[str]]:
    """Reader -> how often an input ended in which way."""
    found: dict[str, Counter[str]] = {}
    for reader in READERS:
        folder = sandbox.folder / reader.name.replace(" ", "_")
        folder.mkdir()
        read, seeds, rng = reader.make(folder), reader.seeds(), random.Random(SEED)
        for data in seeds:  # whatever is imported late is imported now
            sandbox.outcome(read, reader.refusals, data)
        made = (mutated(rng, seeds, reader.longest) for _ in range(EACH.get(reader.name, OTHERS)))
        found[reader.name] = Counter(sandbox.outcome(read, reader.refusals, data) for data in made)
    return found


def wrong(sandbox: Sandbox) -> dict[str, Counter[str]]:
    """Misdeed -> what is said of it."""

    def writes(data: bytes) -> None:
        Path("outside").write_bytes(data)

    def renames(_: bytes) -> None:
        (sandbox.folder / "x").touch()
        (sandbox.folder / "x").rename("outside")

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
    return {deed.__name__: Counter([sandbox.outcome(deed, (ValueError,), b"x")]) for deed in misdeeds}


def main() -> None:
    """Run and print."""
    sandbox = Sandbox(slowest=0.5) if "--wrong" in sys.argv else Sandbox()
    try:
        sandbox.limit_memory()
        sys.stdout.write(json.dumps(wrong(sandbox) if "--wrong" in sys.argv else inputs(sandbox)))
    finally:
        sandbox.remove()


if __name__ == "__main__":
    main()
