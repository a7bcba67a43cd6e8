"""The compiled day: compiled once per version of its sources, kept in a cache folder named by their hash.

numba checks only the file of the function it caches, so an edited inner kernel would go unnoticed and give silently
wrong results; a folder per hash of all compiled sources rules that out.
"""

import hashlib
import re
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO

from sim.missions import Mission, load_mission
from sim.model import compiled_cache
from sim.scenario.registry import LEDGER, deciding

PACKAGE = Path(__file__).parents[1]
# the rooms that decide a result: the model and those below it
ROOMS = ("_util", "missions", "scenario", "model")
# numba's, for the day; nogil: threads run it side by side, as nothing in it touches a Python object
OPTIONS: dict[str, Any] = {"cache": True, "no_cfunc_wrapper": True, "no_rewrites": True, "_nrt": False, "nogil": True}


@cache
def software_version() -> str:
    """Version of the installed distribution."""
    try:
        return version("minusim")
    except PackageNotFoundError:
        return "unknown"


@lru_cache(maxsize=32)
def fingerprint(mission: Mission) -> str:
    """sha256 over the code of the model and of the rooms below it, and over the facts of a mission."""
    digest = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py") if _decides(path)):
        _take(digest, path.relative_to(PACKAGE).as_posix(), path)
    for path in _facts(mission):
        _take(digest, path.name, path)
    digest.update(repr(deciding()).encode())
    return digest.hexdigest()


def _decides(path: Path) -> bool:
    # labels of the registry decide nothing; what does is asked of its rows
    return path.relative_to(PACKAGE).parts[:2] != ("scenario", "registry")


def _facts(mission: Mission) -> list[Path]:
    """What decides a run among the files of a pack, with those of the pack whose parameters it takes.

    The posterior reaches a run as drawn values only, and a study names it in the identity of its draws.
    """
    tables = sorted(path for path in mission.folder.glob("*.csv") if not path.name.startswith("posterior"))
    run_up = mission.scenario_folder / f"{mission.facts.history}.yaml"
    others = [load_mission(mission.facts.parameters_of).path("parameters")] if mission.facts.parameters_of else []
    return [mission.folder / "mission.yaml", *tables, run_up, *others]


def _take(digest: Any, name: str, path: Path) -> None:
    digest.update(name.encode())
    digest.update(path.read_bytes().replace(b"\r\n", b"\n"))


@cache
def compiled_fingerprint() -> str:
    """sha256 over how the day is compiled and its sources: ``day.py`` and every module of sim that it imports.

    numba's own key knows neither the options nor the sources of inner functions.
    """
    # kernels hold the columns of the ledger as constants
    digest = hashlib.sha256(repr((OPTIONS, tuple(LEDGER))).encode())
    for path in imported_sources("sim.model.day", "sim."):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def imported_sources(module: str, within: str) -> list[Path]:
    """The files of a module and of all that it imports, directly or not, whose name begins with ``within``."""
    found, waiting = dict[str, Path](), [module]
    while waiting:
        name = waiting.pop()
        path = PACKAGE.joinpath(*name.split(".")[1:]).with_suffix(".py")
        if name in found or not name.startswith(within) or not path.is_file():
            continue
        found[name] = path
        waiting += re.findall(r"^from (sim\.[\w.]+) import", path.read_text("utf-8"), re.MULTILINE)
    return [found[name] for name in sorted(found)]


@cache
def compiled_days() -> Callable[..., int]:
    """The compiled ``sim.model.day.days``, from its cache where that fits its checksums, to be compiled where not."""
    from numba import config

    from sim.model import day  # here, so that a fingerprint costs no numba

    folder = cache_folder()
    function: Any
    if folder is None:
        return _Checked(_compiler(keep=False)(day.days), None)
    previous = getattr(config, "CACHE_DIR")  # noqa: B009 - numba defines its settings at run time
    setattr(config, "CACHE_DIR", str(folder))  # noqa: B010
    try:
        function = _compiler(keep=True)(day.days)
    finally:
        setattr(config, "CACHE_DIR", previous)  # noqa: B010
    stats = getattr(function, "stats", None)  # a plain function where numba is told not to compile
    return function if stats is None else _Checked(function, Path(stats.cache_path))


class _Checked:
    """The compiled function; the first call takes it from its folder, or compiles and keeps it."""

    def __init__(self, function: Any, folder: Path | None) -> None:
        self._function, self.folder = function, folder
        self.ready = False
        if folder is not None and not compiled_cache.fits(folder):
            compiled_cache.clear(folder)

    def __call__(self, *arguments: Any) -> int:
        if self.ready:
            return int(self._function(*arguments))
        try:
            last = self._function(*arguments)
        except OSError:  # it could not be kept: it is compiled all the same, and has not been called
            last = self._function(*arguments)
        if self.folder is not None and self._function.stats.cache_misses:
            compiled_cache.seal(self.folder)
        self.ready = True
        return int(last)


def is_compiled() -> bool:
    """Whether this version was compiled before where it stands: numba keeps a folder for each folder of sources."""
    function = compiled_days()
    if not isinstance(function, _Checked):
        return True
    return function.ready or (function.folder is not None and any(function.folder.glob("*.nbc")))


@cache
def announce() -> None:
    """Tell the user once a process, before the first call, if the day must be compiled, and how long that has taken."""
    if not is_compiled():
        threading.Thread(target=_tell_while_compiling, name="compiling", daemon=True).start()


def _tell_while_compiling() -> None:
    """Seconds that count on a terminal, elsewhere a line now and then, until what is compiled is in its folder."""
    with suppress(ValueError, OSError):  # the stream may be closed before the end
        _tell(sys.stderr)


def _tell(stream: TextIO) -> None:
    began = time.monotonic()
    line = "minusim: compiling the model for this machine, once per version (usually one to two minutes) ..."
    counting = stream.isatty()
    stream.write(line if counting else f"{line}\n")
    while True:
        stream.flush()
        time.sleep(1 if counting else 30)
        if is_compiled():
            break
        passed = f"{time.monotonic() - began:.0f} s"
        stream.write(f"\r{line} {passed}" if counting else f"minusim: still compiling after {passed} ...\n")
    stream.write("\n" if counting else "")


def _compiler(*, keep: bool) -> Any:
    """numba's decorator for the day: without the memory runtime (see sim.model.kernels)."""
    from numba import njit

    return njit(**OPTIONS | {"cache": keep})


def cache_folder() -> Path | None:
    """Where this version's compiled code is kept; None where it cannot be."""
    from numba import __version__ as numba_version

    tag = f"{compiled_fingerprint()[:16]}-py{sys.version_info.major}{sys.version_info.minor}-numba{numba_version}"
    return compiled_cache.cache_folder(tag)
