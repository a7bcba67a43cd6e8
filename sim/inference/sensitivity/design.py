"""What is swept and at which points the model is run: uncertain quantities, and designs that share random numbers.

Points are levels between 0 and 1 of the distributions of the quantities.  Rows of a block (a trajectory, or a base
point of the Sobol' sequence with its neighbours) share random numbers, so that differences between them contain as
little chance as possible; different blocks share none.  A larger design begins with the smaller one, so a study can be
extended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from sim.missions.parameters import Prior
from sim.study.draws import factors

if TYPE_CHECKING:
    from sim.missions.posterior import Posterior
    from sim.scenario import Scenario

FloatArray = npt.NDArray[np.float64]
Within = Literal["prior", "posterior"]
MIDDLE = 0.5
LEVELS = 4  # of the grid of a screening
EDGE = 0.05  # a screening moves within the middle 90 % of each distribution
MOST = 100  # replications of a row
SOBOL_STREAMS = 50_000_000  # first stream of the second step: the two steps share no random numbers


@dataclass(frozen=True)
class Marginal:
    """One number of a weighted posterior by itself: ``values`` ascending, ``levels`` what lies below each, 0 to 1."""

    values: FloatArray
    levels: FloatArray

    @classmethod
    def of(cls, values: FloatArray, weights: FloatArray) -> Marginal:
        """Each value stands in the middle of its weight; ``weights`` sum to one."""
        order = np.argsort(values, kind="stable")
        ordered = weights[order]
        return cls(values[order], np.cumsum(ordered) - ordered / 2)

    def quantile(self, u: float) -> float:
        """Inverse of the distribution function, straight between the values and flat beyond the outer ones."""
        return float(np.interp(u, self.levels, self.values))


@dataclass(frozen=True)
class Swept:
    """A quantity of the analysis: one number, or the years of a region's threat path, which move together.

    ``laws`` is the law of each number by its name.  ``stands`` says whether the quantity takes its median while it is
    not swept; otherwise it keeps the value that it has in the scenario.
    """

    name: str
    laws: tuple[tuple[str, Prior | Marginal], ...]
    stands: bool = False

    def values(self, u: float) -> dict[str, float]:
        """The values at a level of their distributions, 0 < u < 1."""
        return {name: law.quantile(u) for name, law in self.laws}

    def at_rest(self) -> dict[str, float]:
        """The values while others are swept; none where they are as in the scenario."""
        return self.values(MIDDLE) if self.stands else {}


def quantities(scenario: Scenario, variants: Iterable[Scenario], posterior: Posterior | None) -> tuple[Swept, ...]:
    """Parameters that are not reported, paths of the threat (of the posterior), and a factor for each measure in force.

    With a posterior, what it has is swept over its marginal distribution, the rest over its prior.  What the scenario
    sets itself is not swept.
    """
    fixed = scenario.parameters
    known = {} if posterior is None else _marginals(posterior)
    packaged = scenario.mission.parameters.values()
    rows = [row for row in packaged if row.status != "reported" and row.name not in fixed]
    own = [Swept(row.name, ((row.name, known.get(row.name, row.law)),), row.name in known) for row in rows]
    levers = [Swept(quantity.name, ((quantity.name, quantity.prior),)) for quantity in factors(variants)]
    return (*own, *_paths(known), *levers)


def _marginals(posterior: Posterior) -> dict[str, Marginal]:
    columns = posterior.sets.T
    return {name: Marginal.of(column, posterior.weights) for name, column in zip(posterior.names, columns, strict=True)}


def _paths(known: dict[str, Marginal]) -> list[Swept]:
    """threat.<region>: the knots threat.<region>.<year> at one level of their distributions."""
    knots = [name for name in known if name.startswith("threat.")]
    regions = dict.fromkeys(name.rpartition(".")[0] for name in knots)
    members = {region: [name for name in knots if name.rpartition(".")[0] == region] for region in regions}
    return [Swept(region, tuple((name, known[name]) for name in names), True) for region, names in members.items()]


@dataclass(frozen=True)
class Design:
    """``points`` (rows x swept quantities) and the ``block`` of each row; ``resting`` quantities stand still.

    The number of a run is row x MOST + replication (``sim.study.draws.Numbering``).
    """

    swept: tuple[Swept, ...]
    resting: tuple[Swept, ...]
    points: FloatArray
    block: npt.NDArray[np.int64]
    first_stream: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the swept quantities."""
        return tuple(quantity.name for quantity in self.swept)

    def numbers(self, replications: int) -> list[int]:
        """The numbers of all runs, row by row."""
        return [row * MOST + own for row in range(len(self.points)) for own in range(replications)]

    def values(self, replication: int) -> dict[str, float]:
        """The values of the run of a number."""
        found: dict[str, float] = {}
        for quantity in self.resting:
            found |= quantity.at_rest()
        for quantity, u in zip(self.swept, self.points[replication // MOST], strict=True):
            found |= quantity.values(float(u))
        return found

    def stream(self, replication: int) -> int:
        """The replication under which random numbers are drawn: the same throughout a block."""
        row, own = divmod(replication, MOST)
        return self.first_stream + int(self.block[row]) * MOST + own


def problem(names: Sequence[str], low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
    """Quantities as SALib knows them."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[low, high]] * len(names)}


def screening(swept: Sequence[Swept], trajectories: int, seed: int) -> Design:
    """Morris: each trajectory moves one quantity after the other by two thirds of its middle 90 %."""
    from SALib.sample import morris

    asked = problem([quantity.name for quantity in swept], EDGE, 1 - EDGE)
    # a generator each: the first trajectories are the same however many follow
    parts = [
        morris.sample(asked, 1, num_levels=LEVELS, seed=np.random.default_rng([seed, number]))
        for number in range(trajectories)
    ]
    block = np.repeat(np.arange(trajectories, dtype=np.int64), len(swept) + 1)
    return Design(tuple(swept), (), np.concatenate(parts), block, 0)


def sobol(swept: Sequence[Swept], resting: Sequence[Swept], samples: int, seed: int) -> Design:
    """Saltelli's design without second order: samples x (quantities + 2) rows; ``samples`` is a power of two."""
    from SALib.sample import sobol as saltelli

    asked = problem([quantity.name for quantity in swept])
    # a generator: as a number, 0 would be no seed somewhere in the library
    points = saltelli.sample(asked, samples, calc_second_order=False, seed=np.random.default_rng([seed, 2**31]))
    block = np.repeat(np.arange(samples, dtype=np.int64), len(swept) + 2)
    return Design(tuple(swept), tuple(resting), points, block, SOBOL_STREAMS)
