"""Three things that would change an answer: numbers that decide it, from the ledgers, then what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.missions import Mission
from sim.present.report.labels import UNITS, measure_name, name_of, quantity_of
from sim.present.report.sentences import told
from sim.scenario.registry import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.inference.comparison import Answer
    from sim.inference.comparison.assumptions_audit import AssumptionsAudit
    from sim.present.locale import Tongue

WANTED = 3
DISPLACEMENT = "displacement_share"


@dataclass(frozen=True)
class Assumption:
    """What is assumed, how the answer hangs on it, and the datum or the command that would settle it."""

    title: str
    text: str
    settles: str


def three(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> list[Assumption]:
    """Three assumptions; none where nothing could be compared."""
    row, mission = told(answer), answer.frame.scenario.mission
    if row is None:
        return []
    first = [book for book in answer.audits if book.variant == row.variant]
    first.sort(key=lambda book: book.outcome != row.outcome)
    rest = [book for book in answer.audits if book.variant != row.variant and book.outcome == row.outcome]
    deciding: dict[str, AssumptionsAudit] = {}
    for book in (*first, *rest):
        if book.deciding:
            deciding.setdefault(book.deciding, book)
    found = [_decides(mission, book, tongue, named) for book in list(deciding.values())[:WANTED]]
    return [*found, *_always(mission, first[0], tongue)][:WANTED]


def _decides(mission: Mission, book: AssumptionsAudit, tongue: Tongue, named: Mapping[str, str]) -> Assumption:
    values = {"outcome": name_of(tongue, book.outcome), "variant": named[book.variant]}
    said = tongue.say("The difference in {outcome} under “{variant}” follows this number most.", **values)
    if book.flips_at is None:
        said += " " + tongue.say("Its sign does not turn within the range that was swept.")
    else:
        said += " " + tongue.say("Its sign turns where the number is {at}.", at=tongue.plain(book.flips_at))
    if book.sd_ratio is not None:
        said += " " + tongue.say("The record left {share} of what was not known about it.", share=_left(book, tongue))
    return Assumption(quantity_of(tongue, book.deciding), said, settling(mission, book.deciding, tongue))


def _left(book: AssumptionsAudit, tongue: Tongue) -> str:
    return tongue.percent(min(book.sd_ratio or 0.0, 1.0))


def settling(mission: Mission, name: str, tongue: Tongue) -> str:
    """The datum that would settle a conclusion that hangs on this number."""
    row = mission.parameters.get(name)
    if row is not None:
        values = {"name": name, "low": tongue.plain(row.low), "high": tongue.plain(row.high), "unit": row.unit}
        return tongue.say("a published figure for {name}, now between {low} and {high} ({unit})", **values)
    measure = MEASURES.get(name.split(".")[1]) if name.startswith("measures.") else None
    if measure is None:
        return tongue.say("the true value of {name}", name=name)
    values = {"measure": measure_name(tongue, measure.name), "unit": tongue.say(UNITS[measure.unit])}
    return tongue.say("dated levels of {measure} ({unit})", **values)


def _always(mission: Mission, book: AssumptionsAudit, tongue: Tongue) -> Iterator[Assumption]:
    """What every answer rests on, in the order in which it is likely to matter."""
    names = book.changed or book.intensities
    if names:
        listed = ", ".join(measure_name(tongue, name) for name in names)
        swept = (
            tongue.say(
                "Nobody published them; each was drawn from half to twice its stated distance from the reference."
            )
            if book.drawn
            else tongue.say("Nobody published them; each was held at its stated value.")
        )
        yield Assumption(
            tongue.say("how strongly the measures were taken"),
            swept,
            tongue.say("dated levels of {measures}", measures=listed),
        )
    count = tongue.plural("{n} assumed parameter", "{n} assumed parameters", book.assumed_parameters)
    yield Assumption(
        tongue.say("numbers that nobody measured"),
        tongue.say("{count} keep their packaged values here, those under which the record was fitted.", count=count),
        tongue.say("the same study with --set uncertainties=prior, which draws them too"),
    )
    row = mission.parameters[DISPLACEMENT]
    yield Assumption(
        tongue.say("whether harm that is averted falls on others"),
        tongue.say(
            "The record cannot tell which share of deterred attacks falls on civilians nearby "
            "({name}: {low} to {high}).",
            name=DISPLACEMENT, low=tongue.plain(row.low), high=tongue.plain(row.high),
        ),
        tongue.say("dated lists of attacks that were called off or moved"),
    )  # fmt: skip
