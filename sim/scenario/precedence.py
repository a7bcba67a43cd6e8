"""Statements about one measure, a later one laid over earlier ones.

It changes what it names, where and when it names it; elsewhere and at other times what was said before stays.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sim._util.dated import ONE_DAY, Path
from sim.scenario.parts import Episode, Place
from sim.scenario.relative import Relative

Step = tuple[date, float | Relative]
Checked = Callable[[float, Relative], float]  # the value, or an error where a change leads out of the range


@dataclass(frozen=True)
class Statement:
    """What one mapping says: from ``start`` to ``end`` at a place, levels by the date from which they hold."""

    start: date
    end: date
    place: Place
    steps: tuple[Step, ...]

    @property
    def first(self) -> date:
        """The first day for which it says a level."""
        return max(self.start, self.steps[0][0])


def laid_over(statements: Sequence[Statement], reference: float, checked: Checked, start: date) -> tuple[Episode, ...]:
    """The episodes of the statements in order, no two of which share a place and a day.

    Of an episode that is cut, nothing stays before the ``start`` of the period: until then history runs.
    """
    episodes: tuple[Episode, ...] = ()
    for statement in statements:
        spared = (piece for episode in episodes for piece in _spared(episode, statement, start))
        episodes = (*spared, *_stated(episodes, statement, reference, checked))
    return episodes


def _spared(episode: Episode, statement: Statement, start: date) -> list[Episode]:
    """What stays of an episode below a statement."""
    pieces = list(_outside(episode, statement.place, statement.first, statement.end))
    return pieces if pieces == [episode] else [piece for piece in pieces if piece.end >= start]


def _stated(below: Sequence[Episode], statement: Statement, reference: float, checked: Checked) -> Iterator[Episode]:
    """The episodes of a statement itself; a relative level changes what lies below, or else the reference."""
    absolute = [(day, value) for day, value in statement.steps if not isinstance(value, Relative)]
    if len(absolute) == len(statement.steps):
        covers = any(_meet(episode, statement.place, statement.start, statement.end) for episode in below)
        start = statement.first if covers else statement.start
        if start <= statement.end:
            yield _episode(start, statement.end, statement.place, Path.of(absolute), reference)
        return
    for start, end, value in _spans(statement):
        if not isinstance(value, Relative):
            yield _episode(start, end, statement.place, Path((start,), (value,)), reference)
            continue
        bare = [_episode(start, end, statement.place, Path((start,), (reference,)), reference)]
        for episode in below:
            if _meet(episode, statement.place, start, end):
                shared = _shared(episode.place, statement.place)
                inside = _cut(episode, shared, max(start, episode.start), min(end, episode.end))
                yield _changed(inside, value, checked)
                bare = [piece for rest in bare for piece in _outside(rest, shared, inside.start, inside.end)]
        yield from (_changed(rest, value, checked) for rest in bare)


def _spans(statement: Statement) -> Iterator[tuple[date, date, float | Relative]]:
    """(first day, last day, level) of the parts of a statement."""
    steps = statement.steps
    for n, (day, value) in enumerate(steps):
        start = max(day, statement.start)
        end = min(statement.end, steps[n + 1][0] - ONE_DAY) if n + 1 < len(steps) else statement.end
        if start <= end:
            yield start, end, value


def _changed(episode: Episode, change: Relative, checked: Checked) -> Episode:
    level = episode.level
    return replace(episode, level=replace(level, values=tuple(checked(change.of(v), change) for v in level.values)))


def _outside(episode: Episode, place: Place, first: date, last: date) -> Iterator[Episode]:
    """An episode without what lies at a place from the first to the last day."""
    if not _meet(episode, place, first, last):
        yield episode
        return
    rest = Place(
        tuple(region for region in episode.place.regions if region not in place.regions),
        tuple(base for base in episode.place.bases if base not in place.bases),
    )
    if rest.regions or rest.bases:
        yield replace(episode, place=rest)
    shared = _shared(episode.place, place)
    if episode.start < first:
        yield _cut(episode, shared, episode.start, first - ONE_DAY)
    if episode.end > last:
        yield _cut(episode, shared, last + ONE_DAY, episode.end)


def _meet(episode: Episode, place: Place, first: date, last: date) -> bool:
    return max(episode.start, first) <= min(episode.end, last) and episode.place.meets(place)


def _shared(one: Place, other: Place) -> Place:
    return Place(
        tuple(region for region in one.regions if region in other.regions),
        tuple(base for base in one.bases if base in other.bases),
    )


def _cut(episode: Episode, place: Place, start: date, end: date) -> Episode:
    return _episode(start, end, place, episode.level, episode.level.values[0])


def _episode(start: date, end: date, place: Place, level: Path, before: float) -> Episode:
    return Episode(start, end, place, level.within(start, end, before))
