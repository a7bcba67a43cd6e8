"""How far a batch is, on stderr: a bar on a terminal, plain lines elsewhere, both with the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

T = TypeVar("T")

FIRST_AFTER = 1.0  # s until the first plain line
FEWEST = 3  # runs before there is a pace to speak of
PLAIN_EVERY = 5.0  # s between plain lines


def tracked(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items as they come, reported as `done of total what`."""
    if sys.stderr.isatty():
        return _bar(items, total, what)
    return _lines(items, total, what)


def duration(seconds: float) -> str:
    """`4 s`, `3 min`, `2 h 5 min`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _bar(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        for item in items:
            progress.advance(task)
            yield item


def _lines(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    times = [time.monotonic()]
    due = times[0] + FIRST_AFTER
    for done, item in enumerate(items, start=1):
        now = time.monotonic()
        times.append(now)
        if FEWEST <= done < total and now >= due:
            due = now + PLAIN_EVERY
            half = done // 2  # the later half tells the pace: a pool starts slowly
            left = duration((now - times[half]) / (done - half) * (total - done))
            click.echo(f"{done} of {total} {what}, about {left} left", err=True)
        yield item
