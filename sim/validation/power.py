"""The power of the tests that the record alone is put to, by simulation at the record's own sample size."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from sim.validation.attack_series import FIRST, LAST, AttackSeries
from sim.validation.event_statistics import (
    TAIL_START,
    PermutationTest,
    clustering_test,
    dispersion_test,
    seasonal_null,
    tail_test,
)
from sim.validation.patterns import LEVEL, add_followers

IntArray = npt.NDArray[np.int64]

SIMULATIONS = 200
FEWER_DRAWS = 199  # of a permutation test, enough inside a simulation
MOST = 10_000  # deaths: simulated sizes are cut here


@dataclass(frozen=True)
class RecordTest:
    """A test of the record against a textbook alternative.

    power: share of simulated worlds of that kind in which the test says so at LEVEL.  p: of the record.
    """

    test: str
    world: str
    power: float
    value: float
    p: float


def record_tests(record: AttackSeries, simulations: int = SIMULATIONS, seed: int = 0) -> list[RecordTest]:
    """Tail, burstiness and self-excitation of the record, power first."""
    rng = np.random.default_rng(seed)
    tail, size = tail_test(record.fatal_killed), int((record.fatal_killed >= TAIL_START).sum())
    worlds: dict[str, Callable[[], IntArray]] = {
        "sizes from a power law with the record's exponent": lambda: power_law_sizes(tail.alpha, size, rng),
        "sizes from a lognormal (mean 0.5, spread 0.9 of the logarithm)": lambda: lognormal_sizes(size, rng),
    }
    tails = [
        RecordTest("power law or lognormal", world, _share(partial(_p_of_tail, draw), simulations), tail.ratio, tail.p)
        for world, draw in worlds.items()
    ]
    return [*tails, *_timing(record, simulations, rng)]


def power_law_sizes(alpha: float, size: int, rng: np.random.Generator) -> IntArray:
    """Whole numbers from FROM on with probability proportional to n to the -alpha."""
    support = np.arange(TAIL_START, MOST)
    weight = support**-alpha
    return rng.choice(support, size, p=weight / weight.sum())


def lognormal_sizes(size: int, rng: np.random.Generator) -> IntArray:
    """Rounded lognormal numbers of FROM and more."""
    many = np.rint(rng.lognormal(0.5, 0.9, 50 * size)).astype(np.int64)
    return many[many >= TAIL_START][:size]


def _timing(record: AttackSeries, simulations: int, rng: np.random.Generator) -> list[RecordTest]:
    """Both tests on all entries of the list, and with those of one day and region counted once."""
    world = "three attacks in ten follow another within a week"
    rows = []
    for entries, days in (("all entries", record.day), ("once a day and region", record.once())):
        draw = partial(_excited, days, rng)
        for name, test in (("weekly dispersion", dispersion_test), ("close pairs", clustering_test)):
            power, found = _share(partial(_p_of, test, draw), simulations), test(days, FIRST, LAST)
            rows.append(RecordTest(f"{name}, {entries}", world, power, found.value, found.p))
    return rows


def _excited(days: IntArray, rng: np.random.Generator) -> IntArray:
    return add_followers(np.sort(seasonal_null(days, FIRST, LAST, rng)), rng)


def _p_of_tail(draw: Callable[[], IntArray]) -> float:
    return tail_test(draw()).p


def _p_of(test: Callable[..., PermutationTest], draw: Callable[[], IntArray]) -> float:
    return test(draw(), FIRST, LAST, FEWER_DRAWS).p


def _share(p_value: Callable[[], float], simulations: int) -> float:
    return float(np.mean([p_value() < LEVEL for _ in range(simulations)]))
