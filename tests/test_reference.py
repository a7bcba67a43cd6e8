"""The compiled engine and the readable model of ``tests/reference`` give the same history, event by event."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.model.plan import Plan
from sim.model.recorder import LEDGER_ITEMS
from sim.model.streams import uniforms as compiled_uniforms
from sim.scenario.registry import PROCESSES, Process
from sim.scenario.registry.process_source import reads_of
from tests import reference
from tests.any_day import DAYS, any_morning, world
from tests.engine_support import NUMBER, balance, finished, plain, plan_of
from tests.reference import midway, worlds
from tests.reference.agreement import compare, with_twins
from tests.reference.columns import differences
from tests.reference.draws import philox, uniforms
from tests.reference.model import DAY, TWINS, WITHOUT_TWIN
from tests.reference.processes import roaming
from tests.test_engine_streams import VECTORS

FOLDER = Path(reference.__file__).parent


@pytest.fixture(scope="module")
def packaged() -> Plan:
    return plan_of(worlds.SMALL)


@pytest.fixture(scope="module")
def crowded(packaged: Plan) -> Plan:
    return worlds.crowded(packaged)


def test_the_day_is_in_the_order_of_the_engine() -> None:
    assert [rule.__name__ for rule in DAY] == [process.name for process in PROCESSES if process.name in TWINS]


def test_philox_gives_the_published_vectors() -> None:
    for counter, key, output in VECTORS:
        words = philox(*(int(word, 16) for word in (counter + " " + key).split()))
        assert list(words) == [int(word, 16) for word in output.split()]


def test_draws_are_those_of_the_engine() -> None:
    for case in ((0, 0, 0, 256), (2**63 - 1, 2**64 - 1, 3835, 8191), (7, 12345678901234567, 64, 4097)):
        key, entity, day, stream = case
        assert uniforms(*case) == plain(compiled_uniforms)(np.uint64(key), np.uint64(entity), day, stream)


@pytest.mark.slow
def test_the_packaged_history_is_the_same_in_both(packaged: Plan) -> None:
    found = compare(packaged, 7, packaged.report[1])
    assert found.parting is None, found.parting
    assert found.events.total() > 50


@pytest.mark.slow
def test_a_history_in_which_everything_happens_is_the_same_in_both(crowded: Plan) -> None:
    found = compare(crowded, 3, crowded.report[1])
    assert found.parting is None, found.parting
    assert min(found.events.values()) > 0, "some tactic never occurred"


@pytest.mark.parametrize("day", DAYS)
def test_an_arbitrary_legal_day_is_the_same_in_both_process_by_process(day: int) -> None:
    """Other parameters, policy, politics, threat, bands, devices and people than any history has led to."""
    engine = any_morning(day, seed=20 + day, values={}).until(0)
    plan = replace(with_twins(world()), parameters=engine.plan.parameters)
    reference = midway.placed(plan, engine.columns, day, int(engine.key))
    for number, process in enumerate(PROCESSES):
        if process.name in TWINS:
            engine.step_process(number)
        reference.act(number)
        assert differences(engine, reference) == [], process.name
    reference.close()


def test_a_wrong_rule_is_found_on_an_arbitrary_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roaming, "COMPANY", 165.0)
    engine = any_morning(76, seed=1, values={"roaming_rate": 1.0}).until(0)
    plan = replace(world(), parameters=engine.plan.parameters)
    reference = midway.placed(plan, engine.columns, 76, int(engine.key))
    for number in range(NUMBER["roaming"] + 1):
        engine.step_process(number)
        reference.act(number)
    assert {name for name, *_ in differences(engine, reference)} == {"band_cell"}
    reference.close()


def test_everything_happens_in_the_crowded_history(crowded: Plan) -> None:
    """The power of the test above: every flow of people and every book moved, and the rare turns were taken."""
    model = finished(crowded, 3)
    assert [name for name, flow in balance(model).items() if flow == 0] == []
    books = model.record().ledger.sum(axis=(0, 1))
    assert [name for name, total in zip(LEDGER_ITEMS, books, strict=True) if total == 0.0] == []
    assert model.columns["base_evacuated"].sum() == 2
    reused = (model.columns["scheduled_strength"] > 0) & (model.columns["band_born"] > crowded.start["band_born"])
    assert reused.sum() > 0, "no band took the row of one that was gone"


def test_a_rule_that_is_wrong_by_a_tenth_is_found(crowded: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roaming, "COMPANY", 165.0)
    found = compare(crowded, 3, 60)
    assert found.parting is not None
    assert found.parting.process == "roaming"
    assert "engine" in str(found.parting)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_rule_reads_every_parameter_of_its_process(process: Process) -> None:
    if process.name in WITHOUT_TWIN:
        pytest.skip(f"{process.name} has no readable twin")
    text = (FOLDER / "processes" / f"{process.name}.py").read_text("utf-8")
    text += (FOLDER / "violence.py").read_text("utf-8")
    assert [name for name in reads_of(process.name).parameters if not re.search(rf"\bp\.{name}\b", text)] == []


def test_the_rules_know_no_arrays() -> None:
    for path in (*FOLDER.glob("processes/*.py"), *(FOLDER / f"{name}.py" for name in ("agents", "places", "model"))):
        assert not re.search(r"^\s*(import|from) (numpy|numba|sim\.processes|sim\.kernels|sim\.conflict)",
                             path.read_text("utf-8"), re.MULTILINE), path.name  # fmt: skip
