"""The scenarios that ship with the package, each in the mission pack that it is about."""

from pathlib import Path

from sim._util.suggestions import suggestion
from sim.missions import load_mission, packaged_missions
from sim.scenario.errors import ScenarioError


def names() -> tuple[str, ...]:
    """The names of the packaged scenarios, those of the default mission first, each in alphabetical order."""
    return tuple(_files())


def path(name: str) -> Path:
    """The file of a packaged scenario. ScenarioError for an unknown name."""
    files = _files()
    if name not in files:
        raise ScenarioError(
            f"{name or repr(name)}: no packaged scenario and no file of this name; {suggestion(name, files)}"
        )
    return files[name]


def _files() -> dict[str, Path]:
    missions = [load_mission(name) for name in packaged_missions()]
    return {name: mission.scenario_folder / f"{name}.yaml" for mission in missions for name in mission.scenarios()}
