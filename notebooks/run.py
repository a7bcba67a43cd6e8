"""Notebooks without outputs in, notebooks with outputs out.

`python -m notebooks.run FOLDER` writes rendered copies of all of them into a folder; names after it pick some.
MINUSIM_SMALL in the environment makes the notebooks do a few weeks and seeds in place of years.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
SECONDS = 1800  # most that a cell may take
NOTEBOOKS = tuple(sorted(FOLDER.glob("*.ipynb")))


def executed(path: Path, folder: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of a run in ``folder``.  nbclient's CellExecutionError names a cell that fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the hours and minutes of the run
    return notebook


def for_the_site(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Links to pages as the site has them, where notebooks lie beside the pages and not beside their folder."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("](../docs/", "](../")
    return notebook


def render(folder: Path, names: Sequence[str] = ()) -> None:
    """Write executed copies, of all notebooks or of those whose names begin as asked."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in NOTEBOOKS:
        if not names or path.name.startswith(tuple(names)):
            print(path.name, flush=True)
            nbformat.write(for_the_site(executed(path, folder)), folder / path.name)


if __name__ == "__main__":
    render(Path(sys.argv[1]).resolve(), sys.argv[2:])
