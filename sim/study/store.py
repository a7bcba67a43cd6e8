"""A study in a folder.  There is no list of runs: the parts are the record.

A part is three Parquet files, each named by the sha256 of its content and put in place by a rename, so that a file is
whole or not there.  The file of runs comes last and names the two others: without it they are nothing.  Any number of
parts may hold the same run; equal runs are equal to the bit.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from sim.study.tables import Tables

OLD = 3600.0  # s after which an unfinished file belongs to nobody
UNFINISHED = ".unfinished-"


class StoreError(ValueError):
    """A folder that cannot be used, in one line: the place, what is wrong, what to do."""


@dataclass(frozen=True)
class Part:
    """Some runs: the table of them, and where their monthly panel and cells are."""

    name: str
    runs: pa.Table
    detail: Mapping[str, Any]  # "monthly" and "cells" -> a file's path, or the table itself

    def table(self, which: str) -> pa.Table:
        """The monthly panel or the cells.  StoreError where the file is not as it was written."""
        found = self.detail[which]
        return read(found) if isinstance(found, Path) else found


@dataclass
class Memory:
    """A store that is gone with the process."""

    kept: list[Part]

    def add(self, part: Tables) -> None:
        """Keep some runs."""
        detail = {"monthly": part.monthly, "cells": part.cells}
        self.kept.append(Part(f"part {len(self.kept)}", part.runs, detail))

    def parts(self) -> list[Part]:
        """All parts."""
        return self.kept


@dataclass(frozen=True)
class Folder:
    """A store on disk."""

    path: Path

    def add(self, part: Tables) -> None:
        """Write some runs.  StoreError where that is not possible; what was written before is safe."""
        try:
            names = {which: self.put(which, getattr(part, which)) for which in ("monthly", "cells")}
            self.put("runs", part.runs.replace_schema_metadata(names))
        except OSError as problem:
            raise StoreError(
                f"{self.path}: results cannot be written: {problem.strerror}; what was written before is safe; "
                "make room or mend it, and continue with --resume"
            ) from problem

    def parts(self) -> list[Part]:
        """All parts that are whole, by name; their detail is checked when it is read."""
        return [part for part, _ in self._examined(whole=False) if part is not None]

    def set_aside_damaged(self) -> list[str]:
        """Rename every part of which a file is missing or not as it was written; a line about each."""
        messages = []
        for part, files in self._examined(whole=True):
            if part is not None:
                continue
            for file in (file for file in files if file.exists()):
                file.rename(file.with_name(f"{file.name}.damaged"))
            messages.append(f"{files[0]}: not as it was written; set aside, and its runs are done again")
        self._remove_unfinished()
        return messages

    def damaged(self) -> list[str]:
        """Names of the files of runs that are not as they were written."""
        return [files[0].name for part, files in self._examined(whole=False) if part is None]

    def write_text(self, name: str, text: str) -> None:
        """A file put in place whole.  StoreError where that is not possible."""
        try:
            self._replace(name, text.encode())
        except OSError as problem:
            raise StoreError(f"{self.path / name}: cannot be written: {problem.strerror}; name a folder") from problem

    def _examined(self, whole: bool) -> list[tuple[Part | None, list[Path]]]:
        """Each part with its files; None for the part where something is wrong.  ``whole``: look at all three files."""
        found: list[tuple[Part | None, list[Path]]] = []
        for file in sorted(self.path.glob("runs-*.parquet")):
            files = [file]
            try:
                runs = read(file)
                names = {key.decode(): value.decode() for key, value in runs.schema.metadata.items()}
                detail = {which: self.path / names[which] for which in ("monthly", "cells")}
                files += detail.values()
                for other in detail.values() if whole else ():
                    _verified(other)
                found.append((Part(file.name, runs, detail), files))
            except StoreError:
                found.append((None, files))
        return found

    def put(self, which: str, table: pa.Table) -> str:
        """Write a table under a name of its content; the name.  OSError where that is not possible."""
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", compression_level=6, write_page_checksum=True)
        content = sink.getvalue().to_pybytes()
        name = f"{which}-{sha256(content).hexdigest()}.parquet"
        if not (self.path / name).exists():
            self._replace(name, content)
        return name

    def _replace(self, name: str, content: bytes) -> None:
        unfinished = self.path / f"{UNFINISHED}{uuid4().hex}"
        try:
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.path / name)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        _sync(self.path)

    def _remove_unfinished(self) -> None:
        for file in self.path.glob(f"{UNFINISHED}*"):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > OLD:
                    file.unlink()


def read(file: Path) -> pa.Table:
    """The table in a content-named file.  StoreError where it is not as it was written."""
    return pq.read_table(pa.BufferReader(_verified(file)), page_checksum_verification=True)


def _verified(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise StoreError(f"{file}: cannot be read: {problem.strerror}; --resume does its runs again") from problem
    if file.stem.partition("-")[2] != sha256(content).hexdigest():
        raise StoreError(f"{file}: not as it was written (sha256 differs); --resume does its runs again")
    return content


def _sync(folder: Path) -> None:
    """Make a rename last through a loss of power; Windows has no such call for folders."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
