"""Which draws a process makes, read from its source text: whose key, and which of the process's streams.

Nothing is imported and nothing compiled.  A process hands ``stream`` or ``stream + n`` to the functions of its file;
they are followed, and so are those of ``sim.model.conflict``.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sim
from sim.scenario.registry.process_source import TABLES

SOURCES = Path(sim.__file__).parent / "model"
DRAWS = ("uniform", "uniforms", "first_uniforms", "first_uniforms_of_trips")
CAUSE = "cause_of"  # gives the key of who or what caused an event


@dataclass(frozen=True)
class Draw:
    """``entity``: whose keys decide, joined by " and "; ``offset`` of the stream from the process's first."""

    entity: str
    offset: str


def draws_of(process: str) -> tuple[Draw, ...]:
    """The draws of a process by name, in the order of its text, each once.  KeyError for an unknown process."""
    known = _functions("conflict.py") | _functions(f"processes/{process}.py")
    return tuple(dict.fromkeys(_draws(known[process], "0", known)))


@cache
def _functions(file: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((SOURCES / file).read_text("utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _draws(function: ast.FunctionDef, offset: str, known: dict[str, ast.FunctionDef]) -> Iterator[Draw]:
    """Draws of a function whose argument ``stream`` is the process's first stream plus ``offset``."""
    for call in _calls(function):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name in DRAWS:
            yield Draw(" and ".join(_keys(call.args[1], function)), _sum(offset, call.args[3]))
        elif name in known and "stream" in (names := [argument.arg for argument in known[name].args.args]):
            yield from _draws(known[name], _sum(offset, call.args[names.index("stream")]), known)


def _calls(function: ast.FunctionDef) -> list[ast.Call]:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _sum(offset: str, stream: ast.expr) -> str:
    """``offset`` plus what is added to ``stream``."""
    added = ast.unparse(stream.right) if isinstance(stream, ast.BinOp) else "0"
    added = "tactic" if "TACTIC" in added else added
    return added if offset == "0" else offset if added == "0" else str(int(offset) + int(added))


def _keys(entity: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """The kinds of entity in an expression; a local name stands for what is assigned to it."""
    if isinstance(entity, ast.Call) and ast.unparse(entity.func) == CAUSE:
        yield "event's cause"
    elif isinstance(entity, ast.Call):
        for argument in entity.args:
            yield from _keys(argument, function)
    elif isinstance(entity, ast.Subscript):
        yield from _keys(entity.value, function)
    elif isinstance(entity, ast.Attribute):
        if entity.attr == "key":
            yield TABLES[ast.unparse(entity.value)].removesuffix("_")
    elif isinstance(entity, ast.Name):
        for value in _assigned(entity.id, function):
            yield from _keys(value, function)


def _assigned(name: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value
