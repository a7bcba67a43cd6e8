"""The file that says whose a folder of runs is, with a checksum; where it is damaged, the parts beside it say so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from sim._util import Unreadable, is_file, is_folder, read_json
from sim.study.store import UNFINISHED, Folder, StoreError, content, origin, read

SEAL = "sha256"
PROBE = ".minusim-probe"
MENDED = "--resume with the same scenario repairs it"
AGAIN = "rewritten: the runs beside it say whose they are"


class NotAsWritten(StoreError):
    """A file that is missing, or not as it was written."""


def sealed(facts: Mapping[str, Any]) -> str:
    """Facts as JSON with a checksum over them."""
    return json.dumps({**facts, SEAL: _seal(facts)}, indent=2, ensure_ascii=False) + "\n"


def unsealed(file: Path) -> dict[str, Any]:
    """The facts in a file; format 1 has no checksum.  NotAsWritten where they are not as they were written."""
    try:
        facts = read_json(file)
    except Unreadable as problem:
        raise NotAsWritten(f"{file}: {problem}; {MENDED}") from None
    seal = facts.pop(SEAL, None)
    if seal != _seal(facts) and (seal is not None or facts.get("format", 2) == 2):
        raise NotAsWritten(f"{file}: not as it was written (sha256 differs); {MENDED}")
    return facts


def is_empty(path: Path, own: Mapping[str, bytes]) -> bool:
    """Whether a folder is absent, or holds nothing but leftovers of ours; ``own``: names and content of such files."""
    if is_file(path):
        raise StoreError(f"{path}: is a file, not a folder; name a folder")
    try:
        entries = list(path.iterdir()) if is_folder(path) else []
    except OSError as problem:
        raise StoreError(f"{path}: cannot be looked into: {problem.strerror}; name another folder") from problem
    links = [entry.name for entry in entries if entry.is_symlink()]
    if links:
        raise StoreError(
            f"{path}: {links[0]} in it is a link, and nothing is written through links; name another folder"
        )
    return all(_is_leftover(file, own) for file in entries)


def vouched(path: Path, file: str, parts: Iterable[Path], made_by: Mapping[str, Any]) -> bool:
    """Whether all parts of a folder whose file is missing or damaged say that ``made_by`` made them.

    StoreError where one says something else, or where nothing tells whose the folder is.
    """
    origins = [found for part in parts if (found := _origin(part)) is not None]
    if any(found != made_by for found in origins):
        raise StoreError(
            f"{path / file}: {_state(path / file)}, and the runs beside it are of another scenario or another version "
            "of the model; nothing was changed; name another folder"
        )
    if not origins and not (path / file).exists():
        raise StoreError(f"{path}: other files are there and are never overwritten; name another folder")
    return True


def settle(folder: Folder, file: str, facts: Mapping[str, Any], own: Mapping[str, bytes]) -> list[str]:
    """Put the file of a folder that is free, or ours, in its place; a line where it was damaged.

    StoreError where that is not possible, FileExistsError where somebody else has just claimed the folder.
    """
    path, notices = folder.path / file, []
    _try_to_write(folder.path)
    free = is_empty(folder.path, own)
    known = _known(path)
    if not folder.made_by.keys() <= known.keys():
        if not free:
            notices.append(f"{path}: {folder.set_aside(path)}, and {AGAIN}.")
        if not folder.create_text(file, sealed(facts)):
            raise FileExistsError(path)
    elif any(known[name] != value for name, value in folder.made_by.items()):
        raise FileExistsError(path)
    elif known != facts:  # the same, with other variants or another title
        folder.write_text(file, sealed(facts))
    return notices


def _known(file: Path) -> dict[str, Any]:
    """The facts in a file, none where it is missing or damaged."""
    try:
        return unsealed(file)
    except NotAsWritten:
        return {}


def _try_to_write(path: Path) -> None:
    probe = path / f"{PROBE}-{uuid4().hex}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise StoreError(f"{path}: results cannot be written there: {problem.strerror}; name a folder") from problem


def _is_leftover(file: Path, own: Mapping[str, bytes]) -> bool:
    if file.name.startswith((UNFINISHED, PROBE)):
        return True
    return file.name in own and content(file) == own[file.name]


def _origin(part: Path) -> Mapping[str, Any] | None:
    """What a part says, nothing where an earlier version wrote it; None where it is damaged itself."""
    try:
        return origin(read(part)) or {}
    except StoreError:
        return None


def _state(file: Path) -> str:
    return "not as it was written" if file.exists() else "missing"


def _seal(facts: Mapping[str, Any]) -> str:
    return sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
