"""Whose store a folder is: one scenario under one version of the model, whatever its variants."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import engine
from sim.model import software_version
from sim.scenario import ScenarioError, loads
from sim.study.scale import off_scale
from sim.study.store import UNFINISHED, Folder, StoreError
from sim.study.tables import codebook

if TYPE_CHECKING:
    from sim.scenario import Scenario

FORMAT = 1
FILE = "study.json"
CODEBOOK = "codebook.csv"
PROBE = ".minusim-probe"
DECIDING = ("branches.py", "draws.py", "extras.py", "task.py")  # what of this floor decides the numbers in a store


@cache
def fingerprint() -> str:
    """sha256 over the engine's fingerprint and what a study adds to it: draws, branches, what is kept of a run."""
    digest = sha256(engine.fingerprint().encode())
    for name in DECIDING:
        digest.update((Path(__file__).parent / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


@dataclass(frozen=True)
class Owner:
    """The scenario and the version of the model that made a store."""

    scenario: Scenario
    fingerprint: str


def check(path: Path, scenario: Scenario) -> bool:
    """Whether the folder holds this study already; False where it is absent or empty.

    StoreError for a folder that is not free for it.  Nothing is written.
    """
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path}: is a file, not a folder; name a folder")
    if not path.is_dir() or all(entry.name.startswith((UNFINISHED, PROBE)) for entry in path.iterdir()):
        return False
    if not (path / FILE).is_file():
        raise StoreError(f"{path}: other files are there and are never overwritten; name another folder")
    facts = _facts(path)
    if facts["hash"] != scenario.hash:
        raise StoreError(
            f"{path}: holds another scenario, {facts['scenario']} ({facts['hash'][:8]}); {scenario.name} "
            f"({scenario.hash[:8]}) differs from it{_where(facts, scenario)}; nothing was changed; name another folder"
        )
    if facts["fingerprint"] != fingerprint():
        raise StoreError(
            f"{path}: holds runs of another version of the model ({facts['version']}, {facts['fingerprint'][:8]}; this "
            f"one is {software_version()}, {fingerprint()[:8]}); nothing was changed; name another folder"
        )
    return True


def claim(path: Path, scenario: Scenario) -> Folder:
    """The folder as the store of this scenario, made if absent.  StoreError where it cannot be written."""
    known = check(path, scenario)
    folder = Folder(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / PROBE).touch()
        (path / PROBE).unlink()
    except OSError as problem:
        raise StoreError(f"{path}: results cannot be written there: {problem.strerror}; name a folder") from problem
    text = json.dumps(_about(scenario), indent=2, ensure_ascii=False) + "\n"
    if not known or (path / FILE).read_text("utf-8") != text:  # the same scenario with other variants or title
        folder.write_text(FILE, text)
    if not (path / CODEBOOK).is_file():
        folder.write_text(CODEBOOK, codebook().to_csv(index=False, lineterminator="\n"))
    return folder


def owner(path: Path) -> Owner:
    """Whose store this is.  StoreError where it is none."""
    if not (path / FILE).is_file():
        raise StoreError(f"{path}: no study here ({FILE} is missing)")
    facts = _facts(path)
    try:
        scenario = loads(facts["yaml"], facts["scenario"])
    except ScenarioError as problem:
        raise StoreError(f"{path / FILE}: written by another version: {problem}") from None
    return Owner(scenario, facts["fingerprint"])


def _where(facts: dict[str, Any], scenario: Scenario) -> str:
    """In which of its sections a scenario differs from the one in a store."""
    try:
        stored = loads(facts["yaml"], facts["scenario"]).canonical()
    except ScenarioError:
        return ""
    return f" in {', '.join(name for name, value in scenario.canonical().items() if stored.get(name) != value)}"


def _about(scenario: Scenario) -> dict[str, Any]:
    warning = off_scale(scenario)
    return {
        "format": FORMAT,
        "simulated": True,
        "scenario": scenario.name,
        "title": scenario.title,
        "hash": scenario.hash,
        "version": software_version(),
        "fingerprint": fingerprint(),
        "yaml": scenario.to_yaml(),
        **({"warning": warning} if warning else {}),
    }


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((path / FILE).read_text("utf-8"))
        known = facts["format"]
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError(f"{path / FILE}: cannot be read; nothing was changed; name another folder") from None
    if known != FORMAT:
        raise StoreError(f"{path / FILE}: format {known!r}; this version reads format {FORMAT}; name another folder")
    return facts
