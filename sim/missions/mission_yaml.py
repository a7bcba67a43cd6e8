"""``mission.yaml``: read, checked, and every problem placed at its line and key."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from sim._util import Unreadable, read_bytes
from sim._util.suggestions import shown, suggestion
from sim.missions.errors import MissionError
from sim.missions.facts import Facts

FILE = "mission.yaml"
LARGEST = 1_000_000  # bytes


def read_facts(folder: Path) -> Facts:
    """The checked facts of a pack.  MissionError for the first thing that is wrong."""
    facts, problems = check_facts(folder)
    if facts is None:
        raise MissionError(problems[0])
    return facts


def check_facts(folder: Path) -> tuple[Facts | None, list[str]]:
    """The facts, or one line per problem."""
    file = folder / FILE
    if not folder.is_dir():
        return None, [f"{folder}: no such folder; a mission pack is a folder with a {FILE}"]
    try:
        root = yaml.compose(read_bytes(file, LARGEST, links=True).decode("utf-8-sig"), Loader=yaml.SafeLoader)
        tree = yaml.SafeLoader("").construct_document(root) if root is not None else None
    except (Unreadable, UnicodeDecodeError) as problem:
        return None, [f"{file}: {problem}"]
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        return None, [f"{file}{line}: not valid YAML: {getattr(problem, 'problem', None) or problem}"]
    if not isinstance(tree, dict):
        return None, [f"{file}: {shown(tree)} where a mapping of keys such as name and regions is needed"]
    try:
        return Facts.model_validate(tree), []
    except ValidationError as found:
        return None, [_placed(file, root, problem) for problem in found.errors(include_url=False)]


def _placed(file: Path, root: yaml.Node | None, problem: Any) -> str:
    way = [str(key) for key in problem["loc"] if key != "[key]"]
    line = line_of(root, way)
    return f"{file}:{line}: {'.'.join(way) or 'the file'}: {_said(problem, way)}"


def _said(problem: Any, way: list[str]) -> str:
    kind, value = problem["type"], problem.get("input")
    if kind == "missing":
        return "missing; every pack must say it"
    if kind == "extra_forbidden":
        return f"unknown key; {suggestion(way[-1], _section(way[:-1]).model_fields)}"
    if kind == "literal_error":
        allowed = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{shown(value)}; {suggestion(str(value), allowed)}"
    text = problem["msg"].removeprefix("Value error, ")
    return text if kind == "value_error" else f"{shown(value)}: {text[:1].lower()}{text[1:]}"


def _section(way: list[str]) -> type[BaseModel]:
    """The section at a key; the nearest one above it where the key is a name."""
    section: type[BaseModel] = Facts
    for key in way:
        field = section.model_fields.get(key)
        for kind in _models(field.annotation) if field is not None else ():
            section = kind
    return section


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The sections in a type such as ``dict[str, Region]`` or ``Record | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models(part)]


def line_in(folder: Path, way: list[str]) -> int:
    """The line of a key in the ``mission.yaml`` of a folder."""
    text = read_bytes(folder / FILE, LARGEST, links=True).decode("utf-8-sig")
    return line_of(yaml.compose(text, Loader=yaml.SafeLoader), way)


def line_of(node: yaml.Node | None, way: list[str]) -> int:
    """The line of a key, or of the nearest key above it."""
    line = 1
    for key in way:
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for name, value in node.value if name.value == key]
        elif isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
            found = [(node.value[int(key)],) * 2]
        else:
            found = []
        if not found:
            break
        line, node = found[0][0].start_mark.line + 1, found[0][1]
    return line
