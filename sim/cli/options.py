"""The options that `run` and `demo` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
LARGEST_SEED = 2**63 - 1
SEEDS = 50  # a 90 % range from fewer seeds moves visibly from one batch to the next


@dataclass(frozen=True)
class RunOptions:
    """How to run, apart from what."""

    seed: int | None  # None: the scenario's own
    seeds: int
    out: str | None
    as_json: bool
    workers: int | None  # None: as many as shorten the wait


def run_options(function: F) -> F:
    """--seed, --seeds, --out, --json and --workers, in this order in the help."""
    options = (
        click.option(
            "--seed", type=click.IntRange(0, LARGEST_SEED), metavar="N", help="The seed that is kept in full."
        ),
        click.option(
            "--seeds",
            type=click.IntRange(min=1),
            default=SEEDS,
            show_default=True,
            metavar="N",
            help="How many seeds show the range of chance, the asked one included; 1: that one alone.",
        ),
        click.option("--out", metavar="DIR", help="Where to keep the results (default: a folder under results/)."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table."),
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            metavar="N",
            help="Processes to use (default: as many as help).",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function
