"""Layers of plain YAML data with the place of every key, and how one is merged over another.

Extending scenarios, variants and single values (``--set``) are layers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from numbers import Integral, Real
from typing import Any, NamedTuple

from sim._util.suggestions import shown
from sim.scenario.errors import ScenarioError
from sim.scenario.registry import MEASURES
from sim.scenario.scalars import is_whole_text, iso_day

Keys = tuple[str, ...]  # the way down a tree; items of a list are numbered from '0'
Tree = dict[str, Any]
SHARED = ("extends", "mission", "variants", "baseline", "seed", "replications", "outcomes")  # the same for all variants
WHOLE = ("parameters", "uncertainties")  # their keys may hold dots
SET = "--set"


class Mark(NamedTuple):
    """Where a key stands: file as the user named it, line from 1 (0: in no file), key as it was written."""

    file: str
    line: int
    key: str

    @property
    def place(self) -> str:
        """``file:line``, or the file alone where there is no line."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Layer:
    """A tree of plain data and the marks of its keys; ``part`` names the variant it became, if any.

    Nothing changes a layer after it was made: merging gives a new one.
    """

    tree: Tree
    marks: Mapping[Keys, Mark]
    part: str = field(default="")

    def mark(self, keys: Keys) -> Mark:
        """The mark of the key, or of the nearest key above it with the rest of the way appended."""
        for length in range(len(keys), -1, -1):
            mark = self.marks.get(keys[:length])
            if mark is not None:
                rest = keys[length:]
                return mark._replace(key=".".join((mark.key, *rest) if mark.key else rest))
        return Mark("scenario", 0, ".".join(keys))

    def error(self, keys: Keys, text: str) -> ScenarioError:
        """The error that names place, key and problem."""
        mark = self.mark(keys)
        if self.part and not f"{mark.key}.".startswith(f"{self.part}."):
            text = f"{text} (in {self.part})"
        return ScenarioError(f"{mark.place}: {mark.key}: {text}" if mark.key else f"{mark.place}: {text}")

    def holds(self, keys: Keys) -> bool:
        """Whether the tree has this key."""
        node: Any = self.tree
        for key in keys:
            node = child(node, key)
            if node is MISSING:
                return False
        return True


MISSING = object()


def child(node: Any, key: str) -> Any:
    """What stands under a key of a mapping or a number of a list; MISSING when nothing does."""
    if isinstance(node, dict):
        return node.get(key, MISSING)
    if isinstance(node, list) and key.isdecimal() and key.isascii() and int(key[:9]) < len(node):
        return node[int(key[:9])]
    return MISSING


def merge(base: Layer, over: Layer, part: str = "") -> Layer:
    """The base with the other laid over it.

    Mappings merge; lists, dated values and everything else replace; a mapping of numbers over a list changes
    those items.  One key of intensity replaces the other.  ScenarioError for an item that is not there.
    """
    marks = {**base.marks, **over.marks}
    tree = _merge_trees(base.tree, over.tree, (), over)
    return Layer(tree, marks, part or base.part)


def variant(layer: Layer, name: str) -> Layer:
    """The layer with one of its variants laid over it, without variants and baseline."""
    plain = without(layer, "variants", "baseline")
    return merge(plain, _overrides(layer, name), f"variants.{name}")


def with_values(layer: Layer, values: Mapping[str, object]) -> Layer:
    """The layer with values laid over it by dotted key. ScenarioError names ``--set``."""
    over = Layer({}, {})
    for key, value in values.items():
        mark = Mark(SET, 0, str(key))
        keys = dotted(str(key))
        if keys[0] == "extends" or not all(keys):
            raise ScenarioError(f"{SET}: {key}: cannot be set; write a key such as period.end")
        tree = _nested(keys, _plain(value, mark, 0))
        over = merge(over, Layer(tree, _way_marks(keys, mark)))
    return merge(layer, over)


def without(layer: Layer, *keys: str) -> Layer:
    """The layer without some keys of the top."""
    return replace(layer, tree={key: value for key, value in layer.tree.items() if key not in keys})


def dotted(key: str) -> Keys:
    """The way a dotted key names; names of parameters keep their dots."""
    first, _, rest = key.partition(".")
    return (first, rest) if first in WHOLE and rest else tuple(key.split("."))


def _merge_trees(base: Any, over: Any, keys: Keys, layer: Layer) -> Any:
    if not isinstance(over, dict):
        return over
    if isinstance(base, list) and over and all(key.isdecimal() for key in over):
        return _items(base, over, keys, layer)
    if not isinstance(base, dict) or _is_dated(over) or _is_dated(base):
        return over
    merged = {key: value for key, value in base.items() if key not in _replaced_keys(keys, over)}
    for key, value in over.items():
        merged[key] = _merge_trees(merged[key], value, (*keys, key), layer) if key in merged else value
    return merged


def _items(base: list[Any], over: Tree, keys: Keys, layer: Layer) -> list[Any]:
    """A list with single items changed."""
    items = list(base)
    for key, value in over.items():
        item = child(base, key)
        if item is MISSING:
            raise layer.error((*keys, key), f"no such item; the list has {len(base)}, counted from 0")
        items[int(key)] = _merge_trees(item, value, (*keys, key), layer)
    return items


def _is_dated(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(iso_day(key) for key in value)


def _replaced_keys(keys: Keys, over: Tree) -> set[str]:
    """The key of intensity that the one laid over it replaces."""
    if len(keys) < 2 or keys[0] != "measures" or keys[1] not in MEASURES:
        return set()
    pair = {"intensity", MEASURES[keys[1]].key}
    return pair - over.keys() if pair & over.keys() else set()


def _overrides(layer: Layer, name: str) -> Layer:
    """The overrides of a variant as a layer of their own, dotted keys written out."""
    top = ("variants", name)
    below: dict[str, dict[Keys, Mark]] = {}
    for way, mark in layer.marks.items():
        if way[:2] == top and len(way) > 2:
            below.setdefault(way[2], {})[way[3:]] = mark
    tree: Tree = {}
    marks: dict[Keys, Mark] = {}
    for key, value in (layer.tree["variants"][name] or {}).items():
        here = (*top, key)
        mark = layer.mark(here)
        keys = dotted(key)
        if not all(keys):
            raise layer.error(here, "no key; write it with single dots, such as measures.patrols.intensity")
        if keys[0] in SHARED:
            raise layer.error(here, "a variant cannot change this; it is the same for all")
        one = _nested(keys, _copied(value))
        if _clash(tree, one):
            raise layer.error(here, "given twice, nested and with dots")
        _merge_into(tree, one, ())
        marks |= _way_marks(keys, mark) | {(*keys, *rest): written for rest, written in below.get(key, {}).items()}
    return Layer(tree, marks)


def _merge_into(tree: Tree, over: Tree, keys: Keys) -> None:
    """Lay one tree over another in place, as ``merge`` does: thousands of keys would each copy all before them."""
    for rival in _replaced_keys(keys, over):
        tree.pop(rival, None)
    for key, value in over.items():
        known = tree.get(key)
        if isinstance(known, dict) and isinstance(value, dict) and not (_is_dated(known) or _is_dated(value)):
            _merge_into(known, value, (*keys, key))
        else:
            tree[key] = value


def _copied(value: Any) -> Any:
    """A tree whose mappings are its own."""
    return {key: _copied(item) for key, item in value.items()} if isinstance(value, dict) else value


def _clash(first: Any, second: Any) -> bool:
    """Whether two trees give a value to the same key."""
    if not isinstance(first, dict) or not isinstance(second, dict):
        return True
    return any(_clash(first[key], value) for key, value in second.items() if key in first)


def _nested(keys: Keys, value: Any) -> Tree:
    for key in reversed(keys):
        value = {key: value}
    tree: Tree = value
    return tree


def _way_marks(keys: Keys, mark: Mark) -> dict[Keys, Mark]:
    """Marks for a dotted key and all the keys above it, each named as far as it goes."""
    name = mark.key.removesuffix(".".join(keys))
    return {keys[:n]: mark._replace(key=name + ".".join(keys[:n])) for n in range(1, len(keys) + 1)}


def _plain(value: object, mark: Mark, depth: int) -> Any:
    """A value from Python as the reader would give it. ScenarioError for what YAML cannot hold."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and is_whole_text(value)):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if depth < 20 and isinstance(value, Mapping):
        return {_key(key, mark): _plain(item, mark, depth + 1) for key, item in value.items()}
    if depth < 20 and isinstance(value, list | tuple):
        return [_plain(item, mark, depth + 1) for item in value]
    raise ScenarioError(f"{mark.file}: {mark.key}: a {type(value).__name__} cannot stand in a scenario")


def _key(key: object, mark: Mark) -> str:
    if isinstance(key, date) and not isinstance(key, datetime):
        return key.isoformat()
    if isinstance(key, str):
        return key
    raise ScenarioError(f"{mark.file}: {mark.key}: the key {shown(key)} must be text")
