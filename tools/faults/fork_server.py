"""A process that has imported everything and forks a command when asked: three seconds of imports less for each."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED = (
    "sim.cli.compare", "sim.cli.attribute", "sim.cli.sensitivity", "sim.cli.calibrate", "sim.cli.progress", "SALib",
    "sim.study", "sim.study.identity", "sim.inference.comparison", "sim.inference.attribution",
    "sim.inference.sensitivity.analysis",
    "sim.present.sensitivity_text", "sim.calibration.evaluations", "pyarrow.parquet",
)  # fmt: skip


@dataclass(frozen=True)
class Order:
    """A command with its folder, environment, folder for its output, and largest size of a file (bytes)."""

    words: list[str]
    folder: str
    env: dict[str, str]
    place: str
    limit: int | None = None

    def obey(self) -> None:
        """Apply the order in a new process, before anything else runs."""
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it, and so do its children
        if self.limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.limit))


def begun(order: Order) -> subprocess.Popen[bytes]:
    """Start the command in a new interpreter."""
    place = Path(order.place)
    with (place / "err").open("wb") as err, (place / "out").open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "tools.faults.instrumented_command", *order.words], cwd=order.folder,
            env=os.environ | order.env,
            stdout=out, stderr=err, stdin=subprocess.DEVNULL, preexec_fn=order.obey,
        )  # fmt: skip


class Forked:
    """A command that a template has forked."""

    def __init__(self, template: Template, pid: int) -> None:
        self.pid, self._template, self._code = pid, template, None

    def poll(self) -> int | None:
        """Exit code, or None while it runs."""
        if self._code is None:
            self._code = self._template.ask({"poll": self.pid})
        return self._code

    def wait(self, timeout: float) -> int:
        """Wait and return the exit code."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {self.pid} goes on after {timeout} s")
            time.sleep(0.05)
        return code

    def send_signal(self, sig: int) -> None:
        """Send a signal."""
        if self.poll() is None:
            os.kill(self.pid, sig)


class Template:
    """Connection to the process that forks commands, which ends with this one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.faults.fork_server"], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, what: dict[str, object]) -> int | None:
        """Send a request and return the answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        answer: int | None = json.loads(self._process.stdout.readline())
        return answer

    def begun(self, order: Order) -> Forked:
        """Fork a process for a command."""
        pid = self.ask({"start": asdict(order)})
        assert pid is not None
        return Forked(self, pid)

    def close(self) -> None:
        """End the forking process."""
        self._process.communicate(timeout=60.0)


def _serve() -> None:
    from tools.faults import instrumented_command as command

    command.ready()
    for module in NEEDED:
        import_module(module)
    _compiled()
    for line in sys.stdin:
        asked = json.loads(line)
        answer = _fork(Order(**asked["start"])) if "start" in asked else _poll(asked["poll"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _compiled() -> None:
    """Simulate a day: what is compiled is read from its cache here, once."""
    from sim.model.plan import Plan
    from sim.model.simulation import Simulation
    from sim.scenario import load

    Simulation(Plan.build(load("quickstart"))).advance_to(0)


def _poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _fork(order: Order) -> int:
    pid = os.fork()
    if pid:
        return pid
    order.obey()
    os.environ |= order.env
    os.chdir(order.folder)
    tempfile.tempdir = None
    for name, number in (("err", 2), ("out", 1)):
        os.dup2(os.open(Path(order.place) / name, os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from sim.cli.main import main

    code = 1
    try:
        sys.argv = ["minusim", *order.words]
        code = main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        _leave(code)
    return 0


def _leave(code: int) -> None:
    """End as an interpreter ends, but for what belongs to the process that forked this one."""
    import atexit

    atexit._run_exitfuncs()
    os._exit(code)


if __name__ == "__main__":
    _serve()
