"""A run in a folder: Parquet tables, the scenario, a codebook, and a manifest of digests."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim._util import Unreadable, is_file, one_line, read_bytes, read_json
from sim._util.parquet import read_table
from sim._util.suggestions import shown
from sim.model.recorder import Names, RunRecord
from sim.results.codebook import codebook
from sim.results.identity import FolderError, identity
from sim.results.tables import events_array, ledger_array, ledger_frame
from sim.results.validation import checked
from sim.scenario import Scenario, ScenarioError, restored

FORMAT = 1
LARGEST = 200_000_000  # bytes of a file
LONGEST_NAME = 80  # characters
_TABLES = ("events", "monthly", "daily", "ledger")


T = TypeVar("T")


def write_folder(record: RunRecord, tables: dict[str, pd.DataFrame], folder: Path, seeds: int) -> None:
    """Write the run; ``tables`` holds events, monthly, daily; ``seeds`` is how many were run in all.

    The manifest comes last: without it, no run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    tables = {name: frame.assign(simulated=True) for name, frame in {**tables, "ledger": ledger_frame(record)}.items()}
    for name, frame in tables.items():
        _write_table(frame, folder / f"{name}.parquet", identity(record))
    codebook(tables).to_csv(folder / "codebook.csv", index=False, lineterminator="\n")
    _write_text(folder / "scenario.yaml", record.scenario.to_yaml())
    _write_text(folder / "names.json", json.dumps(_names_document(record.names)) + "\n")
    files = sorted(path for path in folder.iterdir() if path.name in _files())
    digests = {path.name: _digest(path) for path in files}
    manifest = {"format": FORMAT, **identity(record), "seeds": seeds, "files": digests}
    _write_text(folder / "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def read_folder(folder: Path) -> RunRecord:
    """The run that ``write_folder`` wrote.

    FolderError where a file is missing, has changed or holds what no run has.
    """
    manifest, contents = _verified(folder)
    path = folder / "scenario.yaml"
    try:
        scenario = restored(contents[path.name], str(path))
    except ScenarioError as problem:
        raise FolderError(f"written by another version: {problem}") from None
    try:
        return checked(_record(manifest, scenario, contents))
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError, pa.ArrowException) as problem:
        raise FolderError(f"{folder}: holds what no run has ({one_line(str(problem))[:200]})") from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, after every file named in it was found to be as written."""
    return _verified(folder)[0]


def _verified(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and the files by name as they were when their digests were taken."""
    path = folder / "manifest.json"
    if not is_file(path):
        raise FolderError(f"{folder}: no saved run here (manifest.json is missing)")
    manifest = _read(path, read_json)
    if manifest.get("format") != FORMAT:
        raise FolderError(f"{path}: format {shown(manifest.get('format'))}; this version reads format {FORMAT}")
    _refuse_odd(path, manifest)
    contents = {}
    for name in sorted(_files()):
        if not is_file(folder / name):
            raise FolderError(f"{folder / name}: missing")
        contents[name] = _read(folder / name, lambda file: read_bytes(file, LARGEST))
        if sha256(contents[name]).hexdigest() != manifest["files"].get(name):
            raise FolderError(f"{folder / name}: the file is not as it was written (sha256 differs)")
    return manifest, contents


def _read(file: Path, how: Callable[[Path], T]) -> T:
    try:
        return how(file)
    except Unreadable as problem:
        raise FolderError(f"{file}: {problem}") from None


def _refuse_odd(path: Path, manifest: dict[str, Any]) -> None:
    """FolderError where the manifest lacks a fact, or one is not what it must be."""
    kinds = {"seed": int, "seeds": int, "version": str, "fingerprint": str, "files": dict}
    for key, kind in kinds.items():
        if type(manifest.get(key)) is not kind:
            raise FolderError(f"{path}: {key}: {shown(manifest.get(key))} where no run has it")
    if not 0 <= manifest["seed"] < 2**63 or not 1 <= manifest["seeds"] < 2**31:
        raise FolderError(f"{path}: seed and seeds: out of range")
    for key in ("version", "fingerprint"):
        if not manifest[key].isprintable() or len(manifest[key]) > LONGEST_NAME:
            raise FolderError(f"{path}: {key}: {shown(manifest[key])} where no run has it")


def _record(manifest: dict[str, Any], scenario: Scenario, contents: dict[str, bytes]) -> RunRecord:
    names = _names(json.loads(contents["names.json"].decode()))
    mission = scenario.mission
    days = [mission.clock.day_index(day) for day in (scenario.period.start, scenario.period.end)]
    return RunRecord(
        scenario=scenario,
        seed=manifest["seed"],
        first_day=days[0],
        last_day=days[1],
        events=events_array(_frame(contents["events.parquet"]), names, mission.first_day),
        ledger=ledger_array(_frame(contents["ledger.parquet"]), len(names.regions)),
        names=names,
        version=manifest["version"],
        fingerprint=manifest["fingerprint"],
    )


def _files() -> set[str]:
    return {*(f"{name}.parquet" for name in _TABLES), "codebook.csv", "scenario.yaml", "names.json"}


def _write_table(frame: pd.DataFrame, path: Path, about: dict[str, Any]) -> None:
    """Parquet with page checksums; the run's identity stands in the file's own metadata."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    facts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in about.items()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **facts})
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def _frame(content: bytes) -> pd.DataFrame:
    """A table without what its file says of pandas: the columns alone are data."""
    table: pd.DataFrame = read_table(content).replace_schema_metadata(None).to_pandas()
    return table


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _names_document(names: Names) -> dict[str, list[Any]]:
    lists = {"regions": names.regions, "bases": names.bases, "actors": names.actors}
    arrays = {"gids": names.gids, "lats": names.lats, "lons": names.lons}
    return {
        **{key: list(value) for key, value in lists.items()},
        **{k: v.tolist() for k, v in arrays.items()},
    }


def _names(document: dict[str, list[Any]]) -> Names:
    return Names(
        regions=tuple(document["regions"]),
        bases=tuple(document["bases"]),
        actors=tuple(document["actors"]),
        gids=np.array(document["gids"]),
        lats=np.array(document["lats"]),
        lons=np.array(document["lons"]),
    )
