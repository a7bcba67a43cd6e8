"""What a Python user types: the names, a run of several seeds, its tables."""

from typing import Any

import numpy as np
import pytest

import minusim
import sim

SHORT = sim.load("teaching").with_values({"period.end": "2030-02-28", "settings.persons_per_community": 10_000})


def test_a_run_of_several_seeds_has_their_range():
    results = sim.run(SHORT, seed=np.int64(3), seeds=4, workers=1)
    assert results.range is not None
    assert sim.run(SHORT, seed=3).range is None
    each = [sim.run(SHORT, seed=seed).summary()["patrol_days"] for seed in range(3, 7)]
    row = results.range.set_index("outcome").loc["patrol_days"]
    assert (row["low"], row["high"]) == (min(each), max(each))
    assert type(results.record.seed) is int


def test_the_ledger_of_a_run_is_a_frame_of_days_and_regions():
    results = sim.run(SHORT, seed=1)
    assert len(results.ledger) == 59 * len(results.record.names.regions)
    assert results.ledger["personnel_days"].sum() == results.summary()["personnel_days"]


@pytest.mark.parametrize(
    ("seed", "problem"), [("a", TypeError), (1.0, TypeError), (-1, ValueError), (2**63, ValueError)]
)
def test_a_seed_that_cannot_be_is_named(seed: Any, problem: type[Exception]):
    with pytest.raises(problem, match=r"^seed: .* allowed 0 to 9223372036854775807$"):
        sim.run(SHORT, seed=seed)


def test_the_name_of_the_distribution_gives_the_same_objects():
    assert minusim.load is sim.load
    assert dir(minusim) == dir(sim)
    assert set(minusim.__all__) == set(sim.__all__)
    with pytest.raises(AttributeError, match="lood"):
        minusim.lood  # noqa: B018
