"""Mission packs: both are valid and run alike, problems are placed, and no fact of a pack stands in code."""

import ast
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.missions import Mission, MissionError, load_mission, packaged_missions
from sim.missions.check import problems
from sim.scenario import ScenarioError, load, loads

SIM = Path(__file__).parent.parent / "sim"
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# words of the language of the model that a pack also uses as names
GENERAL = {"Partner forces", "Other", ""}


def names_of(mission: Mission) -> set[str]:
    """Regions, organisations, bases, towns, forces, contributors and the country of a pack."""
    words, facts = mission.vocabulary, mission.facts
    towns = {row["town"] for row in mission.rows("towns")}
    own = {facts.country, facts.national_forces, facts.partner_forces}
    listed = {*words.regions, *words.organisations, *words.bases, *words.forces, *words.contributors}
    return (listed | towns | own) - GENERAL


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """String literals that are no docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node


def named_in(text: str, names: set[str]) -> list[str]:
    """Names of a pack that stand as words within a longer text."""
    return sorted(name for name in names if name in text and re.search(rf"\b{re.escape(name)}\b", text))


def facts_in(text: str, names: set[str], years: range) -> list[str]:
    """Literals in a source text that are names of a pack, or days in its years."""
    tree = ast.parse(text)
    found = []
    for node in literals(tree):
        if node.value in names or (ISO.fullmatch(node.value) and int(node.value[:4]) in years):
            found.append(repr(node.value))
        elif within := named_in(node.value, names):
            found.append(f"{within} in {node.value[:60]!r}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "date" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and first.value in years:
                found.append(ast.unparse(node))
    return found


def test_no_fact_of_a_mission_is_a_literal() -> None:
    missions = [load_mission(name) for name in packaged_missions()]
    names = set().union(*map(names_of, missions))
    years = range(2013, 2025)
    found = {
        file.relative_to(SIM).as_posix(): facts
        for file in SIM.rglob("*.py")
        if (facts := facts_in(file.read_text("utf-8"), names, years))
    }
    assert found.pop("validation/golden.py") == ["'2024-03-31'", "'2013-08-15'"]  # the last days of golden runs
    assert found == {}


def test_no_name_of_a_mission_stands_in_pages_and_scripts() -> None:
    names = set().union(*(names_of(load_mission(name)) for name in packaged_missions()))
    files = [file for kind in ("vue", "js", "html") for file in SIM.rglob(f"*.{kind}")]
    assert len(files) > 10
    assert {file.name: named for file in files if (named := named_in(file.read_text("utf-8"), names))} == {}
    assert named_in("const LABELS = { Kidal: [3.0, 19.0] };", names) == ["Kidal"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_words_about_the_record_follow_the_pack(language: str) -> None:
    from sim.inference.record_comparison import RecordComparison
    from sim.model.plan import Plan
    from sim.present.locale import Locale
    from sim.present.run_view import run_view
    from sim.results import Results
    from tests.engine_support import finished

    end = load_mission().record_end.isoformat()
    for name, with_record in (("teaching", False), ("quickstart", True)):
        short = {"settings.persons_per_community": 1_000_000}
        record = finished(Plan.build(load(name).with_values(short)), 1).record()
        view = run_view(Results(record), RecordComparison.from_runs(record, ()), Locale(language))
        said = " ".join((*view.record_notes, view.agreement))
        assert (end in said) == with_record
        assert not re.search("20[0-9]{2}", said.replace(end, ""))


def test_a_planted_fact_is_found() -> None:
    names = names_of(load_mission())
    for planted in (
        'x = "Kidal"',
        "y = date(2015, 6, 20)",
        'z = "2018-07-29"',
        'w = {"JNIM": 1}',
        'v = "e.g. Gao=1"',
        'f"in Mali {x}"',
        't = ("soldiers of " "France killed",)',
    ):
        assert facts_in(planted, names, range(2013, 2025))
    assert not facts_in('"""Kidal"""\nx = "kind"\ny = date(1980, 1, 1)', names, range(2013, 2025))


@pytest.mark.parametrize("name", packaged_missions())
def test_a_packaged_mission_is_valid(name: str) -> None:
    assert problems(load_mission(name).folder) == []


def test_a_problem_names_file_line_column_value_and_the_nearest_name(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(load_mission("teaching").folder, folder)
    facts = folder / "mission.yaml"
    facts.write_text(facts.read_text().replace("name: teaching", "name: mine").replace("shelters:", "shelter:"))
    bases = folder / "bases.csv"
    bases.write_text(bases.read_text().replace("0.8,20.8", "north,20.8"))
    found = problems(folder)
    assert any("mission.yaml:" in line and "did you mean 'shelters'?" in line for line in found)
    assert any(re.search(r"bases\.csv:[23]: lat: 'north'; allowed", line) for line in found)
    facts.write_text(facts.read_text().replace("shelter:", "shelters:"))
    bases.write_text(bases.read_text().replace("north,20.8", "0.8,20.8").replace("Harbour", "Harbor"))
    (line,) = problems(folder)
    assert line == f"{bases}:2: region: unknown region 'Harbor'; did you mean 'Harbour'?"
    with pytest.raises(MissionError, match="Harbor"):
        load_mission(folder)


def test_a_scenario_names_its_mission_or_the_nearest_is_told(tmp_path: Path) -> None:
    assert load("quickstart").mission is load_mission()
    assert load("teaching").mission is load_mission("teaching")
    assert loads("mission: minusma").hash == loads("title: x").hash
    with pytest.raises(ScenarioError, match="mission: 'teachin' is no packaged mission; did you mean 'teaching'"):
        loads("mission: teachin")
    with pytest.raises(ScenarioError, match="packaged missions only"):
        loads("mission: ../elsewhere")


@pytest.mark.parametrize("name", ["teaching", "quickstart"])
def test_a_run_of_a_pack_is_whole_and_repeats(name: str) -> None:
    from sim.model.plan import Plan
    from tests.engine_support import balance, finished

    plan = Plan.build(load(name).with_values({"settings.persons_per_community": 1_000_000}))
    first, second = finished(plan, 1), finished(plan, 1)
    assert all(np.array_equal(first.columns[column], second.columns[column]) for column in first.columns)
    assert all(np.isfinite(column).all() for column in first.columns.values() if column.dtype.kind == "f")
    flows, troops = balance(first), int(first.columns["unit_strength"].sum())
    out = sum(flows[f"troops_{way}"] for way in ("departed", "killed", "died"))
    assert troops == flows["troops_arrived"] - out > 0


def test_a_mission_keeps_its_days() -> None:
    clock = load_mission("teaching").clock
    assert clock.date_of(clock.day_index(date(2030, 5, 1))) == date(2030, 5, 1)
    assert clock.month_name(13) == "2031-02"
