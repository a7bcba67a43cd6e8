"""What trials are made of: scenarios, undisturbed runs to compare with, and the verdict on a resumed study."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from tools.faults.fork_server import Template
from tools.faults.store_digest import StoreDigest
from tools.faults.trial import CommandResult, Trial, wait_for

SCENARIO = """
title: A month
period: {start: 2013-07-01, end: 2013-07-31}
seed: SEED
replications: REPLICATIONS
baseline: as_is
settings: {persons_per_community: 1000000}
outcomes: [peacekeepers_killed, civilians_killed]
variants:
  as_is: {}
  patrols: {measures: {patrols: {patrols_per_1000_per_day: 9, start: 2013-07-10}}}
"""
PACKAGE = """
measures:
  patrols: {patrols_per_1000_per_day: 9, start: 2013-07-10}
  training: {days_per_month: 5, start: 2013-07-05}
"""
SWEPT = ["--within", "prior", "--trajectories", "4", "--samples", "8", "--top", "2", "--outcomes", "civilians_killed"]
ASK: dict[str, Sequence[str]] = {
    "compare": ["compare", "month.yaml"],
    "attribute": ["attribute", "month.yaml", "--measures", "patrols,training"],
    "sensitivity": ["sensitivity", "month.yaml", *SWEPT],
    "calibrate": ["calibrate"],
}
REPLICATIONS = {"compare": 50, "attribute": 24, "sensitivity": 2, "calibrate": 0}


@dataclass
class TrialResult:
    """Result of a trial.  ``problems``: where the study did not do what it should."""

    moment: str = ""
    code: int | None = None
    before: int = 0  # runs that had finished when the fault came, as far as they may not be lost
    again: int = 0  # runs that were done after it
    message: str = ""
    problems: list[str] = field(default_factory=list)

    def expect(self, holds: bool, problem: str) -> None:
        """Note a problem unless something holds."""
        if not holds:
            self.problems.append(problem)

    def told(self, text: str, wanted: str) -> None:
        """Note the line that says what happened, or that there is none."""
        line = next((line for line in text.splitlines() if re.search(wanted, line)), None)
        self.expect(line is not None, f"nothing like {wanted!r} was said")
        if line and not self.message:
            self.message = line


@dataclass
class Workspace:
    """A folder for trials and the undisturbed runs that they are compared with."""

    folder: Path
    template: Template

    def text(self, command: str, seed: int = 3) -> str:
        """The scenario of a command."""
        text = SCENARIO.replace("SEED", str(seed)).replace("REPLICATIONS", str(REPLICATIONS[command]))
        return text + PACKAGE if command == "attribute" else text

    def trial(self, name: str, command: str, rng: Random) -> Trial:
        """A fresh folder with nothing but the scenario in it."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "month.yaml").write_text(self.text(command))
        return Trial(folder, ASK[command], rng, template=self.template)

    def whole(self, command: str, seed: int = 3) -> tuple[Path, StoreDigest]:
        """The store of an undisturbed run, and what it holds."""
        return _whole(self.folder, self.template, command, seed, self.text(command, seed))


@cache
def _whole(folder: Path, template: Template | None, command: str, seed: int, text: str) -> tuple[Path, StoreDigest]:
    place = folder / f"undisturbed-{command}-{seed}"
    done = place / "done"
    if not done.exists() or done.read_text() != text:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / "month.yaml").write_text(text)
        said = Trial(place, ASK[command], Random(0), template=template).start(workers=1).ended()
        if said.code:
            raise RuntimeError(f"the undisturbed run failed: {said.err}")
        done.write_text(text)
    return place / "kept", StoreDigest.of(place / "kept")


def judge(
    found: TrialResult,
    trial: Trial,
    whole: StoreDigest,
    finished: set[str],
    resumed: tuple[CommandResult, list[str]],
    twice: bool = False,
) -> None:
    """Hold a resumed study against the undisturbed one.

    ``finished``: runs that may be neither lost nor done again; ``twice``: two studies may both have done a run.
    """
    said, again = resumed
    after = trial.kept()
    found.again, found.before = len(again), len(finished)
    found.expect(said.code == 0, f"--resume ended with {said.code}: {said.err[-300:]}")
    found.expect(len(set(again)) == len(again) or trial.ask[0] == "sensitivity", "runs were done twice by --resume")
    found.expect(not any("failed" in name for name in again), "runs failed")
    if trial.ask[0] == "sensitivity":  # its steps use the same numbers, so runs are only counted
        found.expect(len(again) + len(finished) == len(whole.runs), "another number of runs was done again")
    else:
        own = {name.partition(": ")[2] for name in whole.runs}
        kept = {name.partition(": ")[2] for name in finished}
        found.expect(not kept & set(again), f"{len(kept & set(again))} finished runs were done again")
        found.expect(kept | set(again) == own, f"{len(own - kept - set(again))} runs are missing")
    found.expect(set(after.runs) == set(whole.runs), "other runs are kept")
    found.expect(twice or set(after.runs.values()) == {1}, "runs are kept twice")
    found.expect(after.digest == whole.digest, "tables differ from the undisturbed run")
    found.expect(after.answers == whole.answers, "answers differ from the undisturbed run")
    sound(found, trial)


def sound(found: TrialResult, trial: Trial) -> None:
    """No process and no temporary file outlives a trial, and nobody saw a traceback."""
    found.expect(trial.all_end(), "processes outlived the command")
    left = [file.name for file in (trial.folder / "tmp").iterdir()]
    found.expect(not left, f"temporary files are left: {left}")
    for place in trial.folder.glob("[0-9]*"):
        text = (place / "err").read_text(errors="replace")
        found.expect("Traceback" not in text, f"a traceback: {text[-400:]}")


def names(kept: StoreDigest) -> set[str]:
    """Names of the runs in undamaged parts."""
    return set(kept.runs)


@contextmanager
def disk(trial: Trial, size: str) -> Iterator[Path]:
    """A small filesystem of its own inside the trial, which holds the store."""
    place = trial.folder / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place))
    trial.store_name = "disk/kept"
    try:
        yield place
    finally:
        trial.stop()
        wait_for(lambda: subprocess.run(["umount", str(place)], capture_output=True).returncode == 0, 30.0)


def mount(*arguments: str) -> None:
    """Mount a filesystem. PermissionError where this user may not."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise PermissionError(done.stderr.strip())


@cache
def may_mount() -> bool:
    """Whether small filesystems can be made here."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        try:
            mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
        except (PermissionError, FileNotFoundError):
            return False
        subprocess.run(["umount", folder], check=True)
        return True


def content(folder: Path) -> Mapping[str, bytes]:
    """Every file of a store."""
    return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.is_dir() else {}
