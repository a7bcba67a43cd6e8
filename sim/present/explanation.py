"""A scenario explained: start, phases and processes, measures, shocks, assumptions; as plain data, and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sim.present.shock_text import place_words, shock_words
from sim.scenario.assumptions import assumed_inputs
from sim.scenario.registry import MEASURES, PHASES, PROCESSES

if TYPE_CHECKING:
    from sim.scenario import Episode, Scenario
    from sim.scenario.registry import Process

Document = dict[str, Any]
WIDTH = 100


def explanation(scenario: Scenario) -> Document:
    """Everything that `minusim explain` tells about a scenario."""
    rows = _parameters(scenario)
    processes = [_process(scenario, process, rows) for process in PROCESSES]
    used = {row["name"] for process in processes for row in process["parameters"]}
    return {
        "scenario": scenario.title,
        "hash": scenario.hash,
        "seed": scenario.seed,
        "period": [scenario.period.start.isoformat(), scenario.period.end.isoformat()],
        "start": _start(scenario),
        "phases": [
            {"phase": phase, "processes": [row for row in processes if row["phase"] == phase]} for phase in PHASES
        ],
        "other_parameters": [row for name, row in rows.items() if name not in used],
        "measures": [_measure(scenario, name) for name in MEASURES],
        "shocks": shock_words(scenario),
        "assumed": asdict(assumed_inputs(scenario)),
    }


def _start(scenario: Scenario) -> str:
    first = scenario.mission.first_day
    if scenario.run_up() is None:
        return (
            f"The run begins on {first}, with the first strengths, homes and populations of the packaged "
            "tables and nobody's memory of anything."
        )
    return (
        f"The run begins on {first} and lives through the historical scenario, as deployed, until "
        f"{scenario.period.start}; only from then on does this scenario hold, and is anything counted."
    )


def _parameters(scenario: Scenario) -> dict[str, Document]:
    """Every parameter by name: value in force, range, unit, status, source, and who set it."""
    return {
        name: {
            "name": name,
            "value": scenario.parameters.get(name, row.value),
            "low": row.low,
            "high": row.high,
            "unit": row.unit,
            "status": row.status,
            "source": row.source,
            "set_by": _set_by(scenario, name),
        }
        for name, row in scenario.mission.parameters.items()
    }


def _process(scenario: Scenario, process: Process, rows: dict[str, Document]) -> Document:
    return {
        "name": process.name,
        "phase": process.phase,
        "on": bool(scenario.processes[process.name]),
        "claim": process.claim,
        "source": process.source,
        "measures": list(process.measures),
        "parameters": [rows[name] for name in process.arguments if name in rows],
    }


def _measure(scenario: Scenario, name: str) -> Document:
    row = MEASURES[name]
    episodes = scenario.measures[name]
    return {
        "name": name,
        "key": row.key,
        "unit": row.unit,
        "reference": row.reference,
        "reference_note": row.reference_note,
        "minimum": row.minimum,
        "maximum": row.maximum,
        "claim": row.claim,
        "source": row.source,
        "set_by": _file_line(scenario.where(f"measures.{name}")) if episodes else None,
        "episodes": [_episode(scenario, episode, row.scope) for episode in episodes],
    }


def _episode(scenario: Scenario, episode: Episode, scope: str) -> Document:
    places = episode.place.bases if scope == "base" else episode.place.regions
    return {
        "start": episode.start.isoformat(),
        "end": episode.end.isoformat(),
        "place": list(places),
        "where": place_words(episode.place, scenario.mission),
        "level": [
            {"from": day.isoformat(), "value": value}
            for day, value in zip(episode.level.dates, episode.level.values, strict=True)
        ],
    }


def _set_by(scenario: Scenario, parameter: str) -> str | None:
    """The line that fixes a parameter; None where the packaged value holds."""
    fixed = parameter in scenario.parameters
    return _file_line(scenario.where(f"parameters.{parameter}")) if fixed else None


def _file_line(where: str) -> str:
    """`file:line` without the folders of the file."""
    file, colon, line = where.rpartition(":")
    return f"{Path(file).name}:{line}" if colon else where


def explanation_lines(document: Document) -> Iterator[str]:
    """The explanation as text of WIDTH columns."""
    processes = [process for phase in document["phases"] for process in phase["processes"]]
    on = sum(process["on"] for process in processes)
    start, end = document["period"]
    title = f"A day in '{document['scenario']}', {start} to {end}"
    yield from wrap(f"{title}: {on} of {len(processes)} processes, in this order.", WIDTH)
    yield ""
    yield from wrap(f"How the first day is reached. {document['start']}", WIDTH)
    for phase in document["phases"]:
        yield from _phase_lines(phase)
    if document["other_parameters"]:
        yield from _heading("parameters that no single process reads")
        yield from _parameters_lines(document["other_parameters"], indent=2)
    yield from _heading("measures: the path in force, else the reference level")
    for measure in document["measures"]:
        yield from _measure_lines(measure)
    yield from _heading("shocks and dated events that touch the period")
    for name, lines in document["shocks"].items():
        for head, line in zip((name, *[""] * len(lines)), lines or ["none"], strict=False):
            yield from _hanging(f"  {head:<18} ", line)
    yield from _heading("what is assumed")
    yield from _assumed_lines(document["assumed"])


def _assumed_lines(assumed: Document) -> Iterator[str]:
    """How many inputs are not published, and which kinds."""
    yield f"  {len(assumed['parameters'])} of {assumed['of_parameters']} parameters (marked 'assumed' above)"
    if assumed["measures"]:
        yield from _hanging(f"  {len(assumed['measures'])} paths of measures: ", ", ".join(assumed["measures"]))
    for name, things in assumed["facts"].items():
        if things:
            yield from _hanging(f"  {name.replace('_', ' ')}: ", _few(things))


def _phase_lines(phase: Document) -> Iterator[str]:
    yield from _heading(phase["phase"])
    for process in phase["processes"]:
        yield from _hanging(f"  {process['name']:<16} ", process["claim"])
        if not process["on"]:
            yield f"{'':<19}SWITCHED OFF in this scenario"
        if process["source"]:
            yield from _hanging(f"{'':<19}source: ", process["source"])
        if process["measures"]:
            yield from _hanging(f"{'':<19}measures that act here: ", ", ".join(process["measures"]))
        yield from _parameters_lines(process["parameters"], indent=19)


def _parameters_lines(rows: list[Document], indent: int) -> Iterator[str]:
    if not rows:
        return
    names = max(len(row["name"]) for row in rows)
    for row in rows:
        span = f" ({_short(row['low'])} to {_short(row['high'])})"
        value = f"{_short(row['value'])} {row['unit']}".strip()
        by = f"set in {row['set_by']}" if row["set_by"] else f"{row['status']}; {row['source']}"
        yield from _hanging(f"{'':<{indent}}{row['name']:<{names}}  ", f"{value}{span}; {by}")


def _measure_lines(measure: Document) -> Iterator[str]:
    yield from _hanging(f"  {measure['name']}: ", measure["claim"])
    note = f" ({measure['reference_note']})" if measure["reference_note"] else ""
    reference = f"{_short(measure['reference'])} {measure['unit']}{note}"
    bounds = f"from {_short(measure['minimum'])} to {_short(measure['maximum'])}"
    yield from _hanging(f"    {measure['key']}, {bounds}; off is ", reference)
    yield from _hanging("    source: ", measure["source"].replace(";", ", "))
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
