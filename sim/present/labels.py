"""What outcomes, costs, measures, policies, factors and regions are called in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim._util.dated import ONE_DAY
from sim.inference.attribution import ALL, factorial_measures, subset_name
from sim.present.locale import DASH, N_
from sim.scenario.registry import COUNTED, MEASURES, RATES

if TYPE_CHECKING:
    from sim.present.locale import Locale
    from sim.scenario import Scenario
    from sim.study import StudyFrame

FACTORS = {
    "exposure": N_("exposure"),
    "attacks per exposure": N_("attacks per exposure"),
    "casualty share": N_("share of attacks with casualties"),
    "hits per attack": N_("hits per attack"),
    "lethality": N_("share of hits that kill"),
}
VERDICTS = (
    N_("very likely fewer"),
    N_("very likely more"),
    N_("likely fewer"),
    N_("likely more"),
    N_("cannot tell"),
    N_("rests on assumption"),
    N_("no difference"),
)
ALL_MEASURES, NO_MEASURE = N_("all measures"), N_("no measure")


def outcome_name(locale: Locale, name: str) -> str:
    """What an outcome, a cost or a rate is called at the head of a column."""
    return locale.gettext(RATES[name].label) if name in RATES else counted(locale, name, 2)


def counted(locale: Locale, name: str, count: float) -> str:
    """The noun that goes with a count, without the count."""
    row = COUNTED[name]
    return locale.ngettext(row.singular, row.label, count)


def outcome_unit(locale: Locale, name: str) -> str:
    """The unit of an outcome."""
    return locale.gettext(COUNTED[name].unit)


def measure_name(locale: Locale, measure: str) -> str:
    """A measure in words."""
    return locale.gettext(MEASURES[measure].label)


def parameter_name(locale: Locale, name: str) -> str:
    """A drawn number in words: a measure's intensity, or the name of a parameter."""
    if name.startswith("measures."):
        return locale.gettext("intensity of {measure}", measure=measure_name(locale, name.split(".")[1]))
    return name


def policy_name(locale: Locale, variant: str) -> str:
    """The name of a variant in words; those of packaged scenarios are translated."""
    return locale.gettext(variant.replace("_", " "))


def policy_names(frame: StudyFrame, locale: Locale) -> dict[str, str]:
    """Variant -> what it is called; in a factorial study, its measures."""
    measures = factorial_measures(frame.scenario)
    if not measures:
        return {name: policy_name(locale, name) for name in frame.variants}
    subsets = range(2 ** len(measures))
    return {subset_name(measures, subset): subset_label(locale, measures, subset) for subset in subsets}


def subset_label(locale: Locale, measures: tuple[str, ...], subset: int) -> str:
    """The measures of a subset, of which bit i says whether it holds measure i."""
    held = [measure_name(locale, name) for bit, name in enumerate(measures) if subset >> bit & 1]
    if len(held) == len(measures):
        return locale.gettext(ALL_MEASURES)
    return ", ".join(held) or locale.gettext(NO_MEASURE)


def attribution_name(locale: Locale, measure: str) -> str:
    """A measure of a package, or the package itself."""
    return locale.gettext("all together") if measure == ALL else measure_name(locale, measure)


def period_text(locale: Locale, scenario: Scenario) -> str:
    """The period of a scenario in words: its years, its months, or its two days."""
    start, end = scenario.period.start, scenario.period.end
    if start.day == 1 and (end + ONE_DAY).day == 1:
        if start.month == 1 and end.month == 12:
            first, last = str(start.year), str(end.year)
        else:
            first, last = locale.month(start), locale.month(end)
            if start.year == end.year and first != last:
                first = first.removesuffix(f" {start.year}")
        return first if first == last else f"{first}{DASH}{last}"
    return f"{locale.date(start)} {DASH} {locale.date(end)}"
