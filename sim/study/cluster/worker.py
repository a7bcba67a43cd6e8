"""What happens in a worker: it tells its version, unpacks work once, compiles once per machine, runs batches."""

from __future__ import annotations

import hashlib
import pickle
import platform
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.model import engine
from sim.study.executor import Failure, Work

TURN = threading.Lock()  # a worker with several threads runs one batch at a time: memory is reckoned for one

Versions = dict[str, str]


class OtherVersion(Exception):
    """This worker has another version of the model, or of what decides the last bit of its results."""


@dataclass(frozen=True)
class Packed:
    """Work in compressed form, known by its content."""

    digest: str
    content: bytes = field(compare=False, repr=False)

    @classmethod
    def of(cls, work: Work[Any, Any]) -> Packed:
        """Some hundred kB for the plans of a study."""
        content = zlib.compress(pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL), 1)
        return cls(hashlib.sha256(content).hexdigest(), content)


@dataclass(frozen=True)
class Batch:
    """What became of the tasks of a batch, and how long they took (s)."""

    results: Sequence[Any | Failure]
    seconds: float


@cache
def versions() -> Versions:
    """What must be the same everywhere: all code and facts of the model, and what compiles it."""
    digest = hashlib.sha256()
    files = [path for path in engine.PACKAGE.rglob("*") if path.suffix in (".py", ".csv")]
    for path in sorted(files, key=lambda path: path.relative_to(engine.PACKAGE).as_posix()):
        digest.update(path.relative_to(engine.PACKAGE).as_posix().encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    python = ".".join(platform.python_version_tuple()[:2])
    return {
        "minusim": digest.hexdigest()[:12],
        "python": python,
        **{name: version(name) for name in ("numba", "numpy")},
    }


def difference(own: Versions, asked: Versions) -> str:
    """``numba 0.60 (here 0.61)`` of everything that differs; empty where nothing does."""
    return ", ".join(
        f"{name} {own.get(name)} (here {known})" for name, known in asked.items() if own.get(name) != known
    )


def same(packed: Packed) -> Packed:
    """Work as a task of the cluster: workers copy it from one another, and it is made again if lost."""
    return packed


def run_batch(asked: Versions, packed: Packed, tasks: bytes) -> Batch:
    """What becomes of some tasks, which come pickled.  OtherVersion on a worker that must not run them."""
    differing = difference(versions(), asked)
    if differing:
        raise OtherVersion(differing)
    with TURN:
        work = _unpacked(packed)
        start = time.perf_counter()
        results = work(pickle.loads(tasks))  # noqa: S301
        return Batch(results, time.perf_counter() - start)


@lru_cache(maxsize=1)
def _unpacked(packed: Packed) -> Work[Any, Any]:
    work: Work[Any, Any] = pickle.loads(zlib.decompress(packed.content))  # noqa: S301
    with _compiling_alone():
        work.prepare()
    return work


@contextmanager
def _compiling_alone() -> Iterator[None]:
    """While nothing is compiled on this machine its workers wait for the first of them to do it."""
    ready = _ready_mark()
    if ready.exists():
        yield
        return
    from locket import lock_file

    with lock_file(str(ready.with_suffix(".lock"))):
        yield
        ready.touch()


def _ready_mark() -> Path:
    """A file beside the compiled code, made once it is there: compiled code belongs to a folder and a processor."""
    from llvmlite.binding import get_host_cpu_name

    name = hashlib.sha256(f"{engine.PACKAGE}{get_host_cpu_name()}".encode()).hexdigest()[:16]
    return (engine.cache_folder() or Path(tempfile.gettempdir())) / f"ready-{name}"
