"""The scenarios that ship, the registries, the schema for editors, and what importing costs."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.missions import Mission
from sim.scenario import (
    MEASURES,
    OUTCOMES,
    SHOCKS,
    ScenarioError,
    json_schema,
    load,
    loads,
    packaged,
    packaged_names,
    packaged_path,
)
from tests.minusma import FIRST_DAY, LAST_DAY, MISSION, REGIONS
from tests.scenario_words import WORDS
from tests.test_scenario_properties import as_json


def test_there_are_packaged_scenarios():
    assert "historical" in packaged_names()


@pytest.mark.parametrize("name", packaged_names())
def test_packaged_scenario(name: str):
    scenario = load(name)
    assert scenario.title
    assert loads(scenario.to_yaml()) == scenario
    assert load(packaged_path(name)) == scenario
    assert all(scenario.variant(variant).hash for variant in scenario.variants)
    assert (scenario.run_up() is None) == (scenario.period.start == scenario.mission.first_day)


@pytest.fixture(scope="module")
def packaged_schema() -> Any:
    """The validator that an editor makes of the packaged vocabulary."""
    import jsonschema

    return jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize("name", packaged_names())
def test_packaged_scenario_fits_the_schema(name: str, packaged_schema: Any):
    text = packaged_path(name).read_text(encoding="utf-8")
    assert [*packaged_schema.iter_errors(as_json(yaml.safe_load(text)))] == []


def test_the_vocabulary_of_the_packaged_tables():
    words = MISSION.vocabulary
    assert len(words.bases) == 16
    assert {base.region for base in words.bases.values()} <= set(REGIONS)
    assert {"Mali", "France", "Takuba", "Wagner", "G5 Sahel"} == set(words.forces)
    assert {"JNIM", "ISGS", "CMA"} <= set(words.organisations)
    assert "Cote d'Ivoire" in words.contributors
    assert all(row.low <= row.high for row in words.parameters.values())
    assert (words.strength.dates[0], words.strength.dates[-1]) == (FIRST_DAY, LAST_DAY)
    assert words.elections[0].start == date(2013, 7, 28)


def test_the_registries():
    assert len(MEASURES) == 17
    assert tuple(SHOCKS) == ("deployment", "coup", "contributor_exit", "protests", "consent", "pause", "withdrawal")
    assert len(OUTCOMES) == 24
    assert [name for name, row in OUTCOMES.items() if not row.additive] == ["internally_displaced"]
    assert all(row.claim and row.unit and row.reference_note for row in MEASURES.values())
    assert all(row.unit and row.definition for row in OUTCOMES.values())


def test_scenarios_are_found_in_their_mission_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Mission, "scenario_folder", tmp_path)
    assert packaged.names() == ()
    (tmp_path / "one.yaml").write_text("title: x")
    assert packaged.names() == ("one",)
    with pytest.raises(ScenarioError, match="ones: no packaged scenario and no file of this name; did you mean 'one'"):
        packaged.path("ones")


@pytest.fixture(scope="module")
def small() -> Any:
    """The validator of the small vocabulary's schema."""
    import jsonschema

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Mission, "vocabulary", WORDS)
        schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    "text",
    [
        "extends: historical",
        "measures: {drills: 'off', patrols: , training: no}",
        "measures:\nvariants:\n  a:\n  b: {measures.drills.intensity: 1, title: x}",
        "measures: {drills: {drills_per_month: {'2016-01-01': 2}, place: [Gao, Gao base]}}",
        "processes: {ambush: 'off', casualties: on}\nforces: {G5 Sahel: 'off'}\nparameters: {copy.rate: 2}",
    ],
)
def test_the_schema_accepts(text: str, small: Any):
    assert [*small.iter_errors(as_json(yaml.safe_load(text)))] == []


@pytest.mark.parametrize(
    "text",
    [
        "titel: x",
        "seed: -1",
        "measures: {drils: off}",
        "measures: {drills: {drills_per_month: 9}}",
        "measures: {drills: {intensity: 1, place: Goa}}",
        "measures: {coordination: {intensity: 1, place: Ansongo}}",
        "parameters: {find_rate: 1}",
        "variants: {a-b: {}}",
        "variants: {a: {seed: 1}}",
        "outcomes: [peacekeepers]",
        "period: {start: soon}",
    ],
)
def test_the_schema_refuses(text: str, small: Any):
    assert not small.is_valid(as_json(yaml.safe_load(text)))


def test_the_schema_tells_units_and_ranges(small: Any):
    schema = small.schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    drills = schema["$defs"]["Drills"]["properties"]["drills_per_month"]
    assert drills["description"] == "drills a month, 0 to 8; reference 0.5"
    assert drills["anyOf"][0] == {"type": "number", "minimum": 0, "maximum": 8}


def test_importing_scenarios_reads_nothing_heavy():
    code = "import sim.scenario, sys; print(sorted({'numpy', 'pandas', 'numba', 'mesa'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
