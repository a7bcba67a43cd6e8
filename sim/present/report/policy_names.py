"""What policies are called on a page: their names in words, or the measures of a subset of a factorial study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.inference.attribution import NONE, subset_name
from sim.present.locale import noted
from sim.present.report.labels import MEASURE_NAMES, SECTIONS, measure_name
from sim.scenario.registry import MEASURES

if TYPE_CHECKING:
    from sim.present.locale import Tongue
    from sim.scenario import Scenario
    from sim.study import StudyFrame

ALL = noted("all measures")
NO_MEASURE = noted("no measure")


def factorial_measures(scenario: Scenario) -> tuple[str, ...]:
    """The measures of a factorial study in the order of its names; none where the variants are not all subsets."""
    nothing = scenario.variants.get(NONE)
    off = nothing.get("measures") if nothing else None
    names = tuple(off) if isinstance(off, Mapping) else ()
    wanted = {subset_name(names, subset) for subset in range(2 ** len(names))}
    return names if names and wanted == set(scenario.variants) and set(names) <= set(MEASURE_NAMES) else ()


def labels(frame: StudyFrame, tongue: Tongue) -> dict[str, str]:
    """Variant -> what it is called."""
    measures = factorial_measures(frame.scenario)
    if not measures:
        return {name: label(tongue, name) for name in frame.variants}
    named = {}
    for subset in range(2 ** len(measures)):
        held = [measure_name(tongue, name) for bit, name in enumerate(measures) if subset >> bit & 1]
        whole = tongue.say(ALL) if len(held) == len(measures) else ", ".join(held)
        named[subset_name(measures, subset)] = whole or tongue.say(NO_MEASURE)
    return named


def label(tongue: Tongue, variant: str) -> str:
    """The name of a variant in words; packaged ones are translated."""
    plain = variant.replace("_", " ")
    return tongue.say(plain) if tongue.knows(plain) else plain


def changes(base: Scenario, own: Scenario, tongue: Tongue) -> str:
    """What a policy changes, by measure and section: `training off; drills at another level`."""
    said = [
        _measure(tongue, name, bool(own.measures[name]))
        for name in MEASURES
        if base.measures[name] != own.measures[name]
    ]
    said += [tongue.say(text) for key, text in SECTIONS.items() if getattr(base, key) != getattr(own, key)]
    return "; ".join(said) or tongue.say("nothing: the baseline, or the same again")


def _measure(tongue: Tongue, name: str, held: bool) -> str:
    named = measure_name(tongue, name)
    return (
        tongue.say("{measure} at another level", measure=named) if held else tongue.say("{measure} off", measure=named)
    )
