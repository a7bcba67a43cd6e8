"""Disks that are full or read-only, and stores that somebody damages."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

from tools.faults.file_damage import damage
from tools.faults.trial import FaultTooLate, Trial, wait_for
from tools.faults.workspace import TrialResult, Workspace, content, disk, judge, mount, names

REFUSED = 2


def full(workspace: Workspace, trial: Trial, rng: Random) -> TrialResult:
    """A disk that is too small for the study, and is then enlarged."""
    _, whole = workspace.whole(trial.ask[0])
    size = rng.randrange(40, 560, 4)
    with disk(trial, f"{size}k") as place:
        said = trial.start(workers=rng.choice((1, 2))).ended()
        if said.code == 0:
            raise FaultTooLate
        found = TrialResult(f"{size} kB", said.code)
        found.told(said.err, "No space left on device")
        kept = trial.kept()
        mount("-o", "remount,size=64m", str(place))
        judge(found, trial, whole, names(kept), trial.resumed())
    return found


def limited(workspace: Workspace, trial: Trial, rng: Random) -> TrialResult:
    """A limit of some kB for every file, which is then lifted."""
    _, whole = workspace.whole(trial.ask[0])
    size = rng.randrange(4_000, 26_000)
    said = trial.start(workers=1, limit=size).ended()
    if said.code == 0:
        raise FaultTooLate
    found = TrialResult(f"files of {size} bytes at most", said.code)
    found.told(said.err, "File too large")
    judge(found, trial, whole, names(trial.kept()), trial.resumed())
    return found


def read_only(workspace: Workspace, trial: Trial, rng: Random) -> TrialResult:
    """The disk of the store becomes read-only until after a first --resume."""
    _, whole = workspace.whole(trial.ask[0])
    with disk(trial, "64m") as place:
        running = trial.start(workers=rng.choice((1, 2)))
        found = TrialResult(trial.moment(running, 1, len(whole.runs) - 24))
        wait_for(lambda: _remounted(place))
        said = running.ended()
        if said.code == 0:
            raise FaultTooLate
        found.code = said.code
        found.told(said.err, "Read-only file system")
        before = content(trial.store)
        refused, _ = trial.resumed()
        found.expect(refused.code == REFUSED, f"--resume there ended with {refused.code}")
        found.expect("Read-only file system" in refused.err, f"it said {refused.err[-200:]}")
        found.expect(content(trial.store) == before, "something was changed")
        kept = trial.kept()
        mount("-o", "remount,rw", str(place))
        judge(found, trial, whole, names(kept), trial.resumed())
    return found


def _remounted(place: Path) -> bool:
    try:
        mount("-o", "remount,ro", str(place))
    except PermissionError:  # busy: a part is being written
        return False
    return True


def damaged(workspace: Workspace, trial: Trial, rng: Random, which: str, how: str) -> TrialResult:
    """A file of a finished study is damaged: only the runs of its part are done again."""
    store, whole = workspace.whole(trial.ask[0])
    shutil.copytree(store, trial.store)
    file = rng.choice(sorted(trial.store.glob(which)))
    found = TrialResult(f"{file.name[:24]} {damage(file, how, rng)}", 0)
    kept = trial.kept()
    resumed = trial.resumed()
    if how == "deleted" and (file.name.startswith("runs-") or _alone(trial, file)):
        found.told(resumed[0].err, r"runs to do|runs of the|wave 1|Running")
    else:
        found.told(resumed[0].err, f"{file.name}: (missing|not as it was written; set aside)")
        found.expect(how == "deleted" or file.with_name(f"{file.name}.damaged").exists(), "it was not set aside")
    judge(found, trial, whole, names(kept), resumed)
    return found


def _alone(trial: Trial, file: Path) -> bool:
    """Whether the file is a whole part of this command: its deletion leaves no trace."""
    return trial.ask[0] in ("sensitivity", "calibrate") and file.suffix == ".parquet"


def under_way(workspace: Workspace, trial: Trial, rng: Random, which: str, how: str) -> TrialResult:
    """A file is damaged while the study runs; the damage is noticed before it ends."""
    _, whole = workspace.whole(trial.ask[0])
    running = trial.start(workers=rng.choice((1, 2)))
    wait_for(lambda: list(trial.store.glob("runs-*")) or running.over())
    moment = trial.moment(running, 8, len(whole.runs) - 24)
    file = rng.choice(sorted(trial.store.glob(which)))
    found = TrialResult(f"{moment}: {file.name[:24]} {damage(file, how, rng)}")
    said = running.ended()
    found.code = said.code
    runs_gone = which.startswith("runs")
    wanted = "were lost from the store while" if runs_gone else "--resume does its runs again|runs to do"
    found.told(said.err, wanted)
    found.expect(said.code in ((0,) if runs_gone else (0, REFUSED)), f"ended with {said.code}")
    judge(found, trial, whole, names(trial.kept()), trial.resumed())
    return found
