"""Episodes: measures and pressures that hold for a time at a place, with all defaults filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim._util.dated import Path
from sim._util.immutable import FrozenMap
from sim.missions.vocabulary import Vocabulary
from sim.scenario.errors import ScenarioError
from sim.scenario.layers import Keys, Layer, child
from sim.scenario.parts import Episode, Period, Place
from sim.scenario.places import everywhere
from sim.scenario.registry import MEASURES, Measure
from sim.scenario.sections import given
from sim.scenario.validators import Knots


@dataclass(frozen=True)
class Context:
    """The layer a document came from, the names it may use and the period of the scenario."""

    layer: Layer
    vocabulary: Vocabulary
    period: Period

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
    ways = context.numbered(keys, len(parts))
    found = []
    for way, part in zip(ways, parts, strict=True):
        if part.intensity is None:
            raise context.error(way, "no intensity; write intensity: 0 to 1")
        found.append(_episode(context, part, way, path_of(part.intensity), 0.0))
    _refuse_overlaps(context, ways, found)
    return tuple(found)


def path_of(written: float | Knots, *, linear: bool = False) -> Path:
    """The path of a number or of numbers by date."""
    knots = [(date.min, written)] if isinstance(written, float) else written
    return Path.of(knots, linear=linear)


def _measure(context: Context, row: Measure, parts: Sequence[Any]) -> tuple[Episode, ...]:
    ways = context.numbered(("measures", row.name), len(parts))
    found = [
        _episode(context, part, way, _level(context, row, part, way), row.reference)
        for way, part in zip(ways, parts, strict=True)
    ]
    _refuse_overlaps(context, ways, found)
    return tuple(found)


def _episode(context: Context, part: Any, keys: Keys, level: Path, before: float) -> Episode:
    start, end = context.times(part, keys)
    return Episode(start, end, context.place(part), level.within(start, end, before))


def _level(context: Context, row: Measure, part: Any, keys: Keys) -> Path:
    """The path in the unit of the lever; exactly one of the two keys must say it."""
    written = given(part)
    lever, intensity = written.get(row.key), written.get("intensity")
    if lever is not None and intensity is not None:
        raise context.error((*keys, "intensity"), f"given beside {row.key}; write one of the two")
    if lever is not None:
        return path_of(lever)
    if intensity is None:
        limits = f"{row.minimum:g} to {row.maximum:g}"
        raise context.error(keys, f"nothing says how much; write {row.key}: {limits}, or intensity: 0 to 1")
    path = path_of(intensity)
    return Path(path.dates, tuple(row.level(share) for share in path.values))


def _refuse_overlaps(context: Context, ways: list[Keys], episodes: list[Episode]) -> None:
    """ScenarioError at the later of two episodes that share a day and a place."""
    running: list[int] = []
    for n in sorted(range(len(episodes)), key=lambda n: episodes[n].start):
        running = [other for other in running if episodes[other].end >= episodes[n].start]
        for other in running:
            if episodes[other].place.meets(episodes[n].place):
                first, second = sorted((n, other))
                raise context.error(
                    ways[second], f"overlaps {_describe(episodes[first])} of the same key in time and place"
                )
        running.append(n)


def _describe(episode: Episode) -> str:
    return f"the episode {episode.start} to {episode.end}"
