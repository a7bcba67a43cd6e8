"""Bytes and JSON from files that may be anything, and writing that no link can lead astray."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

LEAST = 1_000_000  # bytes that are asked of a file in any case
MOST_JSON = 10_000_000  # bytes: as Python objects some 250 MB at worst
# no waiting for the other end of a pipe, no link at the end of the way; Windows lacks both
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class Unreadable(ValueError):
    """A file that is not read, and why, without its name: `a link`, `not a regular file`, `larger than 1 MB`."""


def read_bytes(file: Path, most: int, *, links: bool = False) -> bytes:
    """All bytes of a regular file.  Unreadable for devices, pipes, more than ``most`` bytes, links unless allowed."""
    try:
        if not links and file.is_symlink():
            raise Unreadable("a link; links are not followed here")
        # looked at before it is opened, because opening some devices does something; and again after, for a swap
        _regular(file.stat(), most)
        handle = os.open(file, _FLAGS | (0 if links else _NO_LINK))
        with open(handle, "rb") as stream:  # noqa: PTH123  # a descriptor
            found = os.fstat(handle)
            _regular(found, most)
            # room is taken for all that is asked; files that grow by themselves, such as logs, say 0 or too little
            content = stream.read(min(most, max(found.st_size, LEAST)) + 1)
    except OSError as problem:
        raise Unreadable(f"cannot be read: {problem.strerror or problem}") from None
    except ValueError as problem:  # a name that no system can have
        if isinstance(problem, Unreadable):
            raise
        raise Unreadable("no name that a file can have") from None
    if len(content) > most:
        raise Unreadable(_too_large(most))
    return content


def read_json(file: Path, most: int = MOST_JSON) -> dict[str, Any]:
    """The JSON object in a file.  Unreadable where it is anything else."""
    content = read_bytes(file, most)
    try:
        found = json.loads(content.decode("utf-8"))
        if b"\\u" in content:
            json.dumps(found, ensure_ascii=False).encode("utf-8")  # half a character could not be written again
    except (ValueError, RecursionError):
        raise Unreadable("not valid JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("not a JSON object")
    return found


def is_file(path: Path) -> bool:
    """Whether there is a file; False also for names that no file can have and for folders that nobody may look into."""
    return _is(path.is_file)


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False as for files."""
    return _is(path.is_dir)


def _is(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except (OSError, ValueError):
        return False


def replace(file: Path, content: bytes, mode: int = 0o666) -> None:
    """Put a file in place whole; a link of its name is replaced, never written through.  OSError.

    ``mode``: who may read and write it, as far as the umask lets.
    """
    unfinished = file.with_name(f".unfinished-{uuid4().hex}")
    try:
        with open(unfinished, "xb", opener=partial(os.open, mode=mode)) as new:
            new.write(content)
        unfinished.replace(file)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def _regular(found: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable("not a regular file")
    if found.st_size > most:
        raise Unreadable(_too_large(most))


def _too_large(most: int) -> str:
    return f"larger than {most / 1e6:g} MB"
