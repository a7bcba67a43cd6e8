"""What is uncertain: one word, or a range for each parameter or lever."""

from typing import Any

from sim._util.immutable import FrozenMap
from sim._util.suggestions import shown, suggestion
from sim.missions.vocabulary import Vocabulary
from sim.scenario.errors import Bad
from sim.scenario.parts import Uncertainties, UncertaintyKind
from sim.scenario.registry import MEASURES, SHOCKS
from sim.scenario.validators import Leaf, number

KINDS: tuple[UncertaintyKind, ...] = ("point", "prior", "posterior")


def uncertainties(vocabulary: Vocabulary) -> Leaf:
    """point, prior, posterior, or {parameter or lever: [low, high]}, as Uncertainties."""
    leaves = {**_parameters(vocabulary), **_levers()}

    def parse(value: Any) -> Uncertainties:
        if isinstance(value, dict):
            return Uncertainties("ranges", FrozenMap((key, _range(key, item, leaves)) for key, item in value.items()))
        for kind in KINDS:
            if value == kind:
                return Uncertainties(kind, FrozenMap())
        raise Bad(f"{shown(value)}; allowed: point, prior, posterior, or NAME: [low, high] pairs")

    pairs = {
        name: {"type": "array", "items": leaf.schema, "minItems": 2, "maxItems": 2} for name, leaf in leaves.items()
    }
    by_name = {"type": "object", "properties": pairs, "additionalProperties": False}
    return Leaf(parse, {"anyOf": [{"enum": [*KINDS, None]}, by_name]})


def _parameters(vocabulary: Vocabulary) -> dict[str, Leaf]:
    return {name: number(row.low, row.high, row.unit) for name, row in vocabulary.parameters.items()}


def _levers() -> dict[str, Leaf]:
    leaves = {f"measures.{m.name}.{m.key}": number(m.minimum, m.maximum, m.unit) for m in MEASURES.values()}
    leaves |= {f"measures.{name}.intensity": number(0, 1) for name in MEASURES}
    for name, shock in SHOCKS.items():
        for key, lever in shock.levers.items():
            leaves[f"shocks.{name}.{key}"] = number(lever.minimum, lever.maximum, lever.unit)
    return leaves


def _range(key: str, value: Any, leaves: dict[str, Leaf]) -> tuple[float, float]:
    if key not in leaves:
        raise Bad(f"unknown parameter or lever; {suggestion(key, leaves)}", key)
    if not isinstance(value, list) or len(value) != 2:
        raise Bad(f"{shown(value)}; write two numbers, [low, high], with a point for decimals", key)
    low, high = (_end(key, n, item, leaves[key]) for n, item in enumerate(value))
    if low > high:
        raise Bad(f"low {low:g} is above high {high:g}", key)
    return low, high


def _end(key: str, n: int, value: Any, leaf: Leaf) -> float:
    try:
        end: float = leaf.parse(value)
    except Bad as bad:
        raise Bad(bad.text, key, str(n)) from None
    return end
