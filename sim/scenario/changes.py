"""What a scenario changes against its base: what, where, when, from what to what, and the troops that it binds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from sim._util.dated import ONE_DAY
from sim.missions import Mission
from sim.scenario.parts import Episode, Organisation, Period, Place
from sim.scenario.registry import MEASURES, Measure
from sim.scenario.scenario import Scenario

SMALLEST = 0.5  # persons: less is a matter of rounding
Kind = Literal["measure", "strength", "move", "base", "shock", "force", "organisation", "parameter", "process", "other"]


@dataclass(frozen=True)
class Change:
    """One thing that differs, for a time at some places (none named: everywhere).

    ``before`` and ``after`` are levels in the unit of a measure, persons, or the value of a parameter; None: not given,
    or not a number.  ``troops``: persons that a change of a measure binds every day on average over the period, None
    where that does not follow from its level.
    """

    kind: Kind
    name: str
    start: date
    end: date
    before: float | None = None
    after: float | None = None
    regions: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    troops: float | None = None


def changes(scenario: Scenario, base: Scenario) -> tuple[Change, ...]:
    """Everything that differs in the period of the scenario, measures first."""
    return (
        *(change for row in MEASURES.values() for change in _measure(row, scenario, base)),
        *_strength(scenario, base),
        *_bases(scenario, base),
        *_others(scenario, base),
    )


def _measure(row: Measure, scenario: Scenario, base: Scenario) -> Iterator[Change]:
    before, after = base.measures[row.name], scenario.measures[row.name]
    if before == after:
        return
    mission = scenario.mission
    places = mission.regions if row.scope == "region" else tuple(mission.vocabulary.bases)
    by_span: dict[tuple[date, date, float, float], list[str]] = {}
    for place in places:
        for span in _spans(
            row, (_inherits(base.mission, scenario.mission, place), place), before, after, scenario.period
        ):
            by_span.setdefault(span, []).append(place)
    for (start, end, old, new), named in by_span.items():
        regions, bases = _named(mission, tuple(named), places, row)
        troops = _troops(row, scenario, (start, end), tuple(named), new - old)
        yield Change("measure", row.name, start, end, old, new, regions, bases, troops)


def _inherits(before: Mission, after: Mission, place: str) -> str:
    """The place whose levels it had before: its own, or for a new base those of a base in its region."""
    known, now = before.vocabulary.bases, after.vocabulary.bases
    if place in before.regions or place in known:
        return place
    return next((name for name in known if known[name].region == now[place].region), next(iter(known)))


def _spans(
    row: Measure, place: tuple[str, str], before: Sequence[Episode], after: Sequence[Episode], period: Period
) -> Iterator[tuple[date, date, float, float]]:
    """(first day, last day, level before, level after) at a place, before and after, where the two differ."""
    days = {period.start, period.end + ONE_DAY}
    for episode in (*before, *after):
        days |= {episode.start, episode.end + ONE_DAY, *episode.level.dates}
    edges = sorted(day for day in days if period.start <= day <= period.end + ONE_DAY)
    found: list[tuple[date, date, float, float]] = []
    for start, morrow in pairwise(edges):
        old, new = (_level(row, at, each, start) for at, each in zip(place, (before, after), strict=True))
        if found and found[-1][1] + ONE_DAY == start and found[-1][2:] == (old, new):
            start = found.pop()[0]
        found.append((start, morrow - ONE_DAY, old, new))
    yield from (span for span in found if span[2] != span[3])


def _level(row: Measure, place: str, episodes: Sequence[Episode], day: date) -> float:
    for episode in episodes:
        held = episode.place.regions if row.scope == "region" else episode.place.bases
        if episode.start <= day <= episode.end and place in held:
            return episode.level.at(day)
    return row.reference


def _named(
    mission: Mission, named: tuple[str, ...], places: Sequence[str], row: Measure
) -> tuple[tuple[str, ...], ...]:
    """Regions whose every base is named, and the other bases; nothing where it is all of them."""
    if named == tuple(places):
        return (), ()
    if row.scope == "region":
        return named, ()
    bases = mission.vocabulary.bases
    whole = [
        region
        for region in mission.regions
        if (own := [name for name in bases if bases[name].region == region]) and {*own} <= {*named}
    ]
    return tuple(whole), tuple(name for name in named if bases[name].region not in whole)


def _troops(
    row: Measure, scenario: Scenario, span: tuple[date, date], named: tuple[str, ...], more: float
) -> float | None:
    """Persons a day, on average over the days of the period, which a change of level binds."""
    if row.binds is None:
        return None
    parameter = scenario.mission.parameters.get(row.binds.parameter)
    each = 1.0 if parameter is None else scenario.parameters.get(row.binds.parameter, parameter.value)
    start, end = span
    days = (end - start).days + 1
    middle = start + ONE_DAY * (days // 2)
    number = {"country": 1.0, "base": float(len(named))}.get(row.binds.per)
    if number is None:
        number = scenario.shocks.strength.at(middle) * _share(scenario.mission, named, middle.year)
    return more * row.binds.share * each * number * days / scenario.period.days


def _share(mission: Mission, named: Sequence[str], year: int) -> float:
    """The share of the mission's troops at some bases, by the table of contingents."""
    rows = mission.rows("contingents")
    years = sorted({int(row["year"]) for row in rows})
    held = max((each for each in years if each <= year), default=years[0])
    shares = [(row["base"], float(row["share"])) for row in rows if int(row["year"]) == held]
    total = sum(share for _, share in shares)
    return sum(share for base, share in shares if base in named) / total


def _strength(scenario: Scenario, base: Scenario) -> Iterator[Change]:
    period = scenario.period
    before, after = (each.shocks.strength for each in (base, scenario))
    days = [period.start + ONE_DAY * n for n in range(period.days)] if before != after else []
    differ = [day for day in days if abs(before.at(day) - after.at(day)) >= SMALLEST]
    if differ:
        old, new = (sum(map(path.at, differ)) / len(differ) for path in (before, after))
        yield Change("strength", "strength", differ[0], differ[-1], old, new)
    for move in scenario.shocks.moves:
        if move not in base.shocks.moves:
            where = (move.origin, move.destination)
            yield Change("move", "move", move.start, move.end, None, float(move.persons), bases=where)


def _bases(scenario: Scenario, base: Scenario) -> Iterator[Change]:
    """Bases that are new or have other days: open from ``start`` to ``end``; ``before``: whether it was there."""
    known = base.mission.vocabulary.bases
    for name, own in scenario.bases.items():
        if own != base.bases.get(name):
            fact = scenario.mission.vocabulary.bases[name]
            last = own.closed or fact.closed or scenario.period.end
            yield Change("base", name, own.opened or fact.opened, last, float(name in known), 1.0, bases=(name,))


def _others(scenario: Scenario, base: Scenario) -> Iterator[Change]:
    start, end = scenario.period.start, scenario.period.end
    for kind, name, old, new, shown in _parts(scenario, base):
        if old != new:
            yield Change(kind, name, start, end, shown(old), shown(new))


def _parts(scenario: Scenario, base: Scenario) -> Iterator[tuple[Kind, str, Any, Any, Callable[[Any], float | None]]]:
    """(kind, name, before, after, number shown) of what is no measure and no strength."""
    period = scenario.period
    middle = period.start + (period.end - period.start) / 2
    for name in ("coup", "contributor_exit", "protests", "consent", "pause", "withdrawal"):
        old, new = (_known(base, _until(each, name)) for each in (base, scenario))
        yield "shock", name, old, new, lambda found: float(bool(found))
    for name in scenario.forces:
        yield "force", name, base.forces[name], scenario.forces[name], lambda path: float(path.at(middle))
    for name in scenario.organisations:
        yield "organisation", name, base.organisations[name], scenario.organisations[name], _fighters
    for name in dict.fromkeys((*base.parameters, *scenario.parameters)):
        yield "parameter", name, _parameter(base, name), _parameter(scenario, name), float
    for name in scenario.processes:
        yield "process", name, base.processes[name], scenario.processes[name], float
    for name in ("elections", "settings", "uncertainties"):
        old, new = (_known(base, getattr(each, name)) for each in (base, scenario))
        yield "other", name, old, new, lambda _: None


def _known(base: Scenario, found: Any) -> Any:
    """Episodes without the bases that the base scenario does not have; everything else as it is."""
    if not isinstance(found, tuple) or not all(hasattr(each, "place") for each in found):
        return found
    names = base.mission.vocabulary.bases
    return tuple(
        replace(each, place=Place(each.place.regions, tuple(name for name in each.place.bases if name in names)))
        for each in found
    )


def _until(scenario: Scenario, name: str) -> Any:
    """A shock without what begins after the period or ends before it."""
    found, period = getattr(scenario.shocks, name), scenario.period
    if found is None or name == "contributor_exit":
        return found
    if name == "withdrawal":
        return found if found.start <= period.end else None
    return tuple(
        each
        for each in found  # a coup has no end
        if each.start <= period.end and (name == "coup" or each.end >= period.start)
    )


def _fighters(organisation: Organisation) -> float | None:
    return organisation.fighters if organisation.present else 0.0


def _parameter(scenario: Scenario, name: str) -> float:
    given: Mapping[str, float] = scenario.parameters
    return given[name] if name in given else scenario.mission.parameters[name].value
