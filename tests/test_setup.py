"""Set-up: light imports, public names, pinned versions, and a wheel that carries its facts and scenarios."""

import re
import subprocess
import sys
import tomllib
import zipfile
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
        "compare",
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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out))
    done = python(*build, str(ROOT))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(out.glob("*.whl"))) as archive:
        archive.extractall(out / "site")
    return out / "site"


def test_wheel_carries_facts_and_scenarios(wheel: Path) -> None:
    for folder, shipped in ((ROOT / "sim" / "data", "data"), (ROOT / "scenarios", "_scenarios")):
        expected = {file.name for file in folder.iterdir() if file.is_file()}
        assert expected
        assert expected <= {file.name for file in (wheel / "sim" / shipped).iterdir()}
    for page in ("app/stage.vue", "app/static/map.js", "app/words/fr.po", "app/opening.json.gz", "report/words/fr.po"):
        assert (wheel / "sim" / page).is_file()
    templates = {file.name for file in (ROOT / "sim" / "report" / "templates").iterdir()}
    assert templates == {file.name for file in (wheel / "sim" / "report" / "templates").iterdir()}
    assert (wheel / "sim" / "py.typed").is_file()
    assert not (wheel / "tests").exists()


def test_wheel_finds_its_scenarios_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(wheel)!r}); from sim.cli.main import main; sys.exit(main())"
    done = python("-c", code, "check", "quickstart", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "quickstart is valid" in done.stdout
    assert str(ROOT) not in done.stdout
