"""Sentences of an answer: what a planner reads aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.inference.comparison.differences import CANNOT_TELL, NO_DIFFERENCE, RESTS_ON_ASSUMPTION
from sim.scenario.registry import OUTCOMES

if TYPE_CHECKING:
    from sim.inference.comparison.answer import Answer
    from sim.inference.comparison.assumptions_audit import AssumptionsAudit
    from sim.inference.comparison.differences import Difference

NAMES = {name: row.label for name, row in OUTCOMES.items()}


def headline(answer: Answer) -> str:
    """One sentence per thing to say about the main outcome: of the only variant, or of the largest difference."""
    rows = [row for row in answer.differences if row.outcome == answer.main and row.pairs > 0]
    if not rows:
        return "Nothing can be compared: no replication ended under both the baseline and another variant."
    told = max(rows, key=lambda row: abs(row.mean))
    book = next(book for book in answer.audits if (book.variant, book.outcome) == (told.variant, told.outcome))
    first = "" if len(rows) == 1 else f"Of {len(rows)} variants, '{told.variant}' differs most. "
    return first + " ".join((_average(answer, told), _chance(told), _rests(told, book), _seen(told)))


def _average(answer: Answer, row: Difference) -> str:
    name, base = NAMES[row.outcome], answer.frame.baseline
    years = _period(answer)
    if str(row.verdict) == NO_DIFFERENCE:
        return f"Under '{row.variant}' the model has exactly the {name} of '{base}' in {years}: no difference."
    side = "fewer" if row.mean < 0 else "more"
    interval = f"95 % interval {signed(row.low)} to {signed(row.high)}"
    said = f"Under '{row.variant}' the model averages {number(abs(row.mean))} {side} {name} in {years} than '{base}'"
    return f"{said} ({interval}): {row.verdict}."


def _period(answer: Answer) -> str:
    start, end = answer.frame.scenario.period.start.year, answer.frame.scenario.period.end.year
    return f"{start}" if start == end else f"{start}-{end % 100:02d}"


def _chance(row: Difference) -> str:
    if row.chance_low != row.chance_low:
        return "One pair of histories shows nothing about chance."
    low, high = signed(row.chance_low), signed(row.chance_high)
    least = "at least " if row.chance_at_least else ""
    return f"Chance alone could make one history differ by {least}{low} to {high}."


def _rests(row: Difference, book: AssumptionsAudit) -> str:
    paths = plural(len(book.intensities), "assumed intensity", "assumed intensities")
    if not book.drawn:
        return (
            f"It rests on {paths} and {book.assumed_parameters} assumed parameters, each held at one value: the "
            "interval is Monte Carlo error alone. With `uncertainties: posterior` they are swept."
        )
    swept = f"It rests on {paths}; with {plural(book.drawn, 'number', 'numbers')} swept, the average runs"
    said = f"{swept} {signed(row.swept_low)} to {signed(row.swept_high)}."
    if book.deciding:
        turn = "without turning its sign" if book.flips_at is None else f"and turns its sign at {book.flips_at:.3g}"
        said += f" It follows {book.deciding} most, {turn}."
    return said


def _seen(row: Difference) -> str:
    if row.visible != row.visible or str(row.verdict) in (NO_DIFFERENCE, CANNOT_TELL):
        return ""
    most = "at most " if row.chance_at_least else ""
    return f"One real history would have shown an effect of this size with probability {most}{row.visible:.0%}."


def explanations(answer: Answer) -> list[str]:
    """What the words mean, as far as they occur."""
    words = {row.verdict.word for row in answer.differences}
    said = ["very likely: probability of at least 90 % that the noise-averaged difference has this sign; likely: 66 %."]
    if RESTS_ON_ASSUMPTION in words:
        said.append("rests on assumption: numbers that nobody has published decide the sign, or were not swept.")
    return said


def number(value: float) -> str:
    """A count as people say it: two digits for small ones, whole from 10, thousands (k) and millions (M) when large."""
    if value != value:
        return "-"
    if abs(value) >= 999_500:
        return f"{value / 1e6:,.2f} M"
    if abs(value) >= 10_000:
        return f"{value / 1e3:,.{0 if abs(value) >= 100_000 else 1}f} k"
    if abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 or value == 0 else f"{value:.2g}"


def signed(value: float) -> str:
    """A difference, with its sign."""
    if value != value or value in (float("inf"), float("-inf")):
        return "-"
    text = number(value)
    return f"+{text}" if value > 0 else text


def plural(count: int, one: str, many: str) -> str:
    """`1 pair`, `2 pairs`."""
    return f"{count} {one if count == 1 else many}"


def unit(outcome: str) -> str:
    """Unit of an outcome."""
    return OUTCOMES[outcome].unit
