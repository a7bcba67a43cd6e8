"""Ctrl-C and SIGTERM wait while something is handed over or written, so that nothing that is finished is lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class _Gate:
    """A handler of signals: notes them while it is shut, raises KeyboardInterrupt while it is open."""

    def __init__(self) -> None:
        self.shut = True
        self.came: int | None = None

    def __call__(self, number: int, _: Any) -> None:
        self.came = number
        if not self.shut:
            self.pass_on()

    def pass_on(self) -> None:
        """KeyboardInterrupt where a signal came; whoever handles it is not interrupted by the next one."""
        if self.came is not None:
            self.shut, self.came = True, None
            raise KeyboardInterrupt


@contextmanager
def held() -> Iterator[None]:
    """Until this ends, or where it is ``heard``, an interrupt waits.

    Signals that this process ignores, or that end it without a word, stay as they are; so do other threads.
    """
    gate, known = _Gate(), _handlers()
    if threading.current_thread() is not threading.main_thread() or any(isinstance(h, _Gate) for h in known.values()):
        with _gate(shut=True):
            yield
        return
    for number in known:
        signal.signal(number, gate)
    try:
        yield
    finally:
        for number, handler in known.items():
            signal.signal(number, handler)
    if gate.came is not None:
        signal.raise_signal(gate.came)


@contextmanager
def heard() -> Iterator[None]:
    """A wait inside ``held`` that an interrupt ends, also one that came before."""
    with _gate(shut=False) as gate:
        if gate is not None:
            gate.pass_on()
        yield


@contextmanager
def handlers_kept() -> Iterator[None]:
    """Whatever is loaded here, signals are answered afterwards as they were before."""
    known = {number: signal.getsignal(number) for number in SIGNALS}  # also those that are ignored
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in known.items():
                if handler is not None:  # None: not Python's to answer
                    signal.signal(number, handler)


@contextmanager
def _gate(shut: bool) -> Iterator[_Gate | None]:
    """The gate of the ``held`` that this is in, shut or open for a while; None where there is none."""
    gate = _present()
    if gate is None:
        yield None
        return
    before, gate.shut = gate.shut, shut
    try:
        yield gate
    finally:
        gate.shut = before


def _present() -> _Gate | None:
    if threading.current_thread() is not threading.main_thread():
        return None
    return next((handler for handler in _handlers().values() if isinstance(handler, _Gate)), None)


def _handlers() -> dict[int, Any]:
    """The signals that a function of this process answers."""
    known = {number: signal.getsignal(number) for number in SIGNALS}
    return {number: handler for number, handler in known.items() if callable(handler)}
