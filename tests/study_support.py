"""What the tests of a study share: a scenario of some weeks, and how two studies are compared to the bit."""

import re
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from sim.results.panel import OUTCOME_NAMES
from sim.scenario import Scenario, loads
from sim.study import Study, StudyFrame
from sim.study.frame import KEY
from sim.study.task import Blueprint

TEXT = """
title: Ten weeks
period: {start: 2013-07-01, end: 2013-09-10}
seed: 3
replications: 4
baseline: as_is
variants:
  as_is: {}
  inert: {narrative: the same again}
  patrols: {measures: {patrols: {patrols_per_1000_per_day: 9, start: 2013-07-20}}}
  both:
    measures:
      patrols: {patrols_per_1000_per_day: 9, start: 2013-07-20}
      training: {days_per_month: 5, start: 2013-08-15}
  otherwise: {parameters: {ambush_rate: 0.02}}
"""


def scenario(**lines: str) -> Scenario:
    """The scenario, with other top-level values, each as YAML."""
    document = yaml.safe_load(TEXT) | {key: yaml.safe_load(value) for key, value in lines.items()}
    return loads(yaml.safe_dump(document, sort_keys=False), "ten_weeks")


@cache
def blueprint(known: Scenario) -> Blueprint:
    """Plans cost half a second each and are read-only: tests share them."""
    return Blueprint.build(known)


def study_of(store: Path | None = None, replications: int = 3, workers: int = 1, **lines: str) -> Study:
    """A study of the scenario."""
    study = Study(scenario(**lines), store, replications, workers)
    study.__dict__["blueprint"] = blueprint(study.scenario)
    return study


def finished(store: Path | None = None, replications: int = 3, workers: int = 1, **lines: str) -> StudyFrame:
    """A study that has been run."""
    return study_of(store, replications, workers, **lines).run()


def assert_equal(a: StudyFrame, b: StudyFrame) -> None:
    """Every run, month and cell, to the bit; how long a run took may differ."""
    pd.testing.assert_frame_equal(
        a.runs.drop(columns="seconds"), b.runs.drop(columns="seconds"), check_exact=True, check_dtype=False
    )
    pd.testing.assert_frame_equal(a.draws, b.draws, check_exact=True)
    pd.testing.assert_frame_equal(_monthly(a), _monthly(b), check_exact=True)
    for outcome in ("peacekeepers_killed", "civilians_killed"):
        assert a.cells(outcome).tobytes() == b.cells(outcome).tobytes()


def pictured(path: Path) -> bytes:
    """A figure's file without the names of its clips, which follow the last bit of where a panel stands."""
    return re.sub(rb"(?<=[#\"])p[0-9a-f]{10}\b", b"clip", path.read_bytes())


def _monthly(frame: StudyFrame) -> pd.DataFrame:
    tidy = frame.monthly()
    assert len(tidy) == len(frame.runs) * len(frame.months) * 9 * len(OUTCOME_NAMES)
    return tidy.sort_values([*KEY, "month", "region", "outcome"], ignore_index=True)
