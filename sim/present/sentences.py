"""The sentences about a difference between two policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.inference.comparison.differences import CANNOT_TELL, NO_DIFFERENCE
from sim.present.labels import counted, outcome_name, parameter_name, period_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.inference.comparison import Answer, Difference
    from sim.inference.comparison.assumptions_audit import AssumptionsAudit
    from sim.present.locale import Locale


@dataclass(frozen=True)
class Estimate:
    """What is said of one difference; its fields are those of ``Difference``, with the verdict in its fixed words."""

    outcome: str
    mean: float
    low: float
    high: float
    chance_low: float
    chance_high: float
    chance_at_least: bool
    verdict: str

    @classmethod
    def of(cls, row: Difference) -> Estimate:
        """Of a difference with its verdict."""
        return cls(
            row.outcome, row.mean, row.low, row.high, row.chance_low, row.chance_high, row.chance_at_least,
            str(row.verdict),
        )  # fmt: skip


def headline(answer: Answer, names: Mapping[str, str], locale: Locale) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and what has to be said with it.  ``names``: variant -> what it is called."""
    row = answer.most_different()
    if row is None:
        return locale.gettext("Nothing can be compared: no replication ended under two policies."), ()
    estimate = Estimate.of(row)
    policies = names[row.variant], names[answer.frame.baseline]
    first = difference_sentence(estimate, policies, period_text(locale, answer.frame.scenario), locale)
    if len(answer.compared) > 1:
        count, name = locale.number(len(answer.compared)), names[row.variant]
        most = locale.gettext("Of {n} policies beside the baseline, “{variant}” differs most.", n=count, variant=name)
        first = f"{most} {first}"
    audit = next(audit for audit in answer.audits if (audit.variant, audit.outcome) == (row.variant, row.outcome))
    notes = (chance_sentence(estimate, locale), _basis(row, audit, locale), _visible(row, locale))
    return first, tuple(note for note in notes if note)


def difference_sentence(row: Estimate, policies: tuple[str, str], period: str, locale: Locale) -> str:
    """One difference, with its interval and its verdict.  policies: what variant and baseline are called."""
    values = {
        "variant": policies[0],
        "base": policies[1],
        "years": period,
        "noun": counted(locale, row.outcome, row.mean),
    }
    if row.verdict == NO_DIFFERENCE:
        values["noun"] = outcome_name(locale, row.outcome)
        return locale.gettext("Under “{variant}” the {noun} in {years} are exactly those of “{base}”.", **values)
    values |= {
        "count": locale.number(abs(row.mean)),
        "interval": locale.interval(row.low, row.high),
        "verdict": locale.gettext(row.verdict),
    }
    if row.mean < 0:
        return locale.gettext(
            "Under “{variant}” the model averages {count} fewer {noun} in {years} than under “{base}” "
            "(95 % interval of the average: {interval}): {verdict}.",
            **values,
        )
    return locale.gettext(
        "Under “{variant}” the model averages {count} more {noun} in {years} than under “{base}” "
        "(95 % interval of the average: {interval}): {verdict}.",
        **values,
    )


def verdict_legend(locale: Locale) -> str:
    """Legend of the words of a verdict."""
    return locale.gettext(
        "“Very likely”: the average difference has this sign with a probability of at least 90 %; “likely”: at least "
        "66 %. “Rests on assumption”: unpublished numbers decide the sign, or were not varied."
    )


def chance_sentence(row: Estimate, locale: Locale) -> str:
    """How far two runs of one policy differ by chance."""
    if row.chance_low != row.chance_low:
        return locale.gettext("One pair of runs shows nothing about chance.")
    reach = max(-row.chance_low, row.chance_high)
    values = {"count": locale.number(reach), "noun": counted(locale, row.outcome, reach)}
    if row.chance_at_least:
        return locale.gettext("Two runs of the same policy can differ by at least {count} {noun} by chance.", **values)
    return locale.gettext("Two runs of the same policy can differ by about {count} {noun} by chance.", **values)


def _basis(row: Difference, audit: AssumptionsAudit, locale: Locale) -> str:
    """What was assumed, and whether that was varied."""
    paths = locale.ngettext("{n} assumed intensity", "{n} assumed intensities", len(audit.intensities))
    if not audit.drawn:
        held = locale.ngettext("{n} assumed parameter", "{n} assumed parameters", audit.assumed_parameters)
        return locale.gettext(
            "It rests on {paths} and {held}, each held at one value: the interval is Monte Carlo error alone.",
            paths=paths,
            held=held,
        )
    text = locale.gettext(
        "It rests on {paths}; with {numbers} varied, the average difference ranges from {interval}.",
        paths=paths,
        numbers=locale.ngettext("{n} number", "{n} numbers", audit.drawn),
        interval=locale.interval(row.swept_low, row.swept_high),
    )
    return f"{text} {_deciding(audit, locale)}".strip()


def _deciding(audit: AssumptionsAudit, locale: Locale) -> str:
    if not audit.deciding:
        return ""
    number = parameter_name(locale, audit.deciding)
    if audit.flips_at is None:
        return locale.gettext("It depends most on {number}, without changing its sign.", number=number)
    at = locale.significant(audit.flips_at)
    return locale.gettext("It depends most on {number}, and changes its sign at {at}.", number=number, at=at)


def _visible(row: Difference, locale: Locale) -> str:
    if row.visible != row.visible or str(row.verdict) in (NO_DIFFERENCE, CANNOT_TELL):
        return ""
    share = locale.percent(row.visible)
    if row.chance_at_least:
        return locale.gettext(
            "A single real history would have shown an effect of this size with a probability of at most {share}.",
            share=share,
        )
    return locale.gettext(
        "A single real history would have shown an effect of this size with a probability of {share}.", share=share
    )
