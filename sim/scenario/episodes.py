"""Episodes: measures and pressures that hold for a time at a place, with all defaults filled in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sim._util.dated import Path
from sim._util.immutable import FrozenMap
from sim.missions.vocabulary import Vocabulary
from sim.scenario.errors import ScenarioError
from sim.scenario.layers import Keys, Layer, child
from sim.scenario.parts import BaseDays, Episode, Period, Place
from sim.scenario.places import everywhere
from sim.scenario.precedence import Statement, Step, laid_over
from sim.scenario.registry import MEASURES, Measure
from sim.scenario.relative import Relative
from sim.scenario.sections import given


@dataclass(frozen=True)
class Context:
    """The layer a document came from, the names it may use, the period of the scenario and the days of its bases."""

    layer: Layer
    vocabulary: Vocabulary
    period: Period
    bases: FrozenMap[str, BaseDays] = field(default_factory=FrozenMap)

    def error(self, keys: Keys, text: str) -> ScenarioError:
        """The error at keys."""
        return self.layer.error(keys, text)

    def numbered(self, keys: Keys, count: int) -> list[Keys]:
        """The keys of each of several mappings: a single one may stand without a list."""
        node: Any = self.layer.tree
        for key in keys:
            node = child(node, key)
        return [(*keys, str(n)) for n in range(count)] if isinstance(node, list) else [keys] * count

    def times(self, part: Any, keys: Keys) -> tuple[date, date]:
        """First and last day, by default those of the period; an episode outside it has an open other end."""
        start, end = part.start, part.end
        if start is None:
            start = self.period.start if end is None or end >= self.period.start else self.vocabulary.first_day
        if end is None:
            end = self.period.end if start <= self.period.end else self.vocabulary.last_day
        if end < start:
            raise self.error((*keys, "end"), f"{end} is before the start, {start}")
        return start, end

    def open_days(self, base: str) -> tuple[date, date | None]:
        """The day on which a base opens, and that on which it closes, if it does."""
        fact, own = self.vocabulary.bases[base], self.bases.get(base)
        if own is None:
            return fact.opened, fact.closed
        return own.opened or fact.opened, own.closed or fact.closed

    def place(self, part: Any) -> Place:
        """Where it holds, by default everywhere."""
        place: Place = part.place or everywhere(self.vocabulary)
        return place


def measures(context: Context, section: Any) -> FrozenMap[str, tuple[Episode, ...]]:
    """The episodes of every measure; none where it stays at its reference level."""
    written = given(section)
    return FrozenMap((name, _measure(context, row, written.get(name, ()))) for name, row in MEASURES.items())


def pressures(context: Context, keys: Keys, parts: Sequence[Any]) -> tuple[Episode, ...]:
    """Protests, denied consent or a pause: episodes whose level is the intensity, 0 before its first date."""
    statements = []
    for way, part in zip(context.numbered(keys, len(parts)), parts, strict=True):
        if part.intensity is None:
            raise context.error(way, "no intensity; write intensity: 0 to 1")
        statements.append(_statement(context, part, way, _steps(part.intensity)))
    return laid_over(statements, 0.0, lambda value, _: value, context.period.start)


def path_of(written: Any, *, linear: bool = False) -> Path:
    """The path of a number or of numbers by date."""
    knots = [(date.min, written)] if isinstance(written, float) else written
    return Path.of(knots, linear=linear)


def _measure(context: Context, row: Measure, parts: Sequence[Any]) -> tuple[Episode, ...]:
    keys = ("measures", row.name)
    statements = [
        _statement(context, part, way, _levels(context, row, part, way))
        for way, part in zip(context.numbered(keys, len(parts)), parts, strict=True)
    ]

    def checked(value: float, change: Relative) -> float:
        if not row.minimum <= value <= row.maximum:
            limits = f"allowed {row.minimum:g} to {row.maximum:g} ({row.unit})"
            raise context.error(keys, f"{change.text!r} of what is inherited gives {value:g}; {limits}")
        return value

    episodes = laid_over(statements, row.reference, checked, context.period.start)
    if len(statements) > 1 and row.scope == "base":
        return tuple(episode for episode in episodes if episode.place.bases)
    return episodes


def _statement(context: Context, part: Any, keys: Keys, steps: tuple[Step, ...]) -> Statement:
    start, end = context.times(part, keys)
    return Statement(start, end, context.place(part), steps)


def _levels(context: Context, row: Measure, part: Any, keys: Keys) -> tuple[Step, ...]:
    """The levels in the unit of the lever by date; exactly one of the two keys must say them."""
    written = given(part)
    lever, intensity = written.get(row.key), written.get("intensity")
    if lever is not None and intensity is not None:
        raise context.error((*keys, "intensity"), f"given beside {row.key}; write one of the two")
    if lever is not None:
        steps: tuple[Step, ...] = _steps(lever)
        return steps
    if intensity is None:
        limits = f"{row.minimum:g} to {row.maximum:g}"
        raise context.error(keys, f"nothing says how much; write {row.key}: {limits}, or intensity: 0 to 1")
    shares: tuple[tuple[date, float], ...] = _steps(intensity)
    return tuple((day, row.level(share)) for day, share in shares)


def _steps(written: Any) -> Any:
    """(date, level) of a level or of levels by date."""
    return written if isinstance(written, tuple) else ((date.min, written),)
