"""What `docs/extending.md` says, done in a copy of the repository: nothing else needs a touch, and all of it works."""

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.generate import generated

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.ipynb", "images")
COPIED = ("sim", "analysis", "tools", "docs")
# a path in backticks, then the next block of code: what the page says about a file
SAID = re.compile(
    r"`((?:sim/[\w/]+\.\w+)|radio\.yaml)`(?:(?!`sim/|`radio).)*?\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE
)
END_OF_ROWS = re.compile(r"^\)\n", re.MULTILINE)

pytestmark = pytest.mark.slow


def steps() -> dict[str, str]:
    """File -> what the page puts into it."""
    page = (ROOT / "docs" / "extending.md").read_text("utf-8").partition("## Your own measure")[2]
    return dict(SAID.findall(page))


def with_rows(text: str, file: str, rows: str) -> str:
    """A registry with rows behind the last one of its list; any other table with lines at its end."""
    if not file.startswith("sim/scenario/registry/"):
        return text + rows
    first = re.search(r"^_[A-Z]+ = \($", text, re.MULTILINE)
    assert first is not None, file
    end = END_OF_ROWS.search(text, first.end())
    assert end is not None, file
    return text[: end.start()] + rows + text[end.start() :]


IN_ONE_PROCESS = """
import contextlib, io, json, sys
from sim.cli.main import main
printed = []
for command in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        assert main(command.split()) == 0, command
    printed.append(text.getvalue())
print(json.dumps(printed))
"""


class Copy:
    """A copy of the repository in which the page's steps were taken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=LEFT_OUT)
        for file, text in steps().items():
            path = folder / file
            path.write_text(with_rows(path.read_text("utf-8"), file, text) if path.exists() else text, "utf-8")
        self.python("-m", "tools.generate")

    def python(self, *words: str) -> str:
        """What a command prints."""
        places = {"PYTHONPATH": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache"), "COLUMNS": "200"}
        done = subprocess.run(
            [sys.executable, *words], cwd=self.folder, env={**os.environ, **places}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def minusim(self, *commands: str) -> list[str]:
        """What commands print, one after the other in one process: most of a short command is its imports."""
        printed: list[str] = json.loads(self.python("-c", IN_ONE_PROCESS, *commands))
        return printed


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("extended") / "minusim")


def test_only_the_files_of_the_page_and_generated_ones_differ(copy: Copy) -> None:
    said = steps()
    assert len(said) == 6, "process, three registries, parameters, scenario"
    changed = {
        path.relative_to(copy.folder).as_posix()
        for name in COPIED
        for path in (copy.folder / name).rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".nbi", ".nbc")
        if not (ROOT / path.relative_to(copy.folder)).exists()
        or not filecmp.cmp(path, ROOT / path.relative_to(copy.folder), shallow=False)
    }
    assert changed - {file.name for file in generated()} == {*said} - {"radio.yaml"}


def test_the_command_line_lists_and_explains_them(copy: Copy) -> None:
    *lists, text, schema = copy.minusim(
        "list measures --json", "list outcomes --json", "list processes --json", "explain radio.yaml", "schema"
    )
    added = {"measure": "radio", "outcome": "listener_days", "process": "radio"}
    for (row, name), listed in zip(added.items(), lists, strict=True):
        assert name in {each[row] for each in json.loads(listed)}
    assert "Where programmes in local languages are heard" in text
    assert "share_of_listeners, from 0 to 1" in text
    assert "radio_calm" in text
    assert "share_of_listeners" in schema


def test_runs_and_comparisons_count_the_outcome_and_have_pages_in_both_languages(copy: Copy) -> None:
    run, without, study, *_ = copy.minusim(
        "run radio.yaml --out run --json",
        "run radio.yaml --variant without --out off --json",
        "compare radio.yaml --replications 3 --out study --json",
        *(
            f"report {what} --lang {lang} --out {what}.{lang}.html"
            for what in ("run", "study")
            for lang in ("en", "fr")
        ),
        "report study --replication --out study.zip",
    )
    assert json.loads(run)["outcomes"]["listener_days"] > 0 == json.loads(without)["outcomes"]["listener_days"]
    assert json.loads(study)["variants"]["without"]["listener_days"]["difference"]["mean"] < 0
    assert "listener_days" in (copy.folder / "run" / "codebook.csv").read_text("utf-8")
    for page in ("run.en", "run.fr", "study.en", "study.fr"):
        assert "listener-days" in (copy.folder / f"{page}.html").read_text("utf-8"), page


FIRST_PAGE = """
from dataclasses import replace
from sim.app.page import _case
from sim.app.url_state import View
from sim.app.view_models import about_case, as_text, measure_rows
for language in ("en", "fr"):
    view = replace(View(), language=language)
    case, token = _case(view)
    print(as_text(about_case(case, token, view)), as_text(measure_rows(case, view)))
"""


def test_the_first_page_of_the_browser_view_has_the_measure(copy: Copy) -> None:
    pages = copy.python("-c", FIRST_PAGE).splitlines()
    assert ['"Radio programmes"' in page for page in pages] == [True, True]
