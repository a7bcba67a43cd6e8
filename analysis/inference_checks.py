"""Is the inference calibrated?  Known truths recovered, quantities told apart, and no credit where none is due.

``python -m analysis.inference_checks [RECORDS] [--calibration DIR] [--out DIR] [--workers N]`` reads a finished
calibration, makes synthetic records of known truth, infers from each as from the record of the world, and writes
``docs/identifiability.md`` and its figure.  Finished records stay in DIR (default ``results/inference_checks``): the
same command goes on where it was stopped, and a larger number extends it.  100 records take some 15 to 20 minutes on
two cores, 20 records, a quick look, a quarter of that.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.command import parser, told_plainly
from analysis.inference_checks_figure import identifiability
from analysis.inference_checks_page import PAGE, page
from analysis.inference_checks_tasks import (
    FIT,
    RANKS,
    STEPS,
    STEPS_OF_WORLDS,
    InferenceChecks,
    Task,
    TaskRows,
    results,
    tasks,
)
from analysis.simulation_based_calibration import Uniformity
from sim.calibration.calibration_result import load_provenance
from sim.calibration.mission import MISSION
from sim.cli.progress import tracked
from sim.model.engine import fingerprint, software_version
from sim.present.figures.style import save
from sim.study import StoreError

MANIFEST = "manifest.json"
FIGURE = PAGE.parent / "images" / "identifiability"


def kept_in(folder: Path, calibration: Path) -> TaskRows:
    """Rows of the finished tasks.  StoreError where the folder belongs to another calibration."""
    made = {
        "calibration": load_provenance(calibration),
        "runs": sorted(file.name for file in calibration.glob("wave*.parquet")),
    }
    mine = made | {"steps": [STEPS, STEPS_OF_WORLDS], "engine": fingerprint(MISSION)}
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / MANIFEST
    if known.exists() and json.loads(known.read_text("utf-8")) != mine:
        raise StoreError(f"{folder}: holds records of another calibration or version; name another folder with --out")
    known.write_text(json.dumps(mine, indent=1) + "\n", encoding="utf-8")
    return TaskRows(folder)


def work(inference: InferenceChecks, kept: TaskRows, asked: Sequence[Task], workers: int) -> None:
    """Do the tasks that have no row yet."""
    missing = [task for task in asked if not kept.has(task)]
    for task, row in tracked(results(inference, missing, workers), len(missing), "tasks"):
        kept.add(task, row)


def uniformity(inference: InferenceChecks, ranked: pd.DataFrame) -> Uniformity:
    """Uniformity of all ranks: of every coordinate, and of the fit of the record."""
    names = (*inference.found.fitted.space.names, FIT)
    return Uniformity.of(names, ranked[list(names)].to_numpy(float))


def main() -> None:
    """Do the missing tasks and write the page."""
    asked = parser("Known truths against what is inferred; writes docs/identifiability.md.", "inference_checks", 100)
    asked.add_argument("--calibration", type=Path, default=Path("results/calibration"), help="a finished one")
    asked.add_argument("--page", type=Path, default=PAGE, help="the page to write; its figure goes beside docs/images")
    given = asked.parse_args()
    if given.replications < 6 or given.workers < 0:
        asked.error(f"{given.replications} records, {given.workers} workers: at least 6 and 0")
    with told_plainly(asked):
        kept = kept_in(given.out, given.calibration)
        inference = InferenceChecks.of(given.calibration)
        todo = tasks(given.replications)
        work(inference, kept, todo, given.workers or os.cpu_count() or 1)
    found = uniformity(inference, kept.of(todo, RANKS))
    text = page(inference, found, kept, todo)
    given.page.write_text(text, encoding="utf-8")
    source = (
        f"Simulated by minusim {software_version()} (engine {fingerprint(MISSION)[:12]}), {given.replications} records"
    )
    figure = identifiability(
        found,
        inference.found.learned(),
        f"{source}; not observed.\nTruths: draws from the posterior under the emulator.",
    )
    save(figure, given.page.parent / "images" / FIGURE.name, ("png",))
    print(text)


if __name__ == "__main__":
    main()
