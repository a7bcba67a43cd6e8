"""Three things that would change an answer: numbers that decide it, then what every answer rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.present.labels import measure_name, outcome_name, parameter_name
from sim.scenario.registry import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.inference.comparison import Answer
    from sim.inference.comparison.assumptions_audit import AssumptionsAudit
    from sim.missions import Mission
    from sim.present.locale import Locale

WANTED = 3
DISPLACEMENT = "displacement_share"


@dataclass(frozen=True)
class Assumption:
    """What is assumed, how the answer depends on it, and the datum or the command that would settle it."""

    title: str
    text: str
    settles: str


def main_assumptions(answer: Answer, names: Mapping[str, str], locale: Locale) -> tuple[Assumption, ...]:
    """Three assumptions; none where nothing could be compared."""
    row, mission = answer.most_different(), answer.frame.scenario.mission
    if row is None:
        return ()
    first = [audit for audit in answer.audits if audit.variant == row.variant]
    first.sort(key=lambda audit: audit.outcome != row.outcome)
    rest = [audit for audit in answer.audits if audit.variant != row.variant and audit.outcome == row.outcome]
    deciding: dict[str, AssumptionsAudit] = {}
    for audit in (*first, *rest):
        if audit.deciding:
            deciding.setdefault(audit.deciding, audit)
    found = [_deciding(mission, audit, names, locale) for audit in list(deciding.values())[:WANTED]]
    return tuple([*found, *_general(mission, first[0], locale)][:WANTED])


def _deciding(mission: Mission, audit: AssumptionsAudit, names: Mapping[str, str], locale: Locale) -> Assumption:
    values = {"outcome": outcome_name(locale, audit.outcome), "variant": names[audit.variant]}
    text = [locale.gettext("The difference in {outcome} under “{variant}” depends most on this number.", **values)]
    if audit.flips_at is None:
        text.append(locale.gettext("Its sign does not change within the range that was varied."))
    else:
        text.append(locale.gettext("Its sign changes where the number is {at}.", at=locale.significant(audit.flips_at)))
    if audit.sd_ratio is not None:
        left = locale.percent(min(audit.sd_ratio, 1.0))
        text.append(locale.gettext("The record leaves {share} of its prior uncertainty.", share=left))
    return Assumption(
        parameter_name(locale, audit.deciding), " ".join(text), _settling(mission, audit.deciding, locale)
    )


def _settling(mission: Mission, name: str, locale: Locale) -> str:
    """The datum that would settle a conclusion that depends on this number."""
    row = mission.parameters.get(name)
    if row is not None:
        low, high = locale.significant(row.low), locale.significant(row.high)
        values = {"name": name, "low": low, "high": high, "unit": row.unit}
        return locale.gettext("a published figure for {name}, now between {low} and {high} ({unit})", **values)
    measure = MEASURES.get(name.split(".")[1]) if name.startswith("measures.") else None
    if measure is None:
        return locale.gettext("the true value of {name}", name=name)
    values = {"measure": measure_name(locale, measure.name), "unit": locale.gettext(measure.unit)}
    return locale.gettext("dated levels of {measure} ({unit})", **values)


def _general(mission: Mission, audit: AssumptionsAudit, locale: Locale) -> Iterator[Assumption]:
    """What every answer rests on, in the order in which it is likely to matter."""
    measures = ", ".join(measure_name(locale, name) for name in audit.changed or audit.intensities)
    if measures:
        yield Assumption(
            locale.gettext("the intensity of the measures"),
            locale.gettext("It is unpublished; each was drawn from half to twice its distance from the reference.")
            if audit.drawn
            else locale.gettext("It is unpublished; each was held at its stated value."),
            locale.gettext("dated levels of {measures}", measures=measures),
        )
    count = locale.ngettext("{n} assumed parameter", "{n} assumed parameters", audit.assumed_parameters)
    yield Assumption(
        locale.gettext("unmeasured parameters"),
        locale.gettext("{count} keep their packaged values here, with which the record was fitted.", count=count),
        locale.gettext("the same study with --set uncertainties=prior, which varies them too"),
    )
    row = mission.parameters[DISPLACEMENT]
    low, high = locale.significant(row.low), locale.significant(row.high)
    yield Assumption(
        locale.gettext("whether averted harm falls on others"),
        locale.gettext(
            "The record does not show which share of deterred attacks falls on civilians nearby "
            "({name}: {low} to {high}).", name=DISPLACEMENT, low=low, high=high,
        ),
        locale.gettext("dated lists of attacks that were called off or moved"),
    )  # fmt: skip
