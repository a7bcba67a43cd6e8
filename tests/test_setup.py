"""Set-up: light imports, public names, pinned versions."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).parents[1]
HEAVY = {"numpy", "pandas", "pyarrow", "numba", "mesa", "matplotlib", "pydantic", "rich", "scipy"}


def python(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """This interpreter in a process of its own."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, **options)


def modules_after(code: str) -> set[str]:
    done = python("-c", f"{code}\nimport sys\nprint(*sys.modules)")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("code", ["import sim", "import sim.cli.main", "import sim; dir(sim); sim.__version__"])
def test_import_is_light(code: str) -> None:
    assert not HEAVY & modules_after(code)


def test_help_loads_nothing_heavy() -> None:
    code = "from sim.cli.main import main\nassert main(['--help']) == 0\nassert main(['run', '--help']) == 0"
    assert not HEAVY & modules_after(code)


def test_public_names() -> None:
    expected = {
        "Comparison",
        "MissionModel",
        "Results",
        "Scenario",
        "ScenarioError",
        "__version__",
        "attribute",
        "compare",
        "forecast",
        "list_bases",
        "list_measures",
        "list_organisations",
        "list_outcomes",
        "list_parameters",
        "list_processes",
        "list_regions",
        "list_scenarios",
        "list_shocks",
        "load",
        "run",
    }
    assert set(sim.__all__) == set(dir(sim)) == expected
    for name in expected:
        assert getattr(sim, name) is not None


def test_unknown_public_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = sim.laod


def test_module_is_the_command() -> None:
    done = python("-m", "sim", "--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"minusim {sim.__version__}")


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~;\[ ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in requirements}


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line[:1] != "#"]
    assert all(re.fullmatch(r'[\w.-]+==[\w.]+( ; python_version (<|>=) "3\.\d+")?', pin) for pin in pins)
    asked = names(project["dependencies"]).union(*map(names, project["optional-dependencies"].values()))
    assert asked - {"minusim"} <= names(pins)  # an extra may be made of others


@pytest.mark.parametrize(
    "file", ["constraints.txt", "pyproject.toml", "Makefile", ".ci/run", ".ci/interpreters", ".ci/system"]
)
def test_no_index_is_named(file: str) -> None:
    assert not re.search(r"https?://|index-url|find-links", (ROOT / file).read_text("utf-8"))
