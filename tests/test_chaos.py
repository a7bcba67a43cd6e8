"""The short form of ``make chaos``: a few faults of every sort on real commands, each repaired by --resume."""

import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.timing import keep, kept
from sim.study.cluster.batches import Batches
from sim.study.cluster.spec import ClusterError
from tools import reliability_page as reliability
from tools import soak
from tools.faults.campaign import Campaign, Kind, kinds
from tools.faults.workspace import may_mount
from tools.pages import with_blocks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes the Linux way"),
]

SHORT = (
    ("compare", "command SIGKILL"),
    ("compare", "command SIGTERM"),
    ("compare", "process group SIGKILL"),
    ("compare", "SIGINT twice"),
    ("compare", "disk full"),
    ("compare", "monthly flipped"),
    ("compare", "study.json truncated"),
    ("compare", "two scenarios claim one folder"),
    ("compare", "scenario changed"),
)
KINDS = {(kind.command, kind.name): kind for kind in kinds()}


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    folder = tmp_path_factory.mktemp("chaos")
    made = Campaign(folder, folder / "faults.csv", seed=1)
    yield made
    made.close()


@pytest.mark.parametrize("kind", [KINDS[each] for each in SHORT], ids=lambda kind: kind.name.replace(" ", "-"))
def test_a_fault_costs_nothing_that_was_finished(campaign: Campaign, kind: Kind) -> None:
    if kind.mounts and not may_mount():
        pytest.skip("no filesystem can be mounted here")
    row = campaign.one(kind, 0)
    assert (row["verdict"], row["problems"]) == ("held", "")


def test_the_campaign_tries_hundreds_of_faults_of_different_kinds() -> None:
    assert len(KINDS) == len(list(kinds()))
    assert sum(kind.times for kind in KINDS.values()) >= 200


def test_a_study_that_is_not_what_it_was_is_noticed(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a store that keeps other numbers, or loses runs, does not pass."""
    kind = KINDS["compare", "codebook.csv flipped"]
    store, whole = campaign.workspace.whole("compare")
    monkeypatch.setattr(campaign.workspace, "whole", lambda _: (store, type(whole)(whole.runs, 1, "other", "other")))
    problems = campaign.one(kind, 0)["problems"]
    assert "tables differ from the undisturbed run" in problems
    assert "answers differ from the undisturbed run" in problems
    fewer = type(whole)(whole.runs - type(whole.runs)(list(whole.runs)[:1]), 1, whole.digest, whole.answers)
    monkeypatch.setattr(campaign.workspace, "whole", lambda _: (store, fewer))
    assert "other runs are kept" in campaign.one(kind, 0)["problems"]


def test_the_page_says_what_was_recorded() -> None:
    text = reliability.PAGE.read_text("utf-8")
    assert with_blocks(text, reliability.BLOCKS) == text, "stale; run `python -m tools.reliability_page`"


def test_every_recorded_fault_held() -> None:
    rows = reliability.faults()
    assert len(rows) >= 200
    assert {row["verdict"] for row in rows} == {"held"}
    assert {reliability.group(row["fault"]) for row in rows} == set(reliability.GROUPS)
    assert {row["command"] for row in rows} == {"compare", "attribute", "sensitivity", "calibrate"}


def test_twenty_thousand_runs_leave_memory_files_and_speed_as_they_were() -> None:
    found = kept("soak", reliability.FOLDER)
    assert (found["runs"], found["failed"]) == (20_000, 0)
    assert found["growth_high"] * found["runs"] < 0.01 * 1e6 * found["resident_mb"][0]
    assert len(set(found["open_files"])) == 1
    assert found["last_tenth_to_first"] < 1.05
    assert found["stored_bytes_per_run"] < found["stored_bound"] == soak.BOUND


def test_growth_is_told_from_noise() -> None:
    noise = np.random.default_rng(1).normal(0.0, 1e6, 180)
    grown, low, high = soak.slope(4e8 + noise + 1e5 * np.arange(180))
    assert low < 1e5 < high
    assert 0.9e5 < grown < 1.1e5
    _, low, high = soak.slope(4e8 + noise)
    assert low < 0.0 < high


def test_a_short_soak_measures_everything(tmp_path: Path) -> None:
    found = soak.measure(40)
    assert found["runs"] == 40
    assert len(found["resident_mb"]) == len(found["open_files"]) == len(found["seconds_per_run"]) == 40
    keep("soak", found, tmp_path)
    assert len(soak.figure(kept("soak", tmp_path)).axes) == 3


class Gone:
    """A client, or a future, whose scheduler has just gone."""

    status = "running"

    def result(self) -> None:
        """Nothing comes."""
        from distributed.comm import CommClosedError

        raise CommClosedError("Stream is closed")


def test_a_connection_that_breaks_while_results_come_is_the_scheduler_gone() -> None:
    waiting = Batches(Gone(), "tcp://here:1", Gone(), deque(), 1.0)  # type: ignore[arg-type]
    with pytest.raises(ClusterError, match="tcp://here:1: the scheduler is gone; what was finished is kept"):
        waiting._outcome(Gone(), [1])  # type: ignore[arg-type]
