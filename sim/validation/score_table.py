"""The series that are scored, and the table of scores: the model beside the baselines over a window."""

import re
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.calibration.mission import MISSION
from sim.calibration.observation import TRAINING, Window, observations
from sim.missions.record import UCDP_TYPES
from sim.results.summary import TACTICS_ON_MISSION
from sim.validation.baselines import BASELINES, baseline
from sim.validation.scores import SCORES, SHARES, all_scores, paired_difference

FloatArray = npt.NDArray[np.float64]
MODEL = "model"


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
            tuple(f"attacks_region/{region}" for region in MISSION.regions),
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
        Group("wounded", "wounded since the mission began", ("wounded",), 0, _DAY),
        Group("displaced", "internally displaced persons", ("displaced",), 0, _DAY),
        Group("patrols", "patrols a day", ("patrols",), 0, _DAY),
    )
}


@dataclass(frozen=True)
class ScoredForecast:
    """One forecast of one group over a window: scores per observation, name -> float64 [observations]."""

    group: str
    forecast: str
    names: tuple[str, ...]
    values: dict[str, FloatArray]


def score_table(predictive: pd.DataFrame, window: Window) -> pd.DataFrame:
    """A row per series and forecast: mean scores, coverage, and the paired difference of the model's CRPS to it.

    ``predictive`` has a row per draw and a column per name of the flat vector; groups without a column are left out.
    """
    rows = []
    for group in GROUPS.values():
        scored = score_group(group, predictive, window)
        rows += [_table_row(item, scored[0], group) for item in scored]
    return pd.DataFrame(rows)


def score_group(
    group: Group, predictive: pd.DataFrame, window: Window, known: Window = TRAINING
) -> list[ScoredForecast]:
    """The model first, then the baselines, which know what was observed in ``known``; empty where the window holds no
    observation of the group."""
    names = tuple(
        name for prefix in group.prefixes for name in group.names(window, prefix) if name in predictive.columns
    )
    if not names:
        return []
    seen = observations()
    truth = np.array([seen[name].value for name in names])
    forecasts = {MODEL: predictive[list(names)].to_numpy(dtype=np.float64)}
    forecasts |= {name: _baseline(name, group, names, window, known) for name in _rivals(group)}
    return [ScoredForecast(group.name, name, names, all_scores(draws, truth)) for name, draws in forecasts.items()]


def best_rival(scored: list[ScoredForecast], score: str = "crps") -> ScoredForecast:
    """The baseline with the lowest mean score."""
    return min(scored[1:], key=lambda item: float(item.values[score].mean()))


def _rivals(group: Group) -> tuple[str, ...]:
    """Dated points come at uneven intervals: there is no last year of them."""
    return tuple(BASELINES) if group.per_year else ("zero", "last_observation", "average")


def _baseline(name: str, group: Group, names: tuple[str, ...], window: Window, known: Window) -> FloatArray:
    """Each series forecast from its own history; a series without one is forecast as zero."""
    parts = []
    for prefix in group.prefixes:
        size = sum(known in names for known in group.names(window, prefix))
        history = np.array(group.history(prefix, known) or [0.0])
        parts.append(baseline(name, history, size, max(group.per_year, 1)))
    return np.concatenate(parts, axis=1)


def _table_row(item: ScoredForecast, model: ScoredForecast, group: Group) -> dict[str, object]:
    row: dict[str, object] = {
        "series": item.group,
        "unit": group.unit,
        "forecast": item.forecast,
        "observations": len(item.names),
        **{score: float(item.values[score].mean()) for score in SCORES},
    }
    for share in SHARES:
        name = f"coverage_{share * 100:.0f}"
        row[name] = float(item.values[name].mean())
    if item.forecast == MODEL:
        return row
    difference = paired_difference(model.values["crps"], item.values["crps"])
    words = asdict(difference) | {"heaviest": item.names[difference.heaviest]}
    return row | {f"difference_{name}": value for name, value in words.items()} | {"model_is": difference.verdict}
