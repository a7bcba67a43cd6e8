"""One scenario laid over another: extends, variants, single values, draws, the run-up."""

from datetime import date
from pathlib import Path

import pytest

from sim.missions import Mission
from sim.scenario import Scenario, ScenarioError, load, loads, notes, parse_set
from sim.scenario.scenario import _history
from tests.scenario_words import WORDS

BASE = """\
title: Base
sources: [one, two]
period: {start: 2016-01-01, end: 2018-12-31}
measures:
  drills: {drills_per_month: {2016-01-01: 1, 2017-01-01: 2}}
  patrols: {intensity: 0.5, start: 2017-01-01}
  medevac:
    - {launch_delay_minutes: 60, place: Gao}
    - {launch_delay_minutes: 90, place: Kidal}
"""


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mission, "vocabulary", WORDS)


def over(tmp_path: Path, text: str) -> Scenario:
    """The text laid over BASE, as a file that extends it."""
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "over.yaml").write_text(f"extends: base.yaml\n{text}")
    return load(tmp_path / "over.yaml")


def test_mappings_merge_and_lists_replace(tmp_path: Path):
    scenario = over(tmp_path, "title: Over\nsources: [three]\nperiod: {end: 2017-12-31}")
    assert (scenario.title, scenario.sources) == ("Over", ("three",))
    assert (scenario.period.start, scenario.period.end) == (date(2016, 1, 1), date(2017, 12, 31))
    assert len(scenario.measures["medevac"]) == 2


@pytest.mark.parametrize("nothing", ["off", "no", "null", ""])
def test_off_switches_off_what_was_extended(tmp_path: Path, nothing: str):
    assert over(tmp_path, f"measures:\n  patrols: {nothing}").measures["patrols"] == ()


def test_the_key_of_intensity_written_last_counts(tmp_path: Path):
    scenario = over(tmp_path, "measures: {patrols: {patrols_per_1000_per_day: 6}, drills: {intensity: 0}}")
    assert scenario.measures["patrols"][0].level.values == (6.0,)
    assert scenario.measures["patrols"][0].start == date(2017, 1, 1)
    assert scenario.measures["drills"][0].level.values == (0.5,)


def test_a_dated_value_replaces_a_dated_value(tmp_path: Path):
    scenario = over(tmp_path, "measures: {drills: {drills_per_month: {2016-01-01: 4}}}")
    assert scenario.measures["drills"][0].level.values == (4.0,)


def test_single_episodes_of_a_list_can_be_changed():
    changed = loads(BASE).with_values({"measures.medevac.1.launch_delay_minutes": 30})
    assert [episode.level.values for episode in changed.measures["medevac"]] == [(60.0,), (30.0,)]


def test_a_chain_of_files(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.yaml").write_text("seed: 3\ntitle: c")
    (tmp_path / "deep" / "b.yml").write_text("extends: c.yaml\nreplications: 7")
    (tmp_path / "a.yaml").write_text("extends: deep/b.yml\ntitle: a")
    scenario = load(str(tmp_path / "a.yaml"))
    assert (scenario.title, scenario.seed, scenario.replications, scenario.name) == ("a", 3, 7, "a")
    assert scenario.where("seed") == f"{tmp_path / 'deep' / 'c.yaml'}:1"
    assert scenario.where("title") == f"{tmp_path / 'a.yaml'}:2"


def test_variants_are_laid_over_the_scenario():
    scenario = loads(
        BASE
        + """
baseline: as_reported
variants:
  as_reported:
  nested: {measures: {patrols: off}, title: Without}
  dotted: {measures.patrols.patrols_per_1000_per_day: 6, period.end: 2017-06-30}
  both: {measures.patrols.intensity: 1, measures: {patrols: {place: Gao}}}
"""
    )
    assert tuple(scenario.variants) == ("as_reported", "nested", "dotted", "both")
    assert scenario.variant("as_reported").hash == scenario.hash
    assert scenario.variant("nested").measures["patrols"] == ()
    assert scenario.variant("nested").title == "Without"
    assert scenario.variant("dotted").measures["patrols"][0].level.values == (6.0,)
    assert scenario.variant("dotted").period.end == date(2017, 6, 30)
    assert scenario.variant("both").measures["patrols"][0].place.regions == ("Gao",)
    one = scenario.variant("both")
    assert (one.variant_name, one.name, one.baseline, len(one.variants)) == ("both", "text", None, 0)


def test_a_file_with_variants_leaves_those_it_extends(tmp_path: Path):
    (tmp_path / "base.yaml").write_text("baseline: a\nvariants: {a: {}, b: {}}")
    (tmp_path / "same.yaml").write_text("extends: base.yaml\nseed: 2")
    (tmp_path / "own.yaml").write_text("extends: base.yaml\nvariants: {c: {}}")
    same, own = load(tmp_path / "same.yaml"), load(tmp_path / "own.yaml")
    assert (tuple(same.variants), same.baseline) == (("a", "b"), "a")
    assert (tuple(own.variants), own.baseline) == (("c",), None)


def test_values_from_the_shell():
    changes = [
        "measures.patrols=off",
        "period.end=2017-12-31",
        "parameters.copy.rate=1e-1",
        "title=a b",
        "seed=0",
    ]
    changes += [
        "measures.drills={drills_per_month: {2016-01-01: 3}}",
        "variants.more.measures.patrols.intensity=1",
    ]
    scenario = loads(BASE).with_values(dict(parse_set(text) for text in changes), "--set")
    assert scenario.measures["patrols"] == ()
    assert scenario.period.end == date(2017, 12, 31)
    assert (scenario.parameters["copy.rate"], scenario.title, scenario.seed) == (0.1, "a b", 0)
    assert scenario.measures["drills"][0].level.values == (3.0,)
    assert scenario.variant("more").measures["patrols"][0].level.values == (12.0,)
    assert scenario.where("period.end") == "--set"


def test_values_from_python():
    import numpy as np

    values = {
        "seed": np.int64(5),
        "parameters.find_rate": np.float32(0.5),
        "period.end": date(2017, 1, 1),
        "measures.drills.drills_per_month": {date(2016, 1, 1): 3},
        "sources": ("x",),
        "measures.patrols": None,
    }
    scenario = loads(BASE).with_values(values)
    assert (scenario.seed, scenario.parameters["find_rate"], scenario.sources) == (5, 0.5, ("x",))
    assert loads(scenario.to_yaml()) == scenario


def test_values_leave_the_scenario_as_it_was():
    scenario = loads(BASE)
    before = scenario.canonical()
    scenario.with_values({"measures.patrols.intensity": 1, "measures.medevac.0.launch_delay_minutes": 15})
    assert scenario.canonical() == before


def test_a_draw_leaves_off_what_is_off():
    scenario = loads(BASE)
    drawn = scenario.with_draw(
        {
            "find_rate": 0.4,
            "copy.rate": 2,
            "measures.patrols.patrols_per_1000_per_day": 5,
            "measures.medevac.intensity": 1,
            "measures.training.intensity": 1,
            "shocks.coup.intensity": 0.3,
        }
    )
    assert dict(drawn.parameters) == {"find_rate": 0.4, "copy.rate": 2.0}
    assert drawn.measures["patrols"][0].level.values == (5.0,)
    assert [episode.level.values for episode in drawn.measures["medevac"]] == [(15.0,), (15.0,)]
    assert drawn.measures["training"] == ()
    assert drawn.shocks.coup == ()


def test_where():
    scenario = loads(BASE, "base.yaml")
    assert scenario.where("measures.drills") == "base.yaml:5"
    assert scenario.where("measures.medevac.1.launch_delay_minutes") == "base.yaml:9"
    assert scenario.where("measures.training") == scenario.where("nonsense") == scenario.where("") == "default"


def test_notes_name_measures_without_effect():
    scenario = loads(
        "period: {end: 2016-12-31}\nmeasures:\n  drills: {intensity: 1, start: 2018-01-01}\n  patrols:\n"
        "  - {intensity: 1, place: Kayes}\n  - {intensity: 1, place: Gao}",
        "x",
    )
    assert notes(scenario) == (
        "x:5: measures.patrols.0: no base lies in Kayes; it changes nothing",
        "x:3: measures.drills: outside the period; it changes nothing",
    )


def test_notes_leave_out_what_was_extended(tmp_path: Path):
    assert notes(over(tmp_path, "period: {end: 2016-12-31}")) == ()


def test_the_run_up_is_history_with_the_model_of_the_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    history = "measures: {drills: {intensity: 1}}\nparameters: {copy.rate: 1}\n"
    history += "shocks: {coup: {start: 2020-08-18, intensity: 1}}"
    (tmp_path / "historical.yaml").write_text(f"{history}\nvariants: {{a: {{}}}}\nbaseline: a")
    monkeypatch.setattr(Mission, "scenario_folder", tmp_path)
    monkeypatch.setattr("sim.scenario.scenario._history", _history.__wrapped__)  # read again, not remembered
    scenario = loads("period: {start: 2016-01-01}\nparameters: {find_rate: 0.5}\nseed: 9\nprocesses: {ambush: off}")
    before = scenario.run_up()
    assert before is not None
    assert (before.period.start, before.period.end) == (date(2013, 7, 1), date(2015, 12, 31))
    assert before.measures["drills"][0].level.values == (8.0,)
    assert (dict(before.parameters), before.seed, before.processes["ambush"]) == (
        {"find_rate": 0.5},
        9,
        False,
    )
    assert scenario.measures["drills"] == ()
    assert loads("title: whole").run_up() is None


def test_packaged_scenarios_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "plain.yaml").write_text("seed: 4\ntitle: Plain")
    monkeypatch.setattr(Mission, "scenario_folder", tmp_path)
    assert load("plain").seed == 4
    assert loads("extends: plain\ntitle: Mine").seed == 4
    with pytest.raises(ScenarioError, match="did you mean 'plain'"):
        load("plane")


def test_a_file_beside_needs_no_suffix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mine").write_text("seed: 4")
    monkeypatch.chdir(tmp_path)
    assert load("mine").seed == 4
