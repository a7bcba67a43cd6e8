"""Names of rooms, modules, classes and functions are the field's words; `make lint` holds imports to the layers."""

import ast
import re
from pathlib import Path

import sim

PACKAGE = Path(sim.__file__).parent
ROOMS = {"cli", "app", "present", "validation", "calibration", "inference", "study", "results", "model", "scenario",
         "missions", "_util"}  # fmt: skip
# words of earlier designs, each of which has a standard term in its place
PRIVATE = {"born", "dawn", "deaf", "desk", "errand", "film", "foretold", "glue", "hall", "heard", "honesty", "hunt",
           "janitor", "keeper", "nouns"}  # fmt: skip


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
    found = {(path.name, name) for path in PACKAGE.rglob("*.py") for name in names(path) if words(name) & PRIVATE}
    assert found == set()


def test_a_private_word_is_found_in_any_spelling() -> None:
    assert words("ErrandQueue") & words("_next_errand") & PRIVATE == {"errand"}
