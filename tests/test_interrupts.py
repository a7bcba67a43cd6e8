"""Ctrl-C and SIGTERM: what is finished is written first, whenever they come and how often."""

import importlib.util
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from sim._util.signals import allow_interrupts, defer_interrupts, termination_as_interrupt
from sim.cli.main import main
from sim.study.batch_writer import SETTING, BatchWriter, keep_every
from sim.study.store import StoreError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="interrupts the POSIX way")


@pytest.fixture(autouse=True)
def answered_as_at_a_terminal() -> Iterator[None]:
    """However the tests were started: a job in the background ignores Ctrl-C from the beginning."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupt(number: int = signal.SIGINT) -> None:
    signal.raise_signal(number)


def interrupted(do: Callable[[list[str]], None]) -> list[str]:
    """How far something came that ends in KeyboardInterrupt."""
    reached: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        do(reached)
    return reached


def test_an_interrupt_waits_until_it_is_heard() -> None:
    def do(reached: list[str]) -> None:
        with defer_interrupts():
            interrupt()
            reached.append("held")
            with allow_interrupts():
                reached.append("heard")

    before = signal.getsignal(signal.SIGINT)
    assert interrupted(do) == ["held"]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_that_nobody_heard_comes_at_the_end() -> None:
    def do(reached: list[str]) -> None:
        with defer_interrupts():
            with defer_interrupts():
                interrupt()
            reached.append("inner")
        reached.append("outer")

    assert interrupted(do) == ["inner"]


def test_an_interrupt_is_heard_at_once_where_it_is_waited_for() -> None:
    def do(reached: list[str]) -> None:
        with defer_interrupts(), allow_interrupts():
            interrupt()
            reached.append("never")

    assert interrupted(do) == []


def test_whoever_handles_an_interrupt_is_not_interrupted_by_the_next() -> None:
    def do(reached: list[str]) -> None:
        with defer_interrupts():
            try:
                with allow_interrupts():
                    interrupt()
            except KeyboardInterrupt:
                interrupt()
                reached.append("the last part")
                raise

    assert interrupted(do) == ["the last part"]


def test_other_threads_and_ignored_signals_are_left_alone() -> None:
    def elsewhere() -> None:
        with defer_interrupts(), allow_interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    seen: list[object] = []
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with defer_interrupts():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            interrupt()
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.slow
def test_libraries_of_a_cluster_leave_ctrl_c_alone() -> None:
    if importlib.util.find_spec("dask_jobqueue") is None:
        pytest.skip("without the extra cluster")
    alone = "import signal; from sim.study.cluster.connect import _needed; signal.signal(signal.SIGINT, {0}); "
    alone += "_needed('dask_jobqueue'); assert signal.getsignal(signal.SIGINT) is {0}"
    for handler in ("signal.default_int_handler", "signal.SIG_IGN", "signal.SIG_DFL"):
        ran = subprocess.run([sys.executable, "-c", alone.format(handler)], check=False, timeout=120)
        assert ran.returncode == 0, handler


def test_sigterm_and_a_closed_terminal_are_like_ctrl_c() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):

        def do(reached: list[str], number: int = number) -> None:
            with termination_as_interrupt(final=False):
                with defer_interrupts():
                    interrupt(number)
                    reached.append("the last part")
                reached.append("never")

        assert interrupted(do) == ["the last part"]
        assert signal.getsignal(number) is signal.SIG_DFL


def test_a_command_that_is_terminated_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.cli.compare.read_scenario", lambda *_, **__: interrupt(signal.SIGTERM))
    assert main(["compare", "measures_2018"]) == 130
    assert capsys.readouterr().err.strip() == "Interrupted."


ENDING = """
import os, signal, sys
from sim.cli import compare
from sim.cli.main import main

compare.read_scenario = lambda *_, **__: signal.raise_signal(signal.SIGTERM)
sys.argv = ["minusim", "compare", "measures_2018"]
code = main()
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    os.kill(os.getpid(), number)
sys.exit(code)
"""


def test_a_second_signal_on_the_last_steps_changes_nothing() -> None:
    child = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, check=False)
    assert (child.returncode, child.stderr.strip()) == (130, "Interrupted.")


def test_a_part_is_written_whole_and_once_whatever_comes_meanwhile() -> None:
    parts: list[list[int]] = []

    def write(part: list[int]) -> None:
        interrupt()
        parts.append(list(part))
        interrupt()

    def do(_: list[str]) -> None:
        with defer_interrupts(), BatchWriter[int](write, 2, 1e9) as writer:
            for number in range(5):
                writer.add([number])

    interrupted(do)
    assert parts == [[0, 1], [2, 3], [4]]


def test_what_cannot_be_written_is_said_once_and_not_tried_again() -> None:
    tried: list[int] = []

    def write(part: list[int]) -> None:
        tried.append(len(part))
        raise StoreError("full")

    with pytest.raises(StoreError, match="full"), BatchWriter[int](write, 2, 1e9) as writer:
        writer.add([1, 2])
    assert tried == [2]


@pytest.mark.parametrize("text", ["often", "-1", "nan", "inf"])
def test_the_setting_is_a_number_of_seconds(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, text)
    with pytest.raises(StoreError, match=f"^MINUSIM_KEEP_EVERY={text}: write a number of seconds, such as 5$"):
        keep_every(5.0)


def test_the_setting_decides_how_often_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: list[list[int]] = []
    for text, expected in (("0", [[1], [2]]), ("1000", [[1, 2]])):
        monkeypatch.setenv(SETTING, text)
        with BatchWriter[int](lambda part: parts.append(list(part)), 100, 5.0) as writer:
            writer.add([1])
            writer.add([2])
        assert parts == expected
        parts.clear()
