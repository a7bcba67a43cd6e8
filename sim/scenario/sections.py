"""Mappings of a scenario as pydantic models: unknown keys are errors, nothing can be changed afterwards."""

import keyword
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, create_model, model_validator
from pydantic_core import CoreSchema, core_schema

from sim._util.suggestions import shown, suggestion
from sim.scenario.errors import FieldError, ScenarioError
from sim.scenario.layers import Keys, Layer, child
from sim.scenario.validators import OFF, Schema, Validator, is_off, pydantic_error


class Section(BaseModel):
    """A mapping with known keys; nothing (null) is an empty one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    what: ClassVar[str] = "key"

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The keys it may have, as written."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def unknown(cls, key: str) -> str:
        """The problem with a key it does not have."""
        return f"unknown {cls.what}; {suggestion(key, cls.names())}"

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise pydantic_error(FieldError(f"{shown(value)} where a mapping is needed; {_listed(cls.names())}"))
        known = cls.names()
        for key in value:
            if key not in known:
                raise pydantic_error(FieldError(cls.unknown(key), key))
        return value


class Many:
    """Marks a tuple of sections that may be written as off, one mapping or, where it repeats, a list."""

    def __init__(self, example: str, *, repeats: bool) -> None:
        self._example = example
        self._repeats = repeats

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._as_list, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        array = handler(core)
        return {"anyOf": [OFF, array["items"], *([array] if self._repeats else [])]}

    def _as_list(self, value: Any) -> list[Any]:
        if is_off(value):
            return []
        if isinstance(value, dict):
            return [value]
        if isinstance(value, list) and self._repeats:
            return value
        raise pydantic_error(FieldError(f"{shown(value)} where a mapping is needed; write {self._example} or off"))


def section(
    title: str, what: str, fields: Mapping[str, tuple[Any, str]], base: type[Section] = Section
) -> type[Section]:
    """A section keyed by names from a table: name -> (annotation, description); all may be left out."""
    made = {
        _attribute(name, n): (annotation, Field(None, alias=name, description=description or None))
        for n, (name, (annotation, description)) in enumerate(fields.items())
    }
    model: type[Section] = create_model(title, __base__=base, **made)  # type: ignore[call-overload]
    model.what = what
    return model


def _attribute(name: str, n: int) -> str:
    """The attribute of a key: its name, unless Python or pydantic could not have that."""
    usable = name.isidentifier() and name.islower() and not keyword.iskeyword(name)
    return name if usable and not name.startswith(("_", "model_")) and not hasattr(Section, name) else f"key_{n}"


def validated(checked: Validator) -> Any:
    """The annotation of a validator."""
    return Annotated[Any, checked]


def given(part: Section | None) -> dict[str, Any]:
    """The keys as written with their values, those left out or empty left out."""
    if part is None:
        return {}
    names = {name: field.alias or name for name, field in type(part).model_fields.items()}
    values = {alias: getattr(part, name) for name, alias in names.items()}
    return {alias: value for alias, value in values.items() if value is not None}


def error(layer: Layer, location: Iterable[int | str], text: str, at: Keys = ()) -> ScenarioError:
    """The error where pydantic found it: a mapping in the place of a list of one has no number."""
    node: Any = layer.tree
    way: list[str] = []
    for key in location:
        if isinstance(key, str) or isinstance(node, list):
            way.append(str(key))
            node = child(node, str(key))
    return layer.error((*way, *at), text)


def _listed(names: tuple[str, ...]) -> str:
    return f"keys: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"
