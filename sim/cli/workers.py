"""``--workers`` and ``--cluster``: who does the work of a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.cli.inputs import Refusal

if TYPE_CHECKING:
    from sim.study.executor import Executor

F = TypeVar("F", bound=Callable[..., Any])

WORKERS = click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Threads that run side by side (default 0: as many as help).",
)
CLUSTER = click.option(
    "--cluster",
    metavar="ADDRESS|FILE",
    help="Run on a Dask cluster: tcp://HOST:PORT, or a YAML file that names one or asks SLURM, PBS ... for one.",
)


def worker_options(function: F) -> F:
    """Decorator that adds the options --workers and --cluster."""
    return WORKERS(CLUSTER(function))


@contextmanager
def working(cluster: str | None, workers: int) -> Iterator[Executor]:
    """The executor that the two options name.

    Refusal in one line where it cannot be used, or where a part of the work fails.
    """
    if cluster is not None and workers:
        raise Refusal("--workers: counts threads here; --cluster has workers of its own: give one of the two")
    from sim.study.executor import TaskFailed, Threads

    try:
        if cluster is None:
            yield Threads(workers)
        else:
            with _on_cluster(cluster) as executor:
                yield executor
    except TaskFailed as problem:
        raise Refusal(f"a part of the work failed: {problem}") from None


@contextmanager
def _on_cluster(cluster: str) -> Iterator[Executor]:
    from sim.study.cluster import ClusterError, opened, spec_of

    try:
        with opened(spec_of(cluster), lambda line: click.echo(line, err=True)) as executor:
            yield executor
    except ClusterError as problem:
        raise Refusal(f"--cluster {problem}") from None
