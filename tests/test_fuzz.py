"""Odd inputs to every reader, without the fuzzer; what is recorded of the campaign with it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.fuzz.readers import READERS
from tools.fuzz.report import written

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "results" / "reliability" / "fuzz.json"
WELL = {"accepted", "refused"}


def said(*options: str) -> dict[str, dict[str, int]]:
    """Reader -> what became of its inputs, from a process of its own: an audit hook can never be taken away."""
    command = [sys.executable, "-m", "tools.fuzz.smoke", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, int]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_thousands_of_inputs_end_in_an_answer_or_one_message() -> None:
    found = said()
    assert found.keys() == {reader.name for reader in READERS}
    assert {name: became for name, became in found.items() if not became.keys() <= WELL} == {}
    assert sum(sum(became.values()) for became in found.values()) > 5_000
    assert [name for name, became in found.items() if not became.get("refused")] == []


@pytest.mark.slow
def test_every_misdeed_is_noticed() -> None:
    found = {deed: next(iter(became)) for deed, became in said("--wrong").items()}
    beginnings = {
        "writes": "Forbidden at ", "renames": "Forbidden at ", "hangs": "Hang at ", "fills": "MemoryError at ",
        "runs": "Forbidden at ", "evaluates": "Forbidden at ", "fails": "KeyError at ", "mumbles": "unclear message: ",
    }  # fmt: skip
    assert found.keys() == beginnings.keys()
    assert {deed: text for deed, text in found.items() if not text.startswith(beginnings[deed])} == {}


def test_the_recorded_campaign_is_large_and_clean() -> None:
    recorded = json.loads(RECORD.read_text("utf-8"))
    done = {name: sum(part["became"].values()) for name, part in recorded["readers"].items()}
    assert recorded["inputs"] == sum(done.values()) >= 1_000_000
    assert recorded["wrong"] == {}
    assert [reader.name for reader in READERS if done[reader.name] < 20_000] == []
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    assert written(page, recorded) == page
    assert "<!-- measured: fuzz -->" in page
    assert max(part["slowest"] for part in recorded["readers"].values()) < 5
