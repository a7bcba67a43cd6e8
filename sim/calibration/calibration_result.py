"""The result of a calibration: posteriors of both windows, weights of rival structures, and what was learned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim._util import Unreadable, read_json
from sim.calibration.evaluations import FILE, Runs, RunStore, run_wave
from sim.calibration.importance_weights import WeightedSets, candidates, weighted_sets
from sim.calibration.mission import MISSION
from sim.calibration.posterior_table import install_posterior, posterior_mean_point, posterior_table, quantiles
from sim.calibration.space import STRUCTURES, FloatArray, Space
from sim.calibration.stacking import stacking_weights
from sim.calibration.targets import REFIT, TRAINING, all_targets, targets
from sim.calibration.waves import STEPS, FittedEmulator, Progress, Size, fit_emulator, run_waves
from sim.missions.posterior import WEIGHT
from sim.model.engine import fingerprint, software_version
from sim.study import StoreError
from sim.study.executor import Executor

CHECK_WAVES = 50  # numbers of the waves that check posteriors, beyond those that close in
NARROW = 0.8  # sd of the posterior over that of the prior above which the record is hardly informative


@dataclass(frozen=True)
class CalibrationResult:
    """``posteriors``: window -> structure -> weighted sets with their runs; ``weights`` of the structures."""

    fitted: FittedEmulator
    posteriors: Mapping[int, Mapping[str, WeightedSets]]
    weights: Mapping[str, float]
    runs: int

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The posterior to 2020 and that of the training window, a row per set."""
        space = self.fitted.space
        return tuple(posterior_table(space, self.posteriors[year], self.weights, year) for year in (REFIT, TRAINING))

    def point(self) -> dict[str, float]:
        """The values that stand for the posterior."""
        return posterior_mean_point(self.fitted.space, self.posteriors[REFIT], self.weights)

    def install(self) -> None:
        """Make this the packaged posterior."""
        install_posterior(*self.frames(), self.point())

    def learned(self) -> pd.DataFrame:
        """Per coordinate: prior and posterior medians and 90 % intervals, and the ratio of their sd."""
        frame, space = self.frames()[0], self.fitted.space
        ratios = _spread(self.posteriors[REFIT], self.weights)
        prior = space.natural(np.random.default_rng(0).standard_normal((4000, len(space.names))))
        rows = []
        for i, name in enumerate(space.names):
            drawn, weight = frame[name].to_numpy(), frame[WEIGHT].to_numpy()
            low, middle, high = quantiles(drawn, weight, (0.05, 0.5, 0.95))
            before = np.quantile(prior[:, i], [0.05, 0.5, 0.95])
            rows.append(
                (
                    name,
                    *before,
                    low,
                    middle,
                    high,
                    ratios[i],
                    "rests on assumption" if ratios[i] > NARROW else "learned",
                )
            )
        columns = ["name", "prior_low", "prior", "prior_high", "low", "value", "high", "sd_ratio", "verdict"]
        return pd.DataFrame(rows, columns=columns)

    def fit(self) -> pd.DataFrame:
        """Per target: the record, and the 95 % posterior predictive interval of the runs of each window."""
        return pd.concat([_fit_table(year, self.posteriors[year], self.weights) for year in (TRAINING, REFIT)])

    def save(self, folder: Path) -> None:
        """Write the posterior, what was learned, the fit and the provenance."""
        posterior, training = self.frames()
        for name, frame in (
            ("posterior", posterior),
            ("posterior_training", training),
            ("learned", self.learned()),
            ("fit", self.fit()),
        ):
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        (folder / "provenance.json").write_text(json.dumps(self.document(), indent=1) + "\n", encoding="utf-8")

    def document(self) -> dict[str, Any]:
        """Provenance of the result, as JSON."""
        fit = self.fit()
        return {
            "version": software_version(),
            "engine": fingerprint(MISSION),
            "runs": self.runs,
            "points": self.fitted.points,
            "structures": {name: round(weight, 4) for name, weight in self.weights.items()},
            "learned": int((self.learned()["verdict"] == "learned").sum()),
            "coordinates": len(self.fitted.space.names),
            "targets_inside_95": {str(year): _share(fit[fit["window"] == year]) for year in (TRAINING, REFIT)},
            "emulator_skill": round(float(np.median(self.fitted.emulator.skill)), 3),
        }

    def text(self) -> str:
        """Summary of the result in a few lines."""
        found = self.document()
        weights = ", ".join(f"{name} {weight:.2f}" for name, weight in self.weights.items())
        inside = found["targets_inside_95"]
        return (
            f"{found['runs']:,} runs at {found['points']:,} points; weights of the rival structures: {weights}.\n"
            f"The record is informative about {found['learned']} of {found['coordinates']} quantities.\n"
            f"Targets inside the 95 % posterior predictive interval: {inside[str(TRAINING)]} to {TRAINING}, "
            f"{inside[str(REFIT)]} to {REFIT}."
        )


def calibrate(folder: Path, size: Size, number: int, executor: Executor, tell: Progress) -> CalibrationResult:
    """Everything: waves, posteriors, runs that check them, weights, tables.  Resumable at any moment."""
    fitted = run_waves(folder, size, executor, tell)
    database = RunStore(folder, fitted.space)
    for k, year in enumerate((TRAINING, REFIT)):
        for n, structure in enumerate(STRUCTURES):
            label = f"{structure.name} to {year}"
            problem = fitted.problem(structure, year)
            points = problem.sample(STEPS, number, n + 1, partial(tell, f"posterior, {label}"))
            wave, said = CHECK_WAVES + 10 * k + n, partial(tell, f"check, {label}")
            run_wave(database, wave, points, size.replications, executor, said)
    found = result_of(fitted, database)
    found.save(folder)
    return found


def result_of(fitted: FittedEmulator, database: RunStore) -> CalibrationResult:
    """What all runs of a calibration say.  The first wave is left out: it does not follow the posterior."""
    waves: list[Runs] = []
    while (wave := database.runs(len(waves))) is not None:
        waves.append(wave)
    runs = sum(len(wave.point) for wave in waves)
    checks = [database.runs(CHECK_WAVES + 10 * k + n) for k in range(2) for n in range(len(STRUCTURES))]
    known = [wave for wave in (*waves[1:], *checks) if wave is not None]
    names = [target.name for target in all_targets()]
    posteriors: dict[int, dict[str, WeightedSets]] = {}
    for year in (TRAINING, REFIT):
        kept = [names.index(target.name) for target in targets(year)]
        chance = fitted.chance[np.ix_(kept, kept)]
        emulator = fitted.emulator.subset(kept)
        posteriors[year] = {
            each.name: weighted_sets(candidates(known, each, fitted.space, year), targets(year), emulator, chance)
            for each in STRUCTURES
        }
    runs += sum(len(wave.point) for wave in checks if wave is not None)
    return CalibrationResult(fitted, posteriors, stacking_weights(posteriors[TRAINING]), runs)


def _spread(posteriors: Mapping[str, WeightedSets], weights: Mapping[str, float]) -> FloatArray:
    """Sd of every coordinate over the mixture; priors have 1."""
    share = np.array([weights[name] for name in posteriors])
    means = np.stack([each.weight @ each.z for each in posteriors.values()])
    squares = np.stack([each.weight @ each.z**2 for each in posteriors.values()])
    return np.asarray(np.sqrt(np.maximum(share @ squares - (share @ means) ** 2, 0.0)))


def _fit_table(year: int, posteriors: Mapping[str, WeightedSets], weights: Mapping[str, float]) -> pd.DataFrame:
    share = np.concatenate([weights[name] * each.per_run() for name, each in posteriors.items()])
    rows = []
    for target in targets(year):
        values = np.concatenate([each.runs.columns(target.parts).sum(axis=1) for each in posteriors.values()])
        low, middle, high = quantiles(values, share, (0.025, 0.5, 0.975))
        rows.append((year, target.name, target.record, low, middle, high, low <= target.record <= high))
    columns = ["window", "target", "record", "low", "median", "high", "inside"]
    return pd.DataFrame(rows, columns=columns)


def _share(fit: pd.DataFrame) -> str:
    return f"{int(fit['inside'].sum())} of {len(fit)}"


def load_result(path: Path) -> CalibrationResult:
    """What its waves and checks say.  StoreError where some of it is missing or belongs to other coordinates."""
    space = Space.packaged()
    database = RunStore.read_only(path)
    waves = load_waves(path)
    if not waves or waves[0].z.shape[1] != len(space.names):
        raise StoreError(f"{path}: no runs of this version's {len(space.names)} coordinates; run minusim calibrate")
    for k in range(2):
        for n in range(len(STRUCTURES)):
            _load_check(database, k, n, path)
    return result_of(fit_emulator(space, waves), database)


def load_waves(path: Path) -> list[Runs]:
    """The waves that closed in on the record, in their order."""
    database, waves = RunStore.read_only(path), list[Runs]()
    while (wave := database.runs(len(waves))) is not None:
        waves.append(wave)
    return waves


def load_checks(path: Path) -> dict[str, Runs]:
    """Structure -> runs at draws of its posterior to 2020 under the emulator."""
    database = RunStore.read_only(path)
    return {structure.name: _load_check(database, 1, n, path) for n, structure in enumerate(STRUCTURES)}


def load_provenance(path: Path) -> dict[str, Any]:
    """Which version of the model and which priors made it.  StoreError where it says neither."""
    try:
        return read_json(path / FILE)
    except Unreadable:
        raise StoreError(f"{path}: is not the folder of a calibration; minusim calibrate makes one") from None


def _load_check(database: RunStore, window: int, structure: int, path: Path) -> Runs:
    found = database.runs(CHECK_WAVES + 10 * window + structure)
    if found is None:
        raise StoreError(f"{path}: this calibration is not finished; minusim calibrate --resume continues it")
    return found
