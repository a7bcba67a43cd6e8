"""The shape of a scenario file: every key with its check and its description."""

import re
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, ValidationError, create_model

from sim._util.suggestions import shown, suggestion
from sim.missions import DEFAULT
from sim.missions.vocabulary import Vocabulary
from sim.scenario.bases import SCHEMA as BASES
from sim.scenario.errors import FieldError
from sim.scenario.layers import PRESSURES, Layer
from sim.scenario.places import place
from sim.scenario.ranges import uncertainties
from sim.scenario.registry import MEASURES, OUTCOMES, PROCESSES, SHOCKS, Lever, Measure, Shock
from sim.scenario.sections import Many, Section, error, section, validated
from sim.scenario.validators import (
    Legal,
    Validator,
    by_name,
    dated,
    day,
    list_of,
    name_among,
    number,
    number_among,
    off_or,
    only_off,
    switch,
    text,
    whole,
)

MOST_VARIANTS = 1_000
MOST_PERSONS = 1_000_000
MOST_TROOPS = 50_000
OTHERWISE = (validated(only_off()), "off: nothing of what is inherited at other places and times")
VARIANT_NAME = "^[A-Za-z][A-Za-z0-9_]{0,59}$"


class SettingsSection(Section):
    """The resolution of a run."""

    persons_per_community: Annotated[int | None, whole(20, 1_000_000, "persons")] = Field(
        None, description="Civilians in one community (default 10,000)"
    )
    cell_size: Annotated[float | None, number_among(0.5, 0.25, 0.1)] = Field(
        None, description="Side of a cell in degrees (default 0.5)"
    )


class TopSection(Section):
    """The keys that need no table."""

    title: Annotated[str | None, text()] = Field(None, description="One line for tables and figures")
    narrative: Annotated[str | None, text()] = Field(None, description="What the scenario is about")
    sources: Annotated[tuple[str, ...] | None, list_of(text())] = None
    mission: Annotated[str | None, text()] = Field(
        None, description=f"A packaged mission, or the folder of a mission pack (default {DEFAULT})"
    )
    bases: Annotated[Any, Validator(lambda value: value, BASES)] = None  # checked before its names can be used
    period: Any = None  # its days are those of the mission: see document_model
    seed: Annotated[int | None, whole(0, 2**63 - 1)] = Field(None, description="Of the random numbers (default 1)")
    replications: Annotated[int | None, whole(1, 100_000)] = Field(
        None, description="Runs of each variant (default 100)"
    )
    settings: SettingsSection = Field(SettingsSection.model_validate({}), description="The resolution of a run")
    outcomes: Annotated[tuple[str, ...] | None, list_of(name_among(OUTCOMES, "outcome"))] = Field(
        None, description="Outcomes to report (default: all)"
    )
    baseline: Annotated[str | None, text()] = Field(None, description="The variant others are compared with")

    @classmethod
    def unknown(cls, key: str) -> str:
        """As of any section, with advice where the key is known elsewhere."""
        if key in MEASURES:
            return "unknown key; it belongs under 'measures'"
        if key in SHOCKS:
            return "unknown key; it belongs under 'shocks'"
        if key.split(".")[0] in cls.names():
            return "dotted keys are for variants and --set; write it nested"
        return f"unknown key; {suggestion(key, ('extends', *cls.names()))}"


def parse(layer: Layer, vocabulary: Vocabulary) -> Any:
    """The checked document of a layer. ScenarioError for the first thing that is wrong."""
    try:
        return document_model(vocabulary).model_validate(layer.tree)
    except ValidationError as problems:
        first = problems.errors(include_url=False, include_input=False)[0]
    context = first.get("ctx", {})
    raise error(layer, first["loc"], context.get("text", first["msg"]), tuple(context.get("at", ())))


@lru_cache(maxsize=4)
def document_model(vocabulary: Vocabulary) -> type[Section]:
    """The model of a whole file with the names of this vocabulary."""
    parameters = {
        name: (validated(number(row.low, row.high, row.unit)), f"{row.unit}. {row.note}".strip(" ."))
        for name, row in vocabulary.parameters.items()
    }
    processes = {process.name: (validated(switch()), "") for process in PROCESSES}
    legal = vocabulary.legal
    forces = {
        name: (validated(off_or(dated(legal, 0, MOST_PERSONS, "persons"), 0.0)), "") for name in vocabulary.forces
    }
    organisation = _many(_organisation(legal), "{fighters: 500}", repeats=False)
    organisations = dict.fromkeys(vocabulary.organisations, (organisation, ""))
    sections = {
        "parameters": section("Parameters", "parameter", parameters),
        "processes": section("Processes", "process", processes),
        "measures": section("Measures", "measure", {name: _measure(row, vocabulary) for name, row in MEASURES.items()}),
        "shocks": section("Shocks", "shock", {name: _shock(row, vocabulary) for name, row in SHOCKS.items()}),
        "forces": section("Forces", "force", forces),
        "organisations": section("Organisations", "organisation", organisations),
    }
    period = _period(legal)
    about = Field(period(), description="The days reported, both ends inclusive")
    fields: dict[str, Any] = {"period": (period, about)}
    fields |= {name: (model, model()) for name, model in sections.items()}
    fields["elections"] = (_elections(vocabulary) | None, None)
    fields["uncertainties"] = (validated(uncertainties(vocabulary)), None)
    fields["variants"] = (validated(_variants()), None)
    return create_model("Scenario", __base__=TopSection, **fields)


def _period(legal: Legal) -> type[Section]:
    days = {
        "start": (validated(day(legal)), "First day reported"),
        "end": (validated(day(legal)), "Last day, inclusive"),
    }
    return section("PeriodSection", "key", days)


def _times(legal: Legal) -> dict[str, tuple[Any, str]]:
    """The keys of whatever holds for a time."""
    return {
        "start": (validated(day(legal)), "First day (default: that of the period)"),
        "end": (validated(day(legal)), "Last day, inclusive (default: that of the period)"),
    }


def _organisation(legal: Legal) -> type[Section]:
    """What a scenario changes about an armed organisation."""
    fields = {
        "fighters": (validated(number(0, MOST_PERSONS, "fighters")), "Fighters at its start"),
        "founded": (validated(day(legal)), ""),
        "ended": (validated(day(legal)), ""),
    }
    return section("OrganisationSection", "key", fields)


def _measure(row: Measure, vocabulary: Vocabulary) -> tuple[Any, str]:
    """The annotation and description of a measure."""
    share = f"Share of the way from the reference to the most, {row.level(0):g} to {row.level(1):g} {row.unit}"
    lever = f"{row.unit}, {row.minimum:g} to {row.maximum:g}; reference {row.reference:g}"
    fields = _times(vocabulary.legal) | {
        row.key: (validated(dated(vocabulary.legal, row.minimum, row.maximum, row.unit, changes="by date")), lever),
        "intensity": (validated(dated(vocabulary.legal, 0, 1)), share),
        "place": (validated(place(vocabulary, bases=row.scope == "base")), "Where (default: everywhere)"),
        "otherwise": OTHERWISE,
    }
    title = "".join(part.capitalize() for part in row.name.split("_"))
    model = section(title, "key", fields)
    example = f"{{{row.key}: {row.level(0.5):.2g}}}"
    return _many(model, example, repeats=True), f"{row.claim}. Off: {row.reference:g} {row.unit}, {row.reference_note}"


def _shock(row: Shock, vocabulary: Vocabulary) -> tuple[Any, str]:
    """The annotation and description of a shock."""
    fields = _times(vocabulary.legal)
    fields |= {key: (validated(_lever(lever, vocabulary)), lever.unit) for key, lever in row.levers.items()}
    fields |= _own_keys(row, vocabulary)
    if row.name in PRESSURES:
        fields["otherwise"] = OTHERWISE
    model = section(row.name.title().replace("_", ""), "key", fields)
    return _many(model, row.example, repeats=row.repeats), f"{row.claim}. Off: {row.off_note}"


def _lever(lever: Lever, vocabulary: Vocabulary) -> Validator:
    if lever.form == "days":
        return whole(int(lever.minimum), int(lever.maximum), "days")
    if lever.form == "by base":
        return by_name(number(lever.minimum, lever.maximum), vocabulary.bases, "base")
    if lever.form == "dated":
        return dated(vocabulary.legal, lever.minimum, lever.maximum, lever.unit)
    if lever.form == "strength":
        return dated(vocabulary.legal, lever.minimum, lever.maximum, lever.unit, changes="alone")
    return number(lever.minimum, lever.maximum, lever.unit)


def _own_keys(row: Shock, vocabulary: Vocabulary) -> dict[str, tuple[Any, str]]:
    """The key of a shock that is no number."""
    if row.own_key == "place":
        return {"place": (validated(place(vocabulary, bases=True)), "Where (default: everywhere)")}
    if row.own_key == "move":
        return {"move": (_moves(vocabulary), "Troops of one base at another, while both are open")}
    if row.own_key == "contributors":
        leaving = validated(off_or(day(vocabulary.legal), False))
        days = dict.fromkeys(vocabulary.contributors, (leaving, "The day it leaves"))
        return {"contributors": (section("Contributors", "contributor", days), "The day each leaves")}
    closing = validated(off_or(day(vocabulary.legal), False))
    days = dict.fromkeys(vocabulary.bases, (closing, "The day it closes; off: it stays"))
    return {"closures": (section("Closures", "base", days), "The day each base closes")}


def _moves(vocabulary: Vocabulary) -> Any:
    base = validated(name_among(vocabulary.bases, "base"))
    fields = _times(vocabulary.legal) | {
        "from": (base, "The base they leave"),
        "to": (base, "The base they go to"),
        "persons": (validated(whole(0, MOST_TROOPS, "persons")), "How many; at most all who are there"),
    }
    return _many(section("Move", "key", fields), "{from: BASE, to: BASE, persons: NUMBER}", repeats=True)


def _elections(vocabulary: Vocabulary) -> Any:
    fields = _times(vocabulary.legal)
    fields["place"] = (validated(place(vocabulary, bases=False)), "Where (default: everywhere)")
    return _many(section("Election", "key", fields), f"{{start: {vocabulary.first_day}}}", repeats=True)


def _many(model: type[Section], example: str, *, repeats: bool) -> Any:
    return Annotated[tuple[model, ...], Many(example, repeats=repeats)]  # type: ignore[valid-type]


def _variants() -> Validator:
    """Overrides by variant; {} or nothing changes nothing."""

    def checked(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise FieldError(f"{shown(value)} where a mapping of variants is needed; write NAME: {{KEY: VALUE}}")
        if len(value) > MOST_VARIANTS:
            raise FieldError(f"{len(value):,} variants; allowed {MOST_VARIANTS:,}")
        for name, overrides in value.items():
            if not re.fullmatch(VARIANT_NAME, name):
                raise FieldError("no simple name; write letters, digits and '_', a letter first", name)
            if not (overrides is None or isinstance(overrides, dict)):
                raise FieldError(f"{shown(overrides)} where a mapping is needed; write {{KEY: VALUE}} or {{}}", name)
        return {name: overrides or {} for name, overrides in value.items()}

    return Validator(checked, {"type": "object"})
