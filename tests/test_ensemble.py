"""Many seeds: the same from one process or several, failures as data, and no worker outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.model.plan import Plan
from sim.model.recorder import RunRecord
from sim.scenario import loads
from sim.study.ensemble import SEED_LIMIT, SeedFailure, run_seeds, seeds_from

TEXT = "{title: Ten days, period: {start: 2013-07-01, end: 2013-07-10}}"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.build(loads(TEXT, "ten_days"))


def digest(record: RunRecord) -> tuple[int, bytes, bytes]:
    return record.seed, record.events.tobytes(), record.ledger.tobytes()


def break_on_three(record: RunRecord) -> int:
    if record.seed == 3:
        raise ValueError("no luck")
    return record.seed


def die_on_three(record: RunRecord) -> int:
    if record.seed == 3:
        os._exit(1)
    return record.seed


def test_pool_gives_what_one_process_gives(plan: Plan) -> None:
    seeds = [5, 0, 3, 4]
    alone = list(run_seeds(plan, seeds, digest, workers=1))
    assert [seed for seed, *_ in alone] == seeds
    assert len({ledger for _, _, ledger in alone}) == len(seeds)
    assert list(run_seeds(plan, seeds, digest, workers=2)) == alone
    assert list(run_seeds(plan, seeds, digest)) == alone


def test_a_failed_seed_is_data_and_the_others_go_on(plan: Plan) -> None:
    results = list(run_seeds(plan, [1, 3, 2], break_on_three, workers=1))
    assert results[::2] == [1, 2]
    failure = results[1]
    assert isinstance(failure, SeedFailure)
    assert (failure.seed, failure.stage, failure.reason) == (3, "reduce", "ValueError: no luck")
    assert "break_on_three" in failure.traceback


def test_a_dead_worker_loses_only_what_had_not_ended(plan: Plan) -> None:
    first, *others = run_seeds(plan, [1, 3, 2], die_on_three, workers=2)
    assert first in (1, SeedFailure(1, "worker", getattr(first, "reason", ""), ""))
    assert all(isinstance(other, SeedFailure) and other.stage == "worker" for other in others)


def test_no_seeds_no_results(plan: Plan) -> None:
    assert list(run_seeds(plan, [], digest)) == []


@pytest.mark.parametrize(("seed", "expected"), [(0, (0, 1, 2)), (SEED_LIMIT - 2, (SEED_LIMIT - 2, SEED_LIMIT - 1, 0))])
def test_seeds_from(seed: int, expected: tuple[int, ...]) -> None:
    assert seeds_from(seed, 3) == expected


ORPHANS = """
import multiprocessing, sys, time
from sim.study.ensemble import run_seeds
from sim.model.plan import Plan
from sim.scenario import loads
from tests.test_ensemble import TEXT, slow

if __name__ == "__main__":
    results = run_seeds(Plan.build(loads(TEXT, "ten_days")), [1, 2], slow, workers=2)
    print(*next(results), flush=True)
    time.sleep(60)
"""


def slow(record: RunRecord) -> list[int]:
    """The process ids of the worker; the second seed keeps its worker busy."""
    if record.seed > 1:
        time.sleep(60)
    return [os.getpid()]


@pytest.mark.skipif(sys.platform == "win32", reason="asks for a process id the POSIX way")
def test_workers_end_with_their_parent() -> None:
    command, root = [sys.executable, "-c", ORPHANS], Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert alive(worker)
        parent.send_signal(signal.SIGKILL)
    assert until(lambda: not alive(worker), seconds=45)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
