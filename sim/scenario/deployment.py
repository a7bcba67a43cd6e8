"""The mission's strength: observed, as planned at its start, or given; and troops moved between bases."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sim._util.dated import ONE_DAY, Path
from sim.scenario.episodes import Context, path_of
from sim.scenario.layers import Keys
from sim.scenario.parts import DeploymentKind, Move
from sim.scenario.registry import SHOCKS
from sim.scenario.relative import Relative
from sim.scenario.sections import given

KEYS: Keys = ("shocks", "deployment")

MOST_TROOPS = SHOCKS["deployment"].levers["strength"].maximum

Knot = tuple[date, float]


def strength(context: Context, parts: Sequence[Any] | None) -> tuple[Path, DeploymentKind]:
    """The path of uniformed persons; ``parts`` None: nothing was said, empty: off."""
    words = context.vocabulary
    if parts is None:
        return words.strength, "observed"
    if not parts:
        return as_planned(words.planned_strength, words.strength, words.last_day), "planned"
    path = words.strength
    kind: DeploymentKind = "observed"
    for keys, part in zip(context.numbered(KEYS, len(parts)), parts, strict=True):
        if part.strength is not None or part.move is None:
            path, kind = _given(context, part, keys, path), "given"
            continue
        for key in ("start", "end"):
            if getattr(part, key) is not None:
                raise context.error((*keys, key), "of a strength, and none is given; write it in the move")
    return path, kind


def moves(context: Context, parts: Sequence[Any]) -> tuple[Move, ...]:
    """The moves in the order written, which is the order in which they are made."""
    found: list[Move] = []
    for keys, whole in zip(context.numbered(KEYS, len(parts)), parts, strict=True):
        written = whole.move or ()
        ways = context.numbered((*keys, "move"), len(written))
        found += [_move(context, part, way) for way, part in zip(ways, written, strict=True)]
    return tuple(found)


def _move(context: Context, part: Any, keys: Keys) -> Move:
    written = given(part)
    for key, example in (("from", "BASE"), ("to", "BASE"), ("persons", "NUMBER")):
        if key not in written:
            raise context.error(keys, f"no {key}; write {key}: {example}")
    if written["from"] == written["to"]:
        raise context.error((*keys, "to"), f"the base they leave, {written['from']}; name another one")
    start, end = context.times(part, keys)
    if start.day > 1 and (start.year, start.month) == (end.year, end.month):
        raise context.error(keys, f"no month begins from {start} to {end}; troops move on the first of a month")
    for key in ("from", "to"):
        _refuse_closed(context, written[key], (*keys, key), start, end)
    return Move(written["from"], written["to"], written["persons"], start, end)


def _refuse_closed(context: Context, base: str, keys: Keys, start: date, end: date) -> None:
    opened, closed = context.open_days(base)
    if opened > end:
        raise context.error(keys, f"{base} opens on {opened}; move later, or write bases: {{{base}: {{opened: DATE}}}}")
    if closed is not None and closed <= start:
        raise context.error(
            keys, f"{base} closed on {closed}; move before, or write bases: {{{base}: {{closed: DATE}}}}"
        )


def as_planned(plan: Path, observed: Path, last: date) -> Path:
    """The plan until, once full, the strength observed reaches it (on ``last`` if never); observed from then."""
    day = plan.dates[plan.values.index(max(plan.values))]
    while day < last and observed.at(day) < plan.at(day):
        day += ONE_DAY
    eve = day - ONE_DAY
    return Path.of(
        [*_until(plan, eve), (eve, plan.at(eve)), (day, observed.at(day)), *_after(observed, day)],
        linear=True,
    )


def _given(context: Context, part: Any, keys: Keys, otherwise: Path) -> Path:
    """The strength written for a time, straight lines between its dates, and the other path outside it.

    A change is one of the other path.
    """
    if part.strength is None:
        raise context.error(keys, "no strength; write strength: 0 to 50000, DATE: NUMBER pairs, or '+1000 troops'")
    start, end = context.times(part, keys)
    if isinstance(part.strength, Relative):
        days = sorted({start, end, *(day for day in otherwise.dates if start < day < end)})
        knots: list[Knot] = [(day, _checked(context, keys, part.strength, otherwise.at(day))) for day in days]
    else:
        written = path_of(part.strength, linear=True)
        knots = [(day, written.at(day)) for day in (start, *written.dates, end) if start <= day <= end]
    if start > context.vocabulary.first_day:
        eve = start - ONE_DAY
        knots += [*_until(otherwise, eve), (eve, otherwise.at(eve))]
    if end < context.vocabulary.last_day:
        morrow = end + ONE_DAY
        knots += [(morrow, otherwise.at(morrow)), *_after(otherwise, morrow)]
    return Path.of(knots, linear=True)


def _checked(context: Context, keys: Keys, change: Relative, inherited: float) -> float:
    value = change.of(inherited)
    if not 0 <= value <= MOST_TROOPS:
        text = (
            f"{change.text!r} of what is inherited gives {value:,.0f}; allowed 0 to {MOST_TROOPS:,} (uniformed persons)"
        )
        raise context.error((*keys, "strength"), text)
    return value


def _until(path: Path, last: date) -> list[Knot]:
    return [(day, value) for day, value in zip(path.dates, path.values, strict=True) if day <= last]


def _after(path: Path, day: date) -> list[Knot]:
    return [(knot, value) for knot, value in zip(path.dates, path.values, strict=True) if knot > day]
