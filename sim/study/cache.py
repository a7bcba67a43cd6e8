"""What is kept between commands in the user's cache folder: compiled code, and run-ups by a key of what decides them.

Together they stay below a limit; what was not used for longest goes first, run-ups of other versions before all else.
Nothing here is needed: where a folder cannot be written, or is not the user's own, commands do without.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path

from sim._util import Unreadable, read_bytes, replace
from sim.model.engine import compiled_fingerprint

SETTING = "MINUSIM_CACHE_MB"
DEFAULT_MB = 900
KEPT_SHARE = 0.9  # of the limit is left when something has to go, so that this is seldom
CHECKED_SHARE = 0.005  # of the limit may be written until somebody looks at the whole
LARGEST_FILE = 100_000_000  # bytes
OTHERS_WRITE = 0o022 if hasattr(os, "getuid") else 0  # Windows keeps rights elsewhere, and shows these for all
DAY, HOUR = 86_400.0, 3_600.0  # s
ENGINE = 16  # letters of the fingerprint in the name of a folder
COMPILED_NAME = re.compile(r"(minusim-\d+-)?[0-9a-f]{16}-py\d+-numba[\w.+]+")
RUN_UP_NAME = re.compile(r"[0-9a-f]{40}\.run-up|\.unfinished-[0-9a-f]{32}")

Kind = Literal["compiled_code", "run_ups"]


@dataclass(frozen=True)
class Item:
    """One thing that is kept: a file, or a folder of compiled code.  bytes; ``used``: when last, in s since 1970."""

    kind: Kind
    path: Path
    bytes: int
    used: float
    engine: str


@dataclass(frozen=True)
class RunUpFolder:
    """The run-ups of this version of the compiled day: one file each, in a folder that nobody else may write to."""

    path: Path
    limit: int  # bytes, of everything that is kept

    @classmethod
    def opened(cls) -> RunUpFolder | None:
        """The folder, made where it is missing; None where none is to be kept or none can be."""
        asked = limit()
        path = _run_ups() / compiled_fingerprint()[:ENGINE]
        try:
            if asked:
                path.parents[1].mkdir(parents=True, exist_ok=True)
                path.parent.mkdir(mode=0o700, exist_ok=True)
                path.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            return None
        return cls(path, asked) if asked and _is_private(path.parent) and _is_private(path) else None

    def read(self, key: bytes) -> bytes | None:
        """What is kept under a key of 20 bytes; None where there is nothing, or nothing to be trusted."""
        file = self._file(key)
        try:
            found = file.lstat()
            if not _is_own(found) or found.st_mode & OTHERS_WRITE:
                return None
            content = read_bytes(file, LARGEST_FILE)
            if time.time() - found.st_mtime > DAY:
                os.utime(file)
        except (OSError, Unreadable):
            return None
        return content

    def write(self, key: bytes, content: bytes) -> None:
        """Write a file atomically; failures to write are ignored."""
        with suppress(OSError):
            replace(self._file(key), content, mode=0o600)
        # keys are evenly spread: one write in so many looks, without a count that processes would have to share
        if int.from_bytes(key[:4], "little") % max(1, int(CHECKED_SHARE * self.limit / len(content))) == 0:
            prune(self.limit)

    def _file(self, key: bytes) -> Path:
        return self.path / f"{key.hex()}.run-up"


def limit() -> int:
    """Bytes that may be kept, as MINUSIM_CACHE_MB says; 0 (or `off`): no run-up is kept or used."""
    return _limit(os.environ.get(SETTING, ""))


def kept() -> list[Item]:
    """Everything that is kept and the user's own; nothing is changed."""
    return [*_compiled_code(), *_kept_run_ups()]


def prune(most: int) -> None:
    """Remove what was not used for longest, until no more than nine tenths of ``most`` bytes are left."""
    current, now, items = compiled_fingerprint()[:ENGINE], time.time(), kept()
    size = sum(item.bytes for item in items)
    abandoned = [item for item in items if item.path.name.startswith(".unfinished-") and now - item.used > HOUR]
    size -= remove(abandoned)
    if size <= most:
        return
    for item in sorted(items, key=lambda item: (item.kind == "compiled_code", item.engine == current, item.used)):
        if size <= KEPT_SHARE * most:
            return
        if item.kind == "run_ups" or item.engine != current:
            size -= remove([item])


def remove(items: Sequence[Item]) -> int:
    """Remove what ``kept`` has named; the bytes that this freed.  Links are removed, not followed."""
    freed = 0
    for item in items:
        try:
            if item.kind == "compiled_code":
                shutil.rmtree(item.path)
            else:
                item.path.unlink(missing_ok=True)
        except OSError:
            continue
        freed += item.bytes
    for folder in {item.path.parent for item in items if item.kind == "run_ups"}:
        with suppress(OSError):  # where something is left in it
            folder.rmdir()
    return freed


def folders() -> dict[Kind, Path]:
    """Folder of each kind of cached file."""
    return {"compiled_code": user_cache_path("minusim"), "run_ups": _run_ups()}


@cache
def _limit(text: str) -> int:
    if text.strip().lower() in ("off", "0"):
        return 0
    if text.strip().isdecimal():
        return int(text) * 1_000_000
    if text.strip():
        sys.stderr.write(f"minusim: {SETTING}={text}: not a number of megabytes nor `off`; {DEFAULT_MB} is used\n")
    return DEFAULT_MB * 1_000_000


def _run_ups() -> Path:
    return user_cache_path("minusim") / "run-ups"


def _kept_run_ups() -> Iterator[Item]:
    for folder in _entries(_run_ups()) if _is_private(_run_ups()) else []:
        if _is_private(Path(folder)):
            for entry in _entries(folder):
                with suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    if RUN_UP_NAME.fullmatch(entry.name) and stat.S_ISREG(found.st_mode):
                        yield Item("run_ups", Path(entry), found.st_size, found.st_mtime, folder.name)


def _compiled_code() -> Iterator[Item]:
    """Folders of compiled code; the engine touches the one that it uses."""
    for place in (user_cache_path("minusim"), Path(tempfile.gettempdir())):
        for entry in _entries(place):
            if COMPILED_NAME.fullmatch(entry.name) and _is_own_folder(Path(entry)):
                with suppress(OSError):
                    files = [file.lstat() for file in Path(entry).rglob("*")]
                    size = sum(file.st_size for file in files if stat.S_ISREG(file.st_mode))
                    engine = entry.name.split("-py")[0][-ENGINE:]
                    yield Item("compiled_code", Path(entry), size, entry.stat().st_mtime, engine)


def _entries(folder: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _is_own_folder(path: Path, refused: int = 0) -> bool:
    """Whether it is a folder of this user, not a link to one, without any of the ``refused`` rights."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and _is_own(found) and not found.st_mode & refused


def _is_private(path: Path) -> bool:
    return _is_own_folder(path, OTHERS_WRITE)


def _is_own(found: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or found.st_uid == os.getuid()
