"""Notebooks are kept without outputs, are easy to read, and run from the first cell to the last."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LINES = 15  # most that a cell of code may have
WIDTH = 120


def cells(path: Path, kind: str) -> list[str]:
    """The text of the cells of one kind."""
    found = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == kind]


def named(path: Path) -> str:
    return path.stem


def test_there_are_as_many_as_the_first_page_says() -> None:
    assert [path.name[0] for path in NOTEBOOKS] == [str(n) for n in range(1, len(NOTEBOOKS) + 1)]
    listed = (FOLDER.parent / "docs" / "index.md").read_text("utf-8")
    assert [path.stem for path in NOTEBOOKS if f"notebooks/{path.stem}\n" not in listed] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_a_notebook_is_kept_without_outputs_and_in_small_cells(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    for cell in document["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert document["metadata"]["kernelspec"]["name"] == "python3"
    code = cells(path, "code")
    assert max(text.count("\n") + 1 for text in code) <= LINES
    assert max(len(line) for text in code for line in text.splitlines()) <= WIDTH
    assert len(cells(path, "markdown")) >= len(code) / 3, "a notebook explains what it does"
    assert "MINUSIM_SMALL" in "".join(code)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINUSIM_SMALL", "1")
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")  # of Jupyter's own; the model's are errors in its own tests
    from notebooks.run import executed

    notebook = executed(path, tmp_path)
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) or "image/gif" in output.get("data", {}) for output in shown)
    assert not [output for output in shown if output.output_type == "error"]
    assert not any(tmp_path.iterdir()), "files that the notebook does not speak of"
