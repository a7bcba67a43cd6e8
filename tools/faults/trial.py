"""One trial: a folder of its own, commands as processes, what they kept, and whether it is what was to be kept."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from tools.faults.fork_server import Order, Template, begun
from tools.faults.store_digest import StoreDigest

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0  # s for anything that a trial waits for, on a busy machine
MARK = "CHAOS_TRIAL"  # in the environment of every process of a trial
KEEP_EVERY = "0.2"  # s between parts


class FaultTooLate(Exception):
    """The fault came too late: everything was done.  The trial is made again with another moment."""


@dataclass
class CommandResult:
    """Exit code and output of a command that has ended."""

    code: int
    err: str
    out: str


class Process(Protocol):
    """Interface of a process."""

    pid: int

    def poll(self) -> int | None:
        """Exit code, or None while it runs."""

    def wait(self, timeout: float) -> int:
        """Wait at most ``timeout`` seconds and return the exit code."""

    def send_signal(self, sig: int) -> None:
        """Send a signal."""


@dataclass
class Running:
    """A running command."""

    process: Process
    log: Path
    place: Path
    looked: float = 0.0

    def counted(self) -> int:
        """Number of runs logged so far."""
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    def over(self) -> bool:
        """Whether the command has ended; polled at most ten times a second."""
        if time.monotonic() - self.looked < 0.1:
            return False
        self.looked = time.monotonic()
        return self.process.poll() is not None

    def ended(self) -> CommandResult:
        """Wait for the command and return its result."""
        code = self.process.wait(PATIENCE)
        return CommandResult(code, *((self.place / name).read_text(errors="replace") for name in ("err", "out")))


@dataclass
class Trial:
    """A study that is broken and resumed.  ``ask``: the command, without where and how many processes."""

    folder: Path
    ask: Sequence[str]
    rng: Random
    env: Mapping[str, str] = field(default_factory=dict)
    started: int = 0
    store_name: str = "kept"
    template: Template | None = None

    @property
    def store(self) -> Path:
        """Folder of the study."""
        return self.folder / self.store_name

    def start(
        self, *more: str, workers: int = 2, env: Mapping[str, str] | None = None, ask: Sequence[str] | None = None,
        limit: int | None = None, fresh: bool = False,
    ) -> Running:  # fmt: skip
        """Start a command on the store.  ``limit``: bytes of a file; ``fresh``: from the interpreter's start on."""
        self.started += 1
        place = self.folder / f"{self.started}"
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        place.mkdir()
        words = [*(ask or self.ask), "--out", str(self.store)]
        words += ["--workers", str(workers)] if workers else []
        order = Order([*words, *more], str(self.folder), self.environment(place) | dict(env or {}), str(place), limit)
        begin = begun if fresh or self.env or self.template is None else self.template.begun
        return Running(begin(order), place / "log", place)

    def environment(self, place: Path) -> dict[str, str]:
        """Environment of every process of the trial."""
        own = {
            "PYTHONPATH": str(ROOT), MARK: str(self.folder), "CHAOS_LOG": str(place / "log"), "CHAOS_POINTS": "24",
            "TMPDIR": str(self.folder / "tmp"), "MINUSIM_KEEP_EVERY": KEEP_EVERY, "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        return {**own, **self.env}

    def resumed(
        self, *more: str, workers: int = 1, ask: Sequence[str] | None = None
    ) -> tuple[CommandResult, list[str]]:
        """Run the command with --resume; its result and the runs that it did."""
        running = self.start("--resume", *more, workers=workers, ask=ask)
        said = running.ended()
        return said, running.log.read_text().splitlines() if running.log.exists() else []

    def kept(self) -> StoreDigest:
        """Digest of the undamaged parts of the store."""
        return StoreDigest.of(self.store)

    def moment(self, running: Running, least: int, most: int) -> str:
        """Wait for a random moment: after so many counted runs and a little more.  FaultTooLate where it had ended."""
        wanted, more = self.rng.randint(least, most), self.rng.uniform(0.0, 0.08)
        if wanted == 0:
            more = self.rng.uniform(0.2, 6.0)  # while it starts
        wait_for(lambda: running.counted() >= wanted or running.over())
        time.sleep(more)
        if running.process.poll() is not None:
            raise FaultTooLate
        return f"{'start' if wanted == 0 else f'{wanted} runs'} + {more:.3f} s"

    def alive(self) -> list[int]:
        """Processes of this trial that are still there."""
        wanted = f"{MARK}={self.folder}".encode()
        processes = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
        return [n for n in processes if wanted in _read(Path(f"/proc/{n}/environ")).split(b"\0")]

    def all_end(self) -> bool:
        """Whether no process outlives the command."""
        return wait_for(lambda: not self.alive(), 60.0, 0.1)

    def stop(self) -> None:
        """Kill the processes that are left."""
        for number in self.alive():
            os.kill(number, signal.SIGKILL)


def wait_for(what: Any, seconds: float = PATIENCE, each: float = 0.008) -> bool:
    """Whether the condition holds before the time is over."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(each)
    return True


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
