"""Every file that code writes says what the code says."""

import sys
from pathlib import Path

import pytest

from tools import generate
from tools.generate import Generated, generated


@pytest.mark.parametrize("file", generated(), ids=lambda file: file.name)
def test_a_generated_file_is_fresh(file: Generated) -> None:
    assert file.is_fresh(), f"{file.name} is stale; run `make generate`"


def test_only_stale_files_are_written_and_a_check_writes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale, fresh = tmp_path / "stale.md", tmp_path / "fresh.md"
    for file, text in ((stale, "old"), (fresh, "kept")):
        file.write_text(text, "utf-8")
    files = [Generated(stale, lambda: "new"), Generated(fresh, lambda: "kept")]
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "generated", lambda: files)
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generate.main() == 1
    assert stale.read_text("utf-8") == "old"
    monkeypatch.setattr(sys, "argv", ["generate"])
    assert generate.main() == 0
    assert stale.read_text("utf-8") == "new"
    assert capsys.readouterr().out == "stale.md\n" * 2
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generate.main() == 0
