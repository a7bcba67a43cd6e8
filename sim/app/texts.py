"""The texts of the page in the mission's two languages.

English texts stand in the code and are their own keys; ``words/fr.po`` holds the French.  ``noted`` marks a text that
is translated where it is shown; tests find texts by ``noted(`` in Python and ``say(`` in the page's scripts.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sim.scenario import MEASURES


def noted(text: str) -> str:
    """The text as it is."""
    return text


MEASURE_NAMES = {
    "training": noted("Training"),
    "patrols": noted("Patrols"),
    "route_clearance": noted("Route clearance"),
    "convoy_escort": noted("Convoy escort"),
    "drills": noted("Rehearsals and drills"),
    "joint_patrols": noted("Joint patrols"),
    "checkpoints": noted("Checkpoints"),
    "equipment": noted("Protected vehicles"),
    "base_protection": noted("Base protection"),
    "medevac": noted("Medical evacuation"),
    "quick_reaction": noted("Quick reaction"),
    "coordination": noted("Coordination"),
    "information": noted("Information"),
    "protection_of_civilians": noted("Protection of civilians"),
    "civil_projects": noted("Civil projects"),
    "election_security": noted("Election security"),
    "disarmament": noted("Disarmament"),
}
OUTCOME_NAMES = {
    "peacekeepers_killed": noted("mission deaths"),
    "peacekeepers_wounded": noted("wounded peacekeepers"),
    "civilians_killed": noted("civilian deaths"),
    "civilians_displaced": noted("new displacements"),
}

TOO_EARLY = noted("too early to say")
VERDICTS = (
    TOO_EARLY,
    noted("very likely fewer"),
    noted("very likely more"),
    noted("likely fewer"),
    noted("likely more"),
    noted("cannot tell"),
    noted("rests on assumption"),
    noted("no difference"),
)


@cache
def catalogue(language: str) -> dict[str, str]:
    """English text -> text in a language; empty for English."""
    if language == "en":
        return {}
    from babel.messages.pofile import read_po

    with (files("sim.app") / "words" / f"{language}.po").open("rb") as file:
        known = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in known if message.id and message.string}


def say(language: str, text: str) -> str:
    """A text in a language; the English where the catalogue lacks it."""
    return catalogue(language).get(text, text)


def texts_of_measures() -> tuple[str, ...]:
    """Texts of the measures' table that the page shows."""
    return tuple(text for row in MEASURES.values() for text in (row.unit, row.claim))
