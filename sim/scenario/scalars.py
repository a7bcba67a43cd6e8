"""One YAML scalar as a plain value: text, number, date, truth or nothing."""

import math
import re
from datetime import date
from typing import Any

import yaml

from sim.scenario.errors import FieldError

TAG = "tag:yaml.org,2002:"
LONGEST_NUMBER = 40  # characters; Python itself refuses to read very long integers
_DECIMAL = re.compile(r"[-+]?(0|[1-9](_?[0-9])*)")
_EXPONENT = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")  # YAML 1.1 reads 1e-3 as text
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTHS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def scalar(node: yaml.ScalarNode) -> Any:
    """The value of a scalar node. FieldError for custom tags, odd numbers, NaN and infinity."""
    kind, text = node.tag.removeprefix(TAG), node.value
    match kind:
        case "str" | "value":
            return _text(text, plain=node.style is None)
        case "null":
            return None
        case "bool":
            return _truth(text)
        case "int" | "float" if text.startswith("+"):  # a change of what is inherited, where a key takes one
            return text
        case "int":
            return _whole(text)
        case "float":
            return _number(text)
        case "timestamp":
            return iso_day(text) or text
        case _:
            raise FieldError(f"the tag {node.tag.replace(TAG, '!!')!r} is not allowed; write plain YAML")


def iso_day(text: str) -> date | None:
    """The date of ``YYYY-MM-DD``; None for anything else."""
    if not _DAY.fullmatch(text) or not text.isascii():
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_whole_text(text: str) -> bool:
    """Whether the text can be written as UTF-8: no lone surrogates."""
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _text(text: str, *, plain: bool) -> str | float:
    if not is_whole_text(text):
        raise FieldError("half a character (a lone surrogate); write the whole character")
    if plain and _EXPONENT.fullmatch(text):
        return _number(text)
    return text


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise FieldError(f"{text[:60]!r} is neither on nor off")
    return _TRUTHS[text.lower()]


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise FieldError(f"a number of {len(text)} characters is too long")
    if not _DECIMAL.fullmatch(text):
        raise FieldError(f"{text!r} is no plain number; write it in decimal digits, without leading zeros or colons")
    return int(text)


def _number(text: str) -> float:
    try:
        value = float(text[: LONGEST_NUMBER * 4].replace("_", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FieldError(f"{text[:60]!r} is no finite number; write it in decimal digits")
    return value
