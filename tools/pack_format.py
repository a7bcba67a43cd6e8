"""The format of a mission pack's tables as text, from the types that check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.missions.tables import TABLES, Table
from tools.pages import wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

PROVENANCE = ("low", "high", "status", "source", "note")
BLOCKS = {"table format": lambda: tables()}


def tables() -> str:
    """An item for each table: its columns in order, each with what a value may be."""
    return "\n".join(wrapped(_item(table), "  ") for table in TABLES.values())


def _item(table: Table) -> str:
    properties: Mapping[str, Any] = table.row.model_json_schema()["properties"]
    names = table.names()
    columns = [
        f"`{column}` ({names[column].what if column in names else _value(properties[column])}"
        f"{', or empty' if column in names and names[column].empty else ''})"
        for column in table.columns
        if column not in PROVENANCE
    ]
    optional = "" if table.required else " (may be left out)"
    return f"- `{table.name}.csv`{optional}: {', '.join(columns)}."


def _value(schema: Mapping[str, Any]) -> str:
    """What a value of a column may be, from its JSON Schema."""
    if "anyOf" in schema:
        kinds = [_value(each) for each in schema["anyOf"] if each.get("type") != "null"]
        return f"{' or '.join(kinds)}, or empty"
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "minimum" in schema:
        limits = f"{schema['minimum']:g} to {schema['maximum']:g}" if "maximum" in schema else "0 or more"
        return f"whole, {limits}" if schema["type"] == "integer" else limits
    if schema.get("format") == "date":
        return "day"
    return {"integer": "whole number", "number": "number"}.get(schema["type"], "text")
