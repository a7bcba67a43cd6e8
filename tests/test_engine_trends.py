"""Trends that no measure causes: none is expected, nothing before 2016, then through their own quantity only."""

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from scipy import stats

from sim.model.conflict import trend
from sim.model.plan import Plan, trend_days
from sim.model.recorder import E_CONTRACTORS, E_DAY, E_KIND, E_TACTIC, E_UN_HIT, E_UN_KILLED, K_MISSION
from tests.engine_support import ALPHA, differing, finished, plain, plan_of, with_parameters
from tests.minusma import MISSION, day_index, parameters

TREND_START, TREND_END = day_index(date(2016, 1, 1)), day_index(date(2021, 1, 1))
TRENDS = ("intent_trend", "hit_trend", "deadly_trend")


@pytest.fixture(scope="module")
def years() -> Plan:
    """Without any trend."""
    plan = plan_of("extends: historical\nperiod: {start: 2013-07-01, end: 2018-12-31}\n")
    return with_parameters(plan, **dict.fromkeys(TRENDS, 0.0))


def test_no_trend_is_expected_and_both_signs_are_possible() -> None:
    for name in TRENDS:
        row = parameters()[name]
        assert (row.law.low, row.law.mode, row.law.high, row.status) == (-0.4, 0.0, 0.4, "calibrated")


def test_a_trend_starts_in_2016_and_compounds() -> None:
    factor = factors()
    assert factor(0.3, TREND_START) == factor(0.3, 0) == factor(0.0, 3000) == 1.0
    assert factor(0.3, day_index(date(2018, 1, 1))) == pytest.approx(math.exp(0.3 * 731 / 365.25))
    assert factor(-0.3, 2000) * factor(0.3, 2000) == pytest.approx(1.0)


def test_a_trend_is_held_where_the_record_ends() -> None:
    factor = factors()
    assert factor(0.3, TREND_END - 1) < factor(0.3, TREND_END) == factor(0.3, TREND_END + 700)


def factors() -> Callable[[float, int], float]:
    """The factor by yearly change and day."""
    days = trend_days(MISSION, TREND_END + 1000)
    return lambda yearly, day: plain(trend)(yearly, int(days[day]))


@pytest.mark.parametrize("name", TRENDS)
def test_nothing_changes_before_a_trend_starts(name: str) -> None:
    plan = plan_of("extends: historical\nperiod: {start: 2013-07-01, end: 2015-12-31}\n")
    off, on = (finished(with_parameters(plan, **{name: yearly})) for yearly in (0.0, 0.4))
    assert differing(off.record(), on.record()) == []


@pytest.mark.slow
@pytest.mark.parametrize(("yearly", "side"), [(1.0, "greater"), (-1.0, "less")])
def test_intent_makes_attacks(years: Plan, yearly: float, side: str) -> None:
    """Attacks since 2016 of three seeds; exact test of two Poisson counts.  The true ratio is above 1.5 either way."""
    pairs = [(finished(with_parameters(years, intent_trend=yearly), s), finished(years, s)) for s in (1, 2, 3)]
    on, off = (sum(attacks(model.record().events) for model in models) for models in zip(*pairs, strict=True))
    assert stats.binomtest(on, on + off, 0.5, alternative=side).pvalue < ALPHA


def attacks(events: np.ndarray) -> int:
    return int(((events[:, E_KIND] == K_MISSION) & (events[:, E_DAY] >= TREND_START)).sum())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("yearly", [0.4, -0.4])
def test_a_trend_of_hits_changes_the_same_attack(years: Plan, yearly: float, seed: int) -> None:
    """Draws are keyed: the histories are one up to the first attack with other victims, and differ in these only."""
    off, on = first_difference(years, seed, hit_trend=yearly)
    more = on[[E_UN_HIT, E_CONTRACTORS]].sum() - off[[E_UN_HIT, E_CONTRACTORS]].sum()
    assert more * yearly > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("yearly", [0.4, -0.4])
def test_a_trend_of_deadly_hits_kills_others_of_the_same_hits(years: Plan, yearly: float, seed: int) -> None:
    off, on = first_difference(years, seed, deadly_trend=yearly)
    assert on[E_UN_HIT] == off[E_UN_HIT] > 0
    assert (on[E_UN_KILLED] - off[E_UN_KILLED]) * yearly > 0


def first_difference(plan: Plan, seed: int, **trend_of: float) -> tuple[np.ndarray, np.ndarray]:
    """The first event that differs, without and with a trend: an attack on the mission since it began."""
    off = finished(plan, seed).record().events
    on = finished(with_parameters(plan, **trend_of), seed).record().events
    length = min(len(off), len(on))
    n = int(np.flatnonzero((off[:length] != on[:length]).any(axis=1))[0])
    assert off[n, E_KIND] == K_MISSION
    assert off[n, E_TACTIC] == on[n, E_TACTIC]
    assert off[n, E_DAY] >= TREND_START
    return off[n], on[n]
