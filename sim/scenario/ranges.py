"""Validator of ``uncertainties``: point, prior, posterior, or a range for each parameter or lever."""

from typing import Any

from sim._util.immutable import FrozenMap
from sim._util.suggestions import shown, suggestion
from sim.missions.vocabulary import Vocabulary
from sim.scenario.errors import FieldError
from sim.scenario.parts import Uncertainties, UncertaintyKind
from sim.scenario.registry import MEASURES, SHOCKS
from sim.scenario.validators import Validator, number

KINDS: tuple[UncertaintyKind, ...] = ("point", "prior", "posterior")


def uncertainties(vocabulary: Vocabulary) -> Validator:
    """point, prior, posterior, or {parameter or lever: [low, high]}, as Uncertainties."""
    validators = {**_parameters(vocabulary), **_levers()}

    def parse(value: Any) -> Uncertainties:
        if isinstance(value, dict):
            return Uncertainties(
                "ranges", FrozenMap((key, _range(key, item, validators)) for key, item in value.items())
            )
        for kind in KINDS:
            if value == kind:
                return Uncertainties(kind, FrozenMap())
        raise FieldError(f"{shown(value)}; allowed: point, prior, posterior, or NAME: [low, high] pairs")

    pairs = {
        name: {"type": "array", "items": validator.schema, "minItems": 2, "maxItems": 2}
        for name, validator in validators.items()
    }
    by_name = {"type": "object", "properties": pairs, "additionalProperties": False}
    return Validator(parse, {"anyOf": [{"enum": [*KINDS, None]}, by_name]})


def _parameters(vocabulary: Vocabulary) -> dict[str, Validator]:
    return {name: number(row.low, row.high, row.unit) for name, row in vocabulary.parameters.items()}


def _levers() -> dict[str, Validator]:
    validators = {f"measures.{m.name}.{m.key}": number(m.minimum, m.maximum, m.unit) for m in MEASURES.values()}
    validators |= {f"measures.{name}.intensity": number(0, 1) for name in MEASURES}
    for name, shock in SHOCKS.items():
        for key, lever in shock.levers.items():
            validators[f"shocks.{name}.{key}"] = number(lever.minimum, lever.maximum, lever.unit)
    return validators


def _range(key: str, value: Any, validators: dict[str, Validator]) -> tuple[float, float]:
    if key not in validators:
        raise FieldError(f"unknown parameter or lever; {suggestion(key, validators)}", key)
    if not isinstance(value, list) or len(value) != 2:
        raise FieldError(f"{shown(value)}; write two numbers, [low, high], with a point for decimals", key)
    low, high = (_end(key, n, item, validators[key]) for n, item in enumerate(value))
    if low > high:
        raise FieldError(f"low {low:g} is above high {high:g}", key)
    return low, high


def _end(key: str, n: int, value: Any, validator: Validator) -> float:
    try:
        end: float = validator.parse(value)
    except FieldError as bad:
        raise FieldError(bad.text, key, str(n)) from None
    return end
