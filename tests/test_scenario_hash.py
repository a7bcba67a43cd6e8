"""What makes two scenarios the same: equality, hash, pickling."""

import json
import pickle

import pytest

from sim.missions import Mission
from sim.scenario import loads
from tests.scenario_words import WORDS

TEXT = """\
title: Golden
period: {start: 2016-01-01, end: 2018-12-31}
seed: 1
measures:
  drills: {drills_per_month: {2016-01-01: 1, 2017-01-01: 2}}
  coordination: {intensity: 0.5, place: Gao}
shocks:
  coup: {start: 2020-08-18, intensity: 0.5}
parameters: {find_rate: 0.5}
variants: {a: {measures.drills: off}}
"""
GOLDEN = "505b3fc172969922459b237f1f1e4f88b4dc2726f43e9f5d6291555f1327d055"


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mission, "vocabulary", WORDS)


def test_golden_hash():
    assert loads(TEXT).hash == GOLDEN


@pytest.mark.parametrize(
    "change",
    [
        "title=Other", "narrative=Text", "sources=[x]", "replications=5", "outcomes=[ied_found]",
        "variants.a={}", "variants.b={}", "baseline=a", "measures.training=off",
        "measures.drills={start: 2016-01-01, otherwise: off}",
        "parameters.find_rate=5e-1", "processes.ambush=on", "settings.cell_size=0.5",
        "shocks.coup.recovery_days=90", "period.start='2016-01-01'",
        "measures.drills.drills_per_month={2015-01-01: 1, 2017-01-01: 2.0}",
        "measures.coordination.intensity={2016-01-01: 0.5, 2017-01-01: 0.5}",
    ],
)  # fmt: skip
def test_changes_of_words_keep_the_hash(change: str):
    assert changed(change).hash == loads(TEXT).hash


@pytest.mark.parametrize(
    "change",
    [
        "seed=2", "period.end=2018-12-30", "measures.drills=off",
        "measures.coordination={place: Kidal, otherwise: off}",
        "shocks.coup=off", "parameters.find_rate=0.51", "processes.ambush=off", "settings.cell_size=0.25",
        "forces.France=off", "elections=off", "organisations.JNIM=off", "uncertainties=prior",
        "organisations.JNIM.fighters=5", "shocks.withdrawal={start: 2023-07-01}", "shocks.deployment=off",
    ],
)  # fmt: skip
def test_changes_of_substance_change_the_hash(change: str):
    assert changed(change).hash != loads(TEXT).hash


def changed(text: str):
    from sim.scenario import parse_set

    return loads(TEXT).with_values(dict([parse_set(text)]))


def test_the_hash_is_that_of_plain_json():
    scenario = loads(TEXT)
    plain = scenario.canonical()
    assert json.loads(json.dumps(plain)) == plain
    assert not plain.keys() & {"title", "narrative", "sources", "variants", "baseline", "name", "layer"}


def test_equal_scenarios_are_equal_whatever_they_are_called():
    assert loads(TEXT, "a") == loads(TEXT, "b")
    assert hash(loads(TEXT, "a")) == hash(loads(TEXT, "b"))
    assert loads(TEXT) != loads(TEXT.replace("Golden", "Silver"))


def test_the_yaml_of_a_scenario_is_that_scenario():
    scenario = loads(TEXT)
    again = loads(scenario.to_yaml())
    assert again == scenario
    assert again.hash == scenario.hash
    assert again.variant("a") == scenario.variant("a")
    one = scenario.variant("a")
    assert loads(one.to_yaml()) == one


def test_a_worker_gets_a_small_whole_scenario():
    scenario = loads(TEXT)
    data = pickle.dumps(scenario)
    assert len(data) < 20_000
    again = pickle.loads(data)
    assert again == scenario
    assert again.variant("a").hash == scenario.variant("a").hash
    assert again.where("seed") == "text:3"
