"""What a scenario changes against its base, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.present.locale import N_
from sim.scenario import MEASURES, SHOCKS, changes

if TYPE_CHECKING:
    from sim.present.locale import Locale
    from sim.scenario import Change, Measure, Scenario

MOST = 6  # changes that one sentence names

OTHERS = {
    "elections": N_("other days of elections"),
    "settings": N_("another resolution"),
    "uncertainties": N_("other uncertainties"),
}


def changes_lines(locale: Locale, scenario: Scenario, base: Scenario | None) -> tuple[str, ...]:
    """A line for each change, then the troops that they bind; one line where nothing changes."""
    found = changes(scenario, base) if base is not None else ()
    if not found:
        return (locale.gettext("nothing"),)
    bound = [change.troops for change in found if change.troops is not None]
    lines = [_line(locale, scenario, change) for change in found]
    if bound:
        lines.append(_bound(locale, scenario, sum(bound)))
    return tuple(lines)


def changes_text(locale: Locale, scenario: Scenario, base: Scenario | None) -> str:
    """The changes in one line, the first ``MOST`` of them; a measure that is off everywhere without its levels."""
    found = changes(scenario, base) if base is not None else ()
    gone = {name for name, row in MEASURES.items() if _is_off(row, scenario)}
    said = list(dict.fromkeys(_short(locale, scenario, change, gone) for change in found))
    if len(said) > MOST:
        said[MOST:] = [locale.gettext("{n} more changes", n=len(said) - MOST)]
    return "; ".join(said) or locale.gettext("nothing")


def _is_off(row: Measure, scenario: Scenario) -> bool:
    return all(level == row.reference for episode in scenario.measures[row.name] for level in episode.level.values)


def _short(locale: Locale, scenario: Scenario, change: Change, gone: set[str]) -> str:
    if change.kind == "measure" and change.name in gone:
        return locale.gettext("{measure} off", measure=locale.gettext(MEASURES[change.name].label))
    return _line(locale, scenario, change)


def _line(locale: Locale, scenario: Scenario, change: Change) -> str:
    match change.kind:
        case "measure":
            text = _measure(locale, change)
        case "strength":
            text = locale.gettext(
                "troops: {before} to {after} on average ({more})",
                before=locale.number(change.before or 0.0),
                after=locale.number(change.after or 0.0),
                more=locale.signed((change.after or 0.0) - (change.before or 0.0)),
            )
        case "move":
            origin, destination = change.bases
            number = locale.number(change.after or 0.0)
            text = locale.gettext("{n} troops moved from {origin} to {destination}", n=number, origin=origin,
                                  destination=destination)  # fmt: skip
        case "base":
            dates = {"first": locale.date(change.start), "last": locale.date(change.end)}
            if change.before:
                return locale.gettext("{base} base open from {first} to {last}", base=change.name, **dates)
            return locale.gettext("new base {base}, from {first} to {last}", base=change.name, **dates)
        case "shock":
            return _happening(locale, change, locale.gettext(SHOCKS[change.name].label))
        case "process":
            off = locale.gettext("process {name} off", name=change.name)
            return locale.gettext("process {name} on", name=change.name) if change.after else off
        case "other":
            return locale.gettext(OTHERS[change.name])
        case _:
            return _value(locale, change)
    return text + _when(locale, scenario, change)


def _measure(locale: Locale, change: Change) -> str:
    row = MEASURES[change.name]
    values = {
        "measure": locale.gettext(row.label) + _where(locale, change),
        "before": locale.significant(change.before or 0.0),
        "after": locale.significant(change.after or 0.0),
        "unit": locale.gettext(row.unit),
    }
    if change.after == row.reference:
        return locale.gettext("{measure} off: {before} to {after} {unit}", **values)
    return locale.gettext("{measure}: {before} to {after} {unit}", **values)


def _where(locale: Locale, change: Change) -> str:
    places = (*change.regions, *(locale.gettext("{base} base", base=base) for base in change.bases))
    return " " + locale.gettext("in {places}", places=", ".join(places)) if places else ""


def _when(locale: Locale, scenario: Scenario, change: Change) -> str:
    period = scenario.period
    if (change.start, change.end) == (period.start, period.end):
        return ""
    first, last = (locale.date(day) for day in (change.start, change.end))
    return ", " + locale.gettext("{first} to {last}", first=first, last=last)


def _happening(locale: Locale, change: Change, name: str) -> str:
    if not change.after:
        return locale.gettext("no {event}", event=name)
    if not change.before:
        return locale.gettext("{event} added", event=name)
    return locale.gettext("another {event}", event=name)


def _value(locale: Locale, change: Change) -> str:
    """A force, an organisation or a parameter."""
    before, after = (
        locale.gettext("as packaged") if value is None else locale.significant(value)
        for value in (change.before, change.after)
    )
    return locale.gettext("{name}: {before} to {after}", name=change.name, before=before, after=after)


def _bound(locale: Locale, scenario: Scenario, persons: float) -> str:
    period = scenario.period
    strength = scenario.shocks.strength.at(period.start + (period.end - period.start) / 2)
    values = {"n": locale.number(abs(persons)), "strength": locale.number(strength)}
    if abs(persons) < 0.5:
        return locale.gettext("the same number of troops is bound as before, of {strength}", **values)
    if persons > 0:
        return locale.gettext(
            "binds about {n} more of {strength} troops every day, who are missing elsewhere", **values
        )
    return locale.gettext("frees about {n} of {strength} troops every day for other tasks", **values)
