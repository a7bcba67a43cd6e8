"""The compiled engine and the readable model of ``tests/reference`` give the same history, event by event."""

import re
from pathlib import Path

import numpy as np
import pytest

from sim.glue import parameters_of
from sim.parameters import parameter_names
from sim.plan import Plan
from sim.recorder import LEDGER_ITEMS
from sim.registry import PROCESSES, Process
from sim.scenario import MEASURES
from sim.streams import uniforms as compiled_uniforms
from tests import reference
from tests.engine_support import balance, finished, plain, plan_of, with_columns, with_parameters
from tests.reference.agreement import compare
from tests.reference.draws import philox, uniforms
from tests.reference.model import DAY
from tests.reference.processes import roaming
from tests.test_engine_streams import VECTORS

FOLDER = Path(reference.__file__).parent
SMALL = """
extends: historical
settings: {persons_per_community: 1000000}
period: {start: 2013-07-01, end: 2014-02-28}
"""

# so many times the packaged value: everything that can happen does, within months
RAISED = {
    "device_rate": 8.0, "trigger_rate": 5.0, "ambush_rate": 8.0, "shelling_rate": 5.0, "complex_rate": 80.0,
    "urban_rate": 80.0, "clash_rate": 20.0, "killing_rate": 3.0, "partner_raid_rate": 10.0, "raid_rate": 5.0,
    "tip_rate": 5.0, "accident_rate": 50.0, "illness_rate": 50.0, "recruit_rate": 3.0, "split_size": 0.6,
    "stock_days": 0.5, "airlift_share": 0.3, "escort_deterrence": 3.0, "displacement_share": 3.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def packaged() -> Plan:
    return plan_of(SMALL)


@pytest.fixture(scope="module")
def crowded(packaged: Plan) -> Plan:
    """A plan in which everything happens: high rates, all measures, a closed hub, feuds, an end without an heir."""
    days = len(packaged.inputs["movement"])
    columns = {f"lever_{name}": packaged.inputs[f"lever_{name}"].copy() for name in MEASURES}
    for name, measure in MEASURES.items():
        columns[f"lever_{name}"][days // 2 :] = measure.level(1.0)
    for name in ("movement", "flights", "national_activity", "operations"):
        columns[name] = packaged.inputs[name].copy()
        columns[name][60:80] = 0.3
    columns["movement"][80:84] = 0.0
    columns["base_stock"] = np.full_like(packaged.start["base_stock"], 3000.0)
    columns["base_open"] = packaged.inputs["base_open"].copy()
    columns["base_open"][150:, [packaged.names.bases.index(name) for name in ("Gao", "Menaka")]] = 0
    columns["organisation_ended"] = packaged.inputs["organisation_ended"].copy()
    columns["organisation_ended"][packaged.names.actors.index("AQIM")] = 100
    columns["organisation_heir"] = packaged.inputs["organisation_heir"].copy()
    columns["organisation_heir"][packaged.names.actors.index("AQIM")] = -1
    columns["rivalry_start"] = np.minimum(packaged.inputs["rivalry_start"], 0)
    columns["national_kind"] = packaged.inputs["national_kind"].copy()
    columns["national_kind"][::5] = 2
    raised = {name: times * packaged.parameters[parameter_names().index(name)] for name, times in RAISED.items()}
    return with_parameters(with_columns(packaged, **columns), **raised)


def test_the_day_is_that_of_the_engine() -> None:
    assert [process.__name__ for process in DAY] == [process.name for process in PROCESSES]


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


def test_everything_happens_in_the_crowded_history(crowded: Plan) -> None:
    """The power of the test above: every flow of people and every book moved, and the rare turns were taken."""
    model = finished(crowded, 3)
    assert [name for name, flow in balance(model).items() if flow == 0] == []
    books = model.record().ledger.sum(axis=(0, 1))
    assert [name for name, total in zip(LEDGER_ITEMS, books, strict=True) if total == 0.0] == []
    assert model.columns["base_evacuated"].sum() == 2
    reused = (model.columns["scheduled_strength"] > 0) & (model.columns["band_children"] >= 1_000_000)
    assert reused.sum() > 0, "no band took the row of one that was gone"


def test_a_rule_that_is_wrong_by_a_tenth_is_found(crowded: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roaming, "COMPANY", 165.0)
    found = compare(crowded, 3, 60)
    assert found.parting is not None
    assert found.parting.process == "roaming"
    assert "engine" in str(found.parting)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_rule_reads_every_parameter_of_its_process(process: Process) -> None:
    text = (FOLDER / "processes" / f"{process.name}.py").read_text("utf-8")
    text += (FOLDER / "violence.py").read_text("utf-8")
    assert [name for name in parameters_of(process) if not re.search(rf"\bp\.{name}\b", text)] == []


def test_the_rules_know_no_arrays() -> None:
    for path in (*FOLDER.glob("processes/*.py"), *(FOLDER / f"{name}.py" for name in ("agents", "places", "model"))):
        assert not re.search(r"^\s*(import|from) (numpy|numba|sim\.processes|sim\.kernels|sim\.conflict)",
                             path.read_text("utf-8"), re.MULTILINE), path.name  # fmt: skip
