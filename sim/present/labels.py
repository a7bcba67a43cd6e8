"""What outcomes, costs, measures, policies, factors and regions are called in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.inference.attribution import ALL, factorial_measures, subset_name
from sim.present.locale import N_
from sim.scenario.registry import COUNTED, MEASURES, RATES

if TYPE_CHECKING:
    from sim.present.locale import Locale
    from sim.scenario import Scenario
    from sim.study import StudyFrame

SECTIONS = {  # of a scenario, as a variant may change them
    "period": N_("the period"),
    "settings": N_("the resolution"),
    "parameters": N_("parameters"),
    "processes": N_("processes switched"),
    "shocks": N_("political events and deployment"),
    "forces": N_("other forces"),
    "elections": N_("elections"),
    "organisations": N_("armed organisations"),
}
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


def policy_changes(locale: Locale, base: Scenario, own: Scenario) -> str:
    """What a policy changes, by measure and section: `training off; drills at another level`."""
    changed = [
        locale.gettext("{measure} at another level", measure=measure_name(locale, name))
        if own.measures[name]
        else locale.gettext("{measure} off", measure=measure_name(locale, name))
        for name in MEASURES
        if base.measures[name] != own.measures[name]
    ]
    changed += [locale.gettext(text) for key, text in SECTIONS.items() if getattr(base, key) != getattr(own, key)]
    return "; ".join(changed) or locale.gettext("nothing")


def years(scenario: Scenario) -> str:
    """`2018` or `2016-18`."""
    start, end = scenario.period.start.year, scenario.period.end.year
    return f"{start}" if start == end else f"{start}-{end % 100:02d}"
