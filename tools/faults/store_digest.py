"""What the folder of a study holds: which runs are in whole parts, and a digest of everything that is kept of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pandas as pd

from sim.study.store import is_whole, read

ANSWERS = (
    "comparison.csv", "decomposition.csv", "regions.csv", "costs.csv", "displacement.csv", "assumptions.csv",
    "answer.txt", "comparison.json", "attribution.csv", "screening.csv", "indices.csv", "sensitivity.txt",
    "codebook.csv",
)  # fmt: skip
UNTOLD = ["seconds"]  # processor time: the one column that is not a function of the run
Name = str


@dataclass(frozen=True)
class StoreDigest:
    """Runs in whole parts, with how many parts hold each; a digest of every table and answer, each run taken once."""

    runs: Counter[Name]
    parts: int
    digest: str
    answers: str

    @classmethod
    def of(cls, folder: Path) -> StoreDigest:
        """Digest of the store in a folder."""
        tables: dict[str, list[pd.DataFrame]] = {}
        runs: Counter[Name] = Counter()
        parts = 0
        for file in sorted(folder.glob("*-*.parquet")):
            kind = file.name.rpartition("-")[0]
            if kind in ("monthly", "cells") or not is_whole(file):
                continue
            found = read(file)
            about = found.schema.metadata
            detail = [folder / about[name].decode() for name in (b"monthly", b"cells") if name in about]
            if not all(map(is_whole, detail)):
                continue
            frame = found.to_pandas()
            frame = frame[frame["status"] == "done"] if "status" in frame else frame
            runs.update(_names(kind, frame))
            parts += 1
            tables.setdefault(kind, []).append(frame.drop(columns=UNTOLD, errors="ignore"))
            for each in detail:
                tables.setdefault(each.name.partition("-")[0], []).append(read(each).to_pandas())
        return cls(runs, parts, _digest(tables), _answers(folder))


def _names(kind: str, frame: pd.DataFrame) -> list[Name]:
    keys = [name for name in ("variant", "point", "row", "replication") if name in frame]
    rows = frame[keys].astype(str).agg(" ".join, axis=1) if len(frame) else []
    return [f"{kind}: {row}" for row in rows]


def _digest(tables: dict[str, list[pd.DataFrame]]) -> str:
    digest = sha256()
    for kind, frames in sorted(tables.items()):
        lines: set[str] = set()
        for frame in frames:
            lines |= set(frame.astype(object).apply(lambda row: repr(row.tolist()), axis=1))
        digest.update(f"{kind}: {len(lines)}\n".encode())
        digest.update("\n".join(sorted(lines)).encode())
    return digest.hexdigest()


def _answers(folder: Path) -> str:
    digest = sha256()
    for name in ANSWERS:
        file = folder / name
        if file.exists():
            content = file.read_bytes()
            digest.update(name.encode() + (_without_folder(content) if name == "comparison.json" else content))
    return digest.hexdigest()


def _without_folder(content: bytes) -> bytes:
    try:
        return json.dumps({**json.loads(content), "out": None}, sort_keys=True).encode()
    except ValueError:  # half written, on a full disk
        return content
