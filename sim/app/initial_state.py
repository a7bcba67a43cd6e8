"""The comparison that the page shows first: computed in advance and stored with the fingerprint of the engine.

``python -m sim.app.initial_state`` recomputes it (a minute) after a change of the engine, the facts or the quick start.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sim.app.policy import composed, first_policies
from sim.app.url_state import FIRST_SCENARIO
from sim.app.view_models import SAID, as_text
from sim.missions import Mission
from sim.model.engine import fingerprint
from sim.scenario import load

if TYPE_CHECKING:
    from sim.scenario import Scenario

FILE = Path(__file__).with_name("initial_state.json.gz")


@cache
def first_case() -> Scenario:
    """The two policies of the first page."""
    scenario = load(FIRST_SCENARIO)
    return composed(scenario, *first_policies(scenario), scenario.seed)


def provenance(scenario: Scenario) -> dict[str, str]:
    """What a summary depends on: its fields, engine and facts, both policies, and the posterior that is drawn from."""
    variants = {name: scenario.variant(name).hash for name in scenario.variants}
    made_by = {"fingerprint": fingerprint(scenario.mission), "posterior": _posterior(scenario.mission)}
    return {"fields": " ".join(SAID), **made_by, **variants}


@cache
def _posterior(mission: Mission) -> str:
    # not by way of sim.study, which takes the server a second to read
    file = mission.path("posterior")
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def packaged_summary(scenario: Scenario) -> str | None:
    """The packaged summary as JSON text, where it is of this case and was made by this engine."""
    known, text = _packaged()
    return text if known == provenance(scenario) else None


@cache
def _packaged() -> tuple[dict[str, str], str]:
    """Its mark, and the summary; an empty mark where there is no file."""
    if not FILE.exists():
        return {}, ""
    known = json.loads(gzip.decompress(FILE.read_bytes()))
    return known["mark"], as_text(known["summary"])


def write_initial_state() -> None:
    """Run the pairs of the first page, one after the other, and write the file."""
    from sim.app.policy import FIRST, SECOND
    from sim.app.replication_stream import run_batch
    from sim.app.scheduler import PAIRS
    from sim.app.summary import summary

    scenario = first_case()
    results = [run for name in (FIRST, SECOND) for run in run_batch(scenario, name, range(PAIRS))]
    text = as_text({"mark": provenance(scenario), "summary": summary(scenario, results)})
    FILE.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    write_initial_state()
