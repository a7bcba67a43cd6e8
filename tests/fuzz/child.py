"""One reader, some thousand inputs, led by what they reach: a process of its own, which prints one line of JSON."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # the others keep room of their own, which the limit would count

import atheris

with atheris.instrument_imports(
    include=["sim.scenario", "sim.bounded", "sim.app", "sim.posterior", "sim.results", "sim.report", "sim.study"]
):
    from tests.fuzz.readers import NAMES, mutated
from tests.fuzz.watch import Watch

RATHER = 0.5  # share of the inputs that are made of words; the others of libFuzzer's own slips


def main(name: str, seed: int, inputs: int, corpus: Path) -> None:
    """Run the inputs; the corpus grows by those that reached something new."""
    reader = NAMES[name]
    seeds = reader.seeds()
    for text in seeds:
        (corpus / sha256(text).hexdigest()[:16]).write_bytes(text[: reader.longest])
    watch = Watch()
    read = reader.make(watch.folder)
    found: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for text in seeds:  # whatever is imported late is imported now
        watch.outcome(read, reader.refusals, text)
    watch.limit_memory()
    began, slowest = time.process_time(), 0.0

    def one(data: bytes) -> None:
        nonlocal slowest
        start = time.process_time()
        became = watch.outcome(read, reader.refusals, data)
        slowest = max(slowest, time.process_time() - start)
        found[became] += 1
        if became not in ("accepted", "refused"):
            examples.setdefault(became, data[:4_000].hex())
        if found.total() == inputs:
            seconds = round(time.process_time() - began, 2)
            line = {"seconds": seconds, "slowest": round(slowest, 3), "became": dict(found), "examples": examples}
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
            os._exit(0)

    def mutate(data: bytes, longest: int, number: int) -> bytes:
        rng = random.Random(number)
        if rng.random() < RATHER:
            return mutated(rng, [data, *seeds], min(longest, reader.longest))
        return bytes(atheris.Mutate(data, longest))

    flags = [
        f"-seed={seed}",
        f"-runs={2 * inputs}",
        f"-max_len={reader.longest}",
        "-verbosity=0",
        "-rss_limit_mb=0",
        "-timeout=3600",
    ]
    atheris.Setup(["fuzz", *flags, str(corpus)], one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
