"""What a folder holds: a study, with who made it, or a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim._util import Unreadable, is_file, is_folder, one_line, read_json

if TYPE_CHECKING:
    from pathlib import Path

    from sim.results import Results
    from sim.study import StudyFrame

LONGEST_NAME = 80  # characters of a version
STUDY, RUN = "study.json", "manifest.json"


class NoStore(ValueError):
    """A folder without results that can be read, in one line: the place, what is wrong, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


@dataclass(frozen=True)
class Study:
    """A study as it was kept.  version, fingerprint: of the model that made it."""

    path: Path
    frame: StudyFrame
    version: str
    fingerprint: str


@dataclass(frozen=True)
class Run:
    """A run as it was kept; seeds: how many were run beside it, itself included."""

    path: Path
    results: Results
    seeds: int


def open_folder(path: Path) -> Study | Run:
    """The study or the run in a folder.  NoStore where there is none, or none that this version reads."""
    if is_file(path):
        raise NoStore(f"{path}: is a file; name the folder that `minusim compare` or `minusim run` wrote")
    if not is_folder(path):
        raise NoStore(f"{path}: there is no such folder; `minusim compare` and `minusim run` write one")
    if is_file(path / STUDY):
        return _study(path)
    if is_file(path / RUN):
        return _run(path)
    raise NoStore(f"{path}: holds neither a study ({STUDY}) nor a run ({RUN}); name the folder that one of them wrote")


def _study(path: Path) -> Study:
    from sim.study import StoreError, open_store
    from sim.study.identity import owner

    try:
        frame, made_by = open_store(path), owner(path)
        version = str(read_json(path / STUDY)["version"])[:LONGEST_NAME]
    except (StoreError, Unreadable) as problem:
        raise NoStore(str(problem)) from None
    except (KeyError, TypeError) as problem:
        raise NoStore(f"{path}: written by another version, which kept other things ({_plain(problem)})") from None
    if frame.runs.empty:
        raise NoStore(f"{path}: holds a study without a finished run; `minusim compare --resume` goes on with it")
    return Study(path, frame, version, made_by.fingerprint)


def _run(path: Path) -> Run:
    from sim.results import FolderError, open_results
    from sim.results.folder import read_manifest

    try:
        return Run(path, open_results(path), read_manifest(path)["seeds"])
    except FolderError as problem:
        raise NoStore(str(problem)) from None


def _plain(problem: Exception) -> str:
    return str(problem).strip("'\"")
