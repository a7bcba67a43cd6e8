"""The words of figures as texts with gaps that the catalogue translates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from sim.missions import load_mission, packaged_missions
from sim.present.answer_sentences import NAMES
from sim.present.locale import noted
from sim.present.report.labels import MEASURE_NAMES, NOUNS, french_regions

if TYPE_CHECKING:
    from sim.present.locale import Tongue

UNITS = noted(
    "persons", "events", "devices", "convoys", "person-days", "km", "vehicle-days", "hours", "minutes", "attacks",
)  # fmt: skip
PHRASES = noted(
    "difference, {unit}",
    "average with 95 % interval: likely or very likely",
    "cannot tell, or rests on assumption",
    "95 % for all variants at once",
    "95 % of what chance alone makes of two histories",
    "95 % of what chance alone makes of two histories, at least",
    "{variant} (baseline)",
    "{unit}, end of month",
    "{unit} per month",
    "{unit} per quarter",
    "median of {n} histories",
    "middle 50 %",
    "90 %",
    "median of the baseline",
    "record",
    "record withheld for testing",
    "Two kinds of lives",
    "Effort and lives of peacekeepers",
    "peacekeepers killed, difference (persons)",
    "civilians killed, difference (persons)",
    "effort, difference (thousand person-days)",
    "baseline",
    "no other is better in both",
    "another is better in both",
    "means with 95 % Monte Carlo error",
    "Peacekeepers killed: {n} in all",
    "Civilians killed: {n} in all",
    "fewer  |  more deaths per cell, mean of {n} pairs",
    "{outcome} averted ({unit})",
    "all together",
    "averts",
    "adds",
    "95 % of the average",
    "alone",
    "added last",
    "deaths per month",
    "deaths per year",
    "persons since {month} {n}",
    "reported attacks per year",
    "thousand, month end",
    "thousand persons",
    "patrols per day",
    "IED",
    "IED then ambush",
    "direct fire",
    "indirect fire",
    "complex attack",
    "outlined: record",
    "simulated: seed {n}",
    "Peacekeepers killed by malicious acts",
    "Peacekeepers wounded by malicious acts",
    "Reported attacks on the mission, by tactic",
    "Civilians killed",
    "Internally displaced persons",
    "Strength of the mission (input)",
    "Patrols of the mission",
    "simulated deaths per cell in the period, seed {n}",
    "base, {n} persons on average",
    "road (straight between towns)",
)  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
_NUMBER = re.compile(r"^[+\-\N{MINUS SIGN}]?[\d.,]*\d(e-?\d+)?( ?[kM])?( km)?( \(.*\))?$")
_LETTER = re.compile(r"[^\W\d_]")
_DATE = re.compile(r"^(\d{4})?-?([A-Z][a-z]{2})?-?(\d{1,2})?$")
_GAP = re.compile(r"\{(\w+)\}")


def translated(text: str, tongue: Tongue, named: Mapping[str, str]) -> str | None:
    """A text of a figure in this language; None where it is not among the words of figures."""
    if text in named:
        return named[text]
    if text in _same():
        return text if tongue.language == "en" else _spelled(text)
    if _NUMBER.match(text) or not _LETTER.search(text):
        return _number(text, tongue)
    if _DATE.match(text):
        return _date(text, tongue)
    outcomes = {NAMES[name]: name for name in NOUNS if name in NAMES}
    if text in outcomes:
        return tongue.plural(*NOUNS[outcomes[text]], 2)
    plain = text.replace("\n", " ")
    for phrase in (*PHRASES, *UNITS, *MEASURE_NAMES.values()):
        found = _pattern(phrase).match(plain)
        said = _filled(phrase, found.groupdict(), tongue, named) if found else None
        if said is not None:
            return said
    return None


def _filled(phrase: str, gaps: Mapping[str, str], tongue: Tongue, named: Mapping[str, str]) -> str | None:
    values = {name: translated(value, tongue, named) for name, value in gaps.items()}
    return None if None in values.values() else tongue.say(phrase, **values)


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    parts = _GAP.split(phrase)
    return re.compile(
        "".join(re.escape(part) if n % 2 == 0 else f"(?P<{part}>.+)" for n, part in enumerate(parts)) + "$"
    )


def _number(text: str, tongue: Tongue) -> str:
    if tongue.language == "en":
        return text.replace("-", "\N{MINUS SIGN}") if text.startswith("-") else text
    spaced = re.sub(r"(?<=\d),(?=\d{3})", "\N{NARROW NO-BREAK SPACE}", text)
    return re.sub(r"^-", "\N{MINUS SIGN}", re.sub(r"(?<=\d)\.(?=\d)", ",", spaced))


def _date(text: str, tongue: Tongue) -> str:
    if tongue.language == "en":
        return text
    short = {name[:3]: tongue.months()[number] for number, name in enumerate(MONTHS, 1)}
    return re.sub(r"[A-Z][a-z]{2}", lambda found: short.get(found[0], found[0]), text)


def _spelled(text: str) -> str:
    if text in MONTHS:
        from babel.dates import get_month_names

        return str(get_month_names("wide", locale="fr")[MONTHS.index(text) + 1])
    french = french_regions()
    return french.get(text) or french.get(text.capitalize(), text).upper() if text.isupper() else french.get(text, text)


@cache
def _same() -> frozenset[str]:
    words = [load_mission(name).vocabulary for name in packaged_missions()]
    regions = [region for one in words for region in one.regions]
    bases = [base for one in words for base in one.bases]
    return frozenset({*regions, *(name.upper() for name in regions), *bases, *MONTHS})
