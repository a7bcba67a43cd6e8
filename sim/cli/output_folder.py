"""The folder of a run's results: claimed before the run, so that nothing is simulated that cannot be saved."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sim._util import Unreadable, read_json
from sim.cli.inputs import Refusal

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Identity:
    """What makes two runs the same: equal identities have equal results, so one may replace the other."""

    hash: str
    seed: int
    fingerprint: str


def slug(title: str) -> str:
    """`Route clearance, 2016-2018` as `route-clearance-2016-2018`: lower case, ASCII, at most 40 letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "run"


def claim(asked: str | None, title: str, identity: Identity, seeds: int) -> Path:
    """An existing folder that can be written to. Refusal, with nothing left behind, where there is none.

    A folder is free when it is empty or holds the same run with no more seeds. An asked folder (`--out`)
    that is not free is refused; the default one gets a number.
    """
    if asked is not None:
        folder = Path(asked)
        _refuse_links(folder, f"--out {asked}")
        if not _is_free(folder, identity, seeds):
            raise Refusal(f"--out {asked}: other files are there and are never overwritten; name another folder")
    else:
        folder = _default(title, identity, seeds)
        _refuse_links(folder, f"--out {folder}")
    _prepare(folder, f"--out {folder}" if asked is None else f"--out {asked}")
    return folder


def release(folder: Path) -> None:
    """Remove a claimed folder that stayed empty."""
    try:
        folder.rmdir()
    except OSError:
        return


def _default(title: str, identity: Identity, seeds: int) -> Path:
    base = Path("results") / f"{slug(title)}-{identity.hash[:8]}-seed{identity.seed}"
    folder, number = base, 2
    while not _is_free(folder, identity, seeds):
        folder, number = base.with_name(f"{base.name}-{number}"), number + 1
    return folder


def _refuse_links(folder: Path, said: str) -> None:
    """Refuse a folder that cannot be read, or in which a link would redirect what is written."""
    try:
        links = [entry.name for entry in folder.iterdir() if entry.is_symlink()] if folder.is_dir() else []
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "no name that a folder can have"
        raise Refusal(f"{said}: cannot be looked into: {reason}; name another folder") from None
    if links:
        raise Refusal(f"{said}: {links[0]} in it is a link, and nothing is written through links; name another folder")


def _is_free(folder: Path, identity: Identity, seeds: int) -> bool:
    if not folder.is_dir() or not any(folder.iterdir()):
        return True  # absent, empty, or a file: _prepare says what is wrong with the last
    manifest = _manifest(folder)
    same = all(manifest.get(name) == value for name, value in asdict(identity).items())
    known = manifest.get("seeds")
    return same and isinstance(known, int) and known <= seeds


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return read_json(folder / MANIFEST)
    except Unreadable:
        return {}


def _prepare(folder: Path, said: str) -> None:
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    probe = folder / ".minusim-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as problem:
        for path in made:
            release(path)
        reason = "is a file, not a folder" if isinstance(problem, FileExistsError) else problem.strerror
        raise Refusal(f"{said}: results cannot be written there: {reason}; name a folder") from None
