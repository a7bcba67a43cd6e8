"""Reader of YAML text: plain data and the line of every key.  Nothing is executed; size and depth are limited."""

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

import yaml

from sim._util.suggestions import shown
from sim.scenario.errors import FieldError, ScenarioError
from sim.scenario.layers import Keys, Layer, Mark
from sim.scenario.scalars import TAG, scalar

BYTES = 1_000_000
NODES = 20_000  # after aliases are written out
DEPTH = 40


class _LimitExceeded(Exception):
    """More nodes or deeper nesting than a scenario can need."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class _Loader(yaml.SafeLoader):
    """PyYAML's composer with a limit on nodes and depth."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._nodes = self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node. _LimitExceeded beyond the limits."""
        self._nodes += 1
        self._depth += 1
        _check_limits(self._nodes, self._depth, self.line + 1)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _check_limits(nodes: int, depth: int, line: int) -> None:
    if nodes > NODES:
        raise _LimitExceeded(line, f"more than {NODES:,} values, aliases written out; split the file")
    if depth > DEPTH:
        raise _LimitExceeded(line, f"nested deeper than {DEPTH} levels")


def read(data: str | bytes, file: str) -> Layer:
    """The plain data of YAML text with its marks.

    Dates are `datetime.date`, date keys ISO text.  ScenarioError names file, line and key of what is wrong.
    """
    text = _decoded(data, file)
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
        return _Reading(file).layer(root)
    except _LimitExceeded as problem:
        raise ScenarioError(f"{file}:{problem.line}: {problem}") from None
    except yaml.YAMLError as problem:
        raise ScenarioError(f"{file}:{_syntax_error(problem)}") from None
    except RecursionError:
        raise ScenarioError(f"{file}: nested deeper than {DEPTH} levels") from None


def value_of(text: str) -> Any:
    """One YAML value, as a scenario file would have after a key. FieldError when it is none."""
    try:
        tree = read(f"value: {text}", "value").tree
    except ScenarioError:
        tree = {}
    if tree.keys() != {"value"}:
        raise FieldError(f"{shown(text)} is no value that a scenario could have")
    return tree["value"]


def _decoded(data: str | bytes, file: str) -> str:
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    if len(data) > BYTES:
        raise ScenarioError(f"{file}: larger than 1 MB; a scenario is a short text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise ScenarioError(f"{file}:{line}: not UTF-8 text; save the file as UTF-8") from None


def _syntax_error(problem: yaml.YAMLError) -> str:
    """``line: what is wrong`` of a syntax error."""
    if not isinstance(problem, yaml.MarkedYAMLError):
        return f" not valid YAML: {getattr(problem, 'reason', 'cannot be read')}"
    mark = problem.problem_mark or problem.context_mark
    line = mark.line + 1 if mark else 1
    text = str(problem.problem or problem.context)
    if "\\t" in text:
        return f"{line}: a tab cannot indent YAML; use spaces"
    if "another document" in text:
        return f"{line}: several documents ('---'); a scenario is one document"
    return f"{line}: not valid YAML: {text}"


class _Reading:
    """One pass over the nodes of a file; keeps the marks and counts what aliases write out."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._marks: dict[Keys, Mark] = {}
        self._nodes = 0

    def layer(self, root: yaml.Node | None) -> Layer:
        """The tree under the root node. ScenarioError where it is no mapping."""
        if root is None:
            raise ScenarioError(f"{self._file}: empty; a scenario is a mapping of keys such as title and measures")
        self._marks[()] = Mark(self._file, root.start_mark.line + 1, "")
        tree = self._value(root, ())
        if tree is None:
            raise ScenarioError(f"{self._file}: empty; a scenario is a mapping of keys such as title and measures")
        if not isinstance(tree, dict):
            raise self._error((), f"{shown(tree)} where a mapping of keys such as title and measures is needed")
        return Layer(tree, self._marks)

    def _error(self, keys: Keys, text: str) -> ScenarioError:
        return Layer({}, self._marks).error(keys, text)

    def _value(self, node: yaml.Node, keys: Keys) -> Any:
        self._nodes += 1
        _check_limits(self._nodes, len(keys), node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, keys)
        if node.tag not in (f"{TAG}map", f"{TAG}seq"):
            raise self._error(keys, f"the tag {node.tag.replace(TAG, '!!')!r} is not allowed; write plain YAML")
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*keys, str(n))) for n, item in enumerate(node.value)]
        return dict(self._pairs(cast("yaml.MappingNode", node), keys))

    def _scalar(self, node: yaml.ScalarNode, keys: Keys) -> Any:
        try:
            return scalar(node)
        except FieldError as bad:
            raise self._error(keys, bad.text) from None

    def _item(self, node: yaml.Node, keys: Keys) -> Any:
        self._marks[keys] = Mark(self._file, node.start_mark.line + 1, ".".join(keys))
        return self._value(node, keys)

    def _pairs(self, node: yaml.MappingNode, keys: Keys) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        before: tuple[str, Any] = ("", None)
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            self._refuse_comma(key_node, value_node, keys, before)
            key = self._key(key_node, keys)
            here = (*keys, key)
            if key in seen:
                first = self._marks[here]
                raise ScenarioError(f"{self._file}:{line}: {first.key}: given twice; first in line {first.line}")
            seen.add(key)
            self._marks[here] = Mark(self._file, line, ".".join(here))
            before = (key, self._value(value_node, here))
            yield before

    def _refuse_comma(self, key: yaml.Node, value: yaml.Node, keys: Keys, before: tuple[str, Any]) -> None:
        """``{share: 0,6}`` is two keys to YAML: answered with the number that was meant."""
        name, number = before
        if not isinstance(number, int) or not isinstance(key, yaml.ScalarNode) or key.style is not None:
            return
        if key.value.isdecimal() and isinstance(value, yaml.ScalarNode) and not value.value:
            grouped = f" or {number}{key.value}" if number and len(key.value) == 3 else ""
            raise self._error((*keys, name), f"a comma is no decimal point; write {number}.{key.value}{grouped}")

    def _key(self, node: yaml.Node, keys: Keys) -> str:
        """A key as text."""
        where = self._marks[keys]._replace(line=node.start_mark.line + 1)
        here = Layer({}, {(): where})
        if not isinstance(node, yaml.ScalarNode):
            raise here.error((), "a key must be text")
        if node.tag == f"{TAG}merge":
            raise here.error((), "'<<' is not supported; write the keys out or use extends")
        try:
            key = scalar(node)
        except FieldError as bad:
            raise here.error((), bad.text) from None
        if isinstance(key, date):
            return key.isoformat()
        if not isinstance(key, str):
            advice = (
                "put it in quotes" if isinstance(key, bool) else "write a whole day, YYYY-MM-DD, or put it in quotes"
            )
            raise here.error((), f"the key {node.value[:60]!r} must be text; {advice}")
        return key
