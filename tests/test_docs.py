"""Every command, path and block in README and docs works as printed."""

import re
import shlex
from pathlib import Path

import click
import pytest

from sim.cli.main import COMMANDS, app, main
from sim.scenario import load, loads

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
INLINE = re.compile(r"`minusim ([a-z][^`]*)`")
LONG = ("compare", "attribute", "calibrate", "validate", "forecast", "sensitivity", "report")  # run by their own tests
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


def test_every_picture_is_shown_and_can_be_drawn_again() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target in LINK.findall(page.read_text("utf-8"))}
    pictures = {path.resolve() for path in (ROOT / "docs" / "images").iterdir()}
    assert pictures
    assert pictures <= shown
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [path.name for path in pictures if f" docs/images/{path.name}\n" not in makefile] == []


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block[0])
def test_scenarios_in_pages_are_valid(block: tuple[str, str]) -> None:
    page, text = block
    if "title:" in text:
        assert loads(text, page).title


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block[0])
def test_python_in_pages_runs_prints_and_leaves_only_files_that_it_names(
    block: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, text = block
    monkeypatch.chdir(tmp_path)
    exec(compile(text, page, "exec"), {"__name__": "page"})
    assert capsys.readouterr().out.strip()
    assert [file.name for file in tmp_path.iterdir() if file.name not in text] == []


def parsed(words: list[str]) -> click.Context:
    """A command with its arguments understood, not run.  click.UsageError or Refusal where it would be refused."""
    parent = click.Context(app, info_name="minusim")
    name, command, rest = app.resolve_command(parent, list(words))
    assert command is not None
    return command.make_context(name, rest, parent)


def test_short_commands_in_pages_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    short = [words for words in commands() if words[0] not in LONG]
    assert len(short) >= 5
    for words in short:
        assert words[0] in COMMANDS, words
        few = ["--seeds", "2"] if words[0] == "run" and "--seeds" not in words else []
        assert main([*words, *few]) == 0, words


@pytest.mark.parametrize("words", [words for words in commands() if words[0] in LONG], ids=" ".join)
def test_long_commands_in_pages_are_understood(words: list[str]) -> None:
    known = parsed(words)
    scenario = known.params.get("scenario")
    if scenario != "my.yaml":  # which an earlier command of the page makes
        assert scenario is None or load(scenario).title


def test_commands_in_sentences_are_understood() -> None:
    found = [shlex.split(words) for page in PAGES for words in INLINE.findall(page.read_text("utf-8"))]
    assert {"calibrate", "validate", "sensitivity", "compare"} <= {words[0] for words in found}
    for words in found:
        assert words[0] in COMMANDS, words
        if len(words) > 1:  # else it speaks of the command
            assert parsed(words).params


@pytest.mark.parametrize(
    "words", [["validate", "--darws", "3"], ["validate", "--draws", "3"], ["forecast", "historical"], ["calibrat"]]
)
def test_a_command_that_would_be_refused_is_not_understood(words: list[str]) -> None:
    with pytest.raises(Exception, match=r"(?i)no such option|not in the range|missing|no command"):
        parsed(words)
