"""The explanation of a scenario as text of 100 columns."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

WIDTH = 100
Document = dict[str, Any]


def explanation_lines(document: Document) -> Iterator[str]:
    """The lines of `minusim explain`."""
    processes = [process for phase in document["phases"] for process in phase["processes"]]
    on = sum(process["on"] for process in processes)
    start, end = document["period"]
    title = f"A day in '{document['scenario']}', {start} to {end}"
    yield from wrap(f"{title}: {on} of {len(processes)} processes, in this order.", WIDTH)
    yield ""
    yield from wrap(f"How the first day is reached. {document['start']}", WIDTH)
    for phase in document["phases"]:
        yield from _phase(phase)
    if document["other_parameters"]:
        yield from _heading("parameters that no single process reads")
        yield from _parameters(document["other_parameters"], indent=2)
    yield from _heading("measures: the path in force, else the reference level")
    for measure in document["measures"]:
        yield from _measure(measure)
    yield from _heading("shocks and dated events that touch the period")
    for name, lines in document["shocks"].items():
        for head, line in zip((name, *[""] * len(lines)), lines or ["none"], strict=False):
            yield from _hanging(f"  {head:<18} ", line)
    yield from _heading("what is assumed")
    yield from assumed_lines(document["assumed"])


def assumed_lines(assumed: Document) -> Iterator[str]:
    """How many inputs nobody has published, and which kinds."""
    yield f"  {len(assumed['parameters'])} of {assumed['of_parameters']} parameters (marked 'assumed' above)"
    if assumed["measures"]:
        yield from _hanging(f"  {len(assumed['measures'])} paths of measures: ", ", ".join(assumed["measures"]))
    for name, things in assumed["facts"].items():
        if things:
            yield from _hanging(f"  {name.replace('_', ' ')}: ", _few(things))


def _phase(phase: Document) -> Iterator[str]:
    yield from _heading(phase["phase"])
    for process in phase["processes"]:
        yield from _hanging(f"  {process['name']:<16} ", process["claim"])
        if not process["on"]:
            yield f"{'':<19}SWITCHED OFF in this scenario"
        if process["source"]:
            yield from _hanging(f"{'':<19}source: ", process["source"])
        if process["measures"]:
            yield from _hanging(f"{'':<19}measures that act here: ", ", ".join(process["measures"]))
        yield from _parameters(process["parameters"], indent=19)


def _parameters(rows: list[Document], indent: int) -> Iterator[str]:
    if not rows:
        return
    names = max(len(row["name"]) for row in rows)
    for row in rows:
        span = f" ({_short(row['low'])} to {_short(row['high'])})"
        value = f"{_short(row['value'])} {row['unit']}".strip()
        by = f"set in {row['set_by']}" if row["set_by"] else f"{row['status']}; {row['source']}"
        yield from _hanging(f"{'':<{indent}}{row['name']:<{names}}  ", f"{value}{span}; {by}")


def _measure(measure: Document) -> Iterator[str]:
    yield from _hanging(f"  {measure['name']}: ", measure["claim"])
    note = f" ({measure['reference_note']})" if measure["reference_note"] else ""
    reference = f"{_short(measure['reference'])} {measure['unit']}{note}"
    bounds = f"from {_short(measure['minimum'])} to {_short(measure['maximum'])}"
    yield from _hanging(f"    {measure['key']}, {bounds}; off is ", reference)
    if not measure["episodes"]:
        yield "    off throughout"
    for episode in measure["episodes"]:
        path = ", ".join(f"{_short(step['value'])} from {step['from']}" for step in episode["level"])
        start = f"    {episode['start']} to {episode['end']}, {episode['where']}: "
        yield from _hanging(start, f"{path}; assumed; {measure['set_by']}")


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield text.upper()


def _hanging(head: str, text: str) -> list[str]:
    """Text behind a head, the later lines below the text (or close to the margin below a long head)."""
    indent = " " * (len(head) if len(head) <= WIDTH // 3 else len(head) - len(head.lstrip()) + 2)
    return wrap(text, WIDTH, initial_indent=head, subsequent_indent=indent) or [head.rstrip()]


def _short(value: float) -> str:
    return f"{value:,.6g}"


def _few(things: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(things[:12])
    return shown if len(things) <= 12 else f"{shown} and {len(things) - 12} more"
