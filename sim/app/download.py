"""Download of the results on the screen: tables of one run of both policies, and the scenario that reproduces them."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from sim.app.policy import FIRST, SECOND
from sim.app.replication_stream import case_of, model_at_period_start
from sim.results.codebook import codebook
from sim.results.tables import events_frame, monthly_frame

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario import Scenario

README = """Simulated by minusim {version} (engine {fingerprint}); never observed.
Replication {replication} of both policies of scenario.yaml, with the same random numbers.
To make the whole comparison again: minusim compare scenario.yaml --replications 50
"""


def results_zip(scenario: Scenario, replication: int) -> bytes:
    """A zip: events and months of each policy as CSV, codebook.csv, scenario.yaml, README.txt."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        tables: dict[str, pd.DataFrame] = {}
        for variant in (FIRST, SECOND):
            record = model_at_period_start(case_of(scenario, variant), replication).run()
            tables = {"events": events_frame(record), "monthly": monthly_frame(record).assign(simulated=True)}
            for name, table in tables.items():
                file.writestr(f"{variant}/{name}.csv", _csv(table))
        about = {"version": record.version, "fingerprint": record.fingerprint[:12], "replication": replication}
        file.writestr("README.txt", README.format(**about))
        file.writestr("codebook.csv", _csv(codebook(tables)))
        file.writestr("scenario.yaml", scenario.to_yaml())
    return packed.getvalue()


def _csv(frame: pd.DataFrame) -> str:
    return str(frame.to_csv(index=False, lineterminator="\n"))
