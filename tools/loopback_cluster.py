"""Real schedulers and workers of a cluster on loopback, each a process: for benchmarks and tests."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
START = 300.0  # s that a process may take to start on a busy machine


@dataclass
class Machines:
    """A scheduler and its workers, each a process of one thread."""

    folder: Path
    tls: tuple[str, ...] = ()
    address: str = ""
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self, workers: int) -> None:
        """The scheduler, then workers."""
        file = self.folder / "scheduler.json"
        protocol = "tls" if self.tls else "tcp"
        listening = ("--host", f"{protocol}://127.0.0.1:0", "--dashboard-address", "127.0.0.1:0")
        self._process("scheduler", *listening, "--scheduler-file", str(file))
        wait_until(lambda: _address(file))
        self.address = _address(file)
        self.add(workers)

    def add(self, workers: int, source: Path = ROOT) -> None:
        """More workers, which import the model from a folder."""
        for _ in range(workers):
            self._process("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", source=source)

    def _process(self, kind: str, *arguments: str, source: Path = ROOT) -> None:
        # 0: we are told of the first worker that dies under a batch, where others would be tried first
        more = {"PYTHONPATH": str(source), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments, *self.tls]
        log = (self.folder / f"{kind}-{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(command, cwd=source, env=os.environ | more, stdout=log, stderr=log)
        self.processes.append(process)

    def end_last(self) -> None:
        """End the most recently started process."""
        process = self.processes.pop()
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End every process."""
        while self.processes:
            self.end_last()


@contextmanager
def machines(folder: Path, workers: int, tls: tuple[str, ...] = ()) -> Iterator[Machines]:
    """A scheduler with workers, for a while."""
    made = Machines(folder, tls)
    try:
        made.start(workers)
        yield made
    finally:
        made.stop()


def _address(scheduler_file: Path) -> str:
    """Nothing as long as the file is not written whole."""
    try:
        found: str = json.loads(scheduler_file.read_text(encoding="utf-8"))["address"]
    except (OSError, ValueError):
        return ""
    return found


def wait_until(what: Callable[[], object]) -> None:
    """AssertionError when it takes too long."""
    deadline = time.monotonic() + START
    while not what():
        assert time.monotonic() < deadline, "a process of the cluster did not start"
        time.sleep(0.05)
