"""Find and load scenario files, following ``extends``."""

import os
from dataclasses import replace
from pathlib import Path, PureWindowsPath

from sim._util import Unreadable, is_file, read_bytes
from sim._util.suggestions import shown, suggestion
from sim.scenario import packaged
from sim.scenario.errors import ScenarioError
from sim.scenario.inheritance import merge, without
from sim.scenario.layers import Layer
from sim.scenario.reader import BYTES, read

SUFFIXES = (".yaml", ".yml")
LONGEST_CHAIN = 20
ABOUT = ("title", "narrative", "sources")


def find(name_or_path: str | os.PathLike[str]) -> tuple[Path, str]:
    """The file of a packaged name or path, and how messages name it. ScenarioError when there is none."""
    name = str(name_or_path)
    is_name = isinstance(name_or_path, str) and not name.endswith(SUFFIXES) and not set(name) & {"/", "\\"}
    if not is_name:
        return Path(name_or_path), name
    if name in packaged.names() or not is_file(Path(name)):
        file = packaged.path(name)
        return file, _short(file)
    return Path(name), name


def load_layer(file: Path, shown_as: str, chain: tuple[Path, ...] = ()) -> Layer:
    """The layer of a file with everything it extends below it."""
    return extend(_with_mission_folder(read(_bytes(file, shown_as), shown_as), file), file, chain)


def _with_mission_folder(layer: Layer, file: Path) -> Layer:
    """The layer with a mission's folder, which is written from that of the file, as an absolute path."""
    written = layer.tree.get("mission")
    if not isinstance(written, str) or not is_mission_folder(written):
        return layer
    return replace(layer, tree={**layer.tree, "mission": str(_resolved(file.parent / written))})


def is_mission_folder(written: object) -> bool:
    """Whether a value of the key ``mission`` means a folder and no packaged mission."""
    return isinstance(written, str) and bool(set(written) & {"/", "\\", "."})


def extend(layer: Layer, file: Path | None, chain: tuple[Path, ...] = ()) -> Layer:
    """The layer laid over what it extends; ``file`` None: text of no file, which can extend packaged ones."""
    value = layer.tree.get("extends")
    if value is None:
        return without(layer, "extends")
    if not isinstance(value, str):
        raise layer.error(("extends",), f"{shown(value)} is no name; write a packaged scenario or a file")
    chain = (*chain, *([_resolved(file)] if file else []))
    target, shown_as = _target(layer, value, file)
    if _resolved(target) in chain:
        loop = " -> ".join(path.name for path in (*chain, target))
        raise layer.error(("extends",), f"goes round in a circle: {loop}")
    if len(chain) >= LONGEST_CHAIN:
        raise layer.error(("extends",), f"more than {LONGEST_CHAIN} files extend each other")
    below = load_layer(target, shown_as, chain)
    below = without(below, *ABOUT)  # they speak of the extended file's question
    if "variants" in layer.tree:  # a comparison of its own: those of the extended file would be run along
        below = without(below, "variants", "baseline")
    return replace(merge(below, without(layer, "extends")), own=layer)


def _target(layer: Layer, value: str, file: Path | None) -> tuple[Path, str]:
    """The file that is extended, and how messages name it."""
    keys = ("extends",)
    if not value.endswith(SUFFIXES):
        if value not in packaged.names():
            advice = suggestion(value, packaged.names())
            raise layer.error(keys, f"no packaged scenario {shown(value)}; {advice}; a file ends with .yaml")
        target = packaged.path(value)
        return target, _short(target)
    if file is None:
        raise layer.error(keys, f"{shown(value)}: text that is in no file can extend packaged scenarios only")
    if PureWindowsPath(value).anchor or value.startswith("/"):
        raise layer.error(keys, f"{shown(value)} is an absolute path; write it from the folder of this file")
    target = file.parent / value
    if not _resolved(target).is_relative_to(_resolved(file.parent)):
        raise layer.error(keys, f"{shown(value)} is outside the folder of this file; extend a file in it or below it")
    if not is_file(target):
        stem = Path(value).stem
        hint = f"; the packaged scenario is written {stem!r}" if stem in packaged.names() else ""
        raise layer.error(keys, f"no file {shown(value)} beside this one{hint}")
    return target, str(target)


def _resolved(path: Path) -> Path:
    """The true path; a name that no system can have resolves to itself."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return path.absolute()


def _bytes(file: Path, shown_as: str) -> bytes:
    try:
        if file.is_dir():
            raise ScenarioError(f"{shown_as}: a folder; name a file in it")
        if not file.exists():
            raise ScenarioError(f"{shown_as}: no such file{_hint(file)}")
        return read_bytes(file, BYTES, links=True)  # where a link may lead, the target of extends was asked before
    except Unreadable as problem:
        raise ScenarioError(f"{shown_as}: {problem}") from None
    except (OSError, ValueError) as problem:
        if isinstance(problem, ScenarioError):
            raise
        reason = getattr(problem, "strerror", None) or str(problem)
        raise ScenarioError(f"{shown_as}: cannot be read: {reason}") from None


def _hint(file: Path) -> str:
    folder = file.parent
    there = sorted(path.name for path in folder.glob("*.y*ml")) if folder.is_dir() else []
    return f"; {suggestion(file.name, there)}" if there else ""


def _short(file: Path) -> str:
    """A packaged file as messages name it: from here where that is shorter."""
    try:
        return file.relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        return str(file)
