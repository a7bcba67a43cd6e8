"""What is wrong in one table of a pack: one line per problem with file, line, column, value and what is allowed."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sim._util import Unreadable, read_bytes
from sim._util.suggestions import shown, suggestion
from sim.missions.tables import Table

LARGEST = 20_000_000  # bytes
Rows = list[dict[str, str]]


def table_problems(folder: Path, table: Table) -> list[str]:
    """One line per problem of columns and values; none where an optional table is left out."""
    file = folder / f"{table.name}.csv"
    if not file.exists():
        return [f"{file}: missing; every pack has this table"] if table.required else []
    try:
        header, rows = read_rows(file)
    except (Unreadable, UnicodeDecodeError, csv.Error) as problem:
        return [f"{file}: {problem}"]
    return [*_header_problems(file, header, table)] or [
        *_value_problems(file, rows, table),
        *_doubles(file, rows, table),
    ]


def read_rows(file: Path) -> tuple[list[str], Rows]:
    """Columns, and rows as text.  Unreadable, UnicodeDecodeError or csv.Error where it is no table."""
    text = read_bytes(file, LARGEST, links=True).decode("utf-8-sig")
    reader = csv.DictReader(text.splitlines(), restkey="", restval=None, strict=True)
    return list(reader.fieldnames or ()), list(reader)


def reference_problems(folder: Path, table: Table, names: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """One line per value that is no name of what its column names; ``names`` by kind, such as ``region``."""
    file = folder / f"{table.name}.csv"
    marked = table.names()
    for line, row in enumerate(read_rows(file)[1], start=2):
        for column, of in marked.items():
            value = row[column]
            if value in names[of.what] or (of.empty and not value):
                continue
            yield f"{file}:{line}: {column}: unknown {of.what} {shown(value)}; {suggestion(value, names[of.what])}"


def _header_problems(file: Path, header: list[str], table: Table) -> Iterator[str]:
    for column in header:
        if column not in table.columns:
            yield f"{file}:1: unknown column {shown(column)}; {suggestion(column, table.columns)}"
        elif header.count(column) > 1:
            yield f"{file}:1: {column}: the column is there twice"
    for column in table.needed:
        if column not in header:
            yield f"{file}:1: {column}: the column is missing; this table needs {', '.join(table.needed)}"


def _value_problems(file: Path, rows: Rows, table: Table) -> Iterator[str]:
    try:
        TypeAdapter(list[table.row]).validate_python(rows)  # type: ignore[name-defined]
    except ValidationError as found:
        for problem in found.errors(include_url=False):
            number, *way = problem["loc"]
            column = str(way[0]).removesuffix("_") if way else ""
            yield f"{file}:{int(number) + 2}: {_said(problem, column, len(rows[int(number)]))}"


def _said(problem: Any, column: str, width: int) -> str:
    if not column:
        return f"{width} values where the table has another number of columns"
    value = problem.get("input")
    if problem["type"] == "literal_error":
        allowed = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{column}: {shown(value)}; {suggestion(str(value), allowed)}"
    if problem["type"] == "string_too_short":
        return f"{column}: nothing, where a name is needed"
    text = problem["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{column}: {shown(value)}; allowed: {text}"


def _doubles(file: Path, rows: Rows, table: Table) -> Iterator[str]:
    seen: dict[tuple[str, ...], int] = {}
    for line, row in enumerate(rows, start=2):
        key = tuple(row[column] or "" for column in table.key)
        if key and key in seen:
            yield f"{file}:{line}: {', '.join(table.key)}: {' '.join(key)!r} is in line {seen[key]} already"
        seen.setdefault(key, line)
