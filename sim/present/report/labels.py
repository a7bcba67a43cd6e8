"""Names that a page shows: outcomes, costs, measures, factors, regions, words for how sure; all of them translated."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sim.inference.comparison.differences import CANNOT_TELL, NO_DIFFERENCE, RESTS_ON_ASSUMPTION
from sim.missions import load_mission, packaged_missions
from sim.present.locale import noted
from sim.scenario.registry import COUNTED, MEASURES, OUTCOMES, RATES

if TYPE_CHECKING:
    from sim.present.locale import Tongue

# outcome or cost -> one, many: what a number stands before
NOUNS = {name: (row.singular, row.label) for name, row in COUNTED.items() if row.singular}
MEASURE_NAMES = {name: row.label for name, row in MEASURES.items()}
CLAIMS = {name: row.brief for name, row in MEASURES.items() if row.brief}  # of the explorer's switches
UNITS = {row.unit: row.unit for row in MEASURES.values()}
SECTIONS = {  # of a scenario, as a variant may change them
    "period": noted("the period"),
    "settings": noted("the resolution"),
    "parameters": noted("parameters"),
    "processes": noted("processes switched"),
    "shocks": noted("political events and deployment"),
    "forces": noted("other forces"),
    "elections": noted("elections"),
    "organisations": noted("armed organisations"),
}
FACTOR_NAMES = {
    "exposure": noted("exposure"),
    "attacks per exposure": noted("attacks per exposure"),
    "casualty share": noted("share of attacks with casualties"),
    "hits per attack": noted("hits per attack"),
    "lethality": noted("share of hits that kill"),
}
VERDICTS = (
    noted("very likely fewer"),
    noted("very likely more"),
    noted("likely fewer"),
    noted("likely more"),
    noted("cannot tell"),
    noted("rests on assumption"),
    noted("no difference"),
)
WEAK = (CANNOT_TELL, RESTS_ON_ASSUMPTION, NO_DIFFERENCE)
DEFINITIONS = {name: row.recorded for name, row in OUTCOMES.items() if row.recorded}  # what the record counted
QUANTITIES = (  # lines of the table of a run
    noted("peacekeepers killed"),
    noted("per 1,000 personnel-years"),
    noted("peacekeepers wounded"),
    noted("died by accident or illness"),
    noted("reported attacks: IED"),
    noted("reported attacks: IED then ambush"),
    noted("reported attacks: direct fire"),
    noted("reported attacks: indirect fire"),
    noted("reported attacks: complex"),
    noted("IED incidents, nationwide"),
    noted("civilians killed"),
    noted("internally displaced, year end"),
    noted("patrols a day"),
    noted("escorts a week"),
)


def name_of(tongue: Tongue, item: str) -> str:
    """What an outcome, a cost or a rate is called at the head of a column."""
    if item in RATES:
        return tongue.say(RATES[item].label)
    one, many = NOUNS[item]
    return tongue.plural(one, many, 2)


def counted(tongue: Tongue, item: str, count: float) -> str:
    """The noun that goes with a count, without the count."""
    return tongue.plural(*NOUNS[item], count)


def measure_name(tongue: Tongue, measure: str) -> str:
    """A measure in words."""
    return tongue.say(MEASURE_NAMES[measure])


def region_name(tongue: Tongue, region: str) -> str:
    """A region as this language spells it."""
    return french_regions().get(region, region) if tongue.language == "fr" else region


@cache
def french_regions() -> dict[str, str]:
    """French names of regions of the packaged missions, where they differ."""
    facts = [load_mission(name).facts.regions for name in packaged_missions()]
    return {name: region.french for regions in facts for name, region in regions.items() if region.french}


def quantity_of(tongue: Tongue, name: str) -> str:
    """A drawn number in words: a measure's intensity, or the name of a parameter."""
    if name.startswith("measures."):
        return tongue.say("intensity of {measure}", measure=measure_name(tongue, name.split(".")[1]))
    return name
