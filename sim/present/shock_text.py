"""The dated political events of a scenario in words, as far as they touch its period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from sim.missions import Mission
from sim.scenario import SHOCKS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sim.scenario import Election, Episode, Move, Path, Period, Place, Scenario

D = TypeVar("D", "Episode", "Election", "Move")


def shock_words(scenario: Scenario) -> dict[str, list[str]]:
    """Shock -> one line for each thing that touches the period; no line: nothing does."""
    shocks, period = scenario.shocks, scenario.period
    lines = {
        "deployment": [
            f"{shocks.deployment}: {path_words(_within(shocks.strength, period))} uniformed persons",
            *_moves(scenario),
        ],
        "coup": list(_coups(scenario)),
        "contributor_exit": list(_exits(scenario)),
        "protests": [episode_words(episode, scenario.mission) for episode in _touching(shocks.protests, period)],
        "consent": [episode_words(episode, scenario.mission) for episode in _touching(shocks.consent, period)],
        "pause": [episode_words(episode, scenario.mission) for episode in _touching(shocks.pause, period)],
        "withdrawal": list(_withdrawal(scenario)),
    }
    forces = ", ".join(_force(name, path, period) for name, path in scenario.forces.items())
    votes = [
        f"{vote.start} to {vote.end}, {place_words(vote.place, scenario.mission)}"
        for vote in _touching(scenario.elections, period)
    ]
    return {name: lines[name] for name in SHOCKS} | {"elections": votes, "other forces": [forces]}


def place_words(place: Place, mission: Mission) -> str:
    """`everywhere`, or the names of regions, or of bases where no region is covered whole."""
    if len(place.regions) == len(mission.regions):
        return "everywhere"
    return ", ".join(place.regions or place.bases)


def path_words(steps: Sequence[tuple[date, float]]) -> str:
    """`0.3 from 2018-01-01, 0.6 from 2018-07-01`."""
    return ", ".join(f"{value:,.6g} from {day}" for day, value in steps)


def episode_words(episode: Episode, mission: Mission) -> str:
    """Time, place and level of one episode."""
    steps = list(zip(episode.level.dates, episode.level.values, strict=True))
    levels = f"{steps[0][1]:g}" if len(steps) == 1 else path_words(steps)
    return f"{episode.start} to {episode.end}, {place_words(episode.place, mission)}: {levels}"


def _within(path: Path, period: Period) -> list[tuple[date, float]]:
    """The path on the first day and at its knots within the period, rounded to whole persons."""
    days = [period.start, *(day for day in path.dates if period.start < day <= period.end)]
    return [(day, round(path.at(day))) for day in days]


def _force(name: str, path: Path, period: Period) -> str:
    return f"{name} {path.at(period.start):,.0f} to {path.at(period.end):,.0f}"


def _touching(dated: Sequence[D], period: Period) -> Iterator[D]:
    return (one for one in dated if one.start <= period.end and one.end >= period.start)


def _coups(scenario: Scenario) -> Iterator[str]:
    for coup in scenario.shocks.coup:
        over = coup.start + timedelta(days=coup.recovery_days)
        where = place_words(coup.place, scenario.mission)
        if coup.start <= scenario.period.end and over >= scenario.period.start:
            yield (
                f"{coup.start}, {where}: {coup.intensity:.0%} of national operations lost, "
                f"back within {coup.recovery_days} days"
            )


def _exits(scenario: Scenario) -> Iterator[str]:
    leaving = scenario.shocks.contributor_exit
    if leaving is None:
        return
    dates = ((day, name) for name, day in leaving.dates.items() if day <= scenario.period.end)
    listed = ", ".join(f"{name} {day}" for day, name in sorted(dates))
    if listed:
        yield f"{leaving.intensity:.0%} of each contingent: {listed}"


def _moves(scenario: Scenario) -> Iterator[str]:
    for move in _touching(scenario.shocks.moves, scenario.period):
        yield (
            f"{move.start} to {move.end}: {move.persons:,} persons of {move.origin} at {move.destination}, "
            "or all who are there"
        )


def _withdrawal(scenario: Scenario) -> Iterator[str]:
    end = scenario.shocks.withdrawal
    if end is None or end.start > scenario.period.end:
        return
    yield f"{end.start} to {end.end}: {end.intensity:.0%} leave, {end.air_support:.0%} of flights go on"
    closing = ", ".join(f"{base} {day}" for base, day in sorted(end.closures.items(), key=lambda item: item[1]))
    yield f"bases close: {closing}"
    handed = ", ".join(f"{base} {share:.0%}" for base, share in end.hand_over.items() if share > 0.0)
    yield f"handed over to national forces, of a full garrison: {handed}" if handed else "no camp is handed over"
