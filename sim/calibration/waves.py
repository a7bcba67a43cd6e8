"""Waves of runs that approach the posterior, and the emulator that is fitted to them.

The first wave lies around the packaged point.  Each later wave is drawn from a normal approximation, slightly widened,
of the posterior under the emulator of all earlier waves: as wide as the prior where the record is uninformative, narrow
elsewhere, so that the emulator is most accurate where the posterior lies.  Everything is a function of the stored runs,
so an interrupted calibration gives the same result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.linalg import cholesky

from sim.calibration.emulator import Emulator
from sim.calibration.evaluations import Runs, RunStore, run_wave
from sim.calibration.sampler import RANGE, Problem
from sim.calibration.space import STRUCTURES, FloatArray, Space, Structure
from sim.calibration.targets import REFIT, TRAINING, all_targets, targets, transformed
from sim.study.executor import Executor

SHRINK, WIDE = 0.9, 0.4  # the first wave: centre as a share of the packaged point, spread in sd of the prior
WIDEN = 1.1  # of the spread of a posterior in the wave drawn from it
TRAINING_SHARE = 0.5  # of the points of a later wave, for the window that ends earlier
STEPS = 1500  # of the sampler, per structure and window

Progress = Callable[[str, int, int], None]  # what is being done, how much is done, of how much


@dataclass(frozen=True)
class Size:
    """Points of each wave, replications of each point."""

    points: tuple[int, ...]
    replications: int

    @property
    def runs(self) -> int:
        """All runs together."""
        return sum(self.points) * self.replications


@dataclass(frozen=True)
class FittedEmulator:
    """What the waves have taught: the space, the emulator of all targets to 2020, how many points it rests on, and the
    covariance of the targets of a single run (``all_targets()`` squared)."""

    space: Space
    emulator: Emulator
    points: int
    chance: FloatArray

    def problem(self, structure: Structure, last_year: int) -> Problem:
        """The posterior of a structure given the record up to a year."""
        chosen = targets(last_year)
        return self.problem_for_record(structure, last_year, np.array([target.observed for target in chosen]))

    def problem_for_record(self, structure: Structure, last_year: int, record: FloatArray) -> Problem:
        """The same for any record of the same targets, a synthetic one too: it is on the scale of comparison."""
        chosen = targets(last_year)
        known = [target.name for target in all_targets()]
        emulator = self.emulator.subset([known.index(target.name) for target in chosen])
        tolerance = np.array([target.tolerance for target in chosen])
        held = structure.coordinates(self.space, last_year)
        return Problem(emulator, record, tolerance, held, len(self.space.names))


def run_waves(path: Path, size: Size, executor: Executor, tell: Progress) -> FittedEmulator:
    """Run the waves that are missing in a folder and fit the emulator to all of them."""
    space = Space.packaged()
    database = RunStore(path, space)
    waves: list[Runs] = []
    for number, count in enumerate(size.points):
        points = _first_wave(space, count) if number == 0 else _next_wave(fit_emulator(space, waves), number, count)
        said = partial(tell, f"wave {number + 1}")
        run_wave(database, number, points, size.replications, executor, said)
        done = database.runs(number)
        assert done is not None  # noqa: S101  # just run
        waves.append(done)
    return fit_emulator(space, waves)


def fit_emulator(space: Space, waves: Sequence[Runs]) -> FittedEmulator:
    """The emulator of all targets, from all runs of some waves."""
    found = [_average_points(wave) for wave in waves]
    z, y = (np.concatenate([part[k] for part in found]) for k in (0, 1))
    chance = np.mean([part[2] for part in found], axis=0)
    beyond = chance * (1.0 - 1.0 / np.mean([part[3] for part in found]))
    # the first wave is narrow: squares and products learned from it would run wild outside
    emulator = Emulator.fitted(z, y, beyond, degree=1 if len(waves) == 1 else 2)
    return FittedEmulator(space, emulator, len(z), chance)


def _average_points(wave: Runs) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Points, their averages over replications, the covariance of a single run, and the number of replications."""
    y = transformed(wave, all_targets())
    points, where, number = np.unique(wave.point, return_inverse=True, return_counts=True)
    mean = np.zeros((len(points), y.shape[1]))
    np.add.at(mean, where, y)
    mean /= number[:, None]
    apart = y - mean[where]
    of_one_run = apart.T @ apart / max(1, len(y) - len(points))
    first = np.unique(wave.point, return_index=True)[1]
    return wave.z[first], mean, of_one_run, float(number.mean())


def _first_wave(space: Space, count: int) -> FloatArray:
    rng = np.random.default_rng(0)
    points = SHRINK * space.packaged_point() + WIDE * rng.standard_normal((count, len(space.names)))
    return _clip(_restrict_to_structures(space, points))


def _restrict_to_structures(space: Space, points: FloatArray) -> FloatArray:
    """A quarter of the points under each structure, a quarter under none."""
    for n, structure in enumerate(STRUCTURES):
        for i, value in structure.coordinates(space).items():
            points[n :: len(STRUCTURES) + 1, i] = value
    return points


def _next_wave(fitted: FittedEmulator, wave: int, count: int) -> FloatArray:
    rng = np.random.default_rng(wave)
    parts = []
    for structure in STRUCTURES:
        for year, share in ((TRAINING, TRAINING_SHARE), (REFIT, 1.0 - TRAINING_SHARE)):
            problem = fitted.problem(structure, year)
            best, covariance = problem.gaussian_approximation()
            number = max(2, math.ceil(share * count / len(STRUCTURES)))
            chance = rng.standard_normal((number, len(best)))
            parts.append(problem.whole(best + WIDEN * chance @ cholesky(covariance)))
    return _clip(np.concatenate(parts)[:count])


def _clip(points: FloatArray) -> FloatArray:
    return np.clip(points, -RANGE, RANGE)
