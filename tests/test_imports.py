"""What each command and `import sim` load: the libraries that must not be there when it ends, each in its process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# name -> packages; what a command may load of these is what it needs
MODEL = {"numpy", "numba", "llvmlite"}
TABLES = {"pandas", "pyarrow", "openpyxl"}
DRAWING = {"matplotlib", "PIL", "fontTools"}
NEVER = {"mesa", "networkx", "jinja2", "dask", "distributed", "solara", "SALib", "emcee", "sklearn", "scoringrules"}
SCIENCE = {"scipy.linalg", "scipy.special", "scipy.stats"}
TERMINAL = {"rich", "babel"}
EVERYTHING = MODEL | TABLES | DRAWING | NEVER | SCIENCE | TERMINAL | {"pydantic", "yaml"}
READING = EVERYTHING - {"pydantic", "yaml"}  # a scenario is read with these two

COMMANDS = {
    "--help": (["--help"], EVERYTHING),
    "run --help": (["run", "--help"], EVERYTHING),
    "check": (["check", "quickstart"], READING - {"babel"}),
    "new": (["new", "my.yaml"], READING),
    "explain": (["explain", "quickstart"], READING),
    "list measures": (["list", "measures"], READING - {"rich"}),
    "list bases": (["list", "bases"], READING - {"rich"}),
    "list organisations": (["list", "organisations"], READING - {"rich"}),
    "run": (["run", "quickstart", "--seeds", "1", "--no-figures"], DRAWING | NEVER | SCIENCE),
}
# what is loaded before the first file is written, that is when the table is printed
TABLE_PRINTED = """
import sys
from sim.results import Results
Results.save = lambda results, folder, seeds=1: print(*sys.modules, file=sys.stderr) or sys.exit()
"""


def loaded(code: str, folder: Path) -> set[str]:
    """The modules that are loaded when the code ends, printed last on stderr."""
    code = f"{code}\nimport sys\nprint(*sys.modules, file=sys.stderr)"
    place = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, env=place)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loads_what_it_needs_alone(name: str, tmp_path: Path) -> None:
    arguments, absent = COMMANDS[name]
    assert loaded(f"from sim.cli.main import main\nassert main({arguments}) == 0", tmp_path) & absent == set()


def test_the_table_of_a_run_is_printed_before_pandas_is_loaded(tmp_path: Path) -> None:
    code = f"{TABLE_PRINTED}\nfrom sim.cli.main import main\nmain({COMMANDS['run'][0]})"
    found = loaded(code, tmp_path)
    assert found & (TABLES | DRAWING | NEVER | SCIENCE) == set()
    assert found >= {"numpy", "numba"}


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import sim", EVERYTHING),
        ("import sim; sim.load('quickstart')", TABLES | DRAWING | NEVER | SCIENCE),
        ("import sim; sim.Results", TABLES | DRAWING | NEVER | SCIENCE),
    ],
)
def test_python_loads_what_it_needs_alone(code: str, absent: set[str], tmp_path: Path) -> None:
    assert loaded(code, tmp_path) & absent == set()


def test_a_command_leaves_the_linear_algebra_of_scipy_to_be_loaded(tmp_path: Path) -> None:
    code = (
        "from sim.cli.numba_import import import_numba\nimport_numba()\nimport_numba()\nimport scipy.linalg.cython_blas"
    )
    assert "scipy.linalg.cython_blas" in loaded(code, tmp_path)
