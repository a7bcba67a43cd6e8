"""Every series scored, the model beside the baselines, over the training or the validation window."""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.calibration.observation import TRAINING, Window, observations
from sim.validation.baselines import BASELINES, baseline
from sim.validation.differences import paired
from sim.validation.groups import GROUPS, Group
from sim.validation.scores import SCORES, SHARES, all_scores

FloatArray = npt.NDArray[np.float64]

MODEL = "model"


@dataclass(frozen=True)
class Scored:
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
        rows += [_row(item, scored[0], group) for item in scored]
    return pd.DataFrame(rows)


def score_group(group: Group, predictive: pd.DataFrame, window: Window, known: Window = TRAINING) -> list[Scored]:
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
    return [Scored(group.name, name, names, all_scores(draws, truth)) for name, draws in forecasts.items()]


def best_rival(scored: list[Scored], score: str = "crps") -> Scored:
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


def _row(item: Scored, model: Scored, group: Group) -> dict[str, object]:
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
    difference = paired(model.values["crps"], item.values["crps"])
    words = asdict(difference) | {"heaviest": item.names[difference.heaviest]}
    return row | {f"difference_{name}": value for name, value in words.items()} | {"model_is": difference.verdict}
