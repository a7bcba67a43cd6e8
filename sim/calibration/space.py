"""The parameter space of calibration, and the rival structures, which are restrictions of it.

In the coordinates used here every prior is standard normal.  There are two kinds of coordinates: parameters of status
``calibrated``, with priors from the table of parameters, and the mean path of the latent threat in the regions of the
war, a random walk from year to year.

Rival structures are three explanations of how the mission's losses changed.  All are fitted alike; their weights come
from how well each predicts the two years after the training window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from sim.calibration.mission import LAST_DAY, MISSION, RECORD
from sim.missions.parameters import Prior
from sim.model.plan import threat_knot

FloatArray = npt.NDArray[np.float64]
WAR = RECORD.war_regions  # where the record has enough violence to tell
FIRST_LEVEL = 0.8  # log; sd of the threat of the first year, assumption: a region may be 5 times as violent as another
YEARLY_STEP = 0.4  # log; sd of its change in a year, assumption: half or one and a half times as much
FARTHEST = 6.0  # sd; beyond it the normal distribution function has no digits left


@dataclass(frozen=True)
class Space:
    """``names`` of all coordinates; ``priors`` of the parameters among them; ``years`` of the threat path."""

    priors: Mapping[str, Prior]
    years: tuple[int, ...]

    @classmethod
    def packaged(cls) -> Space:
        """As the tables of parameters and of the threat path have it."""
        rows = {row.name: row.law for row in MISSION.parameters.values() if row.status == "calibrated"}
        years = {int(year) for year in MISSION.table("threat_path")["year"]}
        return cls(rows, tuple(sorted(year for year in years if year <= LAST_DAY.year)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Parameters, then threat.<region>.<year>."""
        return (*self.priors, *(threat_knot(region, year) for region in WAR for year in self.years))

    def steps_after(self, year: int) -> list[int]:
        """Indices of the steps of the threat path that lead to later years."""
        later = [threat_knot(region, knot) for region in WAR for knot in self.years if knot > year]
        return [self.names.index(name) for name in later]

    def values(self, z: FloatArray) -> dict[str, float]:
        """Natural values of one point."""
        return dict(zip(self.names, self.natural(z[None])[0].tolist(), strict=True))

    def natural(self, z: FloatArray) -> FloatArray:
        """Natural values, points x coordinates, of standard normal ones."""
        u = ndtr(np.clip(z, -FARTHEST, FARTHEST))
        columns = [prior.quantiles(u[:, i]) for i, prior in enumerate(self.priors.values())]
        return np.column_stack([*columns, *(walk for region in self._walks(z) for walk in region.T)])

    def coordinates(self, values: Mapping[str, float]) -> FloatArray:
        """Standard normal coordinates of one point of natural values; the ends of a range are 2.3 sd away."""
        z = [ndtri(np.clip(prior.below(values[name]), 0.01, 0.99)) for name, prior in self.priors.items()]
        for region in WAR:
            path = np.array([values[threat_knot(region, year)] for year in self.years])
            z += [path[0] / FIRST_LEVEL, *(np.diff(path) / YEARLY_STEP)]
        return np.array(z, np.float64)

    def packaged_point(self) -> FloatArray:
        """The coordinates of the packaged values: where the search begins."""
        rows = MISSION.table("threat_path")
        path = {threat_knot(str(row.region), int(row.year)): float(row.value) for row in rows.itertuples()}
        return self.coordinates({name: row.value for name, row in MISSION.parameters.items()} | path)

    def _walks(self, z: FloatArray) -> list[FloatArray]:
        n, years = len(self.priors), len(self.years)
        steps = np.array([FIRST_LEVEL, *[YEARLY_STEP] * (years - 1)])
        return [np.cumsum(z[:, n + r * years : n + (r + 1) * years] * steps, axis=1) for r in range(len(WAR))]


@dataclass(frozen=True)
class Structure:
    """``fixed``: natural values that the account holds; everything else is learned.

    An end of a range is held at its outermost percent, where the emulator still has runs to learn from.
    """

    name: str
    claim: str
    fixed: Mapping[str, float]

    def coordinates(self, space: Space, last_year: int = LAST_DAY.year) -> dict[int, float]:
        """Index -> standard normal coordinate of what is held: by the account, and where the record ends.

        Beyond ``last_year`` the path of the threat stays where it is, as in forecasts: nothing is learned about it.
        """
        point = space.coordinates({**space.values(space.packaged_point()), **self.fixed})
        held = {space.names.index(name): float(point[space.names.index(name)]) for name in self.fixed}
        return held | dict.fromkeys(space.steps_after(last_year), 0.0)


NO_TREND = {"intent_trend": 0.0, "hit_trend": 0.0, "deadly_trend": 0.0}

STRUCTURES = (
    Structure("hardening", "training, drills, escorts and protection work as their priors say; no trend", NO_TREND),
    Structure(
        "displacement",
        "troops grow no harder to hurt; deterred attacks fall on others and armed groups learn fast; no trend",
        NO_TREND
        | {"training_effect": 0.0, "drill_effect": 0.0}
        | {"displacement_share": 1.0, "learning_rate": 0.25, "learning_deterred": 1.0},
    ),
    Structure(
        "trend",
        "training, drills and escorts change next to nothing; intent, hits and deaths drift for other reasons",
        {"training_effect": 0.0, "drill_effect": 0.0, "escort_deterrence": 0.0},
    ),
)
