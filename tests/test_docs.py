"""Every command, path and block in README and docs works as printed."""

import re
import shlex
from pathlib import Path

import pytest

from sim.cli.main import COMMANDS, main
from sim.scenario import loads

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
PATH = re.compile(r"`((?:sim|docs|scenarios|tests|benchmarks|notebooks)/[\w./-]+)`")


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, text) of every code block in a language."""
    found = [(page, *match) for page in PAGES for match in BLOCK.findall(page.read_text("utf-8"))]
    return [(page.relative_to(ROOT).as_posix(), text) for page, name, text in found if name == language]


def commands() -> list[list[str]]:
    """Every `minusim` command of a shell block, without its comment."""
    lines = [line.partition("#")[0].strip() for _, text in blocks("sh") for line in text.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("minusim ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in LINK.findall(text):
        assert (page.parent / target).exists(), target
    for target in PATH.findall(text):
        assert (ROOT / target).exists() or "NAME" in target, target


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block[0])
def test_scenarios_in_pages_are_valid(block: tuple[str, str]) -> None:
    page, text = block
    if "title:" in text:
        assert loads(text, page).title


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block[0])
def test_python_in_pages_runs(block: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, text = block
    monkeypatch.chdir(tmp_path)
    exec(compile(text, page, "exec"), {"__name__": "page"})


def test_commands_in_pages_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(commands()) >= 5
    for words in commands():
        assert words[0] in COMMANDS, words
        few = ["--seeds", "2"] if words[0] == "run" and "--seeds" not in words else []
        if words[0] in ("compare", "attribute", "sensitivity"):
            continue  # minutes of work; their own tests run them small
        assert main([*words, *few]) == 0, words
