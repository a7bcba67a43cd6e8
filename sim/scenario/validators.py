"""Validators of single values of a scenario file, with their JSON Schema.

A validator takes plain YAML data and returns the typed value, or raises FieldError.  Null means that nothing is given.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from math import inf
from typing import Any, Literal

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim._util import one_line, trick
from sim._util.immutable import FrozenMap
from sim._util.suggestions import shown, suggestion
from sim.scenario.errors import FieldError
from sim.scenario.relative import Relative, relative
from sim.scenario.scalars import iso_day

Schema = dict[str, Any]
Knots = tuple[tuple[date, float | Relative], ...]  # a dated value as written; a plain number is a float instead
Changes = Literal["no", "alone", "by date"]
Legal = tuple[date, date]  # first and last day that a dated input may have

OFF: Schema = {"enum": [False, None, "off", "no"]}
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class Validator:
    """A checked value: ``parse`` raises FieldError, ``schema`` is its JSON Schema.

    ``null_is_off``: nothing is handed to ``parse`` like any other value.
    """

    def __init__(self, parse: Callable[[Any], Any], schema: Schema, *, null_is_off: bool = False) -> None:
        self.parse = parse
        self.schema = schema
        self.null_is_off = null_is_off

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._checked)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        if "type" in self.schema:
            return {**self.schema, "type": [self.schema["type"], "null"]}
        return self.schema

    def _checked(self, value: Any) -> Any:
        if value is None and not self.null_is_off:
            return None
        try:
            return self.parse(value)
        except FieldError as bad:
            raise pydantic_error(bad) from None


def pydantic_error(bad: FieldError) -> PydanticCustomError:
    """A FieldError as pydantic carries it: text, and the keys below the place."""
    return PydanticCustomError("bad", "{text}", {"text": bad.text, "at": bad.at})


def text() -> Validator:
    """Any text that is safe to print: nothing in it commands a terminal or turns the direction of reading."""

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise FieldError(f"{shown(value)} where text is needed; put it in quotes")
        if (found := trick(value)) is not None:
            raise FieldError(f"the control character '{one_line(found)}' cannot stand in a text; take it out")
        return value

    return Validator(parse, {"type": "string"})


def name_among(names: Iterable[str], what: str) -> Validator:
    """One of the names."""
    known = tuple(names)

    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise FieldError(f"{shown(value)} is no {what}; write a name such as {known[0]!r}")
        if value not in known:
            raise FieldError(f"unknown {what} {shown(value)}; {suggestion(value, known)}")
        return value

    return Validator(parse, {"type": "string", "enum": list(known)})


def number(low: float, high: float, unit: str = "") -> Validator:
    """A finite number of low to high, as float."""

    def parse(value: Any) -> float:
        return _in_range(value, low, high, unit)

    limits = {"minimum": low, "maximum": high}
    return Validator(parse, {"type": "number", **{key: limit for key, limit in limits.items() if abs(limit) < inf}})


def whole(low: int, high: int, unit: str = "") -> Validator:
    """A whole number of low to high."""

    def parse(value: Any) -> int:
        if isinstance(value, float):
            raise FieldError(f"{shown(value)} is no whole number; {_allowed(low, high, unit)}")
        _in_range(value, low, high, unit)
        return int(value)

    return Validator(parse, {"type": "integer", "minimum": low, "maximum": high})


def number_among(*numbers: float) -> Validator:
    """One of the numbers."""
    listed = ", ".join(f"{n:g}" for n in numbers)

    def parse(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or value not in numbers:
            raise FieldError(f"{shown(value)} is not possible; allowed: {listed}")
        return float(value)

    return Validator(parse, {"enum": [*numbers, None]})


def switch() -> Validator:
    """On or off."""

    def parse(value: Any) -> bool:
        if not isinstance(value, bool):
            raise FieldError(f"{shown(value)} is neither on nor off; allowed: on, off")
        return value

    return Validator(parse, {"enum": [True, False, "on", "off", "yes", "no", None]})


def day(legal: Legal) -> Validator:
    """A day of the legal period."""
    schema = {"type": "string", "pattern": _DAY, "description": f"A day, {legal[0]} to {legal[1]}"}
    return Validator(lambda value: _legal_day(value, legal), schema)


def dated(legal: Legal, low: float, high: float, unit: str = "", *, changes: Changes = "no") -> Validator:
    """A number, or numbers by the day from which they hold: float or Knots in order of time.

    ``changes``: whether a number, alone or by date as well, may be written as a change of what is inherited.
    """

    def level(value: Any) -> float | Relative:
        change = relative(value) if changes == "by date" else None
        return _in_range(value, low, high, unit) if change is None else change

    def parse(value: Any) -> float | Relative | Knots:
        if not isinstance(value, dict):
            change = relative(value) if changes != "no" else None
            return level(value) if change is None else change
        if not value:
            raise FieldError(f"no date; write a number or DATE: NUMBER pairs; {_allowed(low, high, unit)}")
        return tuple(sorted((knot(key, item) for key, item in value.items()), key=lambda pair: pair[0]))

    def knot(key: str, value: Any) -> tuple[date, float | Relative]:
        return _at_key(key, lambda item: _legal_day(item, legal), key), _at_key(key, level, value)

    plain = number(low, high).schema
    change: Schema = {"type": "string", "pattern": r"^\s*[-+x×*]\s*[0-9]"}
    dated_level = {"anyOf": [plain, change]} if changes == "by date" else plain
    by_day = {"type": "object", "patternProperties": {_DAY: dated_level}, "additionalProperties": False}
    return Validator(parse, {"anyOf": [plain, *([] if changes == "no" else [change]), by_day, {"type": "null"}]})


def by_name(validator: Validator, names: Iterable[str], what: str) -> Validator:
    """One value for all, or a value each for some of the names, as a FrozenMap."""
    known = tuple(names)

    def parse(value: Any) -> Any:
        if not isinstance(value, dict):
            return validator.parse(value)
        for name in value:
            if name not in known:
                raise FieldError(f"unknown {what}; {suggestion(name, known)}", name)
        return FrozenMap((name, _at_key(name, validator.parse, item)) for name, item in value.items())

    each = {"type": "object", "properties": dict.fromkeys(known, validator.schema), "additionalProperties": False}
    return Validator(parse, {"anyOf": [validator.schema, each, {"type": "null"}]})


def list_of(validator: Validator) -> Validator:
    """A list without repetitions, as a tuple; a single value stands for a list of one."""

    def parse(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            return (validator.parse(value),)
        items = tuple(_at_key(str(n), validator.parse, item) for n, item in enumerate(value))
        for n, item in enumerate(items):
            if item in items[:n]:
                raise FieldError(f"{shown(item)} is given twice", str(n))
        return items

    return Validator(
        parse, {"anyOf": [{"type": "array", "items": validator.schema}, validator.schema, {"type": "null"}]}
    )


def off_or(validator: Validator, off: Any) -> Validator:
    """The validator, or off, which becomes ``off``."""

    def parse(value: Any) -> Any:
        return off if is_off(value) else validator.parse(value)

    return Validator(parse, {"anyOf": [OFF, validator.schema]}, null_is_off=True)


def only_off() -> Validator:
    """Nothing but off."""

    def parse(value: Any) -> bool:
        if not is_off(value):
            raise FieldError(f"{shown(value)} is not possible; allowed: off (nothing elsewhere and at other times)")
        return True

    return Validator(parse, {"enum": [False, "off", "no", None]})


def is_off(value: Any) -> bool:
    """Whether a value where a measure or shock stands says that there is none."""
    return value is None or value is False or value in ("off", "no")


def _legal_day(value: Any, legal: Legal) -> date:
    """A legal day from a date or ISO text. FieldError for anything else."""
    found = iso_day(value) if isinstance(value, str) else value
    if not isinstance(found, date) or isinstance(found, datetime):
        raise FieldError(f"{shown(value)} is no day; write YYYY-MM-DD, {legal[0]} to {legal[1]}")
    if not legal[0] <= found <= legal[1]:
        raise FieldError(f"{found} is out of range; allowed {legal[0]} to {legal[1]}")
    return found


def _at_key(key: str, parse: Callable[[Any], Any], value: Any) -> Any:
    """The parsed value; a FieldError is placed below the key."""
    try:
        return parse(value)
    except FieldError as bad:
        raise FieldError(bad.text, key, *bad.at) from None


def _in_range(value: Any, low: float, high: float, unit: str) -> float:
    if isinstance(value, str):
        raise FieldError(f"{_text_for_number(value)}; {_allowed(low, high, unit)}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError(f"{shown(value)} is no number; {_allowed(low, high, unit)}")
    if not low <= value <= high or abs(value) == inf:
        raise FieldError(f"{shown(value)} is out of range; {_allowed(low, high, unit)}")
    return float(value) + 0.0  # no negative zero: it would give another hash


def _text_for_number(value: str) -> str:
    whole_part, comma, decimals = value.strip().partition(",")
    digits = whole_part.removeprefix("-")
    if relative(value) is not None:
        return f"{shown(value)} is a change, and this key takes a number alone"
    if comma and digits.isdecimal() and decimals.isdecimal():
        return f"{shown(value)} is no number: write {whole_part}.{decimals}"
    try:
        float(value)
    except ValueError:
        return f"{shown(value)} is no number"
    return f"{shown(value)} is text: write the number without quotes"


def _allowed(low: float, high: float, unit: str) -> str:
    limits = f"allowed {_format_limit(low)} to {_format_limit(high)}"
    if abs(high) == inf:
        limits = "allowed: any number" if abs(low) == inf else f"allowed {_format_limit(low)} or more"
    elif abs(low) == inf:
        limits = f"allowed {_format_limit(high)} or less"
    return f"{limits} ({unit})" if unit else limits


def _format_limit(limit: float) -> str:
    return str(limit) if isinstance(limit, int) else f"{limit:.12g}"
