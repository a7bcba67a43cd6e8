"""The scenario library and its pages: complete, in step with the registries, and different where it should be."""

import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from sim.missions import packaged_missions
from sim.model.plan import Plan
from sim.model.recorder import ACTIVITIES, EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS
from sim.model.tables import BALANCE, COLUMNS, FAMILIES, UNIT_KINDS
from sim.scenario import MEASURES, OUTCOMES, SHOCKS, Scenario, notes, packaged_names
from sim.scenario import load as read
from sim.scenario.registry import PROCESSES
from tests.minusma import parameters, table

load = cache(read)  # scenarios never change, and each page asks for several
DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted((DOCS / "measures").glob("*.md"))
LIBRARY = ("allocation", "capital_2018", "coup_2020", "deployment_2014", "measures_2018", "strategy_2022",
           "withdrawal_2023")  # fmt: skip
PARTS = (
    "Claim",
    "Mechanism",
    "Evidence",
    "Off",
    "Effort and cost",
    "Uncertain sign",
    "What it does not do",
    "Numbers",
    "Tried in",
)
SHOCK_KEYS = ("start", "end", "closures", "contributors", "place", "move", "from", "to", "persons")
PART_OF = {"strength": "deployment", "moves": "deployment"}  # what a shock is called where it has several parts
IDENTIFIER = re.compile(r"`([a-z][a-z0-9_]*)`")


@cache
def known_names() -> frozenset[str]:
    """Everything a page may name in backticks: the model's own names, keys of a scenario, keys of sources."""
    levers = chain((row.key for row in MEASURES.values()), *(row.levers for row in SHOCKS.values()), SHOCK_KEYS)
    model = chain(COLUMNS, parameters(), (process.name for process in PROCESSES), MEASURES, SHOCKS, OUTCOMES)
    records = chain(EVENT_FIELDS, LEDGER_ITEMS, BALANCE, KINDS, TACTICS, ACTIVITIES, FAMILIES, UNIT_KINDS)
    variants = chain.from_iterable(load(name).variants for name in packaged_names())
    scenarios = chain(packaged_missions(), packaged_names(), variants)
    return frozenset(chain(levers, model, records, scenarios, table("sources")["key"]))


def own_measures(scenario: Scenario) -> set[str]:
    """Measures that some variant sets otherwise than the baseline."""
    baseline = scenario.variant(scenario.baseline or next(iter(scenario.variants)))
    variants = [scenario.variant(name) for name in scenario.variants]
    return {name for name in MEASURES for variant in variants if variant.measures[name] != baseline.measures[name]}


def own_shocks(scenario: Scenario) -> set[str]:
    """Shocks that some variant sets otherwise than the baseline."""
    baseline = scenario.variant(scenario.baseline or next(iter(scenario.variants))).canonical()["shocks"]
    variants = [scenario.variant(name).canonical()["shocks"] for name in scenario.variants]
    assert isinstance(baseline, dict)
    return {PART_OF.get(name, name) for name in baseline for shocks in variants if shocks[name] != baseline[name]}


def test_the_library_is_packaged() -> None:
    assert set(LIBRARY) <= set(packaged_names())


@pytest.mark.parametrize("name", LIBRARY)
def test_a_scenario_tells_its_question_and_sources(name: str) -> None:
    scenario = load(name)
    assert len(scenario.narrative.split()) >= 40
    assert len(scenario.sources) >= 3
    assert len(scenario.variants) >= 4
    assert scenario.baseline == next(iter(scenario.variants))
    assert notes(scenario) == ()


@pytest.mark.parametrize("name", packaged_names())
def test_variants_differ(name: str) -> None:
    scenario = load(name)
    hashes = {variant: scenario.variant(variant).hash for variant in scenario.variants}
    assert len(set(hashes.values())) == len(hashes)
    if scenario.baseline is not None:
        assert hashes[scenario.baseline] == scenario.hash


@pytest.mark.slow
@pytest.mark.parametrize("name", LIBRARY)
def test_variants_reach_the_arrays_of_a_run_and_share_the_past(name: str) -> None:
    scenario = load(name)
    assert scenario.baseline is not None
    theirs = Plan.build(scenario.variant(scenario.baseline))
    past = ("movement", "flights", "operations", "base_open", *(c for c in theirs.inputs if c.startswith("lever_")))
    for variant in scenario.variants.keys() - {scenario.baseline}:
        ours = Plan.build(scenario.variant(variant))
        assert ours.report == theirs.report
        assert not all(equal(ours.inputs[column], theirs.inputs[column]) for column in ours.inputs), variant
        for column in past:
            assert equal(ours.inputs[column][: ours.report[0]], theirs.inputs[column][: ours.report[0]]), variant


def equal(one: object, other: object) -> bool:
    """Whether two arrays hold the same, shape included."""
    return getattr(one, "shape", None) == getattr(other, "shape", None) and bool((one == other).all())  # type: ignore[attr-defined]


def test_measures_are_one_package_taken_apart() -> None:
    five = {"training", "patrols", "route_clearance", "convoy_escort", "drills"}
    scenario = load("measures_2018")
    on = {name: {measure for measure in five if scenario.variant(name).measures[measure]} for name in scenario.variants}
    wanted = [five, set(), *({one} for one in five), *(five - {one} for one in five)]
    assert sorted(map(sorted, on.values())) == sorted(map(sorted, wanted))


def test_the_same_troops_are_allocated() -> None:
    scenario = load("allocation")
    plans = [Plan.build(scenario.variant(name)) for name in scenario.variants]
    assert all(equal(plan.inputs["unit_target"], plans[0].inputs["unit_target"]) for plan in plans)


@pytest.mark.parametrize("measure", MEASURES)
def test_some_scenario_has_the_measure(measure: str) -> None:
    assert any(load(name).measures[measure] for name in packaged_names())


@pytest.mark.parametrize("name", [*MEASURES, *SHOCKS])
def test_each_measure_and_shock_has_a_page(name: str) -> None:
    text = (DOCS / "measures" / f"{name}.md").read_text("utf-8")
    assert text.startswith(f"# `{name}`\n")
    assert [part for part in PARTS if f"**{part}.**" in text] == list(PARTS)
    assert f"](measures/{name}.md)" in (DOCS / "measures.md").read_text("utf-8")
    row = MEASURES.get(name)
    assert row is None or f"`{row.key}`" in text


@pytest.mark.parametrize("name", LIBRARY)
def test_the_guide_names_scenario_and_baseline(name: str) -> None:
    scenario = load(name)
    rows = [
        line for line in (DOCS / "scenarios.md").read_text("utf-8").splitlines() if f"`scenarios/{name}.yaml`" in line
    ]
    assert [row.split("|")[3:5] for row in rows] == [[f" `{scenario.baseline}` ", f" {len(scenario.variants)} "]]


@pytest.mark.parametrize("page", [*PAGES, DOCS / "scenarios.md"], ids=lambda page: page.stem)
def test_names_in_pages_exist(page: Path) -> None:
    assert set(IDENTIFIER.findall(page.read_text("utf-8"))) - known_names() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_cite_sources_and_belong_to_a_registry(page: Path) -> None:
    assert page.stem in MEASURES or page.stem in SHOCKS
    evidence = re.search(r"\*\*Evidence\.\*\*(.*?)\n\n", page.read_text("utf-8"), re.DOTALL)
    assert evidence is not None
    assert set(IDENTIFIER.findall(evidence[1])) & set(table("sources")["key"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_scenarios_that_a_page_names_try_it(page: Path) -> None:
    tried = re.search(r"\*\*Tried in\.\*\*(.*)", page.read_text("utf-8"), re.DOTALL)
    assert tried is not None
    names = set(re.findall(r"`scenarios/(\w+)\.yaml`", tried[1]))
    assert names
    for name in names - {"historical"}:
        assert page.stem in own_measures(load(name)) | own_shocks(load(name)), name
    if "historical" in names:
        scenario = load("historical")
        assert page.stem in SHOCKS or scenario.measures[page.stem]
