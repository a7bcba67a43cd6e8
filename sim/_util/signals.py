"""Signals: Ctrl-C waits while something is written or handed over, and SIGTERM and SIGHUP act like Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class _Gate:
    """A signal handler that notes signals while it is closed and raises KeyboardInterrupt while it is open."""

    def __init__(self) -> None:
        self.open = False
        self.received: int | None = None

    def __call__(self, number: int, _: Any) -> None:
        self.received = number
        if self.open:
            self.deliver()

    def deliver(self) -> None:
        """Raise KeyboardInterrupt if a signal was received, and close: its handling is not interrupted again."""
        if self.received is not None:
            self.open, self.received = False, None
            raise KeyboardInterrupt


@contextmanager
def defer_interrupts() -> Iterator[None]:
    """Interrupts wait until this ends, except inside ``allow_interrupts``.

    Signals that the process ignores or leaves to the system stay as they are; other threads are not affected.
    """
    gate, handlers = _Gate(), _python_handlers()
    if threading.current_thread() is not threading.main_thread() or _current_gate() is not None:
        with _gate(is_open=False):
            yield
        return
    for number in handlers:
        signal.signal(number, gate)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if gate.received is not None:
        signal.raise_signal(gate.received)


@contextmanager
def allow_interrupts() -> Iterator[None]:
    """Inside ``defer_interrupts``: a wait that an interrupt ends, including one received before."""
    with _gate(is_open=True) as gate:
        if gate is not None:
            gate.deliver()
        yield


@contextmanager
def termination_as_interrupt(final: bool) -> Iterator[None]:
    """SIGTERM (batch systems, services) and SIGHUP (a closed terminal) raise KeyboardInterrupt like Ctrl-C.

    ``final``: the process ends after this block, so that further signals are ignored once one was raised in it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken = [n for n in SIGNALS if n != signal.SIGINT and signal.getsignal(n) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    after = signal.SIG_DFL
    try:
        yield
    except BaseException:
        if final:
            after = signal.SIG_IGN
            signal.signal(signal.SIGINT, after)
        raise
    finally:
        for number in taken:
            signal.signal(number, after)


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Restore all signal handlers at the end: some libraries replace them on import."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}  # also those that are ignored
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                if handler is not None:  # None: not installed from Python
                    signal.signal(number, handler)


@contextmanager
def _gate(is_open: bool) -> Iterator[_Gate | None]:
    """The gate of the enclosing ``defer_interrupts``, open or closed for this block; None where there is none."""
    gate = _current_gate()
    if gate is None:
        yield None
        return
    before, gate.open = gate.open, is_open
    try:
        yield gate
    finally:
        gate.open = before


def _current_gate() -> _Gate | None:
    if threading.current_thread() is not threading.main_thread():
        return None
    return next((handler for handler in _python_handlers().values() if isinstance(handler, _Gate)), None)


def _python_handlers() -> dict[int, Any]:
    """The signals that a Python function of this process handles."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    return {number: handler for number, handler in handlers.items() if callable(handler)}
