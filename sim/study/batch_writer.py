"""What finishes is written every few seconds, and whatever is left when the work ends, however it ends."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from sim._util.signals import defer_interrupts
from sim.study.store import StoreError

SETTING = "MINUSIM_KEEP_EVERY"

T = TypeVar("T")


class BatchWriter(Generic[T]):
    """Writes what it is given, ``most`` at once and at the latest after ``every`` seconds (the setting may say
    otherwise).  An interrupt waits until a part is written.  StoreError of ``write`` goes on to whoever gave.
    """

    def __init__(self, write: Callable[[Sequence[T]], None], most: int, every: float) -> None:
        self._write, self._most, self._every = write, most, keep_every(every)
        self._waiting: list[T] = []
        self._written = time.monotonic()
        self._failed = False

    def __enter__(self) -> BatchWriter[T]:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._failed:  # it would fail again, and hide why
            self.write()

    def add(self, items: Iterable[T]) -> None:
        """Take over some; they are written now or later."""
        with defer_interrupts():
            self._waiting += items
            if len(self._waiting) >= self._most or time.monotonic() - self._written >= self._every:
                self.write()

    def write(self) -> None:
        """Write the items that are not yet written."""
        with defer_interrupts():
            if self._waiting:
                self._failed = True
                self._write(self._waiting)
                self._failed, self._waiting = False, []
            self._written = time.monotonic()


def keep_every(usual: float) -> float:
    """Seconds between parts: the setting, or the usual.  StoreError where the setting is no such number."""
    text = os.environ.get(SETTING, "")
    if not text:
        return usual
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 <= seconds < math.inf:
        raise StoreError(f"{SETTING}={text}: write a number of seconds, such as {usual:g}")
    return seconds
