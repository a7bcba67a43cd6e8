"""Screening by elementary effects (Morris) and Sobol' indices, each with the part that is due to chance.

Sobol' indices are parts of the variance of single runs.  The variance of an outcome Y at uncertain parameters x is the
variance of the mean E[Y|x], which first-order and total indices share among the parameters, plus the mean variance
around it, the part of chance.  Estimators are those of Saltelli et al. (2010) and Jansen (1999) as in SALib, but
products are taken between different replications: the square of an average over R replications contains 1/R of the
variance of chance, products of two different replications do not.

Sources: Morris (1991); Campolongo et al. (2007); Saltelli et al. (2010); Jansen (1999).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.inference.sensitivity.design import LEVELS, Design, FloatArray, problem

DELTA = LEVELS / (2 * (LEVELS - 1))  # the step, as a part of the range
CLEARLY = 2.0  # standard errors
RESAMPLES = 1000
NORMAL = 1.96  # half of a 95 % interval, in standard errors


def product(a: FloatArray, b: FloatArray) -> FloatArray:
    """E[a] E[b] of [..., replications]: the mean of a_r b_s over all pairs r != s; two replications or more."""
    n = a.shape[-1]
    return np.asarray((a.sum(axis=-1) * b.sum(axis=-1) - (a * b).sum(axis=-1)) / (n * (n - 1)))


def square(a: FloatArray) -> FloatArray:
    """E[a] squared of [..., replications]."""
    return product(a, a)


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
    """The squared effect of each quantity without the part of chance, at least 0; float64 [quantity].

    The square of the average effect, or the mean square where that is larger by more than two of its standard errors:
    effects of both signs average to little.
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


@dataclass(frozen=True)
class Indices:
    """``table``: quantity, first, first_conf, total, total_conf, as parts of the variance of single runs.

    ``chance`` is the part that belongs to none of the quantities; ``_conf`` is half of a 95 % interval.  ``variance``
    is that of single runs, in squared units of the output; where it is 0, every part is NaN.
    """

    table: pd.DataFrame
    chance: float
    chance_conf: float
    variance: float

    @property
    def interactions(self) -> float:
        """The part that is neither chance nor first order; with few samples it may fall below 0."""
        return 1.0 - self.chance - float(self.table["first"].sum())


def share_out(design: Design, values: FloatArray, seed: int) -> Indices:
    """Indices from ``values`` [rows, replications] of a Sobol' design; NaN-free, two replications or more."""
    wide = len(design.swept)
    blocks = values.reshape(-1, wide + 2, values.shape[1])
    parts = _parts(blocks)
    point = _shares(parts, np.arange(len(blocks))[None])[0]
    rng = np.random.default_rng([seed, 2])
    drawn = _shares(parts, rng.integers(len(blocks), size=(RESAMPLES, len(blocks))))
    half = NORMAL * drawn.std(axis=0, ddof=1)
    table = pd.DataFrame(
        {
            "quantity": design.names,
            "first": point[:wide],
            "first_conf": half[:wide],
            "total": point[wide : 2 * wide],
            "total_conf": half[wide : 2 * wide],
        }
    )
    ends = blocks[:, [0, -1]]
    return Indices(table, float(point[-1]), float(half[-1]), float(ends.var()))


def _parts(blocks: FloatArray) -> FloatArray:
    """Terms that are averaged over blocks, float64 [block, 2 x quantities + 3].

    First-order and total variance of each quantity; the squared average outcome, the square of single outcomes, the
    outcome.
    """
    centred = blocks - blocks[:, [0, -1]].mean()
    a, neighbours, b = centred[:, :1], centred[:, 1:-1], centred[:, -1:]
    first = product(np.broadcast_to(b, neighbours.shape), neighbours - a)
    total = square(neighbours - a) / 2
    ends = centred[:, [0, -1]]
    level = np.stack([square(ends).mean(axis=1), (ends**2).mean(axis=(1, 2)), ends.mean(axis=(1, 2))], axis=1)
    return np.concatenate([first, total, level], axis=1)


def _shares(parts: FloatArray, rows: np.ndarray) -> FloatArray:
    """First-order, total and chance parts for each choice of blocks, as parts of the variance of single runs."""
    mean = np.stack([parts[chosen].mean(axis=0) for chosen in rows])
    averages, singles = mean[:, -3] - mean[:, -1] ** 2, mean[:, -2] - mean[:, -1] ** 2
    chance = singles - averages
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.column_stack([mean[:, :-3], chance]) / singles[:, None])
