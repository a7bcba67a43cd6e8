"""Shared by the commands that run studies: options, the folder of the runs, errors in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.cli.inputs import Refusal
from sim.cli.workers import worker_options

if TYPE_CHECKING:
    from sim.scenario import Scenario

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

DONE, SOME_FAILED = 0, 1
MOST_FOLDERS = 100


def study_options(out: str) -> Callable[[F], F]:
    """--workers, --cluster, --out (``out``: its help text), --resume, --json and --set, in this order in the help."""
    options = (
        worker_options,
        click.option("--out", metavar="DIR", help=out),
        click.option("--resume", is_flag=True, help="Continue what is in --out: only runs that are missing are done."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the text."),
        click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change one value; may be repeated."),
    )

    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def refuse_existing_study(out: str | None, scenario: Scenario, resume: bool) -> None:
    """Refusal where --out holds this study and --resume is not given; StoreError where it is not free."""
    from sim.study.identity import check

    if out is not None and not resume and check(Path(out), scenario):
        raise Refusal(f"--out {out}: holds this study already; add --resume to continue it, or name another folder")


def first_free_folder(scenario: Scenario, kind: str, begin: Callable[[Path], T]) -> T:
    """What begins in a folder under results/: the first that is free or holds the same already.

    ``begin`` raises StoreError where a folder is not free.  Refusal where none is.
    """
    from sim.cli.output_folder import slug
    from sim.study import StoreError

    base = Path("results") / f"{slug(scenario.title or scenario.name)}-{scenario.hash[:8]}-{kind}"
    for number in range(1, MOST_FOLDERS):
        with suppress(StoreError):
            return begin(base if number == 1 else base.with_name(f"{base.name}-{number}"))
    raise Refusal("results: no folder there is free; name one with --out")


@contextmanager
def user_errors(kept: str | Path | None = None) -> Iterator[None]:
    """Turn ScenarioError and StoreError into Refusal; after Ctrl-C say where finished runs are (``kept``)."""
    from sim.scenario import ScenarioError
    from sim.study import StoreError

    try:
        yield
    except (StoreError, ScenarioError) as problem:
        raise Refusal(str(problem)) from None
    except KeyboardInterrupt:
        if kept is not None:
            click.echo(f"Finished runs are in {kept}; the same command with --resume continues.", err=True)
        raise


@contextmanager
def show_notices(notices: Sequence[str]) -> Iterator[None]:
    """Print the notices of a folder on stderr, and those that are added while this lasts."""
    for notice in notices:
        click.echo(notice, err=True)
    printed = len(notices)
    try:
        yield
    finally:
        for notice in notices[printed:]:
            click.echo(notice, err=True)
