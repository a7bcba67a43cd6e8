"""What the commands that run studies share: options, the folder of the runs, and what stops them, told in one line."""

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
    """--workers, --cluster, --out (what is kept there), --resume, --json and --set, in this order in the help."""
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


def refuse_unless_asked(out: str | None, scenario: Scenario, resume: bool) -> None:
    """Refusal where --out holds this study and nobody said --resume; StoreError where it is not free."""
    from sim.study.identity import check

    if out is not None and not resume and check(Path(out), scenario):
        raise Refusal(f"--out {out}: holds this study already; add --resume to continue it, or name another folder")


def in_first_free(scenario: Scenario, kind: str, begin: Callable[[Path], T]) -> T:
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
def told_plainly(kept: str | Path | None = None) -> Iterator[None]:
    """What is wrong with a scenario or a store as one Refusal; after Ctrl-C, where finished runs are ``kept``."""
    from sim.scenario import ScenarioError
    from sim.study import StoreError

    try:
        yield
    except (StoreError, ScenarioError) as problem:
        raise Refusal(str(problem)) from None
    except KeyboardInterrupt:
        if kept is not None:
            click.echo(f"What was finished is kept in {kept}; the same command with --resume goes on.", err=True)
        raise


@contextmanager
def noticed(notices: Sequence[str]) -> Iterator[None]:
    """Tells what was found wrong in a folder before the work, and what came to it while this lasts."""
    for notice in notices:
        click.echo(notice, err=True)
    told = len(notices)
    try:
        yield
    finally:
        for notice in notices[told:]:
            click.echo(notice, err=True)
