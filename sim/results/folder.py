"""A run in a folder: Parquet tables, the scenario, a codebook, and a manifest of digests."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.clock import date_of, day_index
from sim.recorder import Names, RunRecord
from sim.results.codebook import codebook
from sim.results.tables import events_array, ledger_array, ledger_frame
from sim.scenario import loads

FORMAT = 1
_TABLES = ("events", "monthly", "daily", "ledger")


class FolderError(ValueError):
    """A folder that is no saved run, or one whose files are not as they were written."""


def identity(record: RunRecord) -> dict[str, Any]:
    """What a run is known by; equal identities mean equal results."""
    return {
        "simulated": True,
        "title": record.scenario.title,
        "hash": record.scenario.hash,
        "seed": record.seed,
        "period": [date_of(day).isoformat() for day in (record.first_day, record.last_day)],
        "version": record.version,
        "fingerprint": record.fingerprint,
    }


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
    """The run that ``write_folder`` wrote.  FolderError where a file is missing or has changed."""
    manifest = read_manifest(folder)
    names = _names(json.loads((folder / "names.json").read_text(encoding="utf-8")))
    first, last = (day_index(np.datetime64(day).item()) for day in manifest["period"])
    return RunRecord(
        scenario=loads((folder / "scenario.yaml").read_text(encoding="utf-8"), str(folder / "scenario.yaml")),
        seed=manifest["seed"],
        first_day=first,
        last_day=last,
        events=events_array(_read_table(folder / "events.parquet"), names),
        ledger=ledger_array(_read_table(folder / "ledger.parquet"), len(names.regions)),
        names=names,
        version=manifest["version"],
        fingerprint=manifest["fingerprint"],
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, after every file named in it was found to be as written."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise FolderError(f"{folder}: no saved run here (manifest.json is missing)")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        raise FolderError(f"{path}: format {manifest.get('format')!r}; this version reads format {FORMAT}")
    for name in _files():
        if not (folder / name).is_file():
            raise FolderError(f"{folder / name}: missing")
        if _digest(folder / name) != manifest["files"].get(name):
            raise FolderError(f"{folder / name}: the file is not as it was written (sha256 differs)")
    return manifest


def _files() -> set[str]:
    return {*(f"{name}.parquet" for name in _TABLES), "codebook.csv", "scenario.yaml", "names.json"}


def _write_table(frame: pd.DataFrame, path: Path, about: dict[str, Any]) -> None:
    """Parquet with page checksums; the run's identity stands in the file's own metadata."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    facts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in about.items()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **facts})
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def _read_table(path: Path) -> pd.DataFrame:
    table: pd.DataFrame = pq.read_table(path, page_checksum_verification=True).to_pandas()
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
