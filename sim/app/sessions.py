"""Shared by all sessions of a server: the scheduler, the registry of cases, and the reaper of idle sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from sim.app.case_registry import CaseRegistry
from sim.app.scheduler import JobScheduler

IDLE = 600.0  # s
GRACE = 30.0  # s that a page has to leave by itself
SWEEP_EVERY = 10.0  # s


class Session:
    """One browser session: the time of its last activity, and the callbacks that end it."""

    def __init__(self, request_end: Callable[[], None], close: Callable[[], None]) -> None:
        self.touched = time.monotonic()
        self.asked = False
        self.request_end = request_end
        self.close = close

    def touch(self) -> None:
        """Note activity."""
        self.touched = time.monotonic()
        self.asked = False


class SessionReaper:
    """Ends idle sessions; looks every ten seconds."""

    def __init__(self, idle: float = IDLE) -> None:
        self.idle = idle
        self._sessions: set[Session] = set()
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Start the thread."""
        if not self._started:
            self._started = True
            threading.Thread(target=self._run, name="minusim-session-reaper", daemon=True).start()

    def add(self, session: Session) -> None:
        """Register a session."""
        with self._lock:
            self._sessions.add(session)

    def remove(self, session: Session) -> None:
        """Forget a session that has ended."""
        with self._lock:
            self._sessions.discard(session)

    def sweep(self, now: float) -> None:
        """Ask idle sessions to end, and close those that did not."""
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            rested = now - session.touched
            if rested > self.idle + GRACE:
                self.remove(session)
                _quietly(session.close)
            elif rested > self.idle and not session.asked:
                session.asked = True
                _quietly(session.request_end)

    def _run(self) -> None:
        while True:
            time.sleep(SWEEP_EVERY)
            self.sweep(time.monotonic())


def _quietly(action: Callable[[], Any]) -> None:
    """Run the action; errors of a session that is gone already must not stop the reaper."""
    try:
        action()
    except Exception:
        return


scheduler = JobScheduler()
cases = CaseRegistry()
reaper = SessionReaper()
