"""Many seeds of one plan, each reduced to what is kept of it, in the order of the seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sim.model.simulation import Simulation
from sim.study.executor import LOCAL, Executor, Failure, FunctionWork, in_order
from sim.study.first_compile import compile_model
from sim.study.run_up import RunUps

if TYPE_CHECKING:
    from sim.model.plan import Plan
    from sim.model.recorder import RunRecord

SEED_LIMIT = 2**63  # seeds are 0 <= seed < SEED_LIMIT

T = TypeVar("T")


@dataclass(frozen=True)
class SeedFailure:
    """A run that failed at some stage (build, run or reduce): kept as data, so that it costs no other."""

    seed: int
    stage: str
    reason: str  # the last line of the traceback
    traceback: str


def seeds_from(seed: int, count: int) -> tuple[int, ...]:
    """The asked seed and the ``count - 1`` that follow it; after the largest seed comes 0."""
    return tuple((seed + i) % SEED_LIMIT for i in range(count))


def run_seeds(
    plan: Plan, seeds: Sequence[int], reduce: Callable[[RunRecord], T], executor: Executor = LOCAL
) -> Iterator[T | SeedFailure]:
    """What ``reduce`` makes of each run, or a SeedFailure, in the order of ``seeds``.

    Results do not depend on the executor.  Closing the iterator early cancels what has not begun.
    """
    run_one = partial(run_seed, plan, reduce, run_ups=RunUps((plan,)))
    work = FunctionWork(run_one, partial(compile_model, plan))
    return in_order(executor, work, seeds)


def run_seed(plan: Plan, reduce: Callable[[RunRecord], T], seed: int, run_ups: RunUps | None = None) -> T | SeedFailure:
    """One run, reduced; whatever goes wrong belongs to this seed alone and is returned."""
    stage = "build"
    try:
        model = Simulation(plan, seed)
        stage = "run"
        if run_ups is not None:
            run_ups.advance(model)
        record = model.run()
        stage = "reduce"
        return reduce(record)
    except Exception as problem:
        failure = Failure.of(stage, problem)
        return SeedFailure(seed, stage, failure.reason, failure.traceback)
