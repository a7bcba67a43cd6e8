"""Rival structures: three accounts of why the mission's losses changed, each a restriction of the same model.

All are fitted alike; how well each foretells the two years after the training window decides its weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.calibration.space import Space
from sim.missions.record import LAST_DAY


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
