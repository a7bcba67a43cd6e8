"""Every command, path and block in README and docs works as printed."""

import importlib
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from sim.cli.main import COMMANDS, app, main
from sim.inference.comparison import answer
from sim.present.answer_files import save_answer
from sim.scenario import load, loads
from tests.synthetic_study import synthetic_study

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "SECURITY.md",
        ROOT / "sim" / "missions" / "minusma" / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "notebooks").glob("*.ipynb"),
    ],
    key=lambda page: (page.parent != ROOT, page),  # the README makes the files that later pages speak of
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
INLINE = re.compile(r"`minusim ([a-z][^`]*)`")
# minutes, or until it is stopped; their own tests run them
LONG = ("compare", "attribute", "calibrate", "validate", "forecast", "sensitivity", "app")
IN_A_STORE = ("report", "rerun")  # need what a long command leaves
PATH = re.compile(r"`((?:sim|docs|scenarios|tests|benchmarks|analysis|tools|notebooks)/[\w./-]+)`")
EXAMPLES = {"sim/model/processes/radio.py"}  # a file that the guide adds
MAKE = re.compile(r"(?:^|`)make ([a-z][\w-]*)", re.MULTILINE)
MODULE = re.compile(r"python -m ([\w.]+)")
NAME = re.compile(r"`(sim(?:\.\w+)+)(?:\([^`]*\))?`")
EXTRA = re.compile(r"minusim\[([\w,]+)\]")


@cache
def text_of(page: Path) -> str:
    """A page of Markdown, or the Markdown of a notebook."""
    if page.suffix != ".ipynb":
        return page.read_text("utf-8")
    cells = json.loads(page.read_text("utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return re.sub(r"^```.*?^```", "", text_of(page), flags=re.MULTILINE | re.DOTALL)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, text) of every code block in a language."""
    found = [(page, *match) for page in PAGES for match in BLOCK.findall(text_of(page))]
    return [(named(page), text) for page, name, text in found if name == language]


def lines() -> list[str]:
    """Every line of a shell block, without its comment."""
    return [line.partition("#")[0].strip() for _, text in blocks("sh") for line in text.splitlines()]


def commands() -> list[list[str]]:
    """Every `minusim` command of a shell block."""
    return [shlex.split(line)[1:] for line in lines() if line.startswith("minusim ")]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the site and a repository's view of Markdown make them."""
    plain = (
        re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower() for heading in HEADING.findall(prose(page))
    )
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_paths_exist(page: Path) -> None:
    text = text_of(page)
    for target, anchor in LINK.findall(text):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"
    for target in PATH.findall(text):
        assert (ROOT / target).exists() or "NAME" in target or target in EXAMPLES, target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = text_of(page)
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(MAKE.findall("\n".join(re.findall(r"`[^`]+`|^make .*", text, re.MULTILINE)))) <= targets
    for module in MODULE.findall(text):
        assert module == "pytest" or find_spec(module), module
    for name in NAME.findall(text):
        assert resolved(name), name
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert {extra for group in EXTRA.findall(text) for extra in group.split(",")} <= set(extras)


def resolved(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    module, _, attribute = name.rpartition(".")
    try:
        return bool(find_spec(name)) or hasattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError:
        owner, _, kind = module.rpartition(".")
        return hasattr(getattr(importlib.import_module(owner), kind), attribute)


def test_every_picture_is_shown_and_can_be_drawn_again() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target, _ in LINK.findall(text_of(page))}
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


@pytest.mark.slow
def test_short_commands_in_pages_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    short = [words for words in commands() if words[0] not in (*LONG, *IN_A_STORE)]
    assert len(short) >= 5
    for words in short:
        assert words[0] in COMMANDS, words
        few = ["--seeds", "2"] if words[0] in ("run", "demo") else []  # the last one counts
        assert main([*words, *few]) == 0, words


def test_lines_of_shell_blocks_are_commands_that_something_checks() -> None:
    known = ("minusim ", "make ", "python -m ")
    assert [line for line in lines() if line and not line.startswith(known)] == []


@pytest.mark.parametrize("words", [words for words in commands() if words[0] in IN_A_STORE], ids=" ".join)
def test_commands_on_a_store_are_understood(words: list[str]) -> None:
    assert parsed(words).params["store"]


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("r"), ids=lambda block: block[0])
def test_r_in_pages_runs(block: tuple[str, str], tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None or subprocess.run([rscript, "-e", "library(ggplot2)"], capture_output=True).returncode:
        pytest.skip("R with ggplot2 is not installed")
    save_answer(answer(synthetic_study({"as_reported": {}, "none": {"peacekeepers_killed": 1.5}}, 12)), tmp_path)
    (tmp_path / "page.R").write_text(block[1], "utf-8")
    done = subprocess.run([rscript, "--vanilla", "page.R"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "none" in done.stdout
    assert (tmp_path / "difference.pdf").stat().st_size > 0


@pytest.mark.parametrize("words", [words for words in commands() if words[0] in LONG], ids=" ".join)
def test_long_commands_in_pages_are_understood(words: list[str]) -> None:
    scenario = parsed(words).params.get("scenario")
    if ["new", scenario] not in commands():  # else an earlier command of the page makes it
        assert scenario is None or load(scenario).title


def test_commands_in_sentences_are_understood() -> None:
    found = [shlex.split(words) for page in PAGES for words in INLINE.findall(text_of(page))]
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


def test_the_finding_in_the_readme_is_the_kept_answer() -> None:
    """Every average with its interval, and the five numbers that matter most, as the commands named beside them say."""
    finding = (ROOT / "README.md").read_text("utf-8").partition("## What it finds so far")[2].partition("\n## ")[0]
    kept = ROOT / "results" / "reference"
    answer = (kept / "measures_2018" / "answer.txt").read_text("utf-8")
    finding, answer = " ".join(finding.split()), " ".join(answer.split())
    intervals = re.findall(r"(-?[\d.]+ to \+[\d.]+)[,)]", finding)
    assert len(intervals) >= 5
    assert [interval for interval in intervals if f"({interval})" not in answer] == []
    most = (kept / "sensitivity_2018" / "sensitivity.txt").read_text("utf-8")
    names = re.search(r"these matter most: (.*)\.", most)[1].split(", ")
    assert len(names) == 5
    assert [name for name in names if f"`{name}`" not in finding] == []
