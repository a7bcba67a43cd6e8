"""Validator of places: names of regions and bases."""

from typing import Any

from sim._util.suggestions import shown, suggestion
from sim.missions.vocabulary import Vocabulary
from sim.scenario.errors import FieldError
from sim.scenario.parts import Place
from sim.scenario.validators import Schema, Validator

BASE = " base"  # a name is that of the region where both have it; with this, that of the base alone


def everywhere(vocabulary: Vocabulary) -> Place:
    """All regions and all bases."""
    return Place(vocabulary.regions, tuple(vocabulary.bases))


def place(vocabulary: Vocabulary, *, bases: bool) -> Validator:
    """A region, a base where ``bases`` allows it, or a list of them, as a Place."""

    def parse(value: Any) -> Place:
        if not isinstance(value, list):
            return _place({_known(value, vocabulary, bases)}, vocabulary)
        if not value:
            raise FieldError("an empty list; name a region or leave the key out for everywhere")
        return _place({_known(name, vocabulary, bases, str(n)) for n, name in enumerate(value)}, vocabulary)

    one: Schema = {"enum": list(_names(vocabulary, bases))}
    return Validator(parse, {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}, {"type": "null"}]})


def _names(vocabulary: Vocabulary, bases: bool) -> tuple[str, ...]:
    """What may be written as a place."""
    regions = vocabulary.regions
    if not bases:
        return regions
    alone = (base for base in vocabulary.bases if base not in regions)
    return (*regions, *alone, *(f"{base}{BASE}" for base in vocabulary.bases))


def _known(name: Any, vocabulary: Vocabulary, bases: bool, *at: str) -> str:
    what = "region or base" if bases else "region"
    if not isinstance(name, str):
        raise FieldError(f"{shown(name)} is no {what}", *at)
    if name in _names(vocabulary, bases):
        return name
    if name.removesuffix(BASE) in vocabulary.bases:
        raise FieldError(
            f"{shown(name)} is a base, and only whole regions can have this; {_home(name, vocabulary)}", *at
        )
    spoken = dict.fromkeys((*vocabulary.regions, *vocabulary.bases)) if bases else vocabulary.regions
    raise FieldError(f"unknown {what} {shown(name)}; {suggestion(name, spoken)}", *at)


def _home(name: str, vocabulary: Vocabulary) -> str:
    return f"its region is {vocabulary.bases[name.removesuffix(BASE)].region!r}"


def _place(names: set[str], vocabulary: Vocabulary) -> Place:
    regions = tuple(region for region in vocabulary.regions if region in names)
    bases = tuple(
        name
        for name, base in vocabulary.bases.items()
        if base.region in regions or (name in names and name not in vocabulary.regions) or f"{name}{BASE}" in names
    )
    return Place(regions, bases)
