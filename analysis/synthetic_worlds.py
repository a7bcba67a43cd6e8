"""Synthetic worlds of which the truth is known, and what the whole chain of inference says of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np

from analysis.posterior_predictive import Months, bins_of
from analysis.simulation_based_calibration import misfit
from sim.calibration.calibration_result import CalibrationResult
from sim.calibration.evaluations import Runs, historical_plan, simulate_statistics, statistics
from sim.calibration.observation import observed
from sim.calibration.posterior_table import LEAST_WEIGHT
from sim.calibration.sampler import RANGE
from sim.calibration.space import STRUCTURES, WAR, FloatArray, Space, Structure
from sim.calibration.targets import REFIT, TRAINING, all_targets, targets, transformed
from sim.calibration.waves import FittedEmulator
from sim.inference.comparison.differences import (
    CANNOT_TELL,
    NO_DIFFERENCE,
    RESTS_ON_ASSUMPTION,
    UncertaintySources,
    verdict,
)
from sim.model.plan import threat_knot

EFFECTS = ("training_effect", "drill_effect", "escort_deterrence")  # what the structure trend says does nothing
DEATHS = ("killed/2016", "killed/2017", "killed/2018")
FALL = 2018
REMAINS = 0.5  # of the threat from 2018 on; less would lie where the emulator was never taught
KEEP = 600  # draws of each posterior
STREAM = 500_000_000  # replications that no wave uses
INERT, REVERSED, WORKING = "inert", "reversed", "working"
KINDS = {
    INERT: f"training, drills and escorts do nothing, and the threat falls to {REMAINS:g} of itself from {FALL} on",
    REVERSED: "training, drills and escorts do harm: effects of the other sign, as large as the posterior has them",
    WORKING: "training, drills and escorts work as the posterior of hardening says",
}
RECORD = "record"  # not synthetic: what the same chain says of the record of the world
STEM = {INERT: "trend", REVERSED: "hardening", WORKING: "hardening"}  # kind -> structure whose sets worlds start from
Judged = dict[str, float | str]


@dataclass(frozen=True)
class Chain:
    """Data of an inference; ``stems``: structure -> sets x coordinates."""

    fitted: FittedEmulator
    months: Months
    stems: Mapping[str, FloatArray]
    steps: int

    @classmethod
    def of(cls, found: CalibrationResult, months: Months, steps: int) -> "Chain":
        """Read a finished calibration."""
        return cls(found.fitted, months, {name: each.z for name, each in found.posteriors[REFIT].items()}, steps)

    def judge(self, kind: str, number: int) -> Judged:
        """Make a world, one of ``KINDS`` or ``RECORD``, and say what the analysis would conclude from its record."""
        about: Judged = {"kind": kind, "record": float(number)}
        return about | self.concluded(self.world(kind, number), number)

    def world(self, kind: str, number: int) -> FloatArray:
        """The statistics of one run of a world, or of the record."""
        if kind == RECORD:
            return np.array([observed()[name] for name in statistics()])
        stem = self.stems[STEM[kind]]
        values = truth(kind, self.fitted.space, stem[number % len(stem)])
        return simulate_statistics(historical_plan(), values, STREAM + 10_000 * list(KINDS).index(kind) + number)

    def concluded(self, record: FloatArray, seed: int) -> Judged:
        """Weights of the structures, and the word on what the three effects did to deaths of 2016-18."""
        fell = bins_of(dict(zip(statistics(), record.tolist(), strict=True)))
        training = {s.name: self._posterior(s, TRAINING, record, seed) for s in STRUCTURES}
        weights = self.months.stacked(training, fell)
        refit = {
            # where nothing acts every point gives a difference of zero, those of the shorter window too
            s.name: training[s.name] if set(EFFECTS) <= set(s.fixed) else self._posterior(s, REFIT, record, seed)
            for s in STRUCTURES
            if weights[s.name] >= LEAST_WEIGHT
        }
        told: Judged = {f"weight_{name}": weight for name, weight in weights.items()}
        return told | word(self.fitted, refit, weights, seed) | self._fit(record)

    def _posterior(self, structure: Structure, last_year: int, record: FloatArray, seed: int) -> FloatArray:
        problem = self.fitted.problem_for_record(structure, last_year, _observed(record, last_year))
        return problem.sample(self.steps, KEEP, seed)

    def _fit(self, record: FloatArray) -> Judged:
        """Distance from the best point of no structure, per target: far above 1 the emulator was taken too far."""
        free = Structure("any", "", {})
        problem = self.fitted.problem_for_record(free, REFIT, _observed(record, REFIT))
        best = problem.gaussian_approximation()[0][None]
        return {"misfit": float(misfit(problem, best, problem.observed)[0]) / len(problem.observed)}


def truth(kind: str, space: Space, z: FloatArray) -> dict[str, float]:
    """Natural values of a world that starts from a set of the posterior."""
    values = space.values(z)
    if kind == INERT:
        values |= dict.fromkeys(EFFECTS, 0.0)
        later = [threat_knot(region, year) for region in WAR for year in space.years if year >= FALL]
        values |= {name: values[name] + log(REMAINS) for name in later}
    if kind == REVERSED:
        values |= {name: -values[name] for name in EFFECTS}
    return values


def word(fitted: FittedEmulator, samples: Mapping[str, FloatArray], weights: Mapping[str, float], seed: int) -> Judged:
    """Probability that the effects lowered deaths, spread against the prior, the word, and the word without it."""
    change = {name: effect(fitted, z) for name, z in samples.items()}
    total = sum(weights[name] for name in samples)
    lower, higher = (
        sum(weights[name] / total * float(np.mean(hit(values, 0.0))) for name, values in change.items())
        for hit in (np.less, np.greater)
    )
    before = {name: effect(fitted, _from_prior(fitted.space, z, seed)) for name, z in samples.items()}
    ratio = _sd(change, weights) / max(_sd(before, weights), 1e-9)
    average = sum(weights[name] / total * float(values.mean()) for name, values in change.items())
    doubt = UncertaintySources(swept=True, draws_matter=True, assumed=False, narrowed=ratio)
    bare = UncertaintySources(swept=True, draws_matter=True, assumed=False)
    return {
        "deaths": average,
        "lower": lower,
        "sd_ratio": ratio,
        "word": str(verdict(lower, higher, doubt)),
        "word_alone": str(verdict(lower, higher, bare)),
    }


def effect(fitted: FittedEmulator, z: FloatArray) -> FloatArray:
    """Deaths of the mission of 2016-18 with the effects as they are less those with effects of zero, by point."""
    return _deaths(fitted, z) - _deaths(fitted, without_effects(fitted.space, z))


def without_effects(space: Space, z: FloatArray) -> FloatArray:
    """The same points with the effects at zero, as the structure trend holds them."""
    trend = next(structure for structure in STRUCTURES if structure.name == "trend")
    changed = z.copy()
    for i, value in trend.coordinates(space).items():
        changed[:, i] = value
    return changed


def claims_fewer(word: str) -> bool:
    """Whether a word claims that the measures lowered deaths."""
    return word.endswith("likely fewer")


def undecided(word: str) -> bool:
    """Whether a word claims nothing."""
    return word in (CANNOT_TELL, RESTS_ON_ASSUMPTION, NO_DIFFERENCE)


def _deaths(fitted: FittedEmulator, z: FloatArray) -> FloatArray:
    names = [target.name for target in all_targets()]
    root = fitted.emulator.subset([names.index(name) for name in DEATHS]).mean(z)
    return np.asarray(((np.maximum(root, 0.0) / 2.0) ** 2 - 0.375).sum(axis=1))


def _from_prior(space: Space, z: FloatArray, seed: int) -> FloatArray:
    """The same points with effects drawn from their priors where the structure does not hold them."""
    rng, changed = np.random.default_rng(seed), z.copy()
    for i in (space.names.index(name) for name in EFFECTS):
        if np.ptp(z[:, i]) > 0:
            changed[:, i] = np.clip(rng.standard_normal(len(z)), -RANGE, RANGE)
    return changed


def _sd(values: Mapping[str, FloatArray], weights: Mapping[str, float]) -> float:
    """Standard deviation of the mixture."""
    total = sum(weights[name] for name in values)
    share = {name: weights[name] / total for name in values}
    mean = sum(share[name] * float(part.mean()) for name, part in values.items())
    return float(np.sqrt(sum(share[name] * float(((part - mean) ** 2).mean()) for name, part in values.items())))


def _observed(record: FloatArray, last_year: int) -> FloatArray:
    runs = Runs(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros((1, 1)), record[None], statistics())
    return np.asarray(transformed(runs, targets(last_year))[0])
