"""The series that are scored: which names of the flat vector belong together, in order of time."""

import re
from dataclasses import dataclass

from sim.calibration.observation import TRAINING, Window, observations
from sim.missions.record import UCDP_TYPES
from sim.model.world import REGIONS
from sim.results.summary import TACTICS_ON_MISSION


@dataclass(frozen=True)
class Group:
    """Series scored together.

    prefixes: the series, each with a history of its own for the baselines.  per_year: observations a year; 0 for
    dated points.  when: pattern of the last part of the name.
    """

    name: str
    unit: str
    prefixes: tuple[str, ...]
    per_year: int
    when: str

    def names(self, window: Window, prefix: str) -> tuple[str, ...]:
        """Names of one series in a window, in order of time."""
        pattern = re.compile(f"{re.escape(prefix)}/{self.when}")
        chosen = [name for name in window.names() if pattern.fullmatch(name)]
        return tuple(sorted(chosen, key=lambda name: observations()[name].end))

    def history(self, prefix: str, known: Window = TRAINING) -> list[float]:
        """What a baseline may know: the training window, also when the training window itself is scored."""
        return [observations()[name].value for name in self.names(known, prefix)]


_MONTH, _QUARTER, _YEAR, _DAY = r"\d{4}-\d{2}", r"\d{4}-Q\d", r"\d{4}", r"\d{4}-\d{2}-\d{2}"
GROUPS = {
    group.name: group
    for group in (
        Group("killed_by_month", "deaths of the mission", ("killed",), 12, _MONTH),
        Group("killed_by_year", "deaths of the mission", ("killed",), 1, _YEAR),
        Group("attacks_by_quarter", "attacks on the mission", ("attacks_quarter",), 4, _QUARTER),
        Group(
            "attacks_by_tactic",
            "attacks on the mission",
            tuple(f"attacks/{tactic}" for tactic in TACTICS_ON_MISSION),
            1,
            _YEAR,
        ),
        Group(
            "attacks_by_region",
            "attacks on the mission",
            tuple(f"attacks_region/{region}" for region in REGIONS),
            1,
            _YEAR,
        ),
        Group("ucdp_by_month", "deaths in organised violence", ("ucdp_month",), 12, _MONTH),
        Group(
            "ucdp_by_type",
            "deaths in organised violence",
            tuple(f"ucdp/{kind}" for kind in UCDP_TYPES),
            1,
            _YEAR,
        ),
        Group("civilians_killed_by_year", "civilians killed", ("civilians_killed",), 1, _YEAR),
        Group("ied_by_year", "incidents", ("ied",), 1, _YEAR),
        Group("fatal_days_by_year", "days", ("fatal_days", "fatal_days_2plus"), 1, _YEAR),
        Group("accident_and_illness", "deaths of the mission", ("accident", "illness"), 1, _YEAR),
        Group("wounded", "wounded since July 2013", ("wounded",), 0, _DAY),
        Group("displaced", "internally displaced persons", ("displaced",), 0, _DAY),
        Group("patrols", "patrols a day", ("patrols",), 0, _DAY),
    )
}
