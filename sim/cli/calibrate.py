"""`minusim calibrate`: fit the model's parameters to the record."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.inputs import Refusal
from sim.cli.study_options import user_errors
from sim.cli.workers import worker_options, working

if TYPE_CHECKING:
    from sim.calibration.calibration_result import CalibrationResult

POINTS = (1500, 3500, 5000)  # the first wave only locates the posterior
REPLICATIONS = 2
EVERY = 10.0  # s between lines of progress


@click.command("calibrate", short_help="Fit parameters to the record; runs for about an hour.")
@click.option("--out", metavar="DIR", default="results/calibration", show_default=True, help="Where runs are kept.")
@click.option("--resume", is_flag=True, help="Continue what is in --out: only missing runs are done.")
@click.option(
    "--points",
    metavar="N,N,...",
    default=",".join(map(str, POINTS)),
    show_default=True,
    help="Points of each wave of runs.",
)
@click.option("--replications", type=click.IntRange(min=1), default=REPLICATIONS, show_default=True, help="Runs each.")
@click.option("--sets", type=click.IntRange(min=20), default=150, show_default=True, help="Sets kept per structure.")
@worker_options
@click.option("--package", is_flag=True, help="Make the result the packaged posterior of this checkout.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the text.")
def command(
    out: str,
    resume: bool,
    points: str,
    replications: int,
    sets: int,
    workers: int,
    cluster: str | None,
    package: bool,
    as_json: bool,
) -> int:
    """Fit the model to the record of July 2013 to December 2018, weight rival structures by their predictions of 2019
    and 2020, refit to the end of 2020, and write the posterior as a table of weighted parameter sets.

    Waves of runs approach the posterior; an emulator of their averages is sampled with emcee. Runs are stored as they
    finish: after an interruption the same command with --resume continues.
    """
    try:
        from sim.calibration.calibration_result import calibrate
    except ModuleNotFoundError as missing:
        raise Refusal(f"minusim calibrate needs {missing.name}: pip install 'minusim[calibrate]'") from None
    from sim.calibration.waves import Size

    folder = Path(out)
    if folder.is_dir() and any(folder.iterdir()) and not resume:
        raise Refusal(f"--out {out}: is not empty; add --resume to continue it, or name another folder")
    size = Size(_points(points), replications)
    with user_errors(kept=folder), working(cluster, workers) as executor:
        found = calibrate(folder, size, sets, executor, _progress_printer())
    if package:
        found.install()
    _print_result(found, out, as_json)
    return 0


def _points(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 40:
        raise Refusal(f"--points {text}: write whole numbers of at least 40 between commas, such as 3000,3000")
    return found


def _progress_printer() -> Callable[[str, int, int], None]:
    """Lines on stderr with an estimate, every few seconds."""
    begun: dict[str, tuple[float, int]] = {}
    last = [0.0]

    def tell(what: str, done: int, total: int) -> None:
        from sim.cli.progress import duration

        now = time.monotonic()
        start, first = begun.setdefault(what, (now, done))
        if now - last[0] < EVERY and done < total:
            return
        last[0] = now
        left = duration((now - start) / max(1, done - first) * (total - done)) if done > first else "?"
        sys.stderr.write(f"{what}: {done} of {total}, about {left} left\n")
        sys.stderr.flush()

    return tell


def _print_result(found: CalibrationResult, out: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found.document() | {"out": out}, ensure_ascii=False, allow_nan=False))
    else:
        click.echo(found.text())
        click.echo(f"Runs, posterior and tables are in {out}.")
