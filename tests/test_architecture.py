"""Names of rooms, modules, classes and functions are the field's words; `make lint` holds imports to the layers."""

import ast
import re
from pathlib import Path

import sim

PACKAGE = Path(sim.__file__).parent
ROOT = PACKAGE.parent
CODE = [path for folder in ("sim", "analysis", "benchmarks", "tools") for path in sorted((ROOT / folder).rglob("*.py"))]
ROOMS = {"cli", "app", "present", "validation", "calibration", "inference", "study", "results", "model", "scenario",
         "missions", "_util"}  # fmt: skip
# words of earlier designs, each of which has a standard term in its place
PRIVATE = {"anew", "born", "dawn", "deaf", "desk", "errand", "film", "foretell", "foretold", "glue", "hall", "heard",
           "honesty", "hunt", "janitor", "keeper", "laboratory", "mended", "nouns", "tongue"}  # fmt: skip
# archaic or figurative phrases, each of which has a plain one in its place
ARCHAIC = re.compile(
    r"foretell|foretold|in vain|whom it serves|what nobody knows|last word has|three spreads|told from none|"
    r"told honestly|\bmends\b|\banew\b|\bfor ever\b|again and again|\bkeeper\b|\berrands?\b|\blaboratory\b",
    re.IGNORECASE,
)
TEXT = {".md", ".py", ".yaml", ".po", ".ipynb", ".html", ".vue"}
WRITTEN = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "Makefile")),
    *(path for folder in ("docs", "sim", "analysis", "benchmarks", "tools", "notebooks")
      for path in sorted((ROOT / folder).rglob("*")) if path.suffix in TEXT),
]  # fmt: skip


def names(path: Path) -> set[str]:
    """The names of a module, its classes and functions."""
    tree = ast.parse(path.read_text("utf-8"))
    return {path.stem} | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def words(name: str) -> set[str]:
    """``ErrandQueue`` and ``errand_queue`` are both the words errand and queue."""
    return set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))


def test_every_room_is_there_and_no_other() -> None:
    assert {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} == ROOMS


def test_names_are_words_of_the_field() -> None:
    found = {(path.name, name) for path in CODE for name in names(path) if words(name) & PRIVATE}
    assert found == set()


def test_no_class_is_named_by_a_verb_alone() -> None:
    classes = {node.name for path in CODE for node in ast.walk(ast.parse(path.read_text("utf-8")))
               if isinstance(node, ast.ClassDef)}  # fmt: skip
    assert classes & {"Found", "Kept", "Missed", "Said", "Told", "Watch"} == set()


def test_texts_are_in_plain_words() -> None:
    hits = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in WRITTEN
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if ARCHAIC.search(line)
    ]
    assert hits == []


def test_an_archaic_phrase_is_found() -> None:
    assert ARCHAIC.search("What it Foretells")
    assert not ARCHAIC.search("what it forecasts; it recommends amends")


def test_a_private_word_is_found_in_any_spelling() -> None:
    assert words("ErrandQueue") & words("_next_errand") & PRIVATE == {"errand"}
