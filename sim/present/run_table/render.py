"""The tally as a table for a terminal of 100 columns."""

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from sim.present.run_table.rows import TallyRow

if TYPE_CHECKING:
    from sim.present.run_table import RunTally

_INSIDE = {None: "-", True: "yes", False: "NO"}


def tally_table(tally: "RunTally") -> Table:
    """Year by year, then the counts since the start; one line per quantity."""
    title = f"Simulated beside the record: {tally.title}; seed {tally.seed}, {tally.seeds} seeds"
    table = Table(title=title, caption=_caption(tally), box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.title_justify = table.caption_justify = "left"
    table.add_column("year", no_wrap=True)
    table.add_column("quantity", no_wrap=True)
    for heading in ("record", "median", "90 % of seeds", "this seed"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("inside?", justify="center", no_wrap=True)
    groups = [(str(row.start.year), row) for row in tally.yearly] + [("all", row) for row in tally.cumulative]
    before = ""
    for group, row in groups:
        if before and group != before:
            table.add_row()
        table.add_row("" if group == before else group, *_cells(row))
        before = group
    return table


def _cells(row: TallyRow) -> tuple[str, ...]:
    span = "-" if row.low is None else f"{_number(row.low)}-{_number(row.high)}"
    return (
        _label(row),
        _number(row.record),
        _number(row.median),
        span,
        _number(row.one),
        _INSIDE[row.inside],
    )


def _label(row: TallyRow) -> str:
    """Rates over another span than their year say which months they cover."""
    if row.record is None or not row.quantity.endswith(("a day", "a week")):
        return row.quantity
    months = dict.fromkeys(f"{day:%m/%y}" for day in (row.start, row.end))
    return f"{row.quantity}, {' to '.join(months)}"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 20 or value == int(value) else f"{value:.1f}"


def _caption(tally: "RunTally") -> str:
    lines = [f"Record inside the 90 % range: {tally.inside} of {tally.compared} lines."] if tally.compared else []
    lines += ["Killed and wounded: peacekeepers, by malicious acts."]
    lines += [f"Later than {tally.record_end} the record is withheld for testing."]
    lines += ["Reported attacks: simulated attacks times the share of attacks that the press-coded record shows."]
    return "\n".join(lines)
