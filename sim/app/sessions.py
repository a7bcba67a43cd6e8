"""What all sessions of a server share: the desk, the cases, and the janitor who ends idle sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from sim.app.case_registry import Cases
from sim.app.scheduler import Desk

IDLE = 600.0  # s
GRACE = 30.0  # s that a page has to leave by itself
ROUND = 10.0  # s


class Visit:
    """One session: when its visitor last did something, and what is called to end it."""

    def __init__(self, ask_to_leave: Callable[[], None], close: Callable[[], None]) -> None:
        self.touched = time.monotonic()
        self.asked = False
        self.ask_to_leave = ask_to_leave
        self.close = close

    def touch(self) -> None:
        """The visitor is there."""
        self.touched = time.monotonic()
        self.asked = False


class Janitor:
    """Goes round every ten seconds."""

    def __init__(self, idle: float = IDLE) -> None:
        self.idle = idle
        self._visits: set[Visit] = set()
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Begin going round."""
        if not self._started:
            self._started = True
            threading.Thread(target=self._go_round, name="minusim-janitor", daemon=True).start()

    def welcome(self, visit: Visit) -> None:
        """A session begins."""
        with self._lock:
            self._visits.add(visit)

    def goodbye(self, visit: Visit) -> None:
        """A session has ended."""
        with self._lock:
            self._visits.discard(visit)

    def sweep(self, now: float) -> None:
        """Ask the idle to leave, and close those who did not."""
        with self._lock:
            visits = list(self._visits)
        for visit in visits:
            rested = now - visit.touched
            if rested > self.idle + GRACE:
                self.goodbye(visit)
                _quietly(visit.close)
            elif rested > self.idle and not visit.asked:
                visit.asked = True
                _quietly(visit.ask_to_leave)

    def _go_round(self) -> None:
        while True:
            time.sleep(ROUND)
            self.sweep(time.monotonic())


def _quietly(action: Callable[[], Any]) -> None:
    """A session that is gone already is no reason to stop going round."""
    try:
        action()
    except Exception:
        return


desk = Desk()
cases = Cases()
janitor = Janitor()
