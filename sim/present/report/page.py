"""A page from its template: one file of HTML that asks for nothing else, and into which no text comes unescaped."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sim.present.report.policy_names import label

if TYPE_CHECKING:
    from jinja2 import Environment

    from sim.present.locale import Tongue
    from sim.scenario import Scenario


@dataclass(frozen=True)
class Question:
    """What a scenario asks: its own words, and whether they are in the language of the page."""

    title: str
    narrative: str
    sources: tuple[str, ...]
    period: tuple[str, str]
    language: str  # of title, narrative and sources

    @classmethod
    def of(cls, scenario: Scenario, tongue: Tongue) -> Question:
        """The words of a scenario; those of packaged ones are translated, others stay as they were written."""
        title, narrative = scenario.title or label(tongue, scenario.name), " ".join(scenario.narrative.split())
        ours = all(tongue.knows(text) for text in (title, narrative, *scenario.sources) if text)
        say = tongue.say if ours else str
        days = tuple(tongue.day(day) for day in (scenario.period.start, scenario.period.end))
        sources = tuple(say(source) for source in scenario.sources)
        language = tongue.language if ours else ""
        return cls(say(title), say(narrative) if narrative else "", sources, (days[0], days[1]), language)


def rendered(template: str, tongue: Tongue, **values: Any) -> str:
    """The page of a template of ours; ``values`` are data and never templates."""
    style, script = text_of("page.css"), text_of("explore.js")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    page = environment().get_template(template)
    return page.render(tongue=tongue, say=tongue.say, style=style, script=script, script_digest=digest, **values)


@cache
def text_of(name: str) -> str:
    """A file beside the templates, as it stands."""
    return (files("sim.present.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Templates of this package alone, everything escaped, no name forgotten."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FunctionLoader(text_of), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["ours"] = Markup  # our own style, script and figures: nothing that a file said
    return made
