"""A study runs: the same to the bit for any workers, order and interruption; failures are rows; frames add up."""

import errno
import gc
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from sim.model.mission_model import MissionModel
from sim.results.panel import OUTCOME_NAMES
from sim.study import Study, StudyFrame, branches, open_store, pool
from sim.study.branches import Failure
from sim.study.executors import Each, Lost
from sim.study.exposure import EXTRAS, PERPETRATORS, TACTICS
from sim.study.pool import DIED, Pool
from sim.study.stopping import Stopping
from sim.study.task import ALONE, Blueprint, run_task
from sim.study.work import run_tasks
from tests.study_support import assert_equal, blueprint, finished, scenario, study_of
from tests.synthetic_study import synthetic_study


@pytest.fixture(scope="module")
def whole() -> StudyFrame:
    return finished(replications=4)


def test_two_workers_give_what_one_process_gives(whole: StudyFrame) -> None:
    assert_equal(finished(replications=4, workers=2), whole)


def test_the_order_of_tasks_does_not_matter(whole: StudyFrame, tmp_path: Path) -> None:
    class Backwards(Pool):
        """Runs the last tasks first, two at a time."""

        elsewhere = True

        def results(self, work, tasks):
            for start in range(len(tasks) - 2, -1, -2):
                batch = tasks[start : start + 2]
                yield from zip(batch, work(batch), strict=True)

    frames = []
    for folder in (None, tmp_path):
        study = study_of(folder, 4)
        study.executor = Backwards()
        frames.append(study.run())
    assert_equal(frames[0], whole)
    assert_equal(frames[1], whole)


KILLED = """
import sys
from pathlib import Path
from sim.study import Study, study
from tests.study_support import scenario

if __name__ == "__main__":
    study.WRITE_RUNS = 1
    Study(scenario(), Path(sys.argv[1]), 40, 2).run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills the POSIX way")
def test_a_study_killed_at_a_random_moment_goes_on(tmp_path: Path, whole: StudyFrame) -> None:
    store, temporary = tmp_path / "store", tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-c", KILLED, str(store)]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[1], start_new_session=True, env=os.environ | {"TMPDIR": str(temporary)}
    ) as process:
        while not list(store.glob("runs-*.parquet")):
            assert process.poll() is None
            time.sleep(0.02)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        workers = [int(child) for child in children.read_text().split()] if children.exists() else []
        assert list(temporary.iterdir())
        time.sleep(random.random())
        process.send_signal(signal.SIGKILL)
    kept = open_store(store)
    assert len(kept.runs) >= 5
    assert set(kept.runs["status"]) == {"done"}
    assert_equal(finished(store, replications=4), whole)
    deadline = time.monotonic() + 45
    while any(alive(worker) for worker in workers) or list(temporary.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_failing_run_costs_one_row(tmp_path: Path, whole: StudyFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaking(MissionModel):
        def __init__(self, plan, seed, replication):
            super().__init__(plan, seed, replication)
            self.bad = replication == 1 and plan.scenario.variant_name == "otherwise"

        def run(self):
            if self.bad:
                raise ValueError("no luck")
            return super().run()

    monkeypatch.setattr(branches, "MissionModel", Breaking)
    study = study_of(tmp_path, 4)
    frame = study.run()
    assert frame.failed[["variant", "replication", "stage"]].to_numpy().tolist() == [["otherwise", 1, "run"]]
    assert "ValueError: no luck" in frame.failed["traceback"].iloc[0]
    assert np.isnan(frame.values("civilians_killed")).sum() == 1
    assert np.isnan(frame.regions).sum() == 9 * len(OUTCOME_NAMES)
    assert study.missing() == [(1, ("otherwise",))]
    monkeypatch.undo()
    assert_equal(finished(tmp_path, replications=4), whole)


def test_a_plan_that_cannot_be_made_fails_its_variant_alone(whole: StudyFrame) -> None:
    study = Study(scenario(), None, 1, 1)
    study.blueprint.plans["both"] = Failure("build", "ValueError: no plan\n")
    frame = study.run()
    assert list(frame.failed["variant"]) == ["both"]
    assert list(frame.failed["stage"]) == ["build"]
    assert (frame.runs["status"] == "done").sum() == 4


class Bomb:
    """Ends the process that reads it."""

    def __reduce__(self):
        return os._exit, (1,)


def test_tasks_whose_worker_dies_are_rows_and_the_study_ends() -> None:
    blueprint = Blueprint(scenario(), {"as_is": Bomb()}, Study(scenario(), None, 1).blueprint.draws)  # type: ignore[dict-item]
    tasks = [(number, ("as_is", "inert")) for number in (7, 8)]
    with Pool(2) as pool:
        results = sorted(run_tasks(pool, blueprint, tasks), key=lambda runs: runs[0].replication)
    assert [[(run.variant, run.replication) for run in runs] for runs in results] == [
        [("as_is", number), ("inert", number)] for number in (7, 8)
    ]
    assert {run.kept for runs in results for run in runs} == {Failure("worker", DIED)}


def test_processes_that_die_before_they_begin_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    started, said = [], []

    def dying(workers: int, folder: str) -> ProcessPoolExecutor:
        started.append(workers)
        dead = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), os._exit, (1,))
        with suppress(BrokenProcessPool):
            dead.submit(abs, 1).result()
        return dead

    monkeypatch.setattr(pool, "processes", dying)
    monkeypatch.setattr(pool, "is_compiled", lambda: True)
    with Pool(2, said.append) as executor, pytest.raises(Lost, match=r"die before they begin .*fewer --workers"):
        list(executor.results(Each(abs), [1, 2, 3, 4]))
    assert len(started) == pool.BARREN
    assert set(said) == {
        "A process died (killed, or out of memory); another takes its place, and its work is done again."
    }


def test_a_full_disk_of_temporary_files_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with Pool(2) as executor, pytest.raises(Lost, match="cannot be written: No space left on device; make room, or"):
        list(executor.results(Each(abs), [1, 2]))


def test_memory_stays_flat_without_the_garbage_collector() -> None:
    plans = blueprint(scenario())
    task = plans.scenario.variants
    run_task(plans, (0, tuple(task)))
    gc.disable()
    tracemalloc.start()
    try:
        held = []
        for replication in range(6):
            run_task(plans, (replication, tuple(task)))
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
        gc.enable()
    assert max(held) - held[0] < 1e6, held  # a model is 8 MB


def test_extras_are_what_the_outcomes_are_made_of(whole: StudyFrame) -> None:
    runs = whole.runs
    assert set(EXTRAS) <= set(runs.columns)
    assert runs["attacks_on_mission"].sum() > 0
    assert (runs[[f"attacks_{name}" for name in TACTICS]].sum(axis=1) == runs["attacks_on_mission"]).all()
    assert (runs["peacekeepers_killed"] + runs["peacekeepers_wounded"] == runs["peacekeepers_hit"]).all()
    by_whom = runs[[f"civilians_killed_by_{name}" for name in PERPETRATORS]].sum(axis=1)
    assert (by_whom == runs["civilians_killed"]).all()
    assert (runs["attacks_with_deaths"] <= runs["attacks_with_casualties"]).all()


def test_regions_months_and_cells_add_up_to_the_runs(whole: StudyFrame) -> None:
    stock = OUTCOME_NAMES.index("internally_displaced")
    for number, name in enumerate(OUTCOME_NAMES):
        assert np.allclose(whole.regions[..., number].sum(axis=2), whole.values(name), rtol=1e-12), name
        panel = whole.panel(name).sum(axis=3)
        total = panel[:, :, -1] if number == stock else panel.sum(axis=2)
        assert np.allclose(total, whole.values(name), rtol=1e-12), name
    for name in ("peacekeepers_killed", "civilians_killed"):
        assert np.allclose(whole.cells(name).sum(axis=1), whole.values(name).mean(axis=1))
    assert whole.cells("civilians_killed").sum() > 0


def test_an_inert_variant_is_the_baseline_to_the_bit(whole: StudyFrame) -> None:
    for name in (*OUTCOME_NAMES, *EXTRAS):
        values = whole.values(name)
        assert np.array_equal(values[whole.variants.index("inert")], values[whole.variants.index("as_is")])
    assert (whole.values("patrol_days")[2] != whole.values("patrol_days")[0]).all()


def test_a_scenario_without_variants_is_one() -> None:
    frame = finished(replications=1, variants="{}", baseline="null")
    assert frame.variants == (ALONE,)
    assert frame.baseline == ALONE


def test_a_study_stops_when_it_is_precise_enough() -> None:
    frame = synthetic_study({"base": {}, "other": {"peacekeepers_killed": 0.8}}, replications=60)
    difference = np.subtract(*frame.values("peacekeepers_killed"))
    half = [1.96 * difference[:n].std(ddof=1) / np.sqrt(n) for n in (20, 30, 40, 50, 60)]
    assert Stopping({"peacekeepers_killed": 1000.0}, frame).reached() == 20
    assert Stopping({"peacekeepers_killed": 1e-6}, frame).reached() is None
    asked = min(half) * 1.01
    first = next(n for n, width in zip((20, 30, 40, 50, 60), half, strict=True) if width <= asked)
    assert Stopping({"peacekeepers_killed": asked}, frame).reached() == first
    assert Stopping({"peacekeepers_killed": 1000.0}, frame.first(19)).reached() is None


def test_an_early_stop_gives_the_same_runs_in_any_order() -> None:
    few = {
        "variants": "{as_is: {}, otherwise: {parameters: {ambush_rate: 0.02}}}",
        "period": "{start: 2013-07-01, end: 2013-07-08}",
    }
    until = {"peacekeepers_killed": 1e9}
    frames = [Study(scenario(**few), None, 60, workers).run(until=until) for workers in (1, 2)]
    assert frames[0].replications == tuple(range(20))
    assert_equal(*frames)
