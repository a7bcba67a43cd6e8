"""``--cluster``: the same work on the workers of a Dask scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from sim.cli.errors import Refusal

if TYPE_CHECKING:
    from sim.study.executors import Executor

cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS|FILE",
    help="Run on a Dask cluster: tcp://HOST:PORT, or a YAML file that names one or asks SLURM, PBS ... for one.",
)


@contextmanager
def elsewhere(cluster: str | None, workers: int | None) -> Iterator[Executor | None]:
    """The executor that ``--cluster`` names; None where it names none.  Refusal in one line where it cannot be used."""
    if cluster is None:
        yield None
        return
    if workers is not None:
        raise Refusal("--workers: counts processes here; --cluster has workers of its own: give one of the two")
    from sim.study.cluster import ClusterError, opened, spec_of

    try:
        with opened(spec_of(cluster), lambda line: click.echo(line, err=True)) as executor:
            yield executor
    except ClusterError as problem:
        raise Refusal(f"--cluster {problem}") from None
