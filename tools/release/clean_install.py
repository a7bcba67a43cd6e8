"""The wheel where nothing else is: a new environment, an empty home, a folder outside the checkout."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.release import ReleaseError

# printed by the installed package: where it comes from, and that nothing of it was left behind
INSIDE = """
import json, re
from hashlib import sha256
from pathlib import Path
import sim
from sim.calibration.mission import MISSION
from sim.scenario import load, packaged_names
rows = re.findall(r"^[|] `(.+?)` [|].*?[|] ([0-9a-f]{64}) [|]", (MISSION.folder / "README.md").read_text("utf-8"), re.M)
print(json.dumps({
    "home": str(Path(sim.__file__).parent),
    "facts": len(rows),
    "wrong": [name for name, digest in rows if sha256((MISSION.folder / name).read_bytes()).hexdigest() != digest],
    "scenarios": len([load(name) for name in packaged_names()]),
    "sets": len(MISSION.posterior().sets),
}))
"""
COMMANDS = (
    ("--version",),
    ("check", "--install"),
    ("demo", "--seeds", "2", "--out", "demo"),
    ("compare", "quickstart", "--replications", "4", "--workers", "1", "--out", "compared"),
    ("report", "compared"),
)
LEFT = ("demo/events.parquet", "demo/map.png", "compared/comparison.csv", "compared/comparison.xlsx")


@dataclass(frozen=True)
class Trial:
    """A new folder, for an environment and for what its commands leave."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def install(self, wheel: Path, constraints: Path) -> None:
        """The wheel and what it needs, at the versions on which the tests pass; no pip, nothing else."""
        venv.create(self.folder / "venv", symlinks=os.name != "nt")
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "--disable-pip-version-check", "--quiet"]
        # the wheel first and by name: by its path pip would note the path, and by name alone it might find another
        own = ["install", "--no-deps", "--no-index", "--find-links", str(wheel.parent), wheel.name.split("-")[0]]
        _run([*pip, *own], self.folder, os.environ)
        _run([*pip, "install", "-c", str(constraints), wheel.name.split("-")[0]], self.folder, os.environ)
        _run([*pip, "check"], self.folder, os.environ)

    def minusim(self, *arguments: str) -> str:
        """What the installed command prints."""
        return self._alone(str(self.python.with_name("minusim" + self.python.suffix)), *arguments)

    def inside(self) -> dict[str, Any]:
        """What the installed package finds of itself."""
        found: dict[str, Any] = json.loads(self._alone(str(self.python), "-I", "-c", INSIDE))
        return found

    def _alone(self, *command: str) -> str:
        """In a work folder and a home of its own, with nothing of ours in the environment."""
        work, home = self.folder / "work", self.folder / "home"
        work.mkdir(exist_ok=True)
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
        return _run(list(command), work, {**kept, "HOME": str(home), "USERPROFILE": str(home)})


def try_out(trial: Trial, say: Callable[[str], None]) -> None:
    """ReleaseError unless the installed wheel holds what it must and every command does its work."""
    found = trial.inside()
    if not Path(found["home"]).is_relative_to(trial.folder):
        raise ReleaseError(f"the environment takes sim from {found['home']}, not from the wheel")
    if found["wrong"] or min(found["facts"], found["scenarios"], found["sets"]) == 0:
        raise ReleaseError(f"facts, scenarios or posterior are not as they were: {found}")
    say(f"inside: {found['facts']} files of facts, {found['scenarios']} scenarios, {found['sets']} posterior sets")
    json.loads(trial.minusim("schema"))["properties"]  # the schema is a schema
    for arguments in COMMANDS:
        said = trial.minusim(*arguments)
        say(f"minusim {' '.join(arguments)}: {said.splitlines()[0]}")
    missing = [name for name in LEFT if not (trial.folder / "work" / name).is_file()]
    if missing:
        raise ReleaseError(f"the commands did not leave {missing[0]}")


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        told = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise ReleaseError(f"{' '.join(command[1:])} ended with {done.returncode}: {' / '.join(told[-3:])}")
    return done.stdout
