"""Whose store a folder is: one scenario under one version of the model, whatever its variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim._util import is_file
from sim._util.suggestions import shown
from sim.missions import Mission
from sim.model import engine
from sim.model.engine import software_version
from sim.scenario import ScenarioError, restored
from sim.study.manifest import MENDED, NotAsWritten, is_empty, settle, unsealed, vouched
from sim.study.scale import off_scale
from sim.study.store import Folder, StoreError, content
from sim.study.tables import codebook

if TYPE_CHECKING:
    from sim.scenario import Scenario

FORMATS = (1, 2)  # that are read; 1 had no checksum, and its parts do not say what made them
FILE = "study.json"
CODEBOOK = "codebook.csv"


@lru_cache(maxsize=32)
def fingerprint(mission: Mission) -> str:
    """sha256 over the engine's fingerprint and what makes a task of a study: draws, branches, what is kept of a run."""
    digest = sha256(engine.fingerprint(mission).encode())
    for path in engine.imported_sources("sim.study.task", "sim.study."):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


@dataclass(frozen=True)
class Owner:
    """The scenario and the version of the model that made a store, and how its parts say so."""

    scenario: Scenario
    made_by: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the code and facts that made the study."""
        return self.made_by["fingerprint"]


def check(path: Path, scenario: Scenario) -> bool:
    """Whether the folder holds this study already; False where it is absent or empty.

    StoreError for a folder that is not free for it.  Nothing is written.
    """
    if is_empty(path, _own()):
        return False
    try:
        facts = _whole_facts(path)
    except NotAsWritten:
        return vouched(path, FILE, path.glob("runs-*.parquet"), made_by(scenario))
    if facts["hash"] != scenario.hash:
        raise StoreError(
            f"{path}: holds another scenario, {facts['scenario']} ({facts['hash'][:8]}); {scenario.name} "
            f"({scenario.hash[:8]}) differs from it{_where(facts, scenario)}; nothing was changed; name another folder"
        )
    current = fingerprint(scenario.mission)
    if facts["fingerprint"] != current:
        raise StoreError(
            f"{path}: holds runs of another version of the model ({facts['version']}, {facts['fingerprint'][:8]}; this "
            f"one is {software_version()}, {current[:8]}); nothing was changed; name another folder"
        )
    return True


def claim(path: Path, scenario: Scenario) -> tuple[Folder, list[str]]:
    """The folder as the store of this scenario, made if absent, and a line about each file that was damaged.

    StoreError where it is not free or cannot be written.
    """
    known = check(path, scenario)
    folder = Folder(path, made_by(scenario))
    try:
        notices = settle(folder, FILE, _about(scenario), _own())
    except FileExistsError:  # somebody else came at the same moment
        check(path, scenario)
        notices = []
    book = path / CODEBOOK
    if known and (not book.exists() or content(book) != _own()[CODEBOOK]):
        notices.append(f"{book}: {folder.set_aside(book)}, and rewritten.")
    folder.create_text(CODEBOOK, _own()[CODEBOOK].decode())
    return folder, notices + folder.set_aside_damaged()


def made_by(scenario: Scenario) -> dict[str, str]:
    """What every part says of its origin that this version writes for a scenario."""
    return {"hash": scenario.hash, "fingerprint": fingerprint(scenario.mission)}


@cache
def _own() -> dict[str, bytes]:
    """Files that are the same in every store."""
    return {CODEBOOK: codebook().to_csv(index=False, lineterminator="\n").encode()}


def owner(path: Path) -> Owner:
    """Whose store this is.  StoreError where it is none."""
    if not is_file(path / FILE):
        raise StoreError(f"{path}: no study here ({FILE} is missing)")
    facts = _whole_facts(path)
    try:
        scenario = restored(facts["yaml"], facts["scenario"])
    except ScenarioError as problem:
        raise StoreError(f"{path / FILE}: written by another version: {problem}") from None
    return Owner(scenario, {name: facts[name] for name in ("hash", "fingerprint")})


def _where(facts: dict[str, Any], scenario: Scenario) -> str:
    """In which of its sections a scenario differs from the one in a store."""
    try:
        stored = restored(facts["yaml"], facts["scenario"]).canonical()
    except ScenarioError:
        return ""
    return f" in {', '.join(name for name, value in scenario.canonical().items() if stored.get(name) != value)}"


def _about(scenario: Scenario) -> dict[str, Any]:
    warning = off_scale(scenario)
    return {
        "format": FORMATS[-1],
        "simulated": True,
        "scenario": scenario.name,
        "title": scenario.title,
        "hash": scenario.hash,
        "version": software_version(),
        "fingerprint": fingerprint(scenario.mission),
        "yaml": scenario.to_yaml(),
        **({"warning": warning} if warning else {}),
    }


def _facts(path: Path) -> dict[str, Any]:
    """What study.json says.  NotAsWritten where it is damaged, StoreError where it is of a format not known here."""
    facts = unsealed(path / FILE)
    known = facts.get("format")
    if known not in FORMATS:
        raise StoreError(f"{path / FILE}: format {shown(known)}; this version reads 1 and 2; name another folder")
    return facts


def _whole_facts(path: Path) -> dict[str, Any]:
    """The same with all that a study says of itself.  NotAsWritten where some of it is missing."""
    facts = _facts(path)
    for key in ("hash", "fingerprint", "version", "scenario", "yaml"):
        if not isinstance(facts.get(key), str):
            raise NotAsWritten(f"{path / FILE}: {key}: {shown(facts.get(key))} where no study has it; {MENDED}")
    return facts
