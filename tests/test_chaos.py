"""The short form of ``make chaos``: a few faults of every sort on real commands, each mended by --resume."""

import sys
from collections import deque
from collections.abc import Iterator

import pytest
from distributed.comm import CommClosedError

from sim.study.cluster.batches import Batches
from sim.study.cluster.errors import ClusterError
from tests.chaos.campaign import Campaign, Kind, kinds
from tests.chaos.laboratory import may_mount

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes the Linux way")

SHORT = (
    ("compare", "command SIGKILL"),
    ("compare", "command SIGTERM"),
    ("compare", "SIGINT twice"),
    ("compare", "worker SIGKILL"),
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
    store, whole = campaign.laboratory.whole("compare")
    monkeypatch.setattr(campaign.laboratory, "whole", lambda _: (store, type(whole)(whole.runs, 1, "other", "other")))
    problems = campaign.one(kind, 0)["problems"]
    assert "tables differ from the undisturbed run" in problems
    assert "answers differ from the undisturbed run" in problems
    fewer = type(whole)(whole.runs - type(whole.runs)(list(whole.runs)[:1]), 1, whole.digest, whole.answers)
    monkeypatch.setattr(campaign.laboratory, "whole", lambda _: (store, fewer))
    assert "other runs are kept" in campaign.one(kind, 0)["problems"]


class Gone:
    """A client, or a future, whose scheduler has just gone."""

    status = "running"

    def result(self) -> None:
        """Nothing comes."""
        raise CommClosedError("Stream is closed")


def test_a_connection_that_breaks_while_results_come_is_the_scheduler_gone() -> None:
    waiting = Batches(Gone(), "tcp://here:1", Gone(), deque(), 1.0)  # type: ignore[arg-type]
    with pytest.raises(ClusterError, match="tcp://here:1: the scheduler is gone; what was finished is kept"):
        waiting._outcome(Gone(), [1])  # type: ignore[arg-type]
