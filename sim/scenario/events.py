"""Shocks, elections, forces and organisations with all defaults filled in."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sim._util.dated import Path
from sim._util.immutable import FrozenMap
from sim.missions.vocabulary import Base, Lifetime, Vocabulary, Vote
from sim.scenario.deployment import moves, strength
from sim.scenario.episodes import Context, path_of, pressures
from sim.scenario.layers import Keys
from sim.scenario.parts import ContributorExit, Coup, Election, Organisation, Place, Shocks, Withdrawal
from sim.scenario.places import everywhere
from sim.scenario.sections import given

Shares = FrozenMap[str, float]

RECOVERY_DAYS = 90  # assumed: operations are back within a season


def shocks(context: Context, section: Any) -> Shocks:
    """What happens, and the mission's strength."""
    written = given(section)
    path, kind = strength(context, written.get("deployment"))
    return Shocks(
        strength=path,
        deployment=kind,
        moves=moves(context, written.get("deployment", ())),
        coup=_coups(context, written.get("coup", ())),
        contributor_exit=_exit(context, written.get("contributor_exit", ())),
        protests=pressures(context, ("shocks", "protests"), written.get("protests", ())),
        consent=pressures(context, ("shocks", "consent"), written.get("consent", ())),
        pause=pressures(context, ("shocks", "pause"), written.get("pause", ())),
        withdrawal=_withdrawal(context, written.get("withdrawal", ())),
    )


def elections(context: Context, parts: Sequence[Any] | None) -> tuple[Election, ...]:
    """The votes given; those of the packaged table where nothing was said."""
    if parts is None:
        return tuple(_packaged_vote(vote, context.vocabulary) for vote in context.vocabulary.elections)
    ways = context.numbered(("elections",), len(parts))
    return tuple(_election(context, part, way) for way, part in zip(ways, parts, strict=True))


def forces(vocabulary: Vocabulary, section: Any) -> FrozenMap[str, Path]:
    """The strength of every other force inside the country, as straight lines between dates."""
    written = given(section)
    paths = {name: path_of(value, linear=True) for name, value in written.items()}
    return FrozenMap((name, paths.get(name, path)) for name, path in vocabulary.forces.items())


def organisations(context: Context, section: Any) -> FrozenMap[str, Organisation]:
    """Every armed organisation."""
    written = given(section)
    facts = context.vocabulary.organisations
    return FrozenMap((name, _organisation(context, name, fact, written.get(name))) for name, fact in facts.items())


def _started(context: Context, part: Any, keys: Keys) -> date:
    if part.start is None:
        raise context.error(keys, "no start; write start: YYYY-MM-DD")
    start: date = part.start
    return start


def _coups(context: Context, parts: Sequence[Any]) -> tuple[Coup, ...]:
    ways = context.numbered(("shocks", "coup"), len(parts))
    return tuple(_coup(context, part, way) for way, part in zip(ways, parts, strict=True))


def _coup(context: Context, part: Any, keys: Keys) -> Coup:
    start = _started(context, part, keys)
    if part.end is not None:
        raise context.error((*keys, "end"), "a coup has no end; write recovery_days")
    written = given(part)
    if "intensity" not in written:
        raise context.error(keys, "no intensity; write intensity: 0 to 1")
    return Coup(start, written["intensity"], written.get("recovery_days", RECOVERY_DAYS), context.place(part))


def _exit(context: Context, parts: Sequence[Any]) -> ContributorExit | None:
    if not parts:
        return None
    keys = ("shocks", "contributor_exit")
    written = given(parts[0])
    for key in ("start", "end"):
        if key in written:
            raise context.error((*keys, key), "each contributor has a day of its own; write contributors: {NAME: DATE}")
    days = {name: day for name, day in given(written.get("contributors")).items() if day}
    if "contributors" not in written:
        raise context.error(keys, "no contributors; write contributors: {NAME: DATE}")
    return ContributorExit(FrozenMap(days), written.get("intensity", 1.0))


def _withdrawal(context: Context, parts: Sequence[Any]) -> Withdrawal | None:
    if not parts:
        return None
    keys = ("shocks", "withdrawal")
    _started(context, parts[0], keys)
    start, end = context.times(parts[0], keys)
    written = given(parts[0])
    days = given(written.get("closures"))
    closings = {name: days.get(name, _closing(base, start, end)) for name, base in context.vocabulary.bases.items()}
    closures = FrozenMap((name, day) for name, day in closings.items() if day)
    handed = _handed(context, closures, written.get("hand_over", 0.0))
    return Withdrawal(start, end, closures, written.get("air_support", 1.0), written.get("intensity", 1.0), handed)


def _handed(context: Context, closures: FrozenMap[str, date], written: float | FrozenMap[str, float]) -> Shares:
    """The share of a garrison at every closing base; a mapping says it base by base, 0 for those it leaves out."""
    if isinstance(written, float):
        return FrozenMap((name, written) for name in closures)
    for name in written:
        if name not in closures:
            way = ("shocks", "withdrawal", "hand_over", name)
            raise context.error(way, "the base does not close; write its day under closures, or leave it out here")
    return FrozenMap((name, written.get(name, 0.0)) for name in closures)


def _closing(base: Base, start: date, end: date) -> date | None:
    """The day a base closes that the scenario does not name: as it did, at the latest with the withdrawal."""
    if base.closed is None or base.closed < start:
        return None
    return min(base.closed, end)


def _election(context: Context, part: Any, keys: Keys) -> Election:
    start = _started(context, part, keys)
    end = part.end or start
    if end < start:
        raise context.error((*keys, "end"), f"{end} is before the start, {start}")
    return Election(start, end, context.place(part))


def _packaged_vote(vote: Vote, vocabulary: Vocabulary) -> Election:
    whole = everywhere(vocabulary)
    if not vote.place:
        return Election(vote.start, vote.end, whole)
    bases = tuple(name for name, base in vocabulary.bases.items() if base.region == vote.place)
    return Election(vote.start, vote.end, Place((vote.place,), bases))


def _organisation(context: Context, name: str, fact: Lifetime, parts: Sequence[Any] | None) -> Organisation:
    if parts is None:
        return Organisation(True, fact.founded, fact.ended, None)
    if not parts:
        return Organisation(False, fact.founded, fact.ended, None)
    part = parts[0]
    founded, ended = part.founded or fact.founded, part.ended or fact.ended
    if ended is not None and ended < founded:
        key = "founded" if part.ended is None else "ended"
        raise context.error(("organisations", name, key), f"ended {ended}, before it was founded, {founded}")
    return Organisation(True, founded, ended, part.fighters)
