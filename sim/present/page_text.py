"""The fixed texts of the browser view by key, and its headings that name an outcome or a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.present.event_text import event_words
from sim.present.labels import outcome_name, policy_name
from sim.present.locale import N_

if TYPE_CHECKING:
    from sim.present.locale import Locale

TEXTS = {
    "as_in_scenario": N_("As in the scenario"),
    "begin_with": N_("Begin with"),
    "close": N_("Close"),
    "copied": N_("Copied"),
    "outcome": N_("Outcome"),
    "day": N_("Day"),
    "engine": N_("Engine"),
    "link": N_("Link"),
    "load_file": N_("Load a scenario file (drop it or choose it)"),
    "measures": N_("Measures"),
    "more_measures": N_("More measures"),
    "near": N_("Near {town} ({region})"),
    "no_event": N_("No event in the last 90 days."),
    "limits": N_("Not for live operations; not for ranking contributors."),
    "pause": N_("Pause"),
    "play": N_("Play"),
    "player": N_("Player"),
    "play_first": N_("Press play: the difference is drawn day by day."),
    "results": N_("Results"),
    "scenario": N_("Scenario"),
    "seed": N_("Seed"),
    "set_measures_of": N_("Set the measures of"),
    "speed": N_("Speed"),
    "step": N_("Step"),
    "events_of_place": N_("Events at a place"),
    "too_long_for_link": N_("The loaded file is too long for a link: share the file itself."),
    "yaml": N_("YAML"),
    "day_per_second": N_("a day per second"),
    "week_per_second": N_("a week per second"),
    "month_per_second": N_("a month per second"),
    "quarter_per_second": N_("a quarter per second"),
    "all_runs": N_("all runs"),
    "earlier": N_("and {n} earlier"),
    "armed_groups": N_("armed groups"),
    "attack_on_mission": N_("attack on the mission"),
    "base": N_("base"),
    "baseline": N_("baseline"),
    "record_key": N_("black: record"),
    "so_far": N_("{outcome}: {n}"),
    "civilians_hurt": N_("civilians hurt"),
    "convoy": N_("convoy (filled: escorted)"),
    "device_found": N_("device found"),
    "displaced_share": N_("displaced share of a community"),
    "runs_key": N_("faint: runs; bold: medians"),
    "map_help": N_("map; arrow keys choose a cell, Enter shows its events"),
    "off": N_("off"),
    "other_fighting": N_("other fighting"),
    "patrol": N_("patrol"),
    "record_withheld": N_("record withheld"),
    "simulated": N_("simulated"),
    "simulated_note": N_("simulated, never observed"),
    "other_policy": N_("the other policy"),
    "state_of_place": N_(
        "{people} people at home or away, {displaced} % displaced; trust {trust} %, fear {fear} %; about {fighters} "
        "fighters, {soldiers} soldiers of national forces."
    ),
}


def page_texts(locale: Locale) -> dict[str, Any]:
    """The fixed texts in one language, and the words of events."""
    return {key: locale.gettext(text) for key, text in TEXTS.items()} | {"events": event_words(locale)}


def policy_titles(locale: Locale, variants: tuple[str, str], own: tuple[int, int]) -> list[str]:
    """What policies A and B are called; own: how many measures the visitor has set in each."""
    plain = (locale.gettext("baseline"), locale.gettext("the other policy"))
    names = [policy_name(locale, variant) or name for variant, name in zip(variants, plain, strict=True)]
    return [
        locale.gettext("{policy} + {n} set here", policy=name, n=count) if count else name
        for name, count in zip(names, own, strict=True)
    ]


def chart_titles(locale: Locale, outcome: str, mapped: str) -> dict[str, str]:
    """Headings of the charts and of the map, which shows the outcome ``mapped``."""
    place = {
        "civilians_killed": N_("civilian deaths by place, mean of all runs"),
        "peacekeepers_killed": N_("mission deaths by place, mean of all runs"),
    }
    return {
        "course": locale.gettext("{outcome} since the start", outcome=outcome_name(locale, outcome)),
        "running": locale.gettext("Running difference B − A"),
        "paired": locale.gettext("Paired differences B − A"),
        "map": locale.gettext(place[mapped]),
    }
