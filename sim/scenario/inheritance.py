"""How one layer is laid over another: scenarios that extend others, variants, single values (``--set``).

An override changes what it names, where and when it names it; the rest stays as inherited.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from numbers import Integral, Real
from typing import Any

from sim._util.suggestions import shown
from sim.scenario.errors import ScenarioError
from sim.scenario.layers import (
    MISSING,
    PRESSURES,
    SHARED,
    WHOLE,
    Keys,
    Layer,
    Mark,
    Tree,
    child,
    is_dated,
)
from sim.scenario.registry import MEASURES
from sim.scenario.relative import relative
from sim.scenario.scalars import is_whole_text


def merge(base: Layer, over: Layer, part: str = "") -> Layer:
    """The base with the other laid over it.

    Mappings merge; lists, dated values and everything else replace; a mapping of numbers over a list changes
    those items.  One key of intensity replaces the other.  What says when, where or how much more a measure is in
    force comes behind what it is laid over.  ScenarioError for an item that is not there.
    """
    below = base
    for keys in _stacks(over.tree):
        below, over = _stacked(below, over, keys)
    marks = {**below.marks, **over.marks}
    tree = _merge_trees(below.tree, over.tree, (), over)
    return Layer(tree, marks, part or base.part, base)


def variant(layer: Layer, name: str) -> Layer:
    """The layer with one of its variants laid over it, without variants and baseline."""
    plain = without(layer, "variants", "baseline")
    return merge(plain, _overrides(layer, name), f"variants.{name}")


def with_values(layer: Layer, values: Mapping[str, object], source: str) -> Layer:
    """The layer with values laid over it by dotted key. ScenarioError names their source, such as ``--set``."""
    tree: Tree = {}
    marks: dict[Keys, Mark] = {}
    for key, value in values.items():
        mark = Mark(source, 0, str(key))
        keys = dotted(str(key))
        if keys[0] == "extends" or not all(keys):
            raise ScenarioError(f"{source}: {key}: cannot be set; write a key such as period.end")
        _merge_into(tree, _nested(keys, _plain(value, mark, 0)), ())
        marks |= _way_marks(keys, mark)
    return merge(layer, Layer(tree, marks))


def without(layer: Layer, *keys: str) -> Layer:
    """The layer without some keys of the top."""
    return replace(layer, tree={key: value for key, value in layer.tree.items() if key not in keys})


def dotted(key: str) -> Keys:
    """The way a dotted key names; names of parameters keep their dots."""
    first, _, rest = key.partition(".")
    return (first, rest) if first in WHOLE and rest else tuple(key.split("."))


def _stacks(tree: Tree) -> list[Keys]:
    """The keys of measures and pressures in a tree: what is said of them later comes behind what was said before."""
    measures, shocks = tree.get("measures"), tree.get("shocks")
    found: list[Keys] = (
        [("measures", name) for name in measures if name in MEASURES] if isinstance(measures, dict) else []
    )
    if isinstance(shocks, dict):
        found += [("shocks", name) for name in (*PRESSURES, "deployment") if name in shocks]
    return found


def _stacked(base: Layer, over: Layer, keys: Keys) -> tuple[Layer, Layer]:
    """The two layers, with statements about one key in one list in the upper one, those of the lower one first."""
    below, above = child(child(base.tree, keys[0]), keys[1]), over.tree[keys[0]][keys[1]]
    _refuse_without_level(below, above, keys, over)
    start = next((day for layer in (over, base) if (day := _period_start(layer.tree)) is not None), None)
    if not _comes_behind(above, keys[1], start) or not isinstance(below, dict | list) or not below:
        return base, over
    first = below if isinstance(below, list) else [below]
    more = above if isinstance(above, list) else [_inheriting(below, above)]
    base = replace(base, marks=base.marks if isinstance(below, list) else _moved(base.marks, keys, {"": "0"}))
    numbers = (
        {str(n): str(n + len(first)) for n in range(len(more))} if isinstance(above, list) else {"": str(len(first))}
    )
    return base, Layer(_replaced(over.tree, keys, [*first, *more]), _moved(over.marks, keys, numbers), over.part)


def _refuse_without_level(below: Any, above: Any, keys: Keys, over: Layer) -> None:
    """ScenarioError for a place or time alone: it would switch off what is in force elsewhere."""
    if keys[0] != "measures" or not isinstance(above, dict) or not isinstance(below, dict | list) or not below:
        return
    level = MEASURES[keys[1]].key
    named = [key for key in ("place", "start", "end") if above.get(key) is not None]
    if named and "otherwise" not in above and not {level, "intensity"} & above.keys():
        raise over.error(
            (*keys, named[0]),
            f"says where or when, but not how much, and the rest stays as inherited; write {level}: NUMBER "
            "(or '+20 %') beside it, or otherwise: off to have the measure there alone",
        )


def _period_start(tree: Tree) -> str | None:
    start = child(child(tree, "period"), "start")
    return str(start) if start not in (None, MISSING) else None


def _comes_behind(above: Any, name: str, start: str | None) -> bool:
    """Whether what is laid over leaves something of what is below: it names a place, a time or a change.

    Levels by date that begin by the ``start`` of the period leave nothing.
    """
    if isinstance(above, list):
        return all(isinstance(item, dict) and "otherwise" not in item for item in above)
    if not isinstance(above, dict) or "otherwise" in above or all(key.isdecimal() for key in above):
        return False
    level = above.get(MEASURES[name].key if name in MEASURES else "strength" if name == "deployment" else "intensity")
    limits = any(above.get(key) is not None for key in ("place", "start", "end"))
    if level is None:
        return False
    later = is_dated(level) and name in MEASURES and (start is None or min(level) > start)
    return limits or later or _is_change(level)


def _is_change(level: Any) -> bool:
    return any(relative(item) for item in (level.values() if is_dated(level) else (level,)))


def _inheriting(below: Any, above: Tree) -> Tree:
    """A statement that names no place is of the place that the one below it names."""
    place = below.get("place") if isinstance(below, dict) else None
    return above if place is None or "place" in above else {**above, "place": place}


def _replaced(tree: Tree, keys: Keys, value: Any) -> Tree:
    return {**tree, keys[0]: {**tree[keys[0]], keys[1]: value}}


def _moved(marks: Mapping[Keys, Mark], keys: Keys, numbers: Mapping[str, str]) -> dict[Keys, Mark]:
    """The marks below keys under other numbers; '' is a mapping that becomes an item of a list."""
    depth, found = len(keys), {}
    for way, mark in marks.items():
        if way[:depth] != keys or (way == keys and "" not in numbers):
            found[way] = mark
        elif "" in numbers:
            found[(*keys, numbers[""], *way[depth:])] = mark
            if way == keys:
                found[way] = mark
        else:
            found[(*keys, numbers.get(way[depth], way[depth]), *way[depth + 1 :])] = mark
    return found


def _merge_trees(base: Any, over: Any, keys: Keys, layer: Layer) -> Any:
    if not isinstance(over, dict):
        return over
    if isinstance(base, list) and over and all(key.isdecimal() for key in over):
        return _items(base, over, keys, layer)
    if not isinstance(base, dict) or is_dated(over) or is_dated(base):
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
        if isinstance(known, dict) and isinstance(value, dict) and not (is_dated(known) or is_dated(value)):
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
