"""A study in a folder.  There is no list of runs: the parts are the record.

A part is three Parquet files, each named by the sha256 of its content and put in place by a rename, so that a file is
whole or not there.  The file of runs comes last and names the two others: without it they are nothing.  It says which
scenario and version made it.  Any number of parts may hold the same run; equal runs are equal to the bit.

Every file of a store is read through ``content``.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from sim._util import Unreadable, one_line, read_bytes
from sim._util.parquet import read_table
from sim.study.tables import Tables

OLD = 3600.0  # s after which an unfinished file belongs to nobody
UNFINISHED = ".unfinished-"
DETAIL = ("monthly", "cells")
LARGEST = 500_000_000  # bytes of a file of a store
NAME = {which: re.compile(rf"{which}-[0-9a-f]{{64}}\.parquet") for which in DETAIL}
MADE_BY = b"made_by"
TRIES = 3  # of a rename whose file another study took for a leftover, as it may where clocks differ


class StoreError(ValueError):
    """A folder that cannot be used, in one line: the place, what is wrong, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


@dataclass(frozen=True)
class Part:
    """Some runs: the table of them, and where their monthly panel and cells are."""

    name: str
    runs: pa.Table
    detail: Mapping[str, Any]  # "monthly" and "cells" -> a file's path, or the table itself
    made_by: Mapping[str, Any] | None = None  # scenario and version; None where that was not written down

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
    """A store on disk.  ``made_by`` goes into every part that is written: what must be equal for it to be used."""

    path: Path
    made_by: Mapping[str, Any] = field(default_factory=dict)

    def add(self, part: Tables) -> None:
        """Write some runs.  StoreError where that is not possible; what was written before is safe."""
        names = {which: self.put(which, getattr(part, which)) for which in DETAIL}
        self.put("runs", part.runs, names)

    def parts(self) -> list[Part]:
        """All parts that are whole, by name; their detail is checked when it is read."""
        return [part for part, _ in self._examined(whole=False) if part is not None]

    def set_aside_damaged(self) -> list[str]:
        """Rename every file that is not as it was written, with the runs of its part; a line about each."""
        messages = []
        for part, wrong in self._examined(whole=True):
            if part is None:
                messages.append(f"{wrong[0]}: {self.set_aside(*wrong)}, and its runs are done again")
            elif part.made_by not in (None, self.made_by):
                messages.append(f"{self.path / part.name}: made by another scenario or version; left out")
        self._remove_unfinished()
        return messages

    def damaged(self) -> list[str]:
        """Names of the files of runs that are not as they were written."""
        return [wrong[0].name for part, wrong in self._examined(whole=False) if part is None]

    def set_aside(self, *files: Path) -> str:
        """Rename files that are wrong; what was found.  StoreError where that is not possible."""
        there = files[0].exists()
        try:
            for file in files:
                with suppress(FileNotFoundError):  # missing, or another study was quicker
                    file.rename(file.with_name(f"{file.name}.damaged"))
        except OSError as problem:
            raise StoreError(f"{files[0]}: damaged, and cannot be set aside: {problem.strerror}") from problem
        return "not as it was written; set aside" if there else "missing"

    def put(self, which: str, table: pa.Table, about: Mapping[str, str] | None = None) -> str:
        """Write a table under a name of its content; the name.  StoreError where that is not possible."""
        sink = pa.BufferOutputStream()
        told = (table.schema.metadata or {}) | {MADE_BY: json.dumps(dict(self.made_by), sort_keys=True)}
        told |= {key.encode(): value for key, value in (about or {}).items()}
        named = table if which in DETAIL else table.replace_schema_metadata(told)
        pq.write_table(named, sink, compression="zstd", compression_level=6, write_page_checksum=True)
        content = sink.getvalue().to_pybytes()
        name = f"{which}-{sha256(content).hexdigest()}.parquet"
        try:
            if not is_whole(self.path / name):
                self._replace(name, content)
        except OSError as problem:
            raise StoreError(
                f"{self.path}: results cannot be written: {problem.strerror}; what was written before is safe; "
                "make room or repair it, and continue with --resume"
            ) from problem
        return name

    def write_text(self, name: str, text: str) -> None:
        """A file put in place whole.  StoreError where that is not possible."""
        try:
            self._replace(name, text.encode())
        except OSError as problem:
            raise StoreError(f"{self.path / name}: cannot be written: {problem.strerror}; name a folder") from problem

    def create_text(self, name: str, text: str) -> bool:
        """The same where there is no such file yet: of several who try at once one succeeds.  Whether this one did."""
        try:
            return self._create(name, text.encode())
        except OSError as problem:
            raise StoreError(f"{self.path / name}: cannot be written: {problem.strerror}; name a folder") from problem

    def _examined(self, whole: bool) -> list[tuple[Part | None, list[Path]]]:
        """Each part, or None with the files that are wrong and that of its runs.  ``whole``: look at all three."""
        found: list[tuple[Part | None, list[Path]]] = []
        for file in sorted(self.path.glob("runs-*.parquet")):
            try:
                runs = read(file)
                detail = {which: self.path / _named(file, runs, which) for which in DETAIL}
                part = Part(file.name, runs, detail, origin(runs))
            except StoreError:  # damaged, or no part at all
                found.append((None, [file]))
                continue
            wrong = [other for other in detail.values() if whole and not is_whole(other)]
            found.append((None, [*wrong, file]) if wrong else (part, []))
        return found

    def _replace(self, name: str, content: bytes) -> None:
        for last in range(TRIES):
            unfinished = self._unfinished(content)
            try:
                unfinished.replace(self.path / name)
                break
            except FileNotFoundError:
                if last == TRIES - 1:
                    raise
            finally:
                _remove(unfinished)
        _sync(self.path)

    def _create(self, name: str, content: bytes) -> bool:
        if (self.path / name).exists():
            return False
        unfinished = self._unfinished(content)
        try:
            (self.path / name).hardlink_to(unfinished)
        except FileExistsError:
            return False
        except OSError:  # a filesystem without such links
            return self._create_slowly(name, content)
        finally:
            _remove(unfinished)
        _sync(self.path)
        return True

    def _create_slowly(self, name: str, content: bytes) -> bool:
        try:
            (self.path / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        self._replace(name, content)
        return True

    def _unfinished(self, content: bytes) -> Path:
        """A file of some content that lasts through a loss of power, under a name of its own."""
        unfinished = self.path / f"{UNFINISHED}{uuid4().hex}"
        try:
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            _remove(unfinished)
            raise
        return unfinished

    def _remove_unfinished(self) -> None:
        for file in self.path.glob(f"{UNFINISHED}*"):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > OLD:
                    file.unlink()


def content(file: Path) -> bytes:
    """What is in a file of a store.  StoreError where it cannot be read, is a link, a device, or beyond all bounds."""
    try:
        return read_bytes(file, LARGEST)
    except Unreadable as problem:
        raise StoreError(f"{file}: {problem}; --resume does its runs again") from problem


def read(file: Path) -> pa.Table:
    """The table in a content-named file.  StoreError where it is not as it was written."""
    found = content(file)
    if not _is_named(file, found):
        raise StoreError(f"{file}: not as it was written (sha256 differs); --resume does its runs again")
    try:
        return read_table(found)
    except Unreadable as problem:
        raise StoreError(f"{file}: {problem}; --resume does its runs again") from problem


def read_numbers(file: Path, needed: Iterable[str], texts: Iterable[str] = ()) -> pa.Table:
    """The same, of numbers and truths but for the ``texts``.  StoreError also where a column is missing or another."""
    table = read(file)
    known = {field.name: field.type for field in table.schema}
    words = {name for name, kind in known.items() if pa.types.is_string(kind)}
    wrong = sorted(({*needed, *texts} - {*known}) | words ^ {*texts})
    if wrong:
        raise StoreError(f"{file}: {wrong[0]} is missing or of another kind; --resume does its runs again")
    return table


def _named(file: Path, runs: pa.Table, which: str) -> str:
    """The file of a part that its table of runs names: one beside it, whatever else is written there."""
    name: str = (runs.schema.metadata or {}).get(which.encode(), b"").decode(errors="replace")
    if not NAME[which].fullmatch(name):
        raise StoreError(f"{file}: names no file of its own for {which}; --resume does its runs again")
    return name


def origin(table: pa.Table) -> Mapping[str, Any] | None:
    """By what a table of a store was made; None where it does not say.  StoreError where it says nonsense."""
    told = (table.schema.metadata or {}).get(MADE_BY)
    if told is None:
        return None
    try:
        found = json.loads(told)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StoreError(f"{told[:60].decode(errors='replace')}: names no scenario and version")
    return found


def is_whole(file: Path) -> bool:
    """Whether a content-named file is there and as it was written."""
    try:
        return _is_named(file, content(file))
    except StoreError:
        return False


def _is_named(file: Path, found: bytes) -> bool:
    return file.stem.partition("-")[2] == sha256(found).hexdigest()


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make a rename last through a loss of power; Windows has no such call for folders."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
