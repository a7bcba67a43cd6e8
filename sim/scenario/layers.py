"""Layers of plain YAML data with the place of every key: scenario files, variants, single values (``--set``)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.scenario.errors import ScenarioError
from sim.scenario.scalars import iso_day

Keys = tuple[str, ...]  # the way down a tree; items of a list are numbered from '0'
Tree = dict[str, Any]
SHARED = ("extends", "mission", "variants", "baseline", "seed", "replications", "outcomes")  # the same for all variants
WHOLE = ("parameters", "uncertainties")  # their keys may hold dots
PRESSURES = ("protests", "consent", "pause")  # shocks that hold for a time at a place
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

    ``below``: what it was laid over last, if anything; ``own``: what the file said itself, where nothing came after it.

    Nothing changes a layer after it was made: merging gives a new one.
    """

    tree: Tree
    marks: Mapping[Keys, Mark]
    part: str = field(default="")
    below: "Layer | None" = field(default=None, repr=False)
    own: "Layer | None" = field(default=None, repr=False)

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


def is_dated(value: Any) -> bool:
    """Whether a value is a mapping of values by date."""
    return isinstance(value, dict) and bool(value) and all(iso_day(key) for key in value)
