"""The scenarios that ship with the package."""

from pathlib import Path

from sim.scenario.errors import ScenarioError, suggestion


def folder() -> Path:
    """The folder of the packaged scenarios: in the installed package, else beside it in the repository."""
    package = Path(__file__).parents[1]
    installed = package / "_scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def names() -> tuple[str, ...]:
    """The names of the packaged scenarios, in alphabetical order."""
    return tuple(sorted(file.stem for file in folder().glob("*.yaml")))


def path(name: str) -> Path:
    """The file of a packaged scenario. ScenarioError for an unknown name."""
    known = names()
    if name not in known:
        raise ScenarioError(
            f"{name or repr(name)}: no packaged scenario and no file of this name; {suggestion(name, known)}"
        )
    return folder() / f"{name}.yaml"
