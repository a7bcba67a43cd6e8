"""`minusim cache`: what is kept between commands, and how to be rid of it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.study.cache import Item

NAMES = {"compiled_code": "compiled code", "run_ups": "run-ups"}


@click.command("cache", short_help="Show or clear what is kept between commands.")
@click.option("--clear", is_flag=True, help="Remove it; the next command compiles and simulates again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(clear: bool, as_json: bool) -> None:
    """Show what is kept in the user's cache folder, so that it need not be done twice: compiled code, and the days
    before the period of a scenario (run-ups).

    Together they stay below 900 MB, or what MINUSIM_CACHE_MB says in megabytes; what was not used for longest goes
    first.  MINUSIM_CACHE_MB=off keeps and uses no run-ups.
    """
    from sim.study.cache import SETTING, folders, kept, limit, remove

    items = kept()
    freed = remove(items) if clear else 0
    rows = [
        _row(kind, str(folder), [item for item in items if item.kind == kind]) for kind, folder in folders().items()
    ]
    if as_json:
        click.echo(json.dumps({"limit_bytes": limit(), "cleared_bytes": freed, "kept": rows}, indent=2))
        return
    for row in rows:
        used = f", last used {row['oldest']} to {row['newest']}" if row["number"] else ""
        click.echo(f"{NAMES[row['kind']]}: {row['number']:,}, {row['bytes'] / 1e6:,.1f} MB{used}, in {row['folder']}")
    if clear:
        click.echo(f"Cleared: {freed / 1e6:,.1f} MB.")
    elif limit():
        click.echo(f"At most {limit() / 1e6:,.0f} MB are kept.")
    else:
        click.echo(f"{SETTING} is off: run-ups are neither kept nor used.")


def _row(kind: str, folder: str, items: Sequence[Item]) -> dict[str, Any]:
    used = [datetime.fromtimestamp(item.used).date().isoformat() for item in items]
    size = sum(item.bytes for item in items)
    ends = {"oldest": min(used, default=None), "newest": max(used, default=None)}
    return {"kind": kind, "number": len(items), "bytes": size, **ends, "folder": folder}
