"""What the scheduler's threads do; heavy modules are imported there, so that the server starts at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.study.task import RunResult


def warm_up(replications: int) -> None:
    """Read (once per version: compile) the model, and run the first page's first replications up to its period."""
    from sim.app.initial_state import first_case
    from sim.app.policy import FIRST
    from sim.app.replication_stream import case_of, model_at_period_start

    case = case_of(first_case(), FIRST)
    for number in range(replications):
        model_at_period_start(case, number)


def run_batch(scenario: Scenario, variant: str, replications: Sequence[int]) -> list[RunResult]:
    """See ``sim.app.replication_stream``."""
    from sim.app.replication_stream import run_batch as run

    return run(scenario, variant, replications)


def animation(scenario: Scenario, variant: str, replication: int) -> list[bytes]:
    """See ``sim.app.animation``."""
    from sim.app.animation import animation as make

    return make(scenario, variant, replication)


def summarise(scenario: Scenario, results: Sequence[RunResult]) -> str:
    """See ``sim.app.summary``, as JSON text; with policies by the names that they have in this case."""
    from dataclasses import replace

    from sim.app.policy import FIRST, SECOND
    from sim.app.summary import summary
    from sim.app.view_models import as_text

    half = len(results) // 2
    named = [replace(run, variant=FIRST if n < half else SECOND) for n, run in enumerate(results)]
    return as_text(summary(scenario, named))


def results_zip(scenario: Scenario, replication: int) -> bytes:
    """See ``sim.app.download``."""
    from sim.app.download import results_zip as pack

    return pack(scenario, replication)
