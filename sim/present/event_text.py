"""What happened to whom, in words: a simulated event as one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.present.locale import N_

if TYPE_CHECKING:
    from sim.present.locale import Locale

TACTICS = {
    "ied": N_("mine or IED"),
    "ied_then_ambush": N_("IED, then ambush"),
    "direct_fire": N_("direct fire"),
    "indirect_fire": N_("indirect fire"),
    "complex_attack": N_("complex attack"),
    "battle": N_("battle"),
    "raid": N_("raid"),
    "clash": N_("clash"),
    "killing": N_("killings"),
    "find": N_("explosive device found"),
    "accident": N_("accident"),
    "illness": N_("illness"),
}
ACTIVITIES = {
    "patrol": N_("on a patrol"),
    "convoy": N_("on a convoy"),
    "camp": N_("on a camp"),
    "garrison": N_("on a garrison"),
    "settlement": N_("in a settlement"),
    "road": N_("on a road"),
}
FLAGS = {"escorted": N_("escorted"), "cleared": N_("road inspected"), "joint": N_("joint patrol")}
HARM = {
    "peacekeepers_killed": N_("peacekeepers killed: {n}"),
    "peacekeepers_wounded": N_("peacekeepers wounded: {n}"),
    "peacekeepers_died_other": N_("peacekeepers who died: {n}"),
    "contractors_killed": N_("contractors killed: {n}"),
    "civilians_killed": N_("civilians killed: {n}"),
    "civilians_wounded": N_("civilians wounded: {n}"),
    "malian_forces_killed": N_("national soldiers killed: {n}"),
    "partner_forces_killed": N_("partner soldiers killed: {n}"),
    "fighters_killed": N_("fighters killed: {n}"),
}
FOUND = N_("devices found: {n}")
BY, LINE, UNHURT = N_("{tactic} by {actor}"), N_("{date}: {what}; {harm}"), N_("nobody hurt")


def event_line(event: Mapping[str, Any], locale: Locale) -> str:
    """`2016-02-12, Kidal (cell 155834): complex attack by Ansar Dine; peacekeepers killed: 7, ...`."""
    _, tactic = locale.gettext, str(event["tactic"])
    what = _(TACTICS.get(tactic, tactic.replace("_", " ")))
    if event["actor"] != "none":
        what = _(BY, tactic=what, actor=_(str(event["actor"])))
    place = _("{region} (cell {cell})", region=_(str(event["region"])), cell=event["gid"])
    return _(LINE, date=f"{event['date']:%Y-%m-%d}, {place}", what=what, harm=", ".join(_harm(event, locale)))


def _harm(event: Mapping[str, Any], locale: Locale) -> Iterator[str]:
    for column, text in HARM.items():
        if event[column]:
            yield locale.gettext(text, n=locale.number(int(event[column])))


def event_words(locale: Locale) -> dict[str, Any]:
    """The words of events in one language, for a page that lays out thousands of them."""

    def translated(words: Mapping[str, str]) -> dict[str, str]:
        return {name: locale.gettext(text) for name, text in words.items()}

    return {
        "tactics": translated(TACTICS),
        "activities": translated(ACTIVITIES),
        "flags": translated(FLAGS),
        "harm": translated({**HARM, "devices_found": FOUND}),
        **translated({"by": BY, "line": LINE, "unhurt": UNHURT}),
    }
