"""What is swept: every number that nobody has published, and how far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from sim.missions.parameters import Prior, parameters
from sim.study.draws import factors

if TYPE_CHECKING:
    from sim.missions.posterior import Posterior
    from sim.scenario import Scenario

FloatArray = npt.NDArray[np.float64]
Within = Literal["prior", "posterior"]

MIDDLE = 0.5


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
    rows = [row for row in parameters().values() if row.status != "reported" and row.name not in fixed]
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
