"""A scenario explained, as plain JSON data: start, phases and processes, measures, shocks, assumptions."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.missions.parameters import parameters
from sim.present.shock_text import place_words, shock_words
from sim.scenario.assumptions import assumed_inputs
from sim.scenario.registry import MEASURES, PHASES, PROCESSES

if TYPE_CHECKING:
    from sim.scenario import Episode, Scenario
    from sim.scenario.registry import Process

Document = dict[str, Any]


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
    if scenario.run_up() is None:
        return (
            "The run begins on 2013-07-01, with the first strengths, homes and populations of the packaged "
            "tables and nobody's memory of anything."
        )
    return (
        "The run begins on 2013-07-01 and lives through the historical scenario, as deployed, until "
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
        for name, row in parameters().items()
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
        "episodes": [_episode(episode, row.scope) for episode in episodes],
    }


def _episode(episode: Episode, scope: str) -> Document:
    places = episode.place.bases if scope == "base" else episode.place.regions
    return {
        "start": episode.start.isoformat(),
        "end": episode.end.isoformat(),
        "place": list(places),
        "where": place_words(episode.place),
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
