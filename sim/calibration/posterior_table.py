"""From fits to files: the posterior as a table of sets, and the point that represents it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.calibration.importance_weights import WeightedSets
from sim.calibration.mission import MISSION
from sim.calibration.space import WAR, YEARLY_STEP, FloatArray, Space
from sim.missions.posterior import SOURCE, STRUCTURE, WEIGHT
from sim.model.plan import threat_knot

LEAST_WEIGHT = 0.01  # weight below which a structure is left out
DIGITS = 4  # significant; far below what the record can tell


def posterior_table(
    space: Space, posteriors: Mapping[str, WeightedSets], weights: Mapping[str, float], seed: int
) -> pd.DataFrame:
    """A row per set: structure, weight, source, natural values, and the threat path beyond the record.

    Where the record ends, the path goes on as the random walk of its prior.
    """
    kept = {name: weight for name, weight in weights.items() if weight >= LEAST_WEIGHT}
    parts = []
    for name, weight in kept.items():
        chosen = posteriors[name]
        frame = pd.DataFrame(space.natural(chosen.z), columns=list(space.names))
        head = pd.DataFrame({STRUCTURE: name, WEIGHT: weight / sum(kept.values()) * chosen.weight, SOURCE: "derived"})
        parts.append(pd.concat([head, frame], axis=1))
    whole = pd.concat(parts, ignore_index=True)
    return _rounded(pd.concat([whole, _threat_beyond_record(whole, space, seed)], axis=1))


def posterior_mean_point(
    space: Space, posteriors: Mapping[str, WeightedSets], weights: Mapping[str, float]
) -> dict[str, float]:
    """The point that stands for the posterior: the weighted mean of its natural values.

    Totals of a skewed posterior lie near those of the mean of the values; the mean of their logarithms falls short.
    """
    total = sum(weights[name] for name in posteriors)
    mean = sum(weights[name] / total * (each.weight @ space.natural(each.z)) for name, each in posteriors.items())
    return dict(zip(space.names, np.asarray(mean).tolist(), strict=True))


def install_posterior(frame: pd.DataFrame, training: pd.DataFrame, point: Mapping[str, float]) -> None:
    """Make a posterior the packaged one: its table, the values of parameters, and the threat path."""
    frame.to_csv(MISSION.path("posterior"), index=False, lineterminator="\n")
    training.to_csv(MISSION.path("posterior_training"), index=False, lineterminator="\n")
    parameters = pd.read_csv(MISSION.path("parameters"), dtype=str, keep_default_na=False)
    fitted = parameters["name"].isin(list(point))
    parameters.loc[fitted, "value"] = [f"{point[name]:.{DIGITS}g}" for name in parameters.loc[fitted, "name"]]
    parameters.to_csv(MISSION.path("parameters"), index=False, lineterminator="\n")
    _threat_path(frame, point).to_csv(MISSION.path("threat_path"), index=False, lineterminator="\n")


def _threat_path(frame: pd.DataFrame, point: Mapping[str, float]) -> pd.DataFrame:
    """The packaged path with the fitted years of the regions of the war, and its 90 % interval."""
    path = pd.read_csv(MISSION.path("threat_path"), dtype=str, keep_default_na=False)
    last = max(int(name[-4:]) for name in point if name.startswith("threat."))
    for i, row in path.iterrows():
        name = threat_knot(row["region"], int(row["year"]))
        if name not in frame.columns:
            continue
        known = point.get(name, point[threat_knot(row["region"], min(last, int(row["year"])))])
        low, high = quantiles(frame[name].to_numpy(), frame[WEIGHT].to_numpy(), (0.05, 0.95))
        fitted = name in point
        note = "mean and 90 % interval of the posterior" if fitted else "held; the interval is that of a random walk"
        path.loc[i, ["value", "low", "high"]] = [f"{x:.4g}" for x in (known, min(low, known), max(high, known))]
        path.loc[i, ["status", "note"]] = ["calibrated" if fitted else "assumed", note]
    return path


def quantiles(values: FloatArray, weight: FloatArray, at: tuple[float, ...]) -> FloatArray:
    """Quantiles of weighted values."""
    order = np.argsort(values)
    share = np.cumsum(weight[order]) - 0.5 * weight[order]
    return np.asarray(np.interp(at, share / weight.sum(), values[order]))


def _threat_beyond_record(frame: pd.DataFrame, space: Space, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    last = space.years[-1]
    later = sorted(year for year in {int(year) for year in MISSION.table("threat_path")["year"]} if year > last)
    out = {}
    for region in WAR:
        level = frame[threat_knot(region, last)].to_numpy(np.float64)
        for year in later:
            level = level + YEARLY_STEP * rng.standard_normal(len(level))
            out[threat_knot(region, year)] = level
    return pd.DataFrame(out)


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = frame.select_dtypes("number").columns
    rounded = frame[numbers].map(lambda x: float(f"{x:.{DIGITS}g}"))
    return frame.assign(**{name: rounded[name] for name in numbers})
