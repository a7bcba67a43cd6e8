"""The recorded campaign: ``python -m tools.fuzz`` goes on where it was and ends when every reader had its inputs.

Needs atheris (``pip install atheris``).  Counts go to results/reliability/fuzz.json after every chunk, and at the end
into SECURITY.md; the corpus and examples of what went wrong stay in build/fuzz.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sim.calibration.mission import MISSION
from tools.fuzz.coverage_guided import forked  # first: what it reads is watched for what an input reaches

from sim.model.engine import fingerprint  # isort: skip
from tools.fuzz.readers import READERS, Reader
from tools.fuzz.report import PAGE, written

RECORD = Path("results/reliability/fuzz.json")
BUILD = Path("build/fuzz")
CHUNKS = 20  # of each reader: what is done again after an interruption at most is one of them
SEED = 20_261_128


def main() -> int:
    """Run what is missing of the campaign; 1 where anything went wrong in it."""
    asked = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    asked.add_argument(
        "--scale", type=float, default=1.0, help="inputs of every reader, times this (default 1: the campaign)"
    )
    asked.add_argument("--only", help="one reader")
    asked.add_argument("--record", type=Path, default=RECORD)
    options = asked.parse_args()
    record = _known(options.record)
    waiting = [reader for reader in READERS if options.only in (None, reader.name)]
    while waiting:
        # whoever is least far: an interrupted campaign has something of every reader
        reader = min(waiting, key=lambda one: _done(record, one) / one.inputs)
        if _done(record, reader) >= options.scale * reader.inputs:
            break
        _chunk(record, reader, options.scale)
        options.record.parent.mkdir(parents=True, exist_ok=True)
        options.record.write_text(json.dumps(_summed(record), indent=1) + "\n", encoding="utf-8")
    if options.record == RECORD and record["readers"]:
        PAGE.write_text(written(PAGE.read_text("utf-8"), _summed(record)), "utf-8")
    wrong = sum(_wrong(part).total() for part in record["readers"].values())
    sys.stdout.write(f"{_total(record):,} inputs, {wrong} of them went wrong\n")
    return 1 if wrong else 0


def _known(path: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {"seed": SEED, "readers": {}}
    return known


def _done(record: dict[str, Any], reader: Reader) -> int:
    return sum(record["readers"].get(reader.name, {}).get("became", {}).values())


def _chunk(record: dict[str, Any], reader: Reader, scale: float) -> None:
    """Some thousand inputs more of one reader."""
    part = record["readers"].setdefault(reader.name, {"chunks": 0, "seconds": 0.0, "slowest": 0.0, "became": {}})
    inputs = min(reader.inputs // CHUNKS, max(1, round(scale * reader.inputs) - _done(record, reader)))
    corpus = BUILD / reader.name.replace(" ", "_").replace(",", "")
    corpus.mkdir(parents=True, exist_ok=True)
    answer = BUILD / f"{corpus.name}.json"
    began = time.time()
    code = forked(reader.name, SEED + part["chunks"], inputs, corpus, answer)
    part["chunks"] += 1
    if code == 0:
        found = json.loads(answer.read_text("utf-8"))
    else:
        found = {"seconds": 0.0, "slowest": 0.0, "became": {f"process ended with {code}": 1}, "examples": {}}
        answer.with_suffix(".log").replace(BUILD / f"ended-{corpus.name}-{part['chunks']}.log")
    part["seconds"] = round(part["seconds"] + found["seconds"], 1)
    part["slowest"] = max(part["slowest"], found["slowest"])
    part["became"] = dict(Counter(part["became"]) + Counter(found["became"]))
    for number, (what, data) in enumerate(found["examples"].items()):
        (BUILD / f"wrong-{reader.name}-{part['chunks']}-{number}.txt").write_text(f"{what}\n{data}\n")
    sys.stderr.write(f"{reader.name}: {_done(record, reader):,} of {reader.inputs:,}, {time.time() - began:.0f} s\n")


def _summed(record: dict[str, Any]) -> dict[str, Any]:
    """With the totals, and the version of the model that the last chunk ran."""
    seconds = sum(part["seconds"] for part in record["readers"].values())
    wrong = {name: dict(_wrong(part)) for name, part in record["readers"].items() if _wrong(part)}
    about = {
        "inputs": _total(record),
        "seconds": round(seconds, 1),
        "wrong": wrong,
        "fingerprint": fingerprint(MISSION),
    }
    return {**record, **about}


def _total(record: dict[str, Any]) -> int:
    return sum(sum(part["became"].values()) for part in record["readers"].values())


def _wrong(part: dict[str, Any]) -> Counter[str]:
    return Counter({what: count for what, count in part["became"].items() if what not in ("accepted", "refused")})


if __name__ == "__main__":
    sys.exit(main())
