"""A check in a forked copy of this process, which may hang, crash or eat memory without harm."""

import math
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"
MEMORY = 8 * 2**30  # bytes of address space
PATIENCE = 20.0  # times the limit: how long a busy machine may take for so many seconds of processor time


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: killed by which check, survived, or stopped when its time was over.

    ``seconds``: of processor time.
    """

    result: str
    check: str
    seconds: float


def judged(check: Callable[[], str], limit: float) -> Verdict:
    """The check says by what it noticed something, or nothing; an exception of it is a notice too.

    ``limit``: seconds of processor time.
    """
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    before = spent.ru_utime + spent.ru_stime
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), math.ceil(limit) + 1))
        _act(check, writing)
    os.close(writing)
    said = _received(reading, PATIENCE * limit)
    if said is None:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = round(spent.ru_utime + spent.ru_stime - before, 2)
    if said is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return Verdict(TIMEOUT, f"{limit:.0f} s", seconds)
    if status != 0:
        return Verdict(KILLED, "crash", seconds)
    return Verdict(KILLED if said else SURVIVED, said, seconds)


def _act(check: Callable[[], str], writing: int) -> None:
    """In the child; never returns."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        said = check()
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__} in {last.name}"
    os.write(writing, said.encode())
    os._exit(0)


def _received(reading: int, limit: float) -> str | None:
    """What the child says before it ends; None when the time is over."""
    end = time.monotonic() + limit
    said = b""
    while (left := end - time.monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            part = os.read(reading, 4096)
            if not part:
                return said.decode()
            said += part
    return None
