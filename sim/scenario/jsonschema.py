"""A JSON Schema (draft 2020-12) of scenario files, for editors.

It knows names, units and ranges.  What depends on several keys (one intensity an episode, end after start, no
overlaps) only loading checks.
"""

from sim.missions import Mission, load_mission
from sim.scenario import packaged
from sim.scenario.layers import SHARED
from sim.scenario.schema import VARIANT_NAME, document_model
from sim.scenario.validators import Schema

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(mission: Mission | None = None) -> Schema:
    """The schema of a scenario file with the names of a mission (the default one)."""
    body: Schema = document_model((mission or load_mission()).vocabulary).model_json_schema()
    properties: Schema = {name: _without_default(part) for name, part in body["properties"].items()}
    properties["extends"] = {
        "type": ["string", "null"],
        "description": f"A packaged scenario ({', '.join(packaged.names())}) or a file in this folder",
    }
    properties["variants"] = _variants(properties)
    return {
        "$schema": DRAFT,
        "title": "Scenario",
        "description": "A scenario of minusim; every key may be left out",
        "type": "object",
        "additionalProperties": False,
        "properties": dict(sorted(properties.items())),
        "$defs": {name: _definition(part) for name, part in body["$defs"].items()},
    }


def _variants(properties: Schema) -> Schema:
    """Variants by name: the same keys, or dotted ones."""
    own = {name: {"$ref": f"#/properties/{name}"} for name in properties if name not in SHARED}
    overrides: Schema = {
        "type": ["object", "null"],
        "properties": own,
        "patternProperties": {r"^[a-z]+\.": True},
        "additionalProperties": False,
    }
    return {
        "type": ["object", "null"],
        "description": "What differs, by name; dotted keys are a shorthand",
        "patternProperties": {VARIANT_NAME: overrides},
        "additionalProperties": False,
    }


def _definition(part: Schema) -> Schema:
    """A section; an empty one is written as nothing."""
    made = _without_default(part)
    made["type"] = ["object", "null"]
    made["properties"] = {name: _without_default(item) for name, item in made.get("properties", {}).items()}
    return made


def _without_default(part: Schema) -> Schema:
    """The schema without pydantic's titles and defaults, which say nothing here."""
    return {key: value for key, value in part.items() if key not in ("default", "title")}
