"""The texts of the page in the mission's two languages.

English texts stand in the code and are their own keys; ``words/fr.po`` holds the French.  ``noted`` marks a text that
is translated where it is shown; tests find texts by ``noted(`` in Python and ``say(`` in the page's scripts.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sim.scenario.registry import MEASURES, OUTCOMES


def noted(text: str) -> str:
    """The text as it is."""
    return text


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


def heading(text: str) -> str:
    """A label as it stands at the head of a row."""
    return text[0].upper() + text[1:]


def texts_of_rows() -> tuple[str, ...]:
    """Texts of registry rows that the page shows."""
    measures = (text for row in MEASURES.values() for text in (heading(row.label), row.unit, row.claim))
    return (*measures, *(row.label for row in OUTCOMES.values() if row.in_app))
