"""Many seeds of a plan: the same from any number of threads, in their order, failures as data."""

import pytest

from sim.model.plan import Plan
from sim.model.recorder import RunRecord
from sim.scenario import loads
from sim.study.executor import Threads
from sim.study.seeds import SEED_LIMIT, SeedFailure, run_seeds, seeds_from

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


def test_three_threads_give_what_one_gives(plan: Plan) -> None:
    seeds = [5, 0, 3, 4]
    alone = list(run_seeds(plan, seeds, digest, Threads(1)))
    assert [seed for seed, *_ in alone] == seeds
    assert len({ledger for _, _, ledger in alone}) == len(seeds)
    assert list(run_seeds(plan, seeds, digest, Threads(3))) == alone
    assert list(run_seeds(plan, seeds, digest)) == alone


def test_a_failed_seed_is_data_and_the_others_go_on(plan: Plan) -> None:
    results = list(run_seeds(plan, [1, 3, 2], break_on_three, Threads(1)))
    assert results[::2] == [1, 2]
    failure = results[1]
    assert isinstance(failure, SeedFailure)
    assert (failure.seed, failure.stage, failure.reason) == (3, "reduce", "ValueError: no luck")
    assert "break_on_three" in failure.traceback


def test_no_seeds_no_results(plan: Plan) -> None:
    assert list(run_seeds(plan, [], digest)) == []


@pytest.mark.parametrize(("seed", "expected"), [(0, (0, 1, 2)), (SEED_LIMIT - 2, (SEED_LIMIT - 2, SEED_LIMIT - 1, 0))])
def test_seeds_from(seed: int, expected: tuple[int, ...]) -> None:
    assert seeds_from(seed, 3) == expected
