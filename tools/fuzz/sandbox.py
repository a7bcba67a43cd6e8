"""What an input must never do: end in another error than its reader's own, hang, fill the memory, write, run code."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

SLOWEST = 5.0  # s of processor time for one input
ROOM = 500_000_000  # bytes above what the process had before
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = {
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.symlink",
    "os.link",
    "os.chmod",
    "os.chown",
    "os.truncate",
    "shutil.rmtree",
    "shutil.move",
    "shutil.copyfile",
}
RUNNING = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.spawn",
    "os.startfile",
    "pickle.find_class",
    "ctypes.dlopen",
    "socket.connect",
    "socket.bind",
}
CODE = {"exec", "compile", "marshal.loads"}  # which Python itself does to import a module
IMPORT = "<frozen importlib._bootstrap>"


class Hang(BaseException):
    """An input that takes too long."""


class Forbidden(BaseException):
    """An input that would write outside its folder, or run something."""


@dataclass
class Sandbox:
    """Runs a reader on inputs, one after the other, and says what came of each."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="fuzz-", dir=_fast())))
    slowest: float = SLOWEST
    _armed: bool = False

    def __post_init__(self) -> None:
        sys.addaudithook(self._audit)
        signal.signal(signal.SIGVTALRM, _ring)

    def limit_memory(self) -> None:
        """From here on the process cannot have much more memory than now."""
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, resource.RLIM_INFINITY))

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def outcome(self, reader: Callable[[bytes], None], refusals: tuple[type[Exception], ...], data: bytes) -> str:
        """``accepted``, ``refused``, or in which way the input went wrong and where."""
        try:
            with self._armed_for():
                reader(data)
            return "accepted"
        except refusals as problem:
            return "refused" if _is_clear(str(problem)) else f"unclear message: {type(problem).__name__}"
        except RecursionError as problem:
            return f"recursion at {_place(problem)}"
        except (Hang, Forbidden, Exception) as problem:  # MemoryError is among them
            return f"{type(problem).__name__} at {_place(problem)}"

    @contextmanager
    def _armed_for(self) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_VIRTUAL, self.slowest)
        self._armed = True
        try:
            yield
        finally:
            self._armed = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _audit(self, event: str, given: tuple[Any, ...]) -> None:
        if not self._armed:
            return
        if event in RUNNING or (event in CODE and not _importing()):
            raise Forbidden(event)
        if event == "open":
            path, _, flags = given
            if isinstance(flags, int) and flags & WRITING and not self._inside(path):
                raise Forbidden(f"open for writing: {path}")
        elif event == "os.rename":
            if not all(map(self._inside, given[:2])):
                raise Forbidden(f"rename: {given[:2]}")
        elif event in CHANGING and not self._inside(given[0]):
            raise Forbidden(f"{event}: {given[0]}")

    def _inside(self, path: Any) -> bool:
        if isinstance(path, int):
            return True  # an open file, of which the opening was looked at
        return Path(os.path.realpath(os.fsdecode(path))).is_relative_to(self.folder)


def _importing() -> bool:
    """Whether a module is being imported: files of the package, none of the user's."""
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_filename != IMPORT:
        frame = frame.f_back
    return frame is not None


def _fast() -> str | None:
    """A folder in memory, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _ring(_: int, __: FrameType | None) -> None:
    raise Hang


def _is_clear(message: str) -> bool:
    """One line that can be printed and read."""
    return bool(message) and message.isprintable() and len(message) < 3000


def _place(problem: BaseException) -> str:
    """The innermost line of ours that an error went through."""
    places, step = [], problem.__traceback__
    while step is not None:
        file = Path(step.tb_frame.f_code.co_filename)
        places.append(f"{file.parent.name}/{file.name}:{step.tb_lineno}")
        step = step.tb_next
    ours = [place for place in places if "/sim/" in place or not place.startswith("fuzz/")]
    return (ours or places)[-1]
