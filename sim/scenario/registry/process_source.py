"""What a process reads, taken from its source text: nothing is imported and nothing compiled.

A process takes tables and its parameters ``p``; ``trips.cell`` in its text is the column ``trip_cell`` and
``p.ambush_rate`` the parameter ``ambush_rate``.  Functions that it calls take tables and ``p`` under the same names.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
PARAMETERS = "p"
# name of a table in a process: what stands before a field's name in the name of its column
TABLES = {
    "daily": "",
    "cells": "cell_",
    "regions": "region_",
    "bases": "base_",
    "routes": "route_",
    "rings": "ring_",
    "trips": "trip_",
    "convoys": "convoy_",
    "units": "unit_",
    "nationals": "national_",
    "organisations": "organisation_",
    "rivalries": "rivalry_",
    "bands": "band_",
    "communities": "community_",
    "levers": "lever_",
    "recorder": "",
}
WITHOUT_PREFIX = ("scheduled_strength", "step_utility")  # columns of bands


@dataclass(frozen=True)
class Reads:
    """The names of a process's arguments in order and, by argument, the fields that it or what it calls reads."""

    arguments: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that it reads."""
        return self.fields.get(PARAMETERS, ())

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads or writes, by table."""
        return tuple(column_of(table, field) for table in TABLES for field in self.fields.get(table, ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Columns, parameters, and what else it takes: the key, the stream, the day."""
        rest = tuple(name for name in self.arguments if name not in TABLES and name != PARAMETERS)
        return (*self.columns, *self.parameters, *rest)


def column_of(table: str, field: str) -> str:
    """The column of a field.  KeyError for a table that there is not."""
    return field if field in WITHOUT_PREFIX else TABLES[table] + field


def function_of(process: str) -> ast.FunctionDef:
    """The function of a process, by name.  StopIteration where its file has no function of its name."""
    return next(_named(_tree(_module(process)), process))


@cache
def reads_of(process: str) -> Reads:
    """What a process reads, by name."""
    arguments = tuple(argument.arg for argument in function_of(process).args.args)
    fields: dict[str, dict[str, None]] = {}
    for function in _reached(_module(process), process):
        for owner, field in _attributes(function):
            if owner in arguments:
                fields.setdefault(owner, {})[field] = None
    return Reads(arguments, {owner: tuple(found) for owner, found in fields.items()})


def _module(process: str) -> str:
    return f"sim.model.processes.{process}"


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text("utf-8"))


def _named(tree: ast.Module, name: str) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)


def _reached(module: str, name: str) -> list[ast.FunctionDef]:
    """A function and those of the model that it calls, each once, in the order of the calls."""
    found: dict[tuple[str, str], ast.FunctionDef] = {}
    waiting = [(module, name)]
    while waiting:
        place = waiting.pop(0)
        for function in _named(_tree(place[0]), place[1]):
            if place not in found:
                found[place] = function
                waiting += _called(place[0], function)
    return list(found.values())


@cache  # many processes share the functions that they call
def _called(module: str, function: ast.FunctionDef) -> tuple[tuple[str, str], ...]:
    imported = {
        alias.name: node.module or ""
        for node in _tree(module).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim.model.")
        for alias in node.names
    }
    calls = (
        node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    return tuple((imported.get(name, module), name) for name in calls)


@cache
def _attributes(function: ast.FunctionDef) -> tuple[tuple[str, str], ...]:
    """Fields of arguments, ``(owner, field)``, as they stand in the text."""
    found = [
        node for node in ast.walk(function) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple((node.value.id, node.attr) for node in found if isinstance(node.value, ast.Name))
