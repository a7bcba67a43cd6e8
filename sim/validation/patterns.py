"""Patterns that were not fitted: each with the world it must be able to reject, its power, and the record's place.

A check compares one number of the record with the same number of posterior predictive runs.  Its power comes first: the
share of runs, altered in one stated way, that it would reject at 5 %.  A pattern without power decides nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from sim.model.recorder import TACTICS
from sim.model.world import REGIONS
from sim.results.summary import TACTICS_ON_MISSION
from sim.validation import alternatives
from sim.validation.attack_series import FIRST, LAST, Harm
from sim.validation.tail import deadliest_share, tail_test
from sim.validation.timing import clustering, dispersion, escalation

FloatArray = npt.NDArray[np.float64]
Statistic = Callable[[Harm], float]
Alternative = Callable[[Harm, np.random.Generator], Harm]

LEVEL = 0.05
POWERFUL = 0.8
FEWEST_RUNS = 40  # with fewer no record could be rejected at LEVEL
ATTACKED = ("Kidal", "Gao", "Tombouctou", "Mopti")  # regions with attacks on the press list


@dataclass(frozen=True)
class Pattern:
    """One number, what it says, and the alternative against which its power is stated."""

    name: str
    says: str
    statistic: Statistic
    alternative: Alternative


@dataclass(frozen=True)
class Check:
    """A pattern in the record and in runs.

    power: share of altered runs rejected at LEVEL.  record: the number in the record.  median, low, high: of the runs,
    90 % range.  p: two-sided share of runs at least as extreme.  undefined: runs without the number.
    """

    pattern: str
    says: str
    alternative: str
    power: float
    record: float
    median: float
    low: float
    high: float
    p: float
    undefined: int

    @property
    def verdict(self) -> str:
        """fits, does not fit, or cannot tell where the pattern has no power."""
        if np.isnan(self.p):
            return "not defined"
        if self.p < LEVEL:
            return "does not fit"
        return "fits" if self.power >= POWERFUL else "cannot tell"


def extremes(value: float, runs: FloatArray) -> float:
    """Two-sided posterior predictive p-value: twice the smaller share of runs at or beyond the value, ties counted."""
    known = runs[~np.isnan(runs)]
    if np.isnan(value) or len(known) < FEWEST_RUNS:
        return float("nan")
    above, below = (1 + (known >= value).sum()), (1 + (known <= value).sum())
    return float(min(1.0, 2 * min(above, below) / (len(known) + 1)))


def check(pattern: Pattern, record: Harm, runs: Sequence[Harm], seed: int = 0) -> Check:
    """Power first, then the record beside the runs."""
    rng = np.random.default_rng(seed)
    values = np.array([pattern.statistic(run) for run in runs])
    altered = np.array([pattern.statistic(pattern.alternative(run, rng)) for run in runs])
    value = pattern.statistic(record)
    known = values[~np.isnan(values)]
    low, median, high = np.quantile(known, [0.05, 0.5, 0.95]) if len(known) else (np.nan,) * 3
    return Check(
        pattern=pattern.name,
        says=pattern.says,
        alternative=_first_line(pattern.alternative),
        power=_power(altered, values),
        record=value,
        median=float(median),
        low=float(low),
        high=float(high),
        p=extremes(value, values),
        undefined=int(np.isnan(values).sum()),
    )


def checks(record: Harm, runs: Sequence[Harm], seed: int = 0) -> list[Check]:
    """Every pattern of PATTERNS."""
    return [check(pattern, record, runs, seed) for pattern in PATTERNS.values()]


def _power(altered: FloatArray, values: FloatArray) -> float:
    p = np.array([extremes(value, values) for value in altered])
    known = p[~np.isnan(p)]
    return float((known < LEVEL).mean()) if len(known) else float("nan")


def _first_line(alternative: Alternative) -> str:
    return (alternative.__doc__ or "").splitlines()[0]


def wounded_per_killed(harm: Harm, tactics: Sequence[str]) -> float:
    """Wounded over killed of the mission in listed attacks of some tactics; NaN where nobody was killed."""
    chosen = np.isin(harm.tactic, [TACTICS.index(tactic) for tactic in tactics])
    killed = harm.killed[chosen].sum()
    return float(harm.wounded[chosen].sum() / killed) if killed else float("nan")


def _escalation(harm: Harm, region: str) -> float:
    return escalation(harm.day[(harm.region == REGIONS.index(region)) & (harm.killed > 0)], FIRST)


def _change(harm: Harm, region: str) -> float:
    before, after = harm.region_share[:, REGIONS.index(region)]
    return float(after - before)


def _sizes() -> list[Pattern]:
    return [
        Pattern(
            "tail_exponent",
            "exponent of a power law through fatal days of two or more deaths",
            lambda harm: tail_test(harm.fatal_killed).alpha,
            alternatives.heavy_tailed,
        ),
        Pattern(
            "tail_ratio",
            "normalised likelihood ratio, power law over lognormal, of the same days",
            lambda harm: tail_test(harm.fatal_killed).ratio,
            alternatives.thin_tailed,
        ),
        Pattern(
            "deadliest_decile",
            "share of deaths on the deadliest tenth of fatal days",
            lambda harm: deadliest_share(harm.fatal_killed),
            alternatives.thin_tailed,
        ),
    ]


def _timing() -> list[Pattern]:
    return [
        Pattern(
            "dispersion",
            "variance over mean of weekly attacks",
            lambda harm: dispersion(harm.day, FIRST, LAST),
            alternatives.self_exciting,
        ),
        Pattern(
            "clustering",
            "pairs of attacks within a week, over those expected of seasons alone",
            lambda harm: clustering(harm.day, FIRST, LAST),
            alternatives.self_exciting,
        ),
        Pattern(
            "dispersion_once_a_day",
            "variance over mean of weekly attacks, those of one day and region counted once",
            lambda harm: dispersion(harm.once(), FIRST, LAST),
            alternatives.self_exciting,
        ),
        Pattern(
            "clustering_once_a_day",
            "pairs of attacks within a week over those expected, those of one day and region counted once",
            lambda harm: clustering(harm.once(), FIRST, LAST),
            alternatives.self_exciting,
        ),
        Pattern(
            "escalation",
            "how fast intervals between fatal attacks anywhere shrink (exponent)",
            lambda harm: escalation(harm.day[harm.killed > 0], FIRST),
            alternatives.accelerating,
        ),
        *(
            Pattern(
                f"escalation_{region}",
                f"how fast intervals between fatal attacks in {region} shrink (exponent)",
                partial(_escalation, region=region),
                alternatives.accelerating,
            )
            for region in ATTACKED
        ),
    ]


def _wounds_and_places() -> list[Pattern]:
    return [
        Pattern(
            "wounded_per_killed",
            "wounded per killed in listed attacks of any tactic",
            partial(wounded_per_killed, tactics=TACTICS_ON_MISSION),
            alternatives.twice_the_wounded,
        ),
        *(
            Pattern(
                f"wounded_per_killed_{tactic}",
                f"wounded per killed in attacks by {tactic.replace('_', ' ')}",
                partial(wounded_per_killed, tactics=(tactic,)),
                alternatives.twice_the_wounded,
            )
            for tactic in TACTICS_ON_MISSION
        ),
        *(
            Pattern(
                f"change_{region}",
                f"change of the share of all deaths in {region}, 2014-16 to 2017-20",
                partial(_change, region=region),
                alternatives.no_change,
            )
            for region in ATTACKED
        ),
    ]


PATTERNS = {pattern.name: pattern for pattern in (*_sizes(), *_timing(), *_wounds_and_places())}
