"""Notes on a valid scenario: what in its own file changes nothing, and what lies far outside the record."""

from collections.abc import Iterator, Sequence
from typing import Any

from sim._util.dated import Path
from sim.scenario.episodes import Context
from sim.scenario.layers import SET, Keys
from sim.scenario.parts import Place
from sim.scenario.registry import MEASURES, Measure
from sim.scenario.scenario import Scenario
from sim.scenario.schema import parse
from sim.scenario.sections import given
from sim.scenario.validators import is_off

BAND = (0.5, 1.5)  # of a recorded strength: a note names what lies outside


def notes(scenario: Scenario) -> tuple[str, ...]:
    """One line each, with the place in the file."""
    layer, words = scenario.layer, scenario.mission.vocabulary
    context = Context(layer, words, scenario.period)
    document = parse(layer, words)
    found = [
        *_without_effect(context, given(document.measures)),
        *_strengths(scenario),
    ]
    own = layer.mark(()).file
    marks = [(layer.mark(keys), keys, text) for keys, text in found]
    return tuple(f"{mark.place}: {'.'.join(keys)}: {text}" for mark, keys, text in marks if mark.file in (own, SET))


def _without_effect(context: Context, measures: dict[str, Any]) -> Iterator[tuple[Keys, str]]:
    for name, row in MEASURES.items():
        parts: Sequence[Any] = measures.get(name, ())
        ways = context.numbered(("measures", name), len(parts))
        for n, (keys, part) in enumerate(zip(ways, parts, strict=True)):
            if remark := _remark(context, row, part, keys):
                yield keys, remark
            elif any(_covers(context, later, part, ways[k]) for k, later in enumerate(parts) if k > n):
                yield keys, "a later line says otherwise for all of its time and place; it changes nothing"


def _remark(context: Context, row: Measure, part: Any, keys: Keys) -> str:
    start, end = context.times(part, keys)
    place = context.place(part)
    if end < context.period.start or start > context.period.end:
        return "outside the period; it changes nothing"
    if row.scope == "base" and not place.bases:
        return f"no base lies in {', '.join(place.regions)}; it changes nothing"
    return ""


def _covers(context: Context, later: Any, part: Any, keys: Keys) -> bool:
    """Whether a later statement names all of the place and time of an earlier one of the same file."""
    (start, end), (first, last) = (context.times(each, keys) for each in (later, part))
    return start <= first and end >= last and _within(context.place(part), context.place(later))


def _within(inner: Place, outer: Place) -> bool:
    return {*inner.regions} <= {*outer.regions} and {*inner.bases} <= {*outer.bases}


def _strengths(scenario: Scenario) -> Iterator[tuple[Keys, str]]:
    """Strengths far from those of the record: of the mission, of other forces, of armed organisations at the start."""
    words = scenario.mission.vocabulary
    if scenario.shocks.deployment == "given":
        yield from _far(scenario, ("shocks", "deployment"), scenario.shocks.strength, words.strength, "troops")
    for name, path in scenario.forces.items():
        yield from _far(scenario, ("forces", name), path, words.forces[name], "persons")
    for row in scenario.mission.rows("organisations"):
        own = scenario.organisations.get(row["organisation"])
        if own is not None and own.present and own.fighters is not None and row["low"] and row["high"]:
            low, high = float(row["low"]), float(row["high"])
            if not low <= own.fighters <= high:
                text = f"{own.fighters:,.0f} fighters; the record has {low:,.0f} to {high:,.0f}"
                yield ("organisations", row["organisation"], "fighters"), text


def _far(scenario: Scenario, keys: Keys, path: Path, record: Path, unit: str) -> Iterator[tuple[Keys, str]]:
    if is_off(scenario.layer.tree.get(keys[0], {}).get(keys[1], False)):
        return
    period = scenario.period
    days = sorted({period.start, period.end, *(day for day in path.dates if period.start < day < period.end)})
    for day in days:
        own, known = path.at(day), record.at(day)
        if known and not BAND[0] * known <= own <= BAND[1] * known:
            yield (
                keys,
                f"{own:,.0f} {unit} on {day}; the record has {known:,.0f}; write '+1000 {unit}' for a change of it",
            )
            return
