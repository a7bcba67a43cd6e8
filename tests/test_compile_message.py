"""What the user is told while the day is compiled."""

import io

import pytest

from sim.model import engine

SAID = "minusim: compiling the model for this machine, once per version (usually one to two minutes) ..."


class Stream(io.StringIO):
    """Standard error, a terminal or not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.isatty = lambda: terminal


def told(terminal: bool, polls: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is written while it is not compiled for so many looks, on a clock that only sleeping moves."""
    stream, now, looks = Stream(terminal), [0.0], iter([False] * polls + [True])
    monkeypatch.setattr(engine.sys, "stderr", stream)
    monkeypatch.setattr(engine.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(engine.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    monkeypatch.setattr(engine, "is_compiled", lambda: next(looks))
    engine._tell_while_compiling()
    return stream.getvalue()


def test_seconds_count_in_one_line_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(True, 2, monkeypatch) == f"{SAID}\r{SAID} 1 s\r{SAID} 2 s\n"


def test_elsewhere_a_line_comes_every_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(False, 0, monkeypatch) == f"{SAID}\n"
    assert told(False, 2, monkeypatch) == (
        f"{SAID}\nminusim: still compiling after 30 s ...\nminusim: still compiling after 60 s ...\n"
    )


def test_nothing_is_said_of_what_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "is_compiled", lambda: True)
    monkeypatch.setattr(engine.threading, "Thread", lambda **_: pytest.fail("a thread was started"))
    engine.announce.__wrapped__()
