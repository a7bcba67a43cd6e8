"""Measures, and whatever else holds for a time at a place, with all defaults filled in."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sim._util.dated import Path
from sim._util.immutable import FrozenMap
from sim.scenario.context import Context
from sim.scenario.layer import Keys
from sim.scenario.parts import Episode
from sim.scenario.registry import MEASURES, Measure
from sim.scenario.sections import given
from sim.scenario.validators import Knots


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
                    ways[second], f"overlaps {_spoken(episodes[first])} of the same key in time and place"
                )
        running.append(n)


def _spoken(episode: Episode) -> str:
    return f"the episode {episode.start} to {episode.end}"
