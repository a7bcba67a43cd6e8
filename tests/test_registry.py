"""Registry rows: complete, sourced, numbered without gaps; and what of them decides a run."""

from dataclasses import replace

import pytest

from sim.scenario import registry
from sim.scenario.registry import (
    COSTS,
    COUNTED,
    LEDGER,
    MEASURES,
    OUTCOMES,
    PROCESSES,
    SHOCKS,
    Item,
    deciding,
    messages,
)
from sim.scenario.registry.base import by_name
from tests.minusma import table


def test_two_rows_of_one_name_are_refused() -> None:
    row = Item(name="twice", label="twice", unit="events")
    with pytest.raises(ValueError, match=r"one name: \['twice'\]"):
        by_name([row, row])


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_acts_in_a_process_and_has_levels_and_sources(measure: str) -> None:
    row = MEASURES[measure]
    assert [process.name for process in PROCESSES if measure in process.measures]
    assert row.minimum <= row.reference <= row.maximum
    assert row.minimum <= row.best <= row.maximum
    assert row.level(0) == row.reference
    assert set(row.source.split(";")) <= set(table("sources")["key"])


def test_texts_are_there() -> None:
    for row in (*MEASURES.values(), *SHOCKS.values(), *COUNTED.values()):
        assert row.label, row.name
    assert all(row.claim for row in (*MEASURES.values(), *SHOCKS.values(), *PROCESSES))
    assert all(row.definition and row.singular and row.unit for row in OUTCOMES.values())
    assert all(row.daily for row in LEDGER.values())
    found = list(messages())
    assert len(found) == len(set(found)) > 100
    assert ("mission death", "mission deaths") in found


def test_costs_and_columns_of_the_ledger_are_numbered_without_gaps() -> None:
    assert [row.cost for row in COSTS.values()] == [*range(1, len(COSTS) + 1)]
    assert [row.ledger for row in LEDGER.values()] == [*range(len(LEDGER))]


def test_labels_decide_nothing_and_levels_do(monkeypatch: pytest.MonkeyPatch) -> None:
    before = deciding()
    row = MEASURES["drills"]
    monkeypatch.setattr(registry, "MEASURES", {**MEASURES, "drills": replace(row, label="exercises", claim="Other")})
    assert deciding() == before
    monkeypatch.setattr(registry, "MEASURES", {**MEASURES, "drills": replace(row, reference=0.6)})
    assert deciding() != before
