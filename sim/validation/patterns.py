"""Tests of patterns that were not fitted: power against a stated alternative, and the place of the record.

A check compares one number of the record with the same number of posterior predictive runs.  Its power is the share of
runs, altered in one stated way, that it would reject at 5 %.  A pattern without power decides nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from sim.calibration.mission import MISSION, RECORD
from sim.model.recorder import TACTICS
from sim.results.summary import TACTICS_ON_MISSION
from sim.validation.attack_series import FIRST, LAST, PERIODS, AttackSeries
from sim.validation.event_statistics import PAIR_LAG, clustering, deadliest_share, dispersion, escalation, tail_test

FloatArray = npt.NDArray[np.float64]
Statistic = Callable[[AttackSeries], float]
Alternative = Callable[[AttackSeries, np.random.Generator], AttackSeries]
LEVEL = 0.05
ENOUGH_POWER = 0.8
FEWEST_RUNS = 40  # with fewer no record could be rejected at LEVEL
SPANS = " to ".join(f"{first.year}-{last.year % 100}" for first, last in PERIODS)
ATTACKED = RECORD.attacked_regions  # regions with attacks on the press list
Generator = np.random.Generator
IntArray = npt.NDArray[np.int64]
FOLLOWING_SHARE = 0.3  # share of attacks that another one brought on
CLOCK_EXPONENT = 0.5  # exponent of the warped clock


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
        return "fits" if self.power >= ENOUGH_POWER else "cannot tell"


def predictive_p_value(value: float, runs: FloatArray) -> float:
    """Two-sided posterior predictive p-value: twice the smaller share of runs at or beyond the value, ties counted."""
    known = runs[~np.isnan(runs)]
    if np.isnan(value) or len(known) < FEWEST_RUNS:
        return float("nan")
    above, below = (1 + (known >= value).sum()), (1 + (known <= value).sum())
    return float(min(1.0, 2 * min(above, below) / (len(known) + 1)))


def check(pattern: Pattern, record: AttackSeries, runs: Sequence[AttackSeries], seed: int = 0) -> Check:
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
        p=predictive_p_value(value, values),
        undefined=int(np.isnan(values).sum()),
    )


def checks(record: AttackSeries, runs: Sequence[AttackSeries], seed: int = 0) -> list[Check]:
    """Every pattern of PATTERNS."""
    return [check(pattern, record, runs, seed) for pattern in PATTERNS.values()]


def _power(altered: FloatArray, values: FloatArray) -> float:
    p = np.array([predictive_p_value(value, values) for value in altered])
    known = p[~np.isnan(p)]
    return float((known < LEVEL).mean()) if len(known) else float("nan")


def _first_line(alternative: Alternative) -> str:
    return (alternative.__doc__ or "").splitlines()[0]


def wounded_per_killed(harm: AttackSeries, tactics: Sequence[str]) -> float:
    """Wounded over killed of the mission in listed attacks of some tactics; NaN where nobody was killed."""
    chosen = np.isin(harm.tactic, [TACTICS.index(tactic) for tactic in tactics])
    killed = harm.killed[chosen].sum()
    return float(harm.wounded[chosen].sum() / killed) if killed else float("nan")


def _escalation(harm: AttackSeries, region: str) -> float:
    return escalation(harm.day[(harm.region == MISSION.regions.index(region)) & (harm.killed > 0)], FIRST)


def _change(harm: AttackSeries, region: str) -> float:
    before, after = harm.region_share[:, MISSION.regions.index(region)]
    return float(after - before)


def _sizes() -> list[Pattern]:
    return [
        Pattern(
            "tail_exponent",
            "exponent of a power law through fatal days of two or more deaths",
            lambda harm: tail_test(harm.fatal_killed).alpha,
            heavy_tailed,
        ),
        Pattern(
            "tail_ratio",
            "normalised likelihood ratio, power law over lognormal, of the same days",
            lambda harm: tail_test(harm.fatal_killed).ratio,
            thin_tailed,
        ),
        Pattern(
            "deadliest_decile",
            "share of deaths on the deadliest tenth of fatal days",
            lambda harm: deadliest_share(harm.fatal_killed),
            thin_tailed,
        ),
    ]


def _timing() -> list[Pattern]:
    return [
        Pattern(
            "dispersion",
            "variance over mean of weekly attacks",
            lambda harm: dispersion(harm.day, FIRST, LAST),
            self_exciting,
        ),
        Pattern(
            "clustering",
            "pairs of attacks within a week, over those expected of seasons alone",
            lambda harm: clustering(harm.day, FIRST, LAST),
            self_exciting,
        ),
        Pattern(
            "dispersion_once_a_day",
            "variance over mean of weekly attacks, those of one day and region counted once",
            lambda harm: dispersion(harm.once(), FIRST, LAST),
            self_exciting,
        ),
        Pattern(
            "clustering_once_a_day",
            "pairs of attacks within a week over those expected, those of one day and region counted once",
            lambda harm: clustering(harm.once(), FIRST, LAST),
            self_exciting,
        ),
        Pattern(
            "escalation",
            "how fast intervals between fatal attacks anywhere shrink (exponent)",
            lambda harm: escalation(harm.day[harm.killed > 0], FIRST),
            accelerating,
        ),
        *(
            Pattern(
                f"escalation_{region}",
                f"how fast intervals between fatal attacks in {region} shrink (exponent)",
                partial(_escalation, region=region),
                accelerating,
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
            twice_the_wounded,
        ),
        *(
            Pattern(
                f"wounded_per_killed_{tactic}",
                f"wounded per killed in attacks by {tactic.replace('_', ' ')}",
                partial(wounded_per_killed, tactics=(tactic,)),
                twice_the_wounded,
            )
            for tactic in TACTICS_ON_MISSION
        ),
        *(
            Pattern(
                f"change_{region}",
                f"change of the share of all deaths in {region}, {SPANS}",
                partial(_change, region=region),
                no_regional_change,
            )
            for region in ATTACKED
        ),
    ]


def thin_tailed(harm: AttackSeries, rng: Generator) -> AttackSeries:
    """The same number of fatal days and of deaths, each death beyond the first on a day drawn evenly."""
    sizes = harm.fatal_killed
    if not len(sizes):
        return harm
    extra = int(sizes.sum() - len(sizes))
    return replace(harm, fatal_killed=1 + rng.multinomial(extra, np.full(len(sizes), 1 / len(sizes))))


def heavy_tailed(harm: AttackSeries, rng: Generator) -> AttackSeries:
    """The same fatal days with deaths drawn from a power law of exponent 2 from one death on, none above 100."""
    sizes = np.floor(1 / (1 - rng.random(len(harm.fatal_killed)))).astype(np.int64)
    return replace(harm, fatal_killed=np.minimum(sizes, 100))


def self_exciting(harm: AttackSeries, rng: Generator) -> AttackSeries:
    """A share FOLLOWED of attacks moved to within LAG days after another attack, wherever it was."""
    return _sorted_by_day(replace(harm, day=add_followers(harm.day, rng)))


def add_followers(day: IntArray, rng: Generator) -> IntArray:
    """Days of attacks, a share FOLLOWED of them moved to within LAG days after another; none after the list ends."""
    moved = np.flatnonzero(rng.random(len(day)) < FOLLOWING_SHARE)
    new = day.copy()
    if len(day):
        new[moved] = np.minimum(rng.choice(day, len(moved)) + rng.integers(0, PAIR_LAG + 1, len(moved)), LAST)
    return new


def accelerating(harm: AttackSeries, rng: Generator) -> AttackSeries:  # noqa: ARG001 - all alternatives are called alike
    """The list's clock warped so that attacks come faster and faster in every region."""
    span = LAST - FIRST + 1
    day = FIRST + np.floor(span * ((harm.day - FIRST + 0.5) / span) ** CLOCK_EXPONENT).astype(np.int64)
    return replace(harm, day=day)


def twice_the_wounded(harm: AttackSeries, rng: Generator) -> AttackSeries:  # noqa: ARG001
    """Every attack wounds twice as many and kills as many as before."""
    return replace(harm, wounded=2 * harm.wounded)


def no_regional_change(harm: AttackSeries, rng: Generator) -> AttackSeries:  # noqa: ARG001
    """People die in 2017-20 where they died in 2014-16."""
    return replace(harm, region_share=harm.region_share[[0, 0]])


def _sorted_by_day(harm: AttackSeries) -> AttackSeries:
    order = np.argsort(harm.day, kind="stable")
    columns = {name: getattr(harm, name)[order] for name in ("day", "region", "tactic", "killed", "wounded")}
    return replace(harm, **columns)


PATTERNS = {pattern.name: pattern for pattern in (*_sizes(), *_timing(), *_wounds_and_places())}
