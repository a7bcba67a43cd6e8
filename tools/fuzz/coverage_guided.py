"""One reader, some thousand inputs, led by what they reach: in a process of its own, forked from one that is ready."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # the others keep room of their own, which the limit would count

import atheris

LED_BY = [
    "sim.scenario",
    "sim._util",
    "sim.app",
    "sim.missions.posterior",
    "sim.results",
    "sim.present.report",
    "sim.study",
]
with atheris.instrument_imports(include=LED_BY):
    from tools.fuzz.readers import NAMES, Reader, mutated
from tools.fuzz.sandbox import Sandbox  # noqa: E402

OF_WORDS = 0.5  # share of the inputs that are made of words; the others of libFuzzer's own slips
KEPT = 4_000  # bytes of an example


def forked(name: str, seed: int, inputs: int, corpus: Path, answer: Path) -> int:
    """Run the inputs in a process of their own, which writes ``answer`` (JSON) at its end; its exit code."""
    answer.unlink(missing_ok=True)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        log = os.open(answer.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        _run(NAMES[name], seed, inputs, corpus, answer)
        os._exit(3)  # libFuzzer came back before all inputs were done
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run(reader: Reader, seed: int, inputs: int, corpus: Path, answer: Path) -> None:
    seeds = reader.seeds()
    for text in seeds:
        (corpus / sha256(text).hexdigest()[:16]).write_bytes(text[: reader.longest])
    sandbox = Sandbox()
    read = reader.make(sandbox.folder)
    for text in seeds:  # whatever is imported late is imported now
        sandbox.outcome(read, reader.refusals, text)
    sandbox.limit_memory()
    found: dict[str, Any] = {"seconds": 0.0, "slowest": 0.0, "became": Counter(), "examples": {}}
    began = time.process_time()

    def one(data: bytes) -> None:
        start = time.process_time()
        became = sandbox.outcome(read, reader.refusals, data)
        found["slowest"] = max(found["slowest"], round(time.process_time() - start, 3))
        found["became"][became] += 1
        if became not in ("accepted", "refused"):
            found["examples"].setdefault(became, data[:KEPT].hex())
        if found["became"].total() == inputs:
            found["seconds"] = round(time.process_time() - began, 2)
            answer.write_text(json.dumps(found))
            sandbox.remove()
            os._exit(0)

    def mutate(data: bytes, longest: int, number: int) -> bytes:
        rng = random.Random(number)
        if rng.random() < OF_WORDS:
            return mutated(rng, [data, *seeds], min(longest, reader.longest))
        return bytes(atheris.Mutate(data, longest))

    flags = [f"-seed={seed}", f"-runs={2 * inputs}", f"-max_len={reader.longest}", "-verbosity=0"]
    # an alarm of its own would count the time that the process waits for a processor
    atheris.Setup(["fuzz", *flags, "-rss_limit_mb=0", "-timeout=36000", str(corpus)], one, custom_mutator=mutate)
    atheris.Fuzz()
