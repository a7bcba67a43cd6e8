"""Trends that no measure causes: none as packaged, nothing before 2016, then through their own quantity only."""

import math
from datetime import date

import numpy as np
import pytest
from scipy import stats

from sim.clock import day_index
from sim.conflict import TREND_START, trend, will_to_attack_mission
from sim.parameters import parameters
from sim.plan import Plan
from sim.recorder import E_CONTRACTORS, E_DAY, E_KIND, E_TACTIC, E_UN_HIT, K_MISSION
from sim.tables import ISLAMIC_STATE, JIHADIST, SIGNATORY
from tests.engine_support import ALPHA, differing, finished, plain, plan_of, with_parameters

TRENDS = ("intent_trend", "hit_trend")


@pytest.fixture(scope="module")
def years() -> Plan:
    return plan_of("extends: historical\nperiod: {start: 2013-07-01, end: 2018-12-31}\n")


def test_there_is_no_trend_as_packaged() -> None:
    for name in TRENDS:
        row = parameters()[name]
        assert (row.value, row.low, row.high, row.status) == (0.0, -0.4, 0.4, "assumed")


def test_a_trend_starts_in_2016_and_compounds() -> None:
    factor = plain(trend)
    assert day_index(date(2016, 1, 1)) == TREND_START
    assert factor(0.3, TREND_START) == factor(0.3, 0) == factor(0.0, 3000) == 1.0
    assert factor(0.3, day_index(date(2018, 1, 1))) == pytest.approx(math.exp(0.3 * 731 / 365.25))
    assert factor(-0.3, 2000) * factor(0.3, 2000) == pytest.approx(1.0)


def test_intent_of_jihadist_bands_moves_and_no_others() -> None:
    will = plain(will_to_attack_mission)
    assert [will(family, 2.0, 0.5, 0.02) for family in (JIHADIST, ISLAMIC_STATE, SIGNATORY)] == [2.0, 1.0, 0.02]


@pytest.mark.parametrize("name", TRENDS)
def test_nothing_changes_before_a_trend_starts(name: str) -> None:
    plan = plan_of("extends: historical\nperiod: {start: 2013-07-01, end: 2015-12-31}\n")
    assert differing(finished(plan).record(), finished(with_parameters(plan, **{name: 0.4})).record()) == []


@pytest.mark.parametrize(("yearly", "side"), [(1.0, "greater"), (-1.0, "less")])
def test_intent_makes_attacks(years: Plan, yearly: float, side: str) -> None:
    """Attacks since 2016 of three seeds; exact test of two Poisson counts.  The true ratio is above 1.5 either way."""
    pairs = [(finished(with_parameters(years, intent_trend=yearly), s), finished(years, s)) for s in (1, 2, 3)]
    on, off = (sum(attacks(model.record().events) for model in models) for models in zip(*pairs, strict=True))
    assert stats.binomtest(on, on + off, 0.5, alternative=side).pvalue < ALPHA


def attacks(events: np.ndarray) -> int:
    return int(((events[:, E_KIND] == K_MISSION) & (events[:, E_DAY] >= TREND_START)).sum())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("yearly", [0.4, -0.4])
def test_a_trend_of_hits_changes_the_same_attack(years: Plan, yearly: float, seed: int) -> None:
    """Draws are keyed: the histories are one up to the first attack with other victims, and differ in these only."""
    off = finished(years, seed).record().events
    on = finished(with_parameters(years, hit_trend=yearly), seed).record().events
    length = min(len(off), len(on))
    n = int(np.flatnonzero((off[:length] != on[:length]).any(axis=1))[0])
    assert off[n, E_KIND] == K_MISSION
    assert off[n, E_TACTIC] == on[n, E_TACTIC]
    assert off[n, E_DAY] >= TREND_START
    more = on[n, [E_UN_HIT, E_CONTRACTORS]].sum() - off[n, [E_UN_HIT, E_CONTRACTORS]].sum()
    assert more * yearly > 0
