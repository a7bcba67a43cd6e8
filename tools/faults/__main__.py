"""``python -m tools.faults``: hundreds of faults with fixed seeds, a row each; it resumes where it was stopped."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import click

from tools.faults.campaign import Campaign, kinds

TABLE = "results/reliability/faults.csv"


@click.command()
@click.option(
    "--table", default=TABLE, show_default=True, type=click.Path(path_type=Path), help="Of what came of each."
)
@click.option("--work", type=click.Path(path_type=Path), help="Folder for trials (default: a temporary one).")
@click.option("--seed", default=1, show_default=True, help="Of all moments and choices.")
@click.option("--share", default=1.0, show_default=True, help="Of the times that each kind is tried.")
@click.option("--only", multiple=True, metavar="WORD", help="Kinds whose name or command holds this word.")
@click.option("--list", "listing", is_flag=True, help="List the kinds and stop.")
def campaign(table: Path, work: Path | None, seed: int, share: float, only: tuple[str, ...], listing: bool) -> None:
    """Break studies and resume them; the exit code is 1 where one did not hold."""
    wanted = [kind for kind in kinds() if not only or any(word in f"{kind.command} {kind.name}" for word in only)]
    if listing:
        for kind in wanted:
            click.echo(f"{kind.times:3} {kind.command:11} {kind.name}")
        click.echo(f"{sum(kind.times for kind in wanted):3} faults")
        return
    folder = work or Path(tempfile.mkdtemp(prefix="chaos-"))
    made = Campaign(folder.resolve(), table, seed, keep=work is not None)
    try:
        made.run(wanted, share, _tell)
    except KeyboardInterrupt:
        click.echo("Interrupted; the same command goes on from here.", err=True)
        sys.exit(130)
    finally:
        made.close()
    rows = made.rows()
    held = sum(row["verdict"] == "held" for row in rows)
    click.echo(f"{held} of {len(rows)} faults held; {table}")
    if work is None and held == len(rows):
        shutil.rmtree(folder)
    sys.exit(0 if held == len(rows) else 1)


def _tell(row: dict[str, str]) -> None:
    said = row["problems"] or row["message"]
    click.echo(f"{row['verdict']:8} {row['command']} {row['fault']} {row['number']}: {row['moment']}: {said[:160]}")


if __name__ == "__main__":
    campaign()
