"""Advisories against what is pinned: who answered, who did not, and no answer from a registry that knows nothing."""

from pathlib import Path

import pytest

from tools.pages import with_block
from tools.release import ReleaseError, advisories
from tools.release.advisories import (
    KEPT,
    KNOWN,
    NEWEST,
    NOT,
    PINS,
    VERSION,
    Answer,
    answers,
    keep,
    kept,
    pins,
    told,
)

PINNED = """# versions
one==1.0
Two.Parts==2.0 ; python_version < "3.12"
three==3.0
"""
PROJECTS = {
    KNOWN: ("0.19", ["OLD-1"]),
    "one": ("1.1", []),
    "Two.Parts": ("2.0", ["NEW-2"]),
    "three": ("3.1", ["NEW-3"]),
}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Pins, and a registry that knows the version of the first, of the second its newest, of the third neither."""
    monkeypatch.setattr(advisories, "of_project", PROJECTS.__getitem__)
    monkeypatch.setattr(advisories, "of_versions", lambda file: {("one", "1.0"): ["OLD-1", "OLD-2"]})
    file = tmp_path / "constraints.txt"
    file.write_text(PINNED, encoding="utf-8")
    return file


def test_a_pin_for_another_interpreter_is_asked_too(registry: Path) -> None:
    assert pins(registry) == [("one", "1.0"), ("Two.Parts", "2.0"), ("three", "3.0")]


def test_the_version_answers_before_the_newest_release_and_an_older_pin_not_at_all(registry: Path) -> None:
    found = answers(registry, "2026-11-28")
    assert [one.answered_by for one in found] == [VERSION, NEWEST, NOT]
    assert [one.advisories for one in found] == ["OLD-1 OLD-2", "NEW-2", ""]


def test_the_paragraph_names_what_is_known_and_what_is_not(registry: Path) -> None:
    text = told(answers(registry, "2026-11-28"))
    assert text == (
        "3 pinned versions, asked on 2026-11-28: of 2 the registry knows these advisories: one 1.0 (OLD-1 OLD-2), "
        "Two.Parts 2.0 (NEW-2). Of 1 it says nothing, since a newer release is out: three 3.0 (newest: 3.1)."
    )
    assert "**no advisory**." in told([Answer("one", "1.0", "1.0", "2026-11-28", NEWEST, "")])


def test_the_silence_of_a_registry_without_advisories_is_no_answer(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisories, "of_project", lambda name: ("1.0", []))
    with pytest.raises(ReleaseError, match="knows of nothing against ecdsa"):
        answers(registry, "2026-11-28")


def test_without_a_registry_nothing_is_written(
    registry: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(name: str) -> None:
        raise ReleaseError(f"no answer about {name}")

    monkeypatch.setattr(advisories, "of_project", unreachable)
    monkeypatch.setattr(advisories, "KEPT", registry.parent / "kept.csv")
    assert advisories.main() == advisories.SILENT
    assert capsys.readouterr().err == f"audit: no answer about {KNOWN}\n"
    assert not (registry.parent / "kept.csv").exists()


def test_an_advisory_fails_the_audit_and_is_kept(
    registry: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = registry.parent / "SECURITY.md"
    page.write_text("<!-- measured: advisories -->\nold\n<!-- end -->\n", encoding="utf-8")
    for name, value in {"PINS": registry, "KEPT": registry.parent / "kept.csv", "PAGE": page}.items():
        monkeypatch.setattr(advisories, name, value)
    assert advisories.main() == advisories.FOUND
    assert capsys.readouterr().out.strip() in page.read_text(encoding="utf-8")
    assert [one.advisories for one in kept(registry.parent / "kept.csv")] == ["OLD-1 OLD-2", "NEW-2", ""]


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [Answer("one", "1.0", "1.1", "2026-11-28", NOT, "")]
    keep(rows, tmp_path / "rows.csv")
    assert kept(tmp_path / "rows.csv") == rows


def test_what_is_kept_is_of_what_is_pinned_and_on_the_page() -> None:
    found = kept(KEPT)
    assert [(one.package, one.version) for one in found] == pins(PINS)
    page = Path("SECURITY.md").read_text(encoding="utf-8")
    assert "<!-- measured: advisories -->" in page
    assert page == with_block(page, "advisories", told(found))
