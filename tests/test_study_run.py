"""A study runs: the same to the bit for any workers, order and interruption; failures are rows; frames add up."""

import gc
import os
import random
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from sim._util.signals import defer_interrupts
from sim.model.simulation import Simulation
from sim.results.panel import OUTCOME_NAMES
from sim.study import Study, StudyFrame, branches, open_store
from sim.study.executor import Failure, FunctionWork, TaskFailed, Threads, available_processors, in_order
from sim.study.exposure import EXTRAS, PERPETRATORS, TACTICS
from sim.study.stopping import Stopping
from sim.study.task import ALONE, run_task
from tests.study_support import assert_equal, blueprint, finished, scenario, study_of
from tests.synthetic_study import synthetic_study


@pytest.fixture(scope="module")
def whole() -> StudyFrame:
    return finished(replications=4)


def test_three_workers_give_what_one_gives(whole: StudyFrame) -> None:
    assert_equal(finished(replications=4, workers=3), whole)


def test_the_order_of_tasks_does_not_matter(whole: StudyFrame, tmp_path: Path) -> None:
    class Backwards:
        """Runs the last tasks first, two at a time."""

        remote = True

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

study.WRITE_RUNS = 1
Study(scenario(), Path(sys.argv[1]), 40, 2).run()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills the POSIX way")
def test_a_study_killed_at_a_random_moment_goes_on(tmp_path: Path, whole: StudyFrame) -> None:
    store = tmp_path / "store"
    command = [sys.executable, "-c", KILLED, str(store)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], start_new_session=True) as process:
        while not list(store.glob("runs-*.parquet")):
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(random.random())
        process.send_signal(signal.SIGKILL)
    kept = open_store(store)
    assert len(kept.runs) >= 5
    assert set(kept.runs["status"]) == {"done"}
    assert_equal(finished(store, replications=4), whole)


def test_a_failing_run_costs_one_row(tmp_path: Path, whole: StudyFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    class Breaking(Simulation):
        def __init__(self, plan, seed, replication):
            super().__init__(plan, seed, replication)
            self.bad = replication == 1 and plan.scenario.variant_name == "otherwise"

        def run(self):
            if self.bad:
                raise ValueError("no luck")
            return super().run()

    monkeypatch.setattr(branches, "Simulation", Breaking)
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


class ByHand(Threads):
    """Two threads whose second task waits until it is let go."""

    def __init__(self) -> None:
        super().__init__(2)
        self.go = threading.Event()

    def task(self, number: int) -> int:
        if number > 0:
            assert self.go.wait(60)
        return number


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts the POSIX way")
def test_on_ctrl_c_tasks_under_way_are_finished_and_given() -> None:
    executor, given = ByHand(), []

    def collect() -> None:
        with defer_interrupts():
            for task, result in executor.results(FunctionWork(executor.task), range(9)):
                given.append((task, result))
                if task == 0:
                    signal.raise_signal(signal.SIGINT)
                    threading.Timer(0.3, executor.go.set).start()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            collect()
    finally:
        signal.signal(signal.SIGINT, before)
    assert given[0] == (0, 0)
    assert 2 <= len(given) <= 3
    assert all(task == result for task, result in given)


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts the POSIX way")
def test_a_second_ctrl_c_leaves_them() -> None:
    executor, given = ByHand(), []

    def collect() -> None:
        for task, _ in executor.results(FunctionWork(executor.task), range(9)):
            given.append(task)
            threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
            threading.Timer(0.6, os.kill, [os.getpid(), signal.SIGINT]).start()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            collect()
    finally:
        time.sleep(0.5)  # both have come
        signal.signal(signal.SIGINT, before)
        executor.go.set()
    assert given == [0]


def test_a_task_that_fails_costs_no_other_task() -> None:
    found = dict(Threads(2).results(FunctionWork(lambda number: 1 // number), [0, 1, 2]))
    assert {number: result for number, result in found.items() if number} == {1: 1, 2: 0}
    assert (found[0].stage, found[0].reason) == ("worker", "ZeroDivisionError: integer division or modulo by zero")


def test_threads_are_as_many_as_processors_unless_asked_and_end_with_their_work() -> None:
    assert Threads().workers == Threads(0).workers == available_processors() >= 1
    before = threading.active_count()
    results = Threads(3).results(FunctionWork(str), range(5))
    assert next(results)[1] in "01234"
    results.close()
    deadline = time.monotonic() + 10
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_results_come_in_the_order_of_the_tasks_when_asked() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.2 if number == 0 else 0.0)
        return number * number

    assert list(in_order(Threads(3), FunctionWork(slow_first), range(7))) == [0, 1, 4, 9, 16, 25, 36]
    with pytest.raises(TaskFailed, match="ZeroDivisionError"):
        list(in_order(Threads(2), FunctionWork(lambda number: 1 // number), [1, 0, 2]))


@pytest.mark.parametrize("script", ["plain", "stdin"])
def test_a_plain_script_compares_without_a_guard(script: str, tmp_path: Path) -> None:
    text = 'print("start")\nimport sim\nprint(len(sim.compare("quickstart", replications=4, workers=2).table()))\n'
    file = tmp_path / "plain_script.py"
    file.write_text(text)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    command, given = ([sys.executable, "-"], text) if script == "stdin" else ([sys.executable, str(file)], None)
    ran = subprocess.run(
        command, input=given, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    start, rows = ran.stdout.split()
    assert start == "start"
    assert int(rows) > 0


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
