"""Patterns and natural experiments: known answers, tests that keep their error rate, and worlds they must reject."""

import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

import sim
from sim.calibration.observation import simulated
from sim.model.plan import Plan
from sim.validation import patterns
from sim.validation.attack_series import FIRST, LAST, AttackSeries, attack_series_of_record, attack_series_of_run
from sim.validation.event_statistics import (
    clustering_test,
    dispersion_test,
    tail_test,
)
from sim.validation.natural_experiments import Contingents, experiment_results, measure
from sim.validation.patterns import PATTERNS, check, checks, predictive_p_value
from sim.validation.posterior_runs import observe_run
from sim.validation.power import lognormal_sizes, power_law_sizes, record_tests
from tests.minusma import REGIONS
from tests.synthetic import synthetic_record

ALPHA = 1e-6


@pytest.fixture(scope="module")
def run():
    return synthetic_record(seed=4)


def random_harm(rng, attacks=180, fatal_days=53):
    """Attacks at an even rate, sizes of fatal days rounded lognormal, regions by chance."""
    sizes = np.maximum(1, np.rint(rng.lognormal(0.5, 0.86, fatal_days))).astype(np.int64)
    return AttackSeries(
        day=np.sort(rng.integers(FIRST, LAST + 1, attacks)),
        region=rng.choice([REGIONS.index("Kidal"), REGIONS.index("Gao")], attacks),
        tactic=rng.integers(0, 5, attacks),
        killed=rng.poisson(0.4, attacks),
        wounded=rng.poisson(1.4, attacks),
        fatal_killed=sizes,
        region_share=rng.dirichlet(np.full(len(REGIONS), 5.0), 2),
    )


@pytest.fixture(scope="module")
def runs():
    rng = np.random.default_rng(5)
    return [random_harm(rng) for _ in range(100)]


# what is looked at


def test_the_harm_of_the_record_is_that_of_the_sources():
    harm = attack_series_of_record()
    assert (len(harm.day), harm.killed.sum(), harm.wounded.sum()) == (181, 68, 249)
    assert (len(harm.fatal_killed), harm.fatal_killed.sum()) == (53, 134)
    assert FIRST <= harm.day.min() <= harm.day.max() <= LAST
    assert harm.region_share[:, REGIONS.index("Mopti")].tolist() == [0.173, 0.553]
    assert len(harm.once()) == 168


def test_the_harm_of_a_run_agrees_with_its_flat_vector(run):
    harm, seen = attack_series_of_run(run, seed=7), simulated(run, seed=7)
    assert len(harm.day) == sum(value for name, value in seen.items() if name.startswith("attacks/"))
    assert harm.fatal_killed.sum() == sum(seen[f"killed/{year}"] for year in range(2013, 2021))
    assert len(harm.fatal_killed) == sum(seen[f"fatal_days/{year}"] for year in range(2013, 2021))
    assert harm.region_share.sum(axis=1) == pytest.approx([1, 1])
    assert (np.diff(harm.day) >= 0).all()


# tail


def test_the_exponent_of_a_power_law_is_found_and_a_lognormal_told_from_it():
    """5,000 sizes: the exponent within five standard errors, the lognormal at ALPHA."""
    rng = np.random.default_rng(1)
    law = tail_test(power_law_sizes(2.5, 5000, rng))
    assert law.alpha == pytest.approx(2.5, abs=5 * 1.5 / np.sqrt(5000))
    assert law.p > ALPHA or law.ratio > 0
    other = tail_test(lognormal_sizes(5000, rng))
    assert other.ratio < 0
    assert other.p < ALPHA


# timing


def in_a_rising_season(rng, attacks=180):
    """A Poisson process whose rate triples over the years: no bursts, but no even rate either."""
    late = rng.random(attacks) < 0.75
    middle = (FIRST + LAST) // 2
    return np.sort(np.where(late, rng.integers(middle, LAST + 1, attacks), rng.integers(FIRST, middle, attacks)))


@pytest.mark.parametrize("test", [dispersion_test, clustering_test])
def test_a_rate_that_rises_is_not_taken_for_bursts(test):
    """150 worlds without bursts at the 5 % level."""
    rng = np.random.default_rng(2)
    rejected = sum(test(in_a_rising_season(rng), FIRST, LAST, draws=99).p <= 0.05 for _ in range(150))
    assert stats.binomtest(int(rejected), 150, 0.05).pvalue > ALPHA


@pytest.mark.parametrize("test", [dispersion_test, clustering_test])
def test_attacks_that_bring_on_others_are_found(test):
    """Sixty attacks of 180 in pairs on one day: found in nearly every one of 40 worlds."""
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        alone = rng.integers(FIRST, LAST + 1, 120)
        found += test(np.sort(np.append(alone, alone[:60])), FIRST, LAST, draws=99).p <= 0.05
    assert found >= 36


# checks and power


def test_extremes_are_uniform_for_one_more_run_and_small_for_an_outlier():
    rng = np.random.default_rng(7)
    runs = rng.normal(size=(1000, 99))
    p = np.array([predictive_p_value(value, row) for value, row in zip(rng.normal(size=1000), runs, strict=True)])
    assert stats.binomtest(int((p <= 0.1).sum()), 1000, 0.1).pvalue > ALPHA
    assert predictive_p_value(9.0, runs[0]) == pytest.approx(2 / 100)
    assert np.isnan(predictive_p_value(0.0, runs[0][:20]))
    assert np.isnan(predictive_p_value(np.nan, runs[0]))


def test_a_record_of_the_runs_kind_fits_and_one_of_another_kind_does_not(runs):
    pattern = PATTERNS["deadliest_decile"]
    rng = np.random.default_rng(8)
    worlds = [random_harm(rng) for _ in range(100)]
    alike = [check(pattern, world, runs).p < 0.05 for world in worlds]
    other = [check(pattern, patterns.thin_tailed(world, rng), runs).p < 0.05 for world in worlds[:30]]
    assert stats.binomtest(int(sum(alike)), 100, 0.05).pvalue > ALPHA
    assert sum(other) >= 27
    assert check(pattern, worlds[0], runs).power > 0.9


def test_a_pattern_without_power_decides_nothing(runs):
    def nothing_else(harm, rng):
        """The same world."""
        return harm

    blunt = replace(PATTERNS["wounded_per_killed"], alternative=nothing_else)
    row = check(blunt, runs[0], runs)
    assert row.power < 0.1
    assert row.verdict == "cannot tell"


def test_every_pattern_is_checked_and_says_what_it_could_reject(runs):
    rows = checks(attack_series_of_record(), runs)
    assert [row.pattern for row in rows] == list(PATTERNS)
    assert all(row.says and row.alternative for row in rows)
    assert {row.verdict for row in rows} <= {"fits", "does not fit", "cannot tell", "not defined"}


def test_the_record_alone_cannot_tell_a_power_law_from_a_lognormal():
    rows = record_tests(attack_series_of_record(), simulations=40)
    tails = [row for row in rows if row.test == "power law or lognormal"]
    assert all(row.power < 0.5 and row.p > 0.05 for row in tails)
    assert len(rows) == 6
    assert all(0 <= row.power <= 1 for row in rows)


# regions


# natural experiments


def test_person_years_of_chad_are_those_of_the_deployment():
    plan = Plan.build(sim.load("historical"))
    contingents = Contingents.of(plan)
    assert contingents.person_years[0] == pytest.approx(9801, rel=0.03)
    assert contingents.person_years[1] == pytest.approx(76392, rel=0.03)
    assert 0 < contingents.of_contingent.sum() < len(contingents.of_contingent) / 4


def test_findings_put_the_record_beside_the_runs_and_are_mute_where_it_is():
    contingents = Contingents(np.zeros(60, dtype=bool), (9801.0, 76392.0))
    rows = experiment_results([measure(synthetic_record(seed), contingents) for seed in range(3)])
    assert len({row.experiment for row in rows}) == 5
    by_words = {row.words: row for row in rows}
    assert by_words["deaths per 1,000 person-years, Chad's contingent"].record == pytest.approx(5.71, abs=0.01)
    assert by_words["share of casualties who died, July 2013 to 7 April 2018"].record == pytest.approx(103 / 475)
    assert by_words["share of casualties who died, 8 April 2018 to 2020"].record == pytest.approx(31 / 308)
    for row in rows:
        assert (row.record is None) == (row.inside is None)
        assert not row.low > row.high
    assert all(row.record is None for row in rows if row.experiment.startswith("closure"))


def test_natural_experiments_need_the_whole_record():
    with pytest.raises(ValueError, match="need a run from July 2013"):
        measure(synthetic_record(end=date(2019, 12, 31)), Contingents(np.zeros(60, dtype=bool), (1.0, 1.0)))


def test_a_view_holds_one_and_the_same_press_list(run):
    contingents = Contingents(np.zeros(60, dtype=bool), (9801.0, 76392.0))
    view = observe_run(run, 3, contingents)
    listed = sum(value for name, value in view.vector.items() if name.startswith("attacks/"))
    assert len(view.harm.day) == listed
    assert view.natural == measure(run, contingents)
    assert len(pickle.dumps(view)) < 50_000
