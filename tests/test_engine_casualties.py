"""Hits of one attack share its severity: fewer attacks kill, those that do kill more, and no more die on average."""

from datetime import date

import numpy as np
import pytest

from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.processes.casualties import severity
from sim.model.recorder import A_PATROL, E_KEY, E_UN_HIT, E_UN_KILLED, E_UN_WOUNDED, K_MISSION, T_DIRECT
from tests.engine_support import act, before, happen, plain, plan_of, with_parameters

ATTACKS, HITS, SHARE = 400, 50, 0.04


@pytest.fixture(scope="module")
def autumn() -> Plan:
    return plan_of("extends: historical\nperiod: {start: 2013-07-01, end: 2013-12-31}\n")


def fought(plan: Plan, spread: float) -> np.ndarray:
    """Events of a day of many attacks alike, each by another hand, on a unit that they do not wear down."""
    model: MissionModel = before(plan, "casualties", date(2013, 10, 15))
    # whoever is hit deadly dies, by a share that severity alone changes
    model.plan = with_parameters(
        plan,
        severity_spread=spread,
        deadly_share_direct=SHARE,
        deadly_trend=0.0,
        saved_if_in_time=0.0,
        en_route_care=0.0,
    )
    columns = model.columns
    unit = int(np.argmax(columns["unit_strength"]))
    columns["unit_strength"][unit] = columns["base_strength"][columns["unit_base"][unit]] = ATTACKS * HITS
    happen(
        model, ATTACKS, kind=K_MISSION, tactic=T_DIRECT, activity=A_PATROL, cell=100, unit=unit, peacekeepers_hit=HITS
    )
    first = columns["event_today"][0]
    columns["events"][first : first + ATTACKS, E_KEY] = np.arange(ATTACKS)
    act(model, "casualties")
    return columns["events"][first : first + ATTACKS].copy()


@pytest.mark.slow
def test_severity_has_mean_one() -> None:
    middles = (np.arange(100_000) + 0.5) / 100_000
    for spread in (0.0, 0.6, 1.4):
        drawn = np.array([plain(severity)(u, spread) for u in middles])
        assert drawn.mean() == pytest.approx(1.0, rel=5e-3)
        assert np.log(drawn).std() == pytest.approx(spread, abs=1e-3)


def test_hits_of_an_attack_share_its_severity(autumn: Plan) -> None:
    even, uneven = fought(autumn, 0.0)[:, E_UN_KILLED], fought(autumn, 0.9)[:, E_UN_KILLED]
    expected, independent = HITS * SHARE, HITS * SHARE * (1 - SHARE)
    # of a lognormal severity with mean 1 on top of a binomial
    shared = expected + expected**2 * (np.exp(0.9**2) - 1) * (HITS - 1) / HITS - HITS * SHARE**2
    for killed, variance in ((even, independent), (uneven, shared)):
        assert abs(killed.mean() - expected) < 5 * np.sqrt(variance / ATTACKS)  # fails by chance once in a million
    assert even.var() < 1.5 * independent  # chi-square with 399 degrees of freedom: far beyond one in a million
    assert uneven.var() > 2 * independent
    assert (uneven > 0).sum() < (even > 0).sum()


def test_those_who_are_hit_are_killed_or_wounded(autumn: Plan) -> None:
    events = fought(autumn, 1.4)
    assert (events[:, E_UN_KILLED] + events[:, E_UN_WOUNDED] == events[:, E_UN_HIT]).all()
    assert (events[:, E_UN_HIT] == HITS).all()
