"""An answer in the terminal: sentences, then tables of at most 100 columns."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import isnan
from textwrap import fill
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from sim.inference.comparison.decomposition import FACTORS
from sim.present.answer_sentences import NAMES, explanations, headline, number, plural, signed
from sim.scenario.registry import COSTS, RATES

if TYPE_CHECKING:
    import pandas as pd

    from sim.inference.comparison.answer import Answer
    from sim.inference.comparison.differences import Difference

WIDTH = 100
_SHOWN = 3  # regions named per variant
PER_TABLE, _NAME, _CELL = 3, 18, 24  # outcomes; columns of a variant and an outcome
COST_HEADS = {name: row.head for name, row in COSTS.items() if row.head}
RATE_HEADS = {name: row.head for name, row in RATES.items() if row.head}


def answer_text(answer: Answer) -> str:
    """Everything that the terminal shows, without colours."""
    parts = [fill(headline(answer), WIDTH)]
    if answer.decompositions:
        parts += [_differences(answer), _made_of(answer), _went(answer), _costs(answer)]
    parts.append("\n".join(fill(line, WIDTH) for line in (*_pairs(answer), *explanations(answer), _simulated(answer))))
    return "\n\n".join(part for part in parts if part)


def _differences(answer: Answer) -> str:
    """A row per variant, outcomes side by side, as many tables as their number needs."""
    starts = range(0, len(answer.outcomes), PER_TABLE)
    return "\n\n".join(_block(answer, answer.outcomes[start : start + PER_TABLE]) for start in starts)


def _block(answer: Answer, outcomes: Sequence[str]) -> str:
    base = answer.frame.baseline
    table = _table(f"Difference to {base}: mean (95 % interval of the average), and how sure")
    table.add_column("", overflow="fold", max_width=_NAME)
    for name in outcomes:
        table.add_column(NAMES[name], overflow="fold", min_width=_CELL, max_width=_CELL)
    table.add_row(f"{base}, average", *(number(answer.baseline[name][0]) for name in outcomes), end_section=True)
    for variant in answer.compared:
        table.add_row(variant, *(_cell(answer.of(variant, name)) for name in outcomes))
    chance = [answer.of(answer.compared[0], name) for name in outcomes]
    table.columns[0].footer, table.show_footer = _chance_words(chance[0]), True
    for column, row in zip(table.columns[1:], chance, strict=True):
        column.footer = f"{signed(row.chance_low)} to {signed(row.chance_high)}"
    return _rendered(table)


def _chance_words(row: Difference) -> str:
    return "chance alone, at least" if row.chance_at_least else "chance alone, one history"


def _cell(row: Difference) -> str:
    if not row.pairs:
        return "no pairs"
    return f"{signed(row.mean)} ({signed(row.low)} to {signed(row.high)})\n{row.verdict}"


def _made_of(answer: Answer) -> str:
    """The factors of the difference in mission deaths."""
    table = _table("Mission deaths, what the difference is made of (persons)")
    table.add_column("variant", overflow="fold")
    for factor in (*FACTORS, "sum"):
        table.add_column(factor, justify="right")
    for part in answer.decompositions:
        values = [*part.by_factor, part.by_factor.sum()]
        table.add_row(part.variant, *(signed(float(value)) for value in values))
    return _rendered(table)


def _went(answer: Answer) -> str:
    """Where harm moved: victims, then regions, only what differs by more than its Monte Carlo error."""
    lines = []
    for part in answer.displacements:
        if part.others_high - part.others_low < 1:  # a wider interval says nothing; nor does NaN
            back = f"{part.on_others:.0%} ({part.others_low:.0%} to {part.others_high:.0%})"
            between = "" if part.elsewhere != part.elsewhere else f", {part.elsewhere:.0%} in other regions"
            harm = NAMES[part.outcome]
            lines.append(f"{part.variant}: of the {harm} averted, {back} come back as deaths of others{between}.")
    for variant, rows in answer.regions.groupby("variant", sort=False):
        moved = rows[rows["clear"]]
        if not moved.empty:
            lines.append(f"{variant}: {_places(moved)}.")
    if not lines:
        lines = ["No region or group of victims differs by more than its Monte Carlo error."]
    indented = [fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ") for line in lines]
    return "\n".join(["Where harm went", *indented])


def _places(rows: pd.DataFrame) -> str:
    largest = rows.reindex(rows["mean"].abs().sort_values(ascending=False).index).head(_SHOWN)
    return "; ".join(
        f"{NAMES[row['outcome']]} in {row['region']} {signed(row['mean'])}" for row in largest.to_dict(orient="records")
    )


def _costs(answer: Answer) -> str:
    spent = _table("Cost beside it: difference in person-days, patrols, road, vehicles and hours flown")
    rates = _table("Rates as they are")
    for table, heads in ((spent, COST_HEADS), (rates, RATE_HEADS)):
        table.add_column("variant", overflow="fold")
        for head in heads.values():
            table.add_column(head, justify="right")
    for variant, rows in answer.costs.groupby("variant", sort=False):
        by_item = rows.set_index("item")
        spent.add_row(str(variant), *(signed(by_item.loc[item, "difference"]) for item in COST_HEADS))
        rates.add_row(str(variant), *(_rate(by_item.loc[item]) for item in RATE_HEADS))
    return f"{_rendered(spent)}\n\n{_rendered(rates)}"


def _rate(row: pd.Series) -> str:
    """A rate beside the baseline's; a dash where no run has one."""
    return "-" if isnan(row["value"]) else f"{row['value']:.2f} (was {row['baseline']:.2f})"


def _pairs(answer: Answer) -> Sequence[str]:
    counts = {row.variant: (row.pairs, row.failed) for row in answer.differences}
    failed = {name: lost for name, (_, lost) in counts.items() if lost}
    done = sorted({count for count, _ in counts.values()})
    said = " to ".join(str(count) for count in ([done[0], done[-1]] if len(done) > 1 else done)) or "0"
    lines = [f"Pairs done: {said}" + (f"; failed: {failed}" if failed else "; none failed") + "."]
    main = [row for row in answer.differences if row.outcome == answer.main and row.monte_carlo_error > 0]
    if main:
        worst = max(main, key=lambda row: row.monte_carlo_error)
        name = NAMES[worst.outcome]
        lines.append(
            f"Monte Carlo error of the mean difference in {name}: up to {number(worst.monte_carlo_error)} "
            f"({worst.variant}; pairing makes its variance {worst.variance_ratio:.2g} times smaller)."
        )
    return lines


def _simulated(answer: Answer) -> str:
    return f"All of it is simulated; {plural(len(answer.frame.variants), 'variant', 'variants')} compared."


def _table(title: str) -> Table:
    return Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), title=title, title_justify="left", title_style="")


def _rendered(table: Table) -> str:
    page = io.StringIO()
    plain: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False, "color_system": None}
    Console(file=page, width=WIDTH, force_jupyter=False, **plain).print(table)  # a notebook would show it as well
    return "\n".join(line.rstrip() for line in page.getvalue().rstrip().splitlines())
