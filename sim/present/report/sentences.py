"""What a page says of an answer, in either language: the headline and what goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.inference.comparison.differences import CANNOT_TELL, NO_DIFFERENCE
from sim.present.report.labels import counted, name_of, quantity_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.inference.comparison import Answer, Difference
    from sim.inference.comparison.assumptions_audit import AssumptionsAudit
    from sim.present.locale import Tongue
    from sim.scenario import Scenario


@dataclass(frozen=True)
class Headline:
    """The answer in one sentence, and what has to be said with it."""

    lead: str
    notes: tuple[str, ...]


def told(answer: Answer) -> Difference | None:
    """The difference that the headline is about: the largest in the main outcome; None without pairs."""
    rows = [row for row in answer.differences if row.outcome == answer.main and row.pairs > 0]
    return max(rows, key=lambda row: abs(row.mean)) if rows else None


def headline(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> Headline:
    """The headline of an answer."""
    row = told(answer)
    if row is None:
        return Headline(tongue.say("Nothing can be compared: no replication ended under two policies."), ())
    notes = [_chance(row, tongue), _rests(row, ledger_of(answer, row), tongue), _seen(row, tongue)]
    lead = _average(answer, row, tongue, named)
    if len(answer.compared) > 1:
        lead = f"{_most(answer, row, tongue, named)} {lead}"
    return Headline(lead, tuple(note for note in notes if note))


def ledger_of(answer: Answer, row: Difference) -> AssumptionsAudit:
    """What a difference stands on."""
    return next(book for book in answer.audits if (book.variant, book.outcome) == (row.variant, row.outcome))


def years(scenario: Scenario) -> str:
    """`2018` or `2016-18`."""
    start, end = scenario.period.start.year, scenario.period.end.year
    return f"{start}" if start == end else f"{start}-{end % 100:02d}"


def sentence(row: Difference, span: str, words: Mapping[str, str], tongue: Tongue) -> str:
    """One difference.  words: variant, base, years, as they are shown; span: its interval."""
    noun = counted(tongue, row.outcome, row.mean)
    if str(row.verdict) == NO_DIFFERENCE:
        noun = name_of(tongue, row.outcome)
        return tongue.say("Under “{variant}” the {noun} in {years} are exactly those of “{base}”.", noun=noun, **words)
    values = {"count": tongue.number(abs(row.mean)), "noun": noun, "span": span, **words}
    if row.mean < 0:
        text = tongue.say(
            "Under “{variant}” the model averages {count} fewer {noun} in {years} than under “{base}” "
            "(95 % interval of the average {span}): {verdict}.",
            verdict=tongue.say(str(row.verdict)),
            **values,
        )
    else:
        text = tongue.say(
            "Under “{variant}” the model averages {count} more {noun} in {years} than under “{base}” "
            "(95 % interval of the average {span}): {verdict}.",
            verdict=tongue.say(str(row.verdict)),
            **values,
        )
    return text


def _most(answer: Answer, row: Difference, tongue: Tongue, named: Mapping[str, str]) -> str:
    values = {"n": tongue.number(len(answer.compared)), "variant": named[row.variant]}
    return tongue.say("Of {n} policies beside the baseline, “{variant}” differs most.", **values)


def _average(answer: Answer, row: Difference, tongue: Tongue, named: Mapping[str, str]) -> str:
    scenario = answer.frame.scenario
    words = {"variant": named[row.variant], "base": named[answer.frame.baseline], "years": years(scenario)}
    return sentence(row, tongue.span(row.low, row.high), words, tongue)


def _chance(row: Difference, tongue: Tongue) -> str:
    if row.chance_low != row.chance_low:
        return tongue.say("One pair of histories shows nothing about chance.")
    span = tongue.span(row.chance_low, row.chance_high)
    if row.chance_at_least:
        return tongue.say("Chance alone could make one history differ by at least {span}.", span=span)
    return tongue.say("Chance alone could make one history differ by {span}.", span=span)


def _rests(row: Difference, book: AssumptionsAudit, tongue: Tongue) -> str:
    paths = tongue.plural("{n} assumed intensity", "{n} assumed intensities", len(book.intensities))
    if not book.drawn:
        held = tongue.plural("{n} assumed parameter", "{n} assumed parameters", book.assumed_parameters)
        return tongue.say(
            "It rests on {paths} and {held}, each held at one value: the interval is Monte Carlo error alone.",
            paths=paths,
            held=held,
        )
    numbers = tongue.plural("{n} number", "{n} numbers", book.drawn)
    span = tongue.span(row.swept_low, row.swept_high)
    said = tongue.say(
        "It rests on {paths}; with {numbers} swept, the average runs from {span}.",
        paths=paths, numbers=numbers, span=span,
    )  # fmt: skip
    return f"{said} {_follows(book, tongue)}".strip()


def _follows(book: AssumptionsAudit, tongue: Tongue) -> str:
    if not book.deciding:
        return ""
    number = quantity_of(tongue, book.deciding)
    if book.flips_at is None:
        return tongue.say("It follows {number} most, without turning its sign.", number=number)
    at = tongue.plain(book.flips_at)
    return tongue.say("It follows {number} most, and turns its sign at {at}.", number=number, at=at)


def _seen(row: Difference, tongue: Tongue) -> str:
    if row.visible != row.visible or str(row.verdict) in (NO_DIFFERENCE, CANNOT_TELL):
        return ""
    share = tongue.percent(row.visible)
    if row.chance_at_least:
        return tongue.say(
            "One real history would have shown an effect of this size with a probability of at most {share}.",
            share=share,
        )
    return tongue.say(
        "One real history would have shown an effect of this size with a probability of {share}.", share=share
    )
