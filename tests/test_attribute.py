"""Attribution: shares that sum to the package, equal for equals, nothing for nothing; intervals that cover."""

import numpy as np
import pytest
from scipy import stats

from sim.inference.attribution import attribute, factorial, package, subset_name
from sim.inference.comparison.decomposition import shapley
from sim.present.terminal import attribution_text
from sim.scenario import ScenarioError, load
from tests.synthetic_study import synthetic_study

ALPHA = 1e-6
MEASURES = ("training", "route_clearance", "drills")


def study(factors, replications=40, **options):
    effects = {}
    for subset in range(2 ** len(factors)):
        product = np.prod([factor for bit, factor in enumerate(factors) if subset >> bit & 1])
        effects[subset_name(MEASURES[: len(factors)], subset)] = {"peacekeepers_killed": float(product)}
    return synthetic_study(effects, replications, **options)


def test_shares_sum_to_the_package():
    values = np.random.default_rng(1).normal(size=(16, 5))
    assert np.allclose(shapley(values).sum(axis=0), values[-1] - values[0])


def test_equals_share_equally_and_idle_ones_get_nothing():
    worth = {0: 0, 1: 4, 2: 4, 3: 10, 4: 0, 5: 4, 6: 4, 7: 10}
    assert np.allclose(shapley(np.array([float(worth[s]) for s in range(8)])), [5, 5, 0])


def test_shares_do_not_depend_on_the_order_of_measures():
    values = np.random.default_rng(2).normal(size=8)
    swapped = values[[0, 2, 1, 3, 4, 6, 5, 7]]
    assert np.allclose(shapley(swapped), shapley(values)[[1, 0, 2]])


def test_a_number_of_subsets_that_is_no_power_of_two_is_refused():
    with pytest.raises(ValueError, match="power of two"):
        shapley(np.zeros(6))


def test_the_shares_of_a_study_sum_in_persons():
    frame = study((0.8, 0.9, 1.1), failed=[("with_110", 3)])
    found = attribute(frame, MEASURES, "peacekeepers_killed")
    assert sum(share.averted for share in found.shares) == pytest.approx(found.total.averted)
    by_name = {share.measure: share for share in found.shares}
    assert by_name["training"].averted > by_name["route_clearance"].averted > 0 > by_name["drills"].averted
    assert all(share.low < share.averted < share.high for share in found.shares)
    words = attribution_text(found)
    assert max(map(len, words.splitlines())) <= 100
    assert "all together" in words


def covered(narrowed, studies=600, n=30):
    """Intervals of the shares of two measures that hold the truth."""
    rng = np.random.default_rng(4)
    from sim.inference.comparison.averages import Basis, average

    truth, hits = shapley(np.array([0.0, 3.0, 2.0, 6.0])), 0
    for _ in range(studies):
        luck = rng.gamma(4.0, 1.0, n)
        averted = np.stack([rng.poisson(luck * v) / 4.0 for v in (0.0, 3.0, 2.0, 6.0)])
        low, high = average(shapley(averted)[0], Basis(np.zeros((n, 0)))).interval()
        hits += abs(truth[0] - (low + high) / 2) <= narrowed * (high - low) / 2
    return stats.binomtest(hits, studies, 0.95).pvalue


def test_intervals_of_shares_cover_at_their_rate_and_narrow_ones_do_not():
    assert covered(1.0) > ALPHA
    assert covered(0.7) < ALPHA


def test_every_subset_of_the_package_becomes_a_variant():
    scenario = load("quickstart")
    chosen = package(scenario)
    assert set(chosen) == {"training", "patrols", "route_clearance", "convoy_escort", "drills"}
    whole = factorial(scenario, chosen)
    assert len(whole.variants) == 32
    assert whole.baseline == "none"
    assert whole.variant("with_11111").hash == scenario.variant("as_reported").hash
    assert whole.variant("none").hash == scenario.variant("without_the_five").hash


@pytest.mark.parametrize(
    ("measures", "words"),
    [
        ((), "1 to 7"),
        (("drills", "drills"), "different"),
        (("drill",), "unknown measure 'drill'"),
        (("checkpoints",), "off in the baseline"),
    ],
)
def test_a_package_that_cannot_be_shared_is_refused(measures, words):
    with pytest.raises(ScenarioError, match=words):
        factorial(load("quickstart").with_values({"measures.checkpoints": None}), measures)
