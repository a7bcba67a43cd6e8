"""The line under a figure of a comparison: the study, so that anybody can make it again, and the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.engine import fingerprint, software_version

if TYPE_CHECKING:
    from sim.study import StudyFrame


def study_line(frame: StudyFrame, facts: str = "") -> str:
    """What was run; ``facts`` on lines of their own below it."""
    scenario = frame.scenario
    drawn = f", {len(frame.draws.columns)} numbers drawn" if len(frame.draws.columns) else ", nothing drawn"
    which = f"scenario {scenario.hash[:12]}, seed {scenario.seed}, {len(frame.replications)} replications{drawn}"
    engine = fingerprint(scenario.mission)[:12]
    run = f"Simulated by minusim {software_version()} (engine {engine}, {which}); not observed."
    return f"{run}\n{facts}" if facts else run


def period_of(frame: StudyFrame) -> str:
    """First and last day of the period."""
    return f"{frame.scenario.period.start} to {frame.scenario.period.end}"


def title_of(frame: StudyFrame) -> str:
    """Title of the scenario, or its name."""
    return frame.scenario.title or frame.scenario.name
