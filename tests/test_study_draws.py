"""Draws of uncertain parameters: functions of seed and replication, inside their ranges, and felt by the model."""

from dataclasses import replace

import numpy as np
import pytest

from sim.missions.parameters import Prior
from sim.model.plan import Plan
from sim.scenario import ScenarioError
from sim.study.draws import Draws, Quantity, drawn_plan
from sim.study.task import Blueprint, RunTables, draws_of, run_task, variants_of
from tests.minusma import packaged, parameter_names, parameters
from tests.study_support import scenario


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.build(variants_of(scenario())["both"])


def test_quantiles_stay_inside_and_their_median_is_that_of_the_law() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    for law, median in (("triangular", 10 - np.sqrt(0.5 * 9 * 7)), ("loguniform", np.sqrt(10)), ("uniform", 5.5)):
        values = [Prior(law, 1, 3, 10).quantile(x) for x in u]
        assert min(values) >= 1
        assert max(values) <= 10
        assert np.all(np.diff(values) > 0)
        assert np.median(values) == pytest.approx(median, rel=0.01)
    assert Prior("triangular", 2, 2, 2).quantile(0.5) == 2


def test_a_draw_depends_on_seed_replication_and_name_alone() -> None:
    x = Quantity("x", Prior("uniform", 0, 0, 1))
    draws = [x.draw(seed, replication) for seed in (0, 1) for replication in (0, 1)]
    assert len(set(draws)) == 4
    assert draws == [x.draw(seed, replication) for seed in (0, 1) for replication in (0, 1)]
    assert replace(x, name="y").draw(0, 0) != draws[0]
    few = Draws(3, (x,), "")
    assert few.values(5)["x"] == Draws(3, (replace(x, name="w"), x), "").values(5)["x"]


def test_a_point_study_draws_nothing() -> None:
    known = draws_of(scenario(uncertainties="point"))
    assert known.values(0) == {}
    assert known.frame([0, 1]).shape == (2, 0)


def test_prior_draws_every_parameter_but_reported_ones_and_every_measure_in_force(plan: Plan) -> None:
    draws = draws_of(scenario(uncertainties="prior"))
    values = draws.values(0)
    uncertain = {name for name, row in parameters().items() if row.status in ("assumed", "calibrated")}
    assert set(values) == uncertain | {"measures.patrols", "measures.training"}
    assert {row.status for row in parameters().values()} == {"reported", "assumed", "calibrated"}
    drawn = drawn_plan(plan, values)
    vector = dict(zip(parameter_names(), drawn.parameters, strict=True))
    assert all(vector[name] == values[name] for name in uncertain)
    lever = plan.inputs["lever_patrols"]
    expected = np.clip(3.2 + values["measures.patrols"] * (lever - 3.2), 0, 12)
    assert np.array_equal(drawn.inputs["lever_patrols"], expected)
    assert drawn.start["community_trust"][0] == values["initial_trust"]
    assert np.any(drawn.inputs["national_target"].sum() != plan.inputs["national_target"].sum())


def test_what_a_scenario_sets_is_not_drawn(plan: Plan) -> None:
    fixed = scenario(uncertainties="prior", parameters="{ambush_rate: 0.001}")
    assert "ambush_rate" not in draws_of(fixed).values(0)
    otherwise = Plan.build(variants_of(scenario())["otherwise"])
    vector = drawn_plan(otherwise, {"ambush_rate": 0.01}).parameters
    assert vector[parameter_names().index("ambush_rate")] == 0.02


def test_ranges_draw_the_named_ones_only(plan: Plan) -> None:
    ranges = "{ambush_rate: [0.001, 0.002], measures.patrols.patrols_per_1000_per_day: [4, 5]}"
    values = draws_of(scenario(uncertainties=ranges)).values(1)
    assert set(values) == {"ambush_rate", "measures.patrols.patrols_per_1000_per_day"}
    drawn = drawn_plan(plan, values)
    lever = drawn.inputs["lever_patrols"]
    assert set(lever[:19].ravel()) == {3.2}
    assert set(lever[19:].ravel()) == {values["measures.patrols.patrols_per_1000_per_day"]}
    assert 4 <= lever[19, 0] <= 5


def test_a_shock_in_a_range_is_planned_again() -> None:
    shock = "{protests: {intensity: 0.1, start: 2013-07-10, end: 2013-07-20}}"
    struck = scenario(shocks=shock, uncertainties="{shocks.protests.intensity: [0.5, 0.9]}")
    values = draws_of(struck).values(0)
    drawn = drawn_plan(Plan.build(variants_of(struck)["as_is"]), values)
    assert drawn.inputs["movement"][12, 0] == pytest.approx(1 - values["shocks.protests.intensity"])


def test_the_posterior_gives_sets_and_priors_the_intensities_that_nobody_published(plan: Plan) -> None:
    draws = draws_of(scenario(uncertainties="posterior"))
    values = draws.values(2)
    assert set(values) == {*packaged().names, "measures.patrols", "measures.training"}
    known = {name: value for name, value in values.items() if not name.startswith("measures.")}
    assert known == packaged().values(3, 2)
    vector = dict(zip(parameter_names(), drawn_plan(plan, values).parameters, strict=True))
    assert all(vector[name] == value for name, value in known.items() if name in vector)
    assert list(draws.frame([0, 1]).columns) == list(values)


def test_what_a_scenario_sets_is_not_taken_from_the_posterior() -> None:
    name = next(name for name in packaged().names if "." not in name)
    value = parameters()[name].low
    fixed = scenario(uncertainties="posterior", parameters=f"{{{name}: {value}}}")
    assert name not in draws_of(fixed).values(0)
    drawn = drawn_plan(Plan.build(variants_of(fixed)["as_is"]), packaged().values(3, 0))
    assert drawn.parameters[parameter_names().index(name)] == value


def test_a_variant_has_no_uncertainties_of_its_own() -> None:
    with pytest.raises(ScenarioError, match=r"variants.as_is.uncertainties: a variant shares those"):
        draws_of(scenario(variants="{as_is: {uncertainties: prior}, other: {}}"))


PRIOR, POINT = {"uncertainties": "prior"}, {"uncertainties": "point"}


def test_draws_are_felt_and_shared_by_equal_variants() -> None:
    few = "{as_is: {}, inert: {narrative: again}}"
    drawn, point = (Blueprint.build(scenario(variants=few, **line)) for line in (PRIOR, POINT))
    totals = [[run.kept.totals for run in run_task(b, (0, ("as_is", "inert")))] for b in (drawn, point)]
    assert all(isinstance(run.kept, RunTables) for run in run_task(drawn, (1, ("as_is",))))
    assert np.array_equal(totals[0][0], totals[0][1])
    assert not np.array_equal(totals[0][0], totals[1][0])
