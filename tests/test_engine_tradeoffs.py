"""No free lunch: everything at once with the same troops runs short, and troops that stay in camp protect nobody.

Seeds are paired; each claim is a one-sided paired t-test at ALPHA over 24 seeds, or over the first 8 where the
difference is large; its power is stated where it is used.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.scenario import MEASURES, OUTCOMES
from tests.engine_support import ALPHA, finished, ledger, plan_of, total

TEXT = "extends: historical\nperiod: {start: 2016-01-01, end: 2018-12-31}\n"
pytestmark = pytest.mark.slow  # 24 seeds of three years for each plan
EVERYTHING = ", ".join(f"{name}: [{{intensity: 1}}]" for name in MEASURES)
SEEDS = range(24)
FEW = range(8)


def in_the_ledger(item: str) -> Callable[[MissionModel], float]:
    return lambda model: float(ledger(model, item).sum())


def mean_of_people(column: str) -> Callable[[MissionModel], float]:
    return lambda model: float(np.average(model.columns[column], weights=model.columns["community_population"]))


QUANTITIES: dict[str, Callable[[MissionModel], float]] = {
    "patrol_days": in_the_ledger("patrol_days"),
    "effort_shortfall": in_the_ledger("effort_shortfall"),
    "effort_person_days": in_the_ledger("effort_person_days"),
    "personnel_days": in_the_ledger("personnel_days"),
    "training_days": in_the_ledger("training_days"),
    "civilians_displaced": in_the_ledger("civilians_displaced"),
    "internally_displaced": lambda model: float(ledger(model, "internally_displaced")[-1].sum()),
    "civilians_killed": lambda model: total(model, "civilians_killed"),
    "peacekeepers_hit": lambda model: total(model, "peacekeepers_hit"),
    "fear": mean_of_people("community_fear"),
    "trust": mean_of_people("community_trust"),
}


def measured(plan: Plan, seeds: range = SEEDS) -> dict[str, np.ndarray]:
    """Every quantity by seed."""
    rows = [[quantity(model) for quantity in QUANTITIES.values()] for model in (finished(plan, seed) for seed in seeds)]
    return dict(zip(QUANTITIES, np.array(rows, float).T, strict=True))


@pytest.fixture(scope="module")
def usual() -> dict[str, np.ndarray]:
    return measured(plan_of(TEXT))


@pytest.fixture(scope="module")
def usual_few(usual: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values[: len(FEW)] for name, values in usual.items()}


@pytest.fixture(scope="module")
def everything() -> dict[str, np.ndarray]:
    return measured(plan_of(TEXT + f"measures: {{{EVERYTHING}}}\n"), FEW)


@pytest.fixture(scope="module")
def in_camp() -> dict[str, np.ndarray]:
    return measured(plan_of(TEXT + "measures: {patrols: {patrols_per_1000_per_day: 0}}\n"))


def is_more(quantity: np.ndarray, than: np.ndarray) -> bool:
    return bool(stats.ttest_rel(quantity, than, alternative="greater").pvalue < ALPHA)


def test_everything_at_once_has_the_same_troops(usual_few: dict, everything: dict) -> None:
    assert everything["personnel_days"].sum() == pytest.approx(usual_few["personnel_days"].sum(), rel=1e-3)


def test_everything_at_once_runs_short(usual_few: dict, everything: dict) -> None:
    """Tens of times the shortfall, every seed; what is done grows by less than a fifth."""
    assert np.all(everything["effort_shortfall"] > 5.0 * usual_few["effort_shortfall"])
    assert np.all(everything["effort_person_days"] < 1.2 * usual_few["effort_person_days"])
    assert np.all(everything["effort_shortfall"] > everything["effort_person_days"])


def test_everything_at_once_makes_outcomes_worse(usual_few: dict, everything: dict) -> None:
    """More patrols and classes were ordered and fewer took place: hundreds of standard errors."""
    assert "patrol_days" in OUTCOMES
    assert is_more(usual_few["patrol_days"], everything["patrol_days"])
    assert everything["patrol_days"].sum() < 0.6 * usual_few["patrol_days"].sum()
    assert is_more(usual_few["training_days"], everything["training_days"])


def test_without_patrols_the_population_is_worse_off(usual: dict, in_camp: dict) -> None:
    """A quarter more people flee; the true difference is some ten standard errors."""
    assert in_camp["patrol_days"].max() == 0.0
    assert is_more(in_camp["civilians_displaced"], usual["civilians_displaced"])
    assert is_more(in_camp["internally_displaced"], usual["internally_displaced"])
    assert is_more(in_camp["fear"], usual["fear"])
    assert is_more(usual["trust"], in_camp["trust"])
    assert in_camp["civilians_killed"].mean() > usual["civilians_killed"].mean()


def test_staying_in_camp_looks_like_success_only_to_the_mission(usual: dict, in_camp: dict) -> None:
    """Why deaths of the mission alone cannot be the measure: nobody patrols, fewer are hit."""
    assert in_camp["peacekeepers_hit"].sum() < usual["peacekeepers_hit"].sum()


def test_the_tests_see_no_difference_between_like_and_like(usual: dict) -> None:
    """The negative control: other seeds of the same plan are not 'more'."""
    shifted = {name: np.roll(values, 1) for name, values in usual.items()}
    for name in ("patrol_days", "civilians_displaced", "internally_displaced", "fear", "trust"):
        assert not is_more(shifted[name], usual[name])
        assert not is_more(usual[name], shifted[name])
