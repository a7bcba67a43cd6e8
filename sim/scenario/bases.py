"""Bases of a scenario's own: new ones, and other days of opening and closure."""

from datetime import date
from typing import Any

from sim._util.immutable import FrozenMap
from sim._util.suggestions import shown, suggestion
from sim.missions import Mission, MissionError
from sim.missions.new_bases import NewBase
from sim.scenario.errors import FieldError
from sim.scenario.layers import Keys, Layer
from sim.scenario.parts import BaseDays
from sim.scenario.validators import Legal, Schema, day, number

KEYS = ("town", "lat", "lon", "opened", "closed")


def bases(layer: Layer, mission: Mission, start: date) -> tuple[Mission, FrozenMap[str, BaseDays]]:
    """The mission with the new bases of a layer, and the days of those that it names.

    A base opens on the first day of the period, ``start``, at the earliest: until then history runs.  ScenarioError.
    """
    written = layer.tree.get("bases") or {}
    if not isinstance(written, dict):
        raise layer.error(("bases",), f"{shown(written)} where a mapping is needed; write NAME: {{town: TOWN}}")
    known = {row["base"] for row in mission.rows("bases")}
    legal = (mission.first_day, mission.last_day)
    days, new = {}, []
    for name, part in written.items():
        keys = ("bases", name)
        given = _given(layer, keys, part, legal)
        opened = max(start, given["opened"]) if "opened" in given else None
        if name not in known:
            new.append(_new(layer, keys, given, mission, opened or start))
        elif given.keys() & {"town", "lat", "lon"}:
            raise layer.error(keys, f"a base of the mission stays where it is; write {', '.join(KEYS[3:])}")
        days[name] = BaseDays(opened, given.get("closed"))
        if opened and days[name].closed and opened >= given["closed"]:
            raise layer.error((*keys, "closed"), f"{given['closed']} is not after the opening, {opened}")
    try:
        return mission.with_bases(tuple(new)), FrozenMap(days)
    except MissionError as problem:
        raise layer.error(("bases",), str(problem)) from None


def _given(layer: Layer, keys: Keys, part: Any, legal: Legal) -> dict[str, Any]:
    if not isinstance(part, dict):
        raise layer.error(keys, f"{shown(part)} where a mapping is needed; keys: {', '.join(KEYS)}")
    found: dict[str, Any] = {}
    for key, value in part.items():
        if key not in KEYS:
            raise layer.error((*keys, key), f"unknown key; {suggestion(key, KEYS)}")
        if value is None:
            continue
        try:
            found[key] = _CHECKS[key](legal).parse(value) if key in _CHECKS else value
        except FieldError as bad:
            raise layer.error((*keys, key, *bad.at), bad.text) from None
    return found


_CHECKS = {
    "lat": lambda _: number(-90, 90, "degrees"),
    "lon": lambda _: number(-180, 180, "degrees"),
    "opened": day,
    "closed": day,
}


def _new(layer: Layer, keys: Keys, given: dict[str, Any], mission: Mission, opened: date) -> NewBase:
    """A base in a town of the mission's tables, or at coordinates."""
    name, town = keys[1], given.get("town")
    if name in mission.regions:
        raise layer.error(keys, f"{name!r} is a region; give the base a name of its own")
    if town is None:
        if not {"lat", "lon"} <= given.keys():
            near = suggestion(name, [row["base"] for row in mission.rows("bases")])
            raise layer.error(keys, f"no base of the mission ({near}); a new one needs town: TOWN, or lat and lon")
        return NewBase(name, name, given["lat"], given["lon"], opened)
    towns = _towns(mission)
    if town not in towns:
        raise layer.error((*keys, "town"), f"unknown town {shown(town)}; {suggestion(str(town), towns)}")
    return NewBase(name, town, *towns[town], opened)


def _towns(mission: Mission) -> dict[str, tuple[float, float]]:
    """Latitude and longitude of every town and road junction."""
    found = {row["town"]: (float(row["lat"]), float(row["lon"])) for row in mission.rows("towns")}
    for row in mission.rows("corridors"):
        for end in ("from", "to"):
            found.setdefault(row[f"{end}_town"], (float(row[f"{end}_lat"]), float(row[f"{end}_lon"])))
    return found


SCHEMA: Schema = {
    "type": "object",
    "description": "New bases, and other days of opening and closure of those there are",
    "additionalProperties": {
        "type": "object",
        "properties": {
            "town": {"type": "string", "description": "Of a new base: a town of the mission"},
            "lat": {"type": "number", "description": "Of a new base without a town, degrees"},
            "lon": {"type": "number", "description": "Of a new base without a town, degrees"},
            "opened": {"type": "string", "description": "First day (default: that of the period)"},
            "closed": {"type": "string", "description": "The day it closes"},
        },
        "additionalProperties": False,
    },
}
