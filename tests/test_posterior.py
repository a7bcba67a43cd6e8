"""Sets of the posterior: by seed and replication alone, as often as their weights say, felt by the model."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.missions import Mission
from sim.missions.posterior import Posterior
from sim.model.plan import Plan, threat_knot, threat_mean
from sim.study import Study
from sim.study.draws import Draws, drawn_plan
from sim.study.task import draws_of, variants_of
from tests.minusma import MISSION, REGIONS, day_index, packaged, table
from tests.study_support import scenario

WEIGHTS = (0.5, 0.3, 0.15, 0.05)


def frame(**changes: object) -> pd.DataFrame:
    """A table of four sets, as packaged ones are, with other columns where asked."""
    columns = {
        "structure": ["hardening", "hardening", "trend", "trend"],
        "weight": WEIGHTS,
        "source": "derived",
        "ambush_rate": [0.001, 0.002, 0.003, 0.004],
        threat_knot("Gao", 2015): [-1.0, 0.0, 1.0, 2.0],
    }
    return pd.DataFrame(columns | changes)


@pytest.fixture(scope="module")
def known() -> Posterior:
    return Posterior.from_frame(frame(), "four sets")


def test_the_packaged_posterior_names_what_the_model_knows() -> None:
    found = packaged()
    knots = {threat_knot(str(row.region), int(row.year)) for row in table("threat_path").itertuples()}
    vector = set(draws_of(scenario(uncertainties="prior")).values(0))
    assert set(found.names) <= vector | knots
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.sets.shape == (len(found.weights), len(found.names)) == (len(found.structures), len(found.names))
    assert len(found.identity) == 64


def test_a_set_is_a_function_of_seed_and_replication(known: Posterior) -> None:
    rows = [known.index(seed, replication) for seed in range(20) for replication in range(20)]
    assert rows == [known.index(seed, replication) for seed in range(20) for replication in range(20)]
    assert set(rows) == {0, 1, 2, 3}
    assert len({known.index(seed, 0) for seed in range(20)}) > 1
    values = known.values(3, 7)
    assert list(values) == ["ambush_rate", "threat.Gao.2015"]
    assert values["ambush_rate"] == 0.001 * (1 + known.index(3, 7))


@pytest.mark.parametrize("seed", [0, 1, 2**62])
@pytest.mark.parametrize("number", [100, 1000, 10_000])
def test_weights_are_kept_evenly(known: Posterior, seed: int, number: int) -> None:
    """Steps of the golden ratio: a share misses its weight by less than log2(number) / number, never by chance."""
    shares = np.bincount([known.index(seed, n) for n in range(number)], minlength=4) / number
    assert np.abs(shares - WEIGHTS).max() < np.log2(number) / number
    assert np.abs(shares - 0.25).max() > np.log2(number) / number, "equal weights would be told apart"


def test_weights_need_not_add_up_and_a_set_of_none_is_never_drawn() -> None:
    found = Posterior.from_frame(frame(weight=[5, 3, 0, 2]))
    assert found.weights.tolist() == [0.5, 0.3, 0.0, 0.2]
    assert {found.index(1, n) for n in range(1000)} == {0, 1, 3}


@pytest.mark.parametrize(
    "changes",
    [
        {"weight": [0.5, 0.6, -0.1, 0.0]},
        {"weight": [0.0, 0.0, 0.0, 0.0]},
        {"weight": [1.0, np.nan, 1.0, 1.0]},
        {"ambush_rate": [0.1, np.nan, 0.1, 0.1]},
        {"ambush_rate": [0.1, np.inf, 0.1, 0.1]},
    ],
)
def test_a_table_that_cannot_be_drawn_from_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="every value must be a number, and weights must be positive"):
        Posterior.from_frame(frame(**changes))


def test_a_table_of_no_sets_is_refused() -> None:
    with pytest.raises(ValueError, match="no sets"):
        Posterior.from_frame(frame()[:0])


def test_what_the_scenario_sets_is_not_drawn_and_every_variant_shares_the_set(known: Posterior) -> None:
    drawn = Draws(3, (), "", known, frozenset({"ambush_rate"}))
    assert set(drawn.values(0)) == {"threat.Gao.2015"}
    assert replace(drawn, fixed=frozenset()).values(0) == known.values(3, 0)


def test_knots_move_the_threat_of_their_region_around_their_year() -> None:
    plan = Plan.build(variants_of(scenario())["as_is"])
    moved = drawn_plan(plan, {threat_knot("Gao", 2013): 3.0, threat_knot("Gao", 2014): 3.0})
    before, after = plan.inputs["threat_mean"], moved.inputs["threat_mean"]
    gao = REGIONS.index("Gao")
    assert np.all(after[:, gao] == 3.0)
    assert np.array_equal(np.delete(after, gao, axis=1), np.delete(before, gao, axis=1))
    assert np.array_equal(moved.parameters, plan.parameters)


def test_a_knot_is_a_mid_year_between_straight_lines() -> None:
    days = day_index(date(2023, 12, 31)) + 1
    change = threat_mean(MISSION, days, {threat_knot("Gao", 2015): 4.0}) - threat_mean(MISSION, days)
    gao = change[:, REGIONS.index("Gao")]
    packaged_value = threat_mean(MISSION, days)[day_index(date(2015, 7, 1)), REGIONS.index("Gao")]
    height = 4.0 - packaged_value
    assert gao[day_index(date(2015, 7, 1))] == pytest.approx(height)
    assert gao[day_index(date(2015, 7, 1)) + 183] == pytest.approx(height / 2)
    assert not gao[: day_index(date(2014, 7, 1))].any()
    assert not gao[day_index(date(2016, 7, 1)) :].any()
    assert not np.delete(change, REGIONS.index("Gao"), axis=1).any()


def test_another_table_is_another_study(known: Posterior, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = scenario(uncertainties="posterior")

    def identity(posterior: Posterior) -> str:
        monkeypatch.setattr(Mission, "posterior", lambda *_: posterior)
        return draws_of(asked).identity

    assert identity(known) == identity(replace(known)) != identity(replace(known, identity="four others"))
    assert identity(known) not in {draws_of(scenario(uncertainties=kind)).identity for kind in ("prior", "point")}


def test_sets_are_felt_and_told_in_the_frame_of_a_study(known: Posterior, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mission, "posterior", lambda *_: known)
    lines = {"variants": "{as_is: {}, inert: {narrative: again}}", "uncertainties": "posterior"}
    frame = Study(scenario(**lines), None, 3).run()
    assert frame.failed.empty
    expected = [known.values(3, n)["ambush_rate"] for n in range(3)]
    assert frame.draws["ambush_rate"].tolist() == expected
    one, other = (frame.values("civilians_killed")[frame.variants.index(name)] for name in ("as_is", "inert"))
    assert np.array_equal(one, other)
