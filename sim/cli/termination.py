"""Whoever ends a command from outside gets what Ctrl-C gets: what is finished is kept, and 130."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = ("SIGTERM", "SIGHUP")  # a batch system, a service or the system says so; a terminal is closed


@contextmanager
def ended_like_ctrl_c(last: bool) -> Iterator[None]:
    """While this lasts these signals raise KeyboardInterrupt, where they would end the process without a word.

    ``last``: the process ends with it, and one that is interrupted is not interrupted again on its last steps.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    known = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    taken = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    after = signal.SIG_DFL
    try:
        yield
    except BaseException:
        if last:
            after = signal.SIG_IGN
            signal.signal(signal.SIGINT, after)
        raise
    finally:
        for number in taken:
            signal.signal(number, after)
