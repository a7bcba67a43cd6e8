"""``--workers`` and ``--cluster``: who does the work of a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.cli.inputs import Refusal

if TYPE_CHECKING:
    from sim.study.executors import Executor

F = TypeVar("F", bound=Callable[..., Any])

WORKERS = click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes to use (default: as many as help)."
)
CLUSTER = click.option(
    "--cluster",
    metavar="ADDRESS|FILE",
    help="Run on a Dask cluster: tcp://HOST:PORT, or a YAML file that names one or asks SLURM, PBS ... for one.",
)


def worker_options(function: F) -> F:
    """--workers and --cluster."""
    return WORKERS(CLUSTER(function))


@contextmanager
def working(cluster: str | None, workers: int | None, otherwise: int = 0) -> Iterator[Executor]:
    """The executor that the two options name; ``otherwise`` workers where neither is given, 0 for as many as help.

    Refusal in one line where it cannot be used, or where a part of the work is lost.
    """
    if cluster is not None and workers is not None:
        raise Refusal("--workers: counts processes here; --cluster has workers of its own: give one of the two")
    from sim.study.executors import Lost

    try:
        if cluster is not None:
            with _on_cluster(cluster) as executor:
                yield executor
        else:
            from sim.study.pool import Pool

            with Pool(workers or otherwise, _say) as pool:
                yield pool
    except Lost as problem:
        raise Refusal(f"a part of the work failed: {problem}") from None


@contextmanager
def _on_cluster(cluster: str) -> Iterator[Executor]:
    from sim.study.cluster import ClusterError, opened, spec_of

    try:
        with opened(spec_of(cluster), _say) as executor:
            yield executor
    except ClusterError as problem:
        raise Refusal(f"--cluster {problem}") from None


def _say(line: str) -> None:
    click.echo(line, err=True)
