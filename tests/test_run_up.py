"""Run-ups that are kept: equal to the bit to uninterrupted runs, never used where anything is wrong, shared by all."""

import hashlib
import itertools
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.app import jobs, replication_stream
from sim.cli.main import main
from sim.model import engine
from sim.model.plan import Plan
from sim.model.recorder import RunRecord
from sim.model.simulation import GROWING, Simulation
from sim.model.streams import run_key
from sim.model.tables import INPUTS, NEVER, STATE
from sim.scenario import Scenario, loads
from sim.study import Study, cache, run_up
from sim.study.branches import run_branched
from sim.study.cache import RunUpFolder
from sim.study.executor import Failure, Threads
from sim.study.plan_difference import first_difference, inputs_before
from sim.study.rerun import rerun
from sim.study.run_up import LEAST_DAYS, ON_THE_DAY, WITH_EVENTS, RunUp, RunUps
from sim.study.seeds import run_seeds
from sim.study.task import Blueprint
from sim.study.work import StudyWork, totals_only
from sim.validation.forecast import posterior_draws
from tests.study_support import assert_equal

ROOT = Path(__file__).parent.parent
TEXT = """
title: Four weeks of the autumn
period: {start: 2013-10-15, end: 2013-11-12}
seed: 5
replications: 3
baseline: as_is
variants:
  as_is: {}
  patrols: {measures: {patrols: {patrols_per_1000_per_day: 9}}}
  drills: {measures: {drills: {drills_per_month: 4, start: 2013-11-01}}}
  otherwise: {parameters: {ambush_rate: 0.02}}
"""
PERIOD = 29  # days
BEFORE = 106  # days from the first of the mission to the period
COPIES = """
import sys
from pathlib import Path
from sim.model.plan import Plan
from sim.scenario import loads
from sim.study import cache
from sim.study.executor import Threads
from sim.study.seeds import run_seeds
cache.user_cache_path = lambda name: Path(sys.argv[1]) / name
plan = Plan.build(loads(sys.argv[2], "autumn"))
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.build(scenario())


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    found = Blueprint.build(scenario()).plans
    return {name: plan for name, plan in found.items() if isinstance(plan, Plan)}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for run-ups that is empty; compiled code stays where it is."""
    monkeypatch.setattr(cache, "user_cache_path", lambda name: tmp_path / name)
    monkeypatch.setenv(cache.SETTING, "100")
    for known in (replication_stream._period_start, replication_stream._run_ups):
        known.cache_clear()
    return tmp_path


@pytest.fixture(scope="module", autouse=True)
def compiled_beforehand() -> None:
    """Compiled before days are counted: that takes a day."""
    Simulation(Plan.build(scenario())).advance_to(0)


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Days simulated since it was last asked."""
    simulated: list[int] = []
    advance = Simulation.advance_to

    def counted(self: Simulation, last_day: int) -> None:
        simulated.append(max(0, last_day - self.day + 1))
        advance(self, last_day)

    def since() -> int:
        found = sum(simulated)
        simulated.clear()
        return found

    monkeypatch.setattr(Simulation, "advance_to", counted)
    return since


def scenario(**lines: str) -> Scenario:
    return loads(TEXT, "autumn").with_values(lines) if lines else loads(TEXT, "autumn")


def files(home: Path) -> list[Path]:
    return sorted((home / "minusim" / "run-ups").glob("*/*"))


def through(plan: Plan, seed: int = 5, replication: int = 0) -> Simulation:
    model = Simulation(plan, seed, replication)
    RunUps((plan,)).advance(model)
    model.advance_to(model.last_day)
    return model


def uninterrupted(plan: Plan, seed: int = 5, replication: int = 0) -> Simulation:
    model = Simulation(plan, seed, replication)
    model.advance_to(model.last_day)
    return model


def assert_one(a: Simulation, b: Simulation) -> None:
    """Equal to the bit in everything that a process can read, and in everything that is reported."""
    for name in ON_THE_DAY:
        assert a.columns[name].tobytes() == b.columns[name].tobytes(), name
    assert same(a.record(), b.record())


def same(a: RunRecord, b: RunRecord) -> bool:
    return a.events.tobytes() == b.events.tobytes() and a.ledger.tobytes() == b.ledger.tobytes()


def key_of(plan: Plan, seed: int = 5, replication: int = 0, **more: Any) -> bytes:
    found = RunUps((plan,)).of(plan, run_key(seed, replication), **more)
    assert found is not None
    return found.key


# -------------------------------------------------------------------------------------------------------- the same runs


def test_a_run_from_what_is_kept_is_an_uninterrupted_run(plan: Plan, home: Path, days: Callable[[], int]) -> None:
    plain = uninterrupted(plan)
    days()
    assert_one(through(plan), plain)
    assert (days(), len(files(home))) == (BEFORE + PERIOD, 1)
    assert_one(through(plan), plain)
    assert (days(), len(files(home))) == (PERIOD, 1)


def test_a_column_that_is_missing_shows(plan: Plan, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(run_up, "ON_THE_DAY", without := tuple(name for name in ON_THE_DAY if name != "band_weight"))
    for _ in range(2):
        model = Simulation(plan, 5)
        found = RunUps((plan,)).of(plan, model.key, columns=without)
        assert found is not None
        found.advance(model)
        model.advance_to(model.last_day)
    assert not np.array_equal(model.columns["band_weight"], uninterrupted(plan).columns["band_weight"])


@pytest.mark.parametrize("workers", [1, 2])
def test_seeds_share_what_is_kept_on_any_number_of_threads(
    plan: Plan, home: Path, days: Callable[[], int], workers: int
) -> None:
    seeds = [5, 6, 7]
    plain = [uninterrupted(plan, seed).record() for seed in seeds]
    for expected in (BEFORE + PERIOD, PERIOD):
        days()
        found = list(run_seeds(plan, seeds, lambda record: record, Threads(workers)))
        assert all(isinstance(a, RunRecord) and same(a, b) for a, b in zip(found, plain, strict=True))
        assert days() == len(seeds) * expected
    assert len(files(home)) == len(seeds)


def test_variants_share_a_run_up_where_it_is_theirs(
    plans: dict[str, Plan], home: Path, days: Callable[[], int]
) -> None:
    plain = {name: uninterrupted(plan, 5, 1).record() for name, plan in plans.items()}
    days()
    for simulated in (2 * BEFORE, 0):  # as_is, patrols and drills share one; otherwise has its own
        ended = list(run_branched(plans, 5, 1))
        assert days() - simulated == 3 * PERIOD + (PERIOD - 17)  # drills part from as_is on 1 November
        for finished in ended:
            assert not isinstance(finished.record, Failure)
            assert same(finished.record, plain[finished.variant]), finished.variant
            assert finished.record.scenario == plans[finished.variant].scenario
    assert len(files(home)) == 2


def test_a_group_whose_run_up_is_missing_is_simulated_alone(
    plans: dict[str, Plan], home: Path, days: Callable[[], int]
) -> None:
    list(run_branched({"otherwise": plans["otherwise"]}, 5, 1))
    days()
    assert {finished.variant for finished in run_branched(plans, 5, 1)} == set(plans)
    assert days() == BEFORE + 3 * PERIOD + (PERIOD - 17)


def test_variants_that_part_before_the_period_keep_a_run_up_each(
    plan: Plan, home: Path, days: Callable[[], int]
) -> None:
    both = {"a": plan, "b": replace(plan, inputs=plan.inputs | {"movement": changed(plan, "movement", 40)})}
    for simulated in (BEFORE + BEFORE - 40, 0):
        ended = {finished.variant: finished.record for finished in run_branched(both, 5, 0)}
        assert days() == simulated + 2 * PERIOD
        for name, record in ended.items():
            assert not isinstance(record, Failure)
            assert same(record, uninterrupted(both[name]).record()), name
        days()


def test_a_short_run_up_is_not_kept(home: Path, days: Callable[[], int]) -> None:
    short = Plan.build(scenario(**{"period.start": "2013-09-01", "period.end": "2013-09-10"}))
    assert 0 < short.report[0] < LEAST_DAYS
    through(short)
    assert files(home) == []


def test_events_before_the_day_are_kept_where_they_are_asked_for(plan: Plan, home: Path) -> None:
    for _ in range(2):
        model = Simulation(plan, 5)
        found = RunUps((plan,)).of(plan, model.key, 120, WITH_EVENTS)
        assert found is not None
        found.advance(model)
    plain = Simulation(plan, 5)
    plain.advance_to(119)
    count = int(plain.columns["event_count"][0])
    assert count > 0
    assert model.columns["event_count"][0] == count
    assert np.array_equal(model.columns["events"][:count], plain.columns["events"][:count])
    model.advance_to(model.last_day)
    plain.advance_to(plain.last_day)
    assert np.array_equal(model.columns["events"], plain.columns["events"])


# -------------------------------------------------------------------------------------------------------- nothing wrong


def flipped(place: Callable[[int], int]) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        at = place(len(content))
        return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

    return damage


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "first byte": flipped(lambda size: 0),
    "version": flipped(lambda size: len(run_up.FORMAT) - 2),
    "key": flipped(lambda size: len(run_up.FORMAT) + 3),
    "checksum": flipped(lambda size: len(run_up.FORMAT) + run_up.KEY + 3),
    "first of the state": flipped(lambda size: len(run_up.FORMAT) + run_up.KEY + run_up.CHECKSUM),
    "middle": flipped(lambda size: size // 2),
    "last byte": flipped(lambda size: size - 1),
    "cut": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "longer": lambda content: content + b"\0",
    "noise": lambda content: bytes(range(256)) * 40,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_is_damaged_is_simulated_and_replaced(
    plan: Plan, home: Path, days: Callable[[], int], damage: Callable[[bytes], bytes]
) -> None:
    plain = through(plan)
    (file,) = files(home)
    content = file.read_bytes()
    file.write_bytes(damage(content))
    days()
    assert_one(through(plan), plain)
    assert days() == BEFORE + PERIOD
    assert file.read_bytes() == content


def test_the_run_up_of_another_run_is_not_used(plan: Plan, home: Path, days: Callable[[], int]) -> None:
    through(plan, 5)
    (first,) = files(home)
    other = through(plan, 6)
    (second,) = set(files(home)) - {first}
    shutil.copy(first, second)
    days()
    assert_one(through(plan, 6), other)
    assert days() == BEFORE + PERIOD
    assert second.read_bytes() != first.read_bytes()


def test_a_state_of_another_shape_is_not_used(plan: Plan, home: Path) -> None:
    """As after a change of what is kept that nobody gave a new version."""
    model = Simulation(plan, 5)
    found = RunUps((plan,)).of(plan, model.key)
    assert found is not None
    found.simulate(model)
    assert found.read(plan) is not None
    for columns in (found.columns[:-1], (*found.columns, "event_count")):
        assert RunUp(found.key, found.day, columns, found.folder).read(plan) is None


def test_nothing_is_kept_or_used_when_that_is_switched_off(
    plan: Plan, home: Path, days: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = through(plan)
    (file,) = files(home)
    for text in ("off", "0", " OFF "):
        monkeypatch.setenv(cache.SETTING, text)
        days()
        assert_one(through(plan), plain)
        assert days() == BEFORE + PERIOD
        assert files(home) == [file]


def test_a_setting_that_is_no_number_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(cache.SETTING, "plenty")
    assert [cache.limit(), cache.limit()] == [cache.DEFAULT_MB * 1_000_000] * 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "MINUSIM_CACHE_MB=plenty" in told


# --------------------------------------------------------------------------------------------------- whose folder it is


def open_to_all(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)


def linked(folder: Path) -> None:
    elsewhere = folder.parents[2] / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.parent.mkdir(parents=True)
    folder.symlink_to(elsewhere, target_is_directory=True)


def a_file(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("")


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="rights of this kind are those of Unix")
@pytest.mark.parametrize("make", [open_to_all, linked, a_file])
def test_a_folder_that_is_not_safe_is_not_used(
    plan: Plan, home: Path, days: Callable[[], int], make: Callable[[Path], None]
) -> None:
    make(home / "minusim" / "run-ups")
    for _ in range(2):
        days()
        through(plan)
        assert days() == BEFORE + PERIOD
    assert not list(home.rglob("*.run-up"))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="rights of this kind are those of Unix")
def test_a_file_that_others_own_or_may_write_or_that_is_a_link_is_not_used(
    plan: Plan, home: Path, days: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    through(plan)
    (file,) = files(home)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [part.stat().st_mode & 0o777 for part in file.parents[:2]] == [0o700, 0o700]
    file.chmod(0o622)
    days()
    through(plan)
    assert days() == BEFORE + PERIOD
    assert file.stat().st_mode & 0o777 == 0o600, "replaced by one's own"
    away = file.replace(home / "away")
    file.symlink_to(away)
    through(plan)
    assert days() == BEFORE + PERIOD
    assert not file.is_symlink()
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    through(plan)
    assert days() == BEFORE + PERIOD


def test_a_full_disk_costs_nothing_but_time(plan: Plan, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "replace", full)
    assert_one(through(plan), uninterrupted(plan))
    assert files(home) == []


def elsewhere(code: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", COPIES + code, *map(str, arguments)],
        stdout=subprocess.PIPE, text=True, env=os.environ | {cache.SETTING: "100", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.slow
def test_two_processes_may_write_the_same_at_once(plan: Plan, home: Path, days: Callable[[], int]) -> None:
    code = """
import hashlib
import itertools
import json
print("ready", flush=True)
input()
found = list(run_seeds(plan, range(6), lambda record: record.events.tobytes() + record.ledger.tobytes(), Threads(2)))
print(hashlib.sha256(b"".join(found)).hexdigest())
"""
    command = [sys.executable, "-c", COPIES + code, str(home), TEXT]
    env = os.environ | {cache.SETTING: "100", "PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    first, second = [process.communicate("\n")[0] for process in both]
    assert len(first.strip()) == 64
    assert first == second
    assert len(files(home)) == 6
    days()
    assert all(same(through(plan, seed).record(), uninterrupted(plan, seed).record()) for seed in (0, 5))
    assert days() == 2 * (PERIOD + BEFORE + PERIOD), "what they wrote is whole"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_a_process_may_be_killed_while_it_writes(plan: Plan, home: Path, days: Callable[[], int]) -> None:
    code = """
import time
class Slow(type(Path())):
    def replace(self, target):
        print("written", flush=True)
        time.sleep(60)
cache.user_cache_path = lambda name: Slow(sys.argv[1]) / name
list(run_seeds(plan, [5], lambda record: 0, Threads(1)))
"""
    process = elsewhere(code, home, TEXT)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    process.kill()
    process.wait()
    process.stdout.close()
    (left,) = files(home)
    assert left.name.startswith(".unfinished-")
    assert_one(through(plan), uninterrupted(plan))
    assert len(files(home)) == 2
    cache.prune(10**9)
    assert left.exists(), "somebody may be writing it"
    os.utime(left, (0, time.time() - 2 * cache.HOUR))
    cache.prune(10**9)
    assert [file.suffix for file in files(home)] == [".run-up"]


# ------------------------------------------------------------------------------------------------------- what is shared


def changed(plan: Plan, name: str, row: int) -> np.ndarray:
    """An input with another value in one row."""
    array = plan.inputs[name].copy()
    array[row] = array[row] * 0.5 + 0.25 if array.dtype == np.float64 else array[row] + 1
    return array


@pytest.mark.parametrize("column", INPUTS, ids=lambda column: column.name)
def test_an_input_counts_until_the_day_and_no_longer(plan: Plan, home: Path, column: Any) -> None:
    """One notion: the key changes where the first difference lies before the day."""
    day = plan.report[0]
    if column.name == "month_of_day":
        return  # it says which month a day belongs to: with it every monthly input would change
    month = int(plan.inputs["month_of_day"][day])
    rows = {"days": (day - 1, day), "months": (month - 1, month)}.get(column.shape[0], (0, None))
    for row in rows:
        if row is None or not plan.inputs[column.name].size:
            continue
        other = replace(plan, inputs=plan.inputs | {column.name: changed(plan, column.name, row)})
        until = day if column.shape[0] != "months" else int(plan.inputs["month_of_day"].searchsorted(month))
        assert (key_of(plan, day=until) == key_of(other, day=until)) == (first_difference(plan, other) >= until), row


def test_no_day_reads_the_inputs_of_a_later_day(plan: Plan) -> None:
    """What the key leaves out has no part in the state: later rows are noise here."""
    day, rng = plan.report[0], np.random.default_rng(1)
    inputs = {}
    for column, (array, rows) in zip(INPUTS, inputs_before(plan, day), strict=True):
        inputs[column.name] = array.copy()
        if column.shape[0] in ("days", "months"):
            assert 0 < rows < len(array) or column.shape[0] == "months"
            later = inputs[column.name][rows:]
            later[:] = rng.permutation(array.reshape(-1))[: later.size].reshape(later.shape) * 3 + 1
    a, b = Simulation(plan, 5), Simulation(replace(plan, inputs=inputs), 5)
    for model in (a, b):
        model.advance_to(day - 1)
    for state in STATE:
        assert np.array_equal(a.columns[state.name], b.columns[state.name]), state.name


def test_the_end_of_the_period_and_later_measures_share_a_key(plan: Plan, plans: dict[str, Plan], home: Path) -> None:
    shorter = Plan.build(scenario(**{"period.end": "2013-11-02"}))
    assert key_of(shorter) == key_of(plan)
    assert key_of(plans["patrols"]) == key_of(plans["drills"]) == key_of(plan)
    edited = Plan.build(scenario().variant("patrols").with_values({"measures.drills.drills_per_month": 6}))
    assert key_of(edited) == key_of(plan)


def test_whatever_decides_a_run_up_is_in_its_key(
    plan: Plan, plans: dict[str, Plan], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = {name: array for name, array in plan.start.items() if name not in GROWING}
    keys = [
        key_of(plan),
        key_of(plan, 6),
        key_of(plan, 5, 1),
        key_of(plan, day=BEFORE + 1),
        key_of(plan, columns=WITH_EVENTS),
        key_of(plans["otherwise"]),
        key_of(replace(plan, enabled=plan.enabled * 0)),
        *(key_of(replace(plan, start=plan.start | {name: array + 1})) for name, array in start.items() if array.size),
    ]
    monkeypatch.setattr(run_up, "fingerprint", lambda mission: "another version")
    keys.append(key_of(plan))
    monkeypatch.undo()
    monkeypatch.setattr(cache, "user_cache_path", lambda name: home / name)
    monkeypatch.setenv(cache.SETTING, "100")
    monkeypatch.setattr(run_up, "_machine", lambda: ("another machine",))
    keys.append(key_of(plan))
    assert len(set(keys)) == len(keys)


def test_equal_plans_have_equal_keys_whoever_asks(plan: Plan, home: Path) -> None:
    copy = replace(plan, inputs={name: array.copy() for name, array in plan.inputs.items()})
    assert first_difference(plan, copy) == NEVER
    shared = RunUps((plan,))
    sent = pickle.loads(pickle.dumps(shared))
    found = [run_ups.of(each, run_key(5)) for run_ups in (shared, sent) for each in (plan, copy)]
    assert {each.key for each in found if each} == {key_of(copy)}


def test_arrays_that_differ_in_a_bit_have_other_hashes(home: Path) -> None:
    rows = [[0.0], [1.0], [2.0], [-0.0]]
    arrays = [np.array(chosen) for count in range(5) for chosen in itertools.product(rows, repeat=count) if chosen]
    arrays += [np.zeros(5), np.zeros((5, 2)), np.zeros((5, 2), np.int64), np.zeros((2, 5)), np.zeros((0, 2))]
    hashes = RunUps(())
    assert len({hashes._hash(array) for array in arrays}) == len(arrays)
    assert all(hashes._hash(array) == hashes._hash(array.copy()) for array in arrays)


def test_what_plans_share_is_hashed_once(plan: Plan, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []
    plain = np.ascontiguousarray
    monkeypatch.setattr(np, "ascontiguousarray", lambda array: hashed.append(array.size) or plain(array))
    run_ups = RunUps((plan,))
    first = run_ups.of(plan, run_key(5))
    assert sum(hashed) > 100_000
    hashed.clear()
    drawn = replace(plan, parameters=plan.parameters * 1.5)
    second = run_ups.of(drawn, run_key(5))
    assert hashed == [len(plan.parameters), len(plan.enabled)]
    assert first is not None
    assert second is not None
    assert first.key != second.key


# -------------------------------------------------------------------------------------------------- who goes on from it


def test_run_and_compare_and_the_browser_view_share_it(home: Path, days: Callable[[], int]) -> None:
    asked = scenario(uncertainties="point")
    cold = sim.compare(asked).frame
    assert days() == 3 * (2 * BEFORE + 3 * PERIOD + PERIOD - 17)
    warm = sim.compare(asked).frame
    assert_equal(cold, warm)
    assert days() == 3 * (3 * PERIOD + PERIOD - 17)
    sim.run(asked)
    assert days() == PERIOD
    sim.run(asked.with_values({"measures.patrols.patrols_per_1000_per_day": 11}))
    assert days() == PERIOD
    jobs.run_batch(asked, "patrols", [0, 1, 2])
    assert days() == 3 * PERIOD
    sim.run(asked.variant("otherwise"))
    assert days() == PERIOD
    sim.run(asked, seed=77)
    assert days() == BEFORE + PERIOD
    assert len(files(home)) == 7


def test_a_study_without_it_is_the_same_study(
    home: Path, days: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_it = [Study(scenario(), None, 2, workers).run() for workers in (1, 2)]
    monkeypatch.setenv(cache.SETTING, "off")
    for frame in with_it:
        assert_equal(frame, Study(scenario(), None, 2, 1).run())


def test_a_study_under_draws_keeps_one_for_each(home: Path, days: Callable[[], int]) -> None:
    asked = loads(
        TEXT + "uncertainties: {ambush_rate: [0.001, 0.02], measures.patrols.patrols_per_1000_per_day: [2, 6]}\n",
        "autumn",
    )
    cold = Study(asked, None, 2, 1).run()
    days()
    assert_equal(Study(asked, None, 2, 1).run(), cold)
    assert days() == 2 * (3 * PERIOD + PERIOD - 17)


def test_a_forecast_goes_on_from_an_earlier_one(
    home: Path, days: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> pd.DataFrame:
        posterior_draws._run_ups.cache_clear()
        return sim.forecast("historical", date(2013, 11, 1), date(2013, 12, 31), draws=3, workers=2)

    cold, simulated = asked(), days()
    assert len(files(home)) == 12, "a run for each particle that is weighed"
    warm, ahead = asked(), days()
    pd.testing.assert_frame_equal(cold, warm, check_exact=True)
    assert ahead == 3 * 61
    assert simulated == 12 * 123 + ahead, "those that are drawn are not simulated again"
    monkeypatch.setenv(cache.SETTING, "off")
    pd.testing.assert_frame_equal(asked(), cold, check_exact=True)


def test_work_that_is_sent_elsewhere_keeps_there_what_can_be_kept(home: Path, days: Callable[[], int]) -> None:
    work = StudyWork(Blueprint.build(scenario()), totals_only)
    work([(0, ("as_is",))])
    days()
    sent = pickle.loads(pickle.dumps(work))
    sent([(0, ("as_is",))])
    assert days() == PERIOD
    (home / "minusim" / "run-ups").chmod(0o777)
    pickle.loads(pickle.dumps(work))([(0, ("as_is",))])
    assert days() == BEFORE + PERIOD


def test_a_rerun_is_a_check_and_simulates_every_day(home: Path, days: Callable[[], int]) -> None:
    sim.compare(scenario(), 1)
    days()
    rerun(scenario(), "as_is", 0)
    assert days() == BEFORE + PERIOD


# ----------------------------------------------------------------------------------------------------- how much is kept


def kept_file(home: Path, engine_name: str, number: int, size: int, age: float) -> Path:
    folder = home / "minusim" / "run-ups" / engine_name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.parent.chmod(0o700)
    file = folder / f"{number:040x}.run-up"
    file.write_bytes(bytes(size))
    os.utime(file, (0, time.time() - age))
    return file


def compiled(home: Path, engine_name: str, size: int, age: float) -> Path:
    folder = home / "minusim" / f"{engine_name}-py311-numba0.60.0"
    (folder / "day").mkdir(parents=True)
    (folder / "day" / "code.nbc").write_bytes(bytes(size))
    os.utime(folder, (0, time.time() - age))
    return folder


@pytest.fixture
def alone(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, without what else lies in the folder for temporary files."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    return home


def test_what_was_not_used_for_longest_goes_first(alone: Path) -> None:
    current, other = engine.compiled_fingerprint()[:16], "0" * 16
    code = compiled(alone, other, 10_000, 9 * cache.DAY)
    running = compiled(alone, current, 10_000, 8 * cache.DAY)
    new = [kept_file(alone, current, number, 10_000, number * cache.DAY) for number in range(4)]
    old = [kept_file(alone, other, number, 10_000, number) for number in range(3)]
    everything = [*new, *old, code, running]

    def left_under(most: int) -> list[Path]:
        cache.prune(most)
        return [path for path in everything if path.exists()]

    assert left_under(90_000) == everything
    assert left_under(80_000) == [*new, *old[:1], code, running]
    assert left_under(55_000) == [*new[:2], code, running]
    assert not old[0].parent.exists()
    assert left_under(25_000) == [code, running]
    assert left_under(12_000) == [running]
    assert left_under(0) == [running]


def test_use_counts_and_is_noted_once_a_day(plan: Plan, home: Path) -> None:
    through(plan)
    (file,) = files(home)
    os.utime(file, (0, time.time() - 2 * cache.DAY))
    through(plan)
    assert time.time() - file.stat().st_mtime < 60
    before = time.time() - cache.DAY / 2
    os.utime(file, (0, before))
    through(plan)
    assert file.stat().st_mtime == pytest.approx(before)


def test_no_more_is_kept_than_asked(plan: Plan, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.SETTING, "1")
    opened = RunUpFolder.opened()
    assert opened is not None
    for number in range(60):
        opened.write(number.to_bytes(20, "little"), bytes(50_000))
    assert 900_000 <= 50_000 * len(files(alone)) <= 1_050_000


def test_looking_is_rare_where_much_may_be_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(cache, "prune", looked.append)
    folder = RunUpFolder.opened()
    assert folder is not None
    for number in range(400):
        folder.write(hashlib.sha256(bytes([number % 256, number // 256])).digest()[:20], bytes(50_000))
    assert 20 <= len(looked) <= 70  # one in ten on average: half a megabyte of a hundred


def test_only_what_is_ours_is_listed_and_cleared(alone: Path) -> None:
    precious = alone / "precious"
    precious.mkdir()
    (precious / "letter").write_text("dear")
    ours = kept_file(alone, "0" * 16, 1, 10, 0)
    code = compiled(alone, "1" * 16, 10, 0)
    strange = ours.with_name("notes.txt")
    strange.write_text("not ours")
    link = ours.with_name(f"{2:040x}.run-up")
    link.symlink_to(precious / "letter")
    inner = code / "day" / "link"
    inner.symlink_to(precious, target_is_directory=True)
    (alone / "minusim" / f"{'2' * 16}-py311-numba0.60.0").symlink_to(precious, target_is_directory=True)
    assert {item.path for item in cache.kept()} == {ours, code}
    cache.remove(cache.kept())
    assert not ours.exists()
    assert not code.exists()
    assert strange.exists()
    assert (precious / "letter").read_text() == "dear"


# ---------------------------------------------------------------------------------------------------------- the command


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["cache", *arguments]) == 0
    return capsys.readouterr().out


def test_the_command_shows_and_clears_what_is_kept(plan: Plan, alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    through(plan)
    compiled(alone, "0" * 16, 2_000_000, 3 * cache.DAY)
    (file,) = files(alone)
    today = date.today().isoformat()
    shown = told(capsys)
    assert "compiled code: 1, 2.0 MB, last used" in shown
    assert f"run-ups: 1, 0.0 MB, last used {today} to {today}, in {file.parents[1]}" in shown
    assert "At most 100 MB are kept." in shown
    code, run_ups = json.loads(told(capsys, "--json"))["kept"]
    assert (code["kind"], code["number"], code["bytes"]) == ("compiled_code", 1, 2_000_000)
    assert (run_ups["kind"], run_ups["number"], run_ups["bytes"]) == ("run_ups", 1, file.stat().st_size)
    assert run_ups["bytes"] < 100_000
    assert "Cleared: 2.0 MB." in told(capsys, "--clear")
    assert "run-ups: 0, 0.0 MB, in " in told(capsys)
    assert not file.exists()
    assert_one(through(plan), uninterrupted(plan))


def test_the_command_says_when_nothing_is_to_be_kept(
    alone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(cache.SETTING, "off")
    assert "MINUSIM_CACHE_MB is off: run-ups are neither kept nor used." in told(capsys)
