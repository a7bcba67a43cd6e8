"""Screening by elementary effects (Morris 1991; Campolongo and others 2007), with the part of chance beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.inference.sensitivity.design import LEVELS, Design, problem
from sim.inference.sensitivity.noise import square
from sim.inference.sensitivity.quantities import FloatArray

DELTA = LEVELS / (2 * (LEVELS - 1))  # the step, as a part of the range
CLEARLY = 2.0  # standard errors


def screen(design: Design, values: FloatArray, seed: int) -> pd.DataFrame:
    """A row per quantity, in their order, from ``values`` [rows, replications] of a screening; NaN-free.

    mu_star, mu_star_conf (half of a 95 % interval), mu, sigma: as SALib gives them for averages over replications, per
    range of a quantity.  noise: the mu_star that chance alone would give.  signal: the size of the effect without it.
    """
    from SALib.analyze import morris

    found = morris.analyze(
        problem(design.names),
        design.points,
        values.mean(axis=1),
        num_levels=LEVELS,
        num_resamples=1000,
        seed=np.random.default_rng([seed, 1]),
    )
    effects = elementary_effects(design, values)
    columns = {name: np.asarray(found[name], dtype=np.float64) for name in ("mu_star", "mu_star_conf", "mu", "sigma")}
    variance = effects.var(axis=2, ddof=1).mean(axis=1) / effects.shape[2]
    columns["noise"] = np.sqrt(2 / np.pi * variance)
    columns["signal"] = np.sqrt(strength(effects))
    return pd.DataFrame({"quantity": design.names, **columns})


def elementary_effects(design: Design, values: FloatArray) -> FloatArray:
    """[quantity, trajectory, replication]: the change of the outcome by one step up, per range."""
    wide = len(design.swept)
    points = design.points.reshape(-1, wide + 1, wide)
    outcomes = values.reshape(-1, wide + 1, values.shape[1])
    steps = np.diff(points, axis=1)
    moved = np.abs(steps).argmax(axis=2)
    up = np.sign(np.take_along_axis(steps, moved[:, :, None], axis=2))
    change = np.diff(outcomes, axis=1) * up / DELTA
    effects = np.empty((wide, len(points), values.shape[1]))
    for trajectory, order in enumerate(moved):
        effects[order, trajectory] = change[trajectory]
    return effects


def strength(effects: FloatArray) -> FloatArray:
    """The squared effect of each quantity without chance, at least 0.

    That of the average effect, which few runs tell well; or the mean square, where it is larger by more than two of
    its standard errors: an effect that goes both ways averages to little.
    """
    trajectories = effects.shape[1]
    each = effects.mean(axis=2)
    average = each.mean(axis=1) ** 2 - each.var(axis=1, ddof=1) / trajectories
    squares = square(effects)
    mean_square = squares.mean(axis=1) - CLEARLY * squares.std(axis=1, ddof=1) / np.sqrt(trajectories)
    return np.asarray(np.maximum(np.maximum(average, mean_square), 0.0))


def most_important(screened: Sequence[pd.DataFrame], top: int) -> tuple[str, ...]:
    """The quantities with the largest share of squared effects, averaged over the outputs; at most ``top``.

    Quantities without any effect are left out.
    """
    squares = [frame.set_index("quantity")["signal"] ** 2 for frame in screened]
    shares = sum(part / max(part.sum(), 1e-300) for part in squares) / len(squares)
    ranked = shares[shares > 0].sort_values(ascending=False, kind="stable")
    return tuple(str(name) for name in ranked.index[:top])
