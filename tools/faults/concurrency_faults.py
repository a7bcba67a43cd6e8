"""Two studies in one folder, a cluster that falls apart, another scenario or version, a clock that moves."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from random import Random

from tools.faults.store_digest import StoreDigest
from tools.faults.trial import MARK, ROOT, FaultTooLate, Trial, wait_for
from tools.faults.workspace import TrialResult, Workspace, content, judge, names
from tools.loopback_cluster import machines

REFUSED = 2
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")

SOURCES = ("_util/clock.py", "model/kernels.py", "model/processes/ambush.py", "study/draws.py", "model/recorder.py")


def two_at_once(workspace: Workspace, trial: Trial, rng: Random, killed: bool) -> TrialResult:
    """The same study twice into one folder at once; one may be killed."""
    _, whole = workspace.whole(trial.ask[0])
    meeting = {"CHAOS_MEETING": str(trial.folder / "meeting")}
    both = [trial.start("--resume", workers=1, env=meeting) for _ in range(2)]
    found = TrialResult("both claim it at once")
    if killed:
        found.moment += f", one killed after {trial.moment(both[0], 1, 40)}"
        both[0].process.send_signal(signal.SIGKILL)
    said = [running.ended() for running in both]
    found.code = said[1].code
    found.expect(said[1].code == 0, f"the other ended with {said[1].code}: {said[1].err[-200:]}")
    found.expect(killed or said[0].code == 0, f"one ended with {said[0].code}: {said[0].err[-200:]}")
    found.told(said[1].err, "runs to do")
    judge(found, trial, whole, names(trial.kept()), trial.resumed(), twice=True)
    return found


def two_scenarios(workspace: Workspace, trial: Trial, rng: Random) -> TrialResult:
    """Two scenarios claim one empty folder at once: one gets it, the other is refused."""
    text = workspace.text("compare")
    (trial.folder / "other.yaml").write_text(text.replace("seed: 3", "seed: 4"))
    (trial.folder / "wanted.yaml").write_text(text)
    meeting = {"CHAOS_MEETING": str(trial.folder / "meeting")}
    asks = [["compare", "month.yaml"], ["compare", "other.yaml"]]
    both = [trial.start(workers=1, env=meeting, ask=ask) for ask in asks]
    said = [running.ended() for running in both]
    codes = [each.code for each in said]
    winner = codes.index(0) if 0 in codes else 0
    found = TrialResult("both claim it at once", codes[1 - winner])
    found.expect(sorted(codes) == [0, REFUSED], f"they ended with {codes}")
    found.told(said[1 - winner].err, "holds another scenario")
    _, whole = workspace.whole("compare", 3 + winner)
    refused, _ = trial.resumed(ask=asks[1 - winner])
    found.expect(refused.code == REFUSED, f"the other's --resume ended with {refused.code}")
    trial.ask = asks[winner]
    whole = whole if winner == 0 else _renamed(whole, trial)
    judge(found, trial, whole, names(trial.kept()), trial.resumed())
    return found


def _renamed(whole: StoreDigest, trial: Trial) -> StoreDigest:
    """Answers name the scenario's file: those of the other one are not held against a file of another name."""
    return StoreDigest(whole.runs, whole.parts, whole.digest, trial.kept().answers)


def cluster(workspace: Workspace, trial: Trial, rng: Random, whom: str) -> TrialResult:
    """A worker of a Dask cluster is killed, or its scheduler."""
    _, whole = workspace.whole(trial.ask[0])
    place = trial.folder / "cluster"
    place.mkdir()
    os.environ[MARK] = str(trial.folder)
    try:
        with machines(place, 2) as there:
            running = trial.start("--cluster", there.address, workers=0)
            wanted = rng.randint(1, 6)
            wait_for(lambda: len(list(trial.store.glob("runs-*"))) >= wanted or running.over())
            if running.process.poll() is not None:
                raise FaultTooLate
            there.processes[0 if whom == "scheduler" else rng.randint(1, 2)].send_signal(signal.SIGKILL)
            said = running.ended()
    finally:
        del os.environ[MARK]
    found = TrialResult(f"after part {wanted}", said.code)
    if whom == "scheduler" and said.code == 0:
        raise FaultTooLate
    if whom == "scheduler":
        found.expect(said.code == REFUSED, f"ended with {said.code}")
        found.told(said.err, "the scheduler is gone; what was finished is kept, and --resume goes on")
    else:
        found.expect(said.code == 0, f"ended with {said.code}: {said.err[-200:]}")
        found.told(said.err, "runs to do")
    # a worker that is killed between writing and saying so has its batch done again: kept twice, counted once
    judge(found, trial, whole, names(trial.kept()), trial.resumed(), twice=True)
    return found


def _stopped(trial: Trial, rng: Random, whole: StoreDigest) -> TrialResult:
    running = trial.start(workers=1)
    found = TrialResult(trial.moment(running, 1, len(whole.runs) - 8))
    running.process.send_signal(rng.choice((signal.SIGKILL, signal.SIGTERM)))
    found.code = running.ended().code
    return found


def changed_scenario(workspace: Workspace, trial: Trial, rng: Random) -> TrialResult:
    """The scenario is edited between run and --resume, and then as it was."""
    _, whole = workspace.whole(trial.ask[0])
    found = _stopped(trial, rng, whole)
    kept, before, file = trial.kept(), content(trial.store), trial.folder / "month.yaml"
    old, new = rng.choice((("seed: 3", "seed: 5"), ("07-31", "07-30"), ("1000000", "900000"), ("title", "narrative")))
    file.write_text(workspace.text("compare").replace(old, new))
    found.moment += f"; {old} became {new}"
    refused, again = trial.resumed()
    if old == "title":  # it is no part of what is simulated
        found.expect(refused.code == 0, f"another title ended with {refused.code}")
        file.write_text(workspace.text("compare"))
        found.again = len(again)
        kept = trial.kept()
        found.message = "(a title is no part of what is simulated)"
    else:
        found.expect(refused.code == REFUSED, f"the other scenario ended with {refused.code}")
        found.told(refused.err, "holds another scenario.*differs from it in")
        found.expect(content(trial.store) == before, "something was changed")
        file.write_text(workspace.text("compare"))
    judge(found, trial, whole, names(kept), trial.resumed())
    return found


def changed_version(workspace: Workspace, trial: Trial, rng: Random) -> TrialResult:
    """The model changes between run and --resume, and then is as it was."""
    _, whole = workspace.whole(trial.ask[0])
    found = _stopped(trial, rng, whole)
    kept, before, source = trial.kept(), content(trial.store), trial.folder / "version"
    for part in ("sim", "scenarios"):
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    changed = rng.choice(SOURCES)
    file = source / "sim" / changed
    file.write_text(file.read_text() + "\n# another version\n")
    found.moment += f"; {file.name} changed"
    trial.env = {"PYTHONPATH": f"{source}:{ROOT}"}
    refused, _ = trial.resumed()
    trial.env = {}
    found.expect(refused.code == REFUSED, f"the other version ended with {refused.code}")
    found.told(refused.err, "holds runs of another version of the model")
    found.expect(content(trial.store) == before, "something was changed")
    judge(found, trial, whole, names(kept), trial.resumed())
    return found


def clock(workspace: Workspace, trial: Trial, rng: Random, how: str) -> TrialResult:
    """Commands live at other times (offset), the clock jumps while one runs (jump), or files are of other times."""
    _, whole = workspace.whole(trial.ask[0])
    times = [f"{rng.choice('+-')}{rng.randint(1, 3000)}{rng.choice('hd')}" for _ in range(2)]
    if how == "offset":
        trial.env = _faked(FAKETIME_=times[0])
    elif how == "jump":
        file = trial.folder / "time"
        file.write_text("+0\n")
        trial.env = _faked(FAKETIME_TIMESTAMP_FILE=str(file), FAKETIME_NO_CACHE="1")
    running = trial.start(workers=rng.choice((1, 2)))
    found = TrialResult(f"{how} {times[0]}, {times[1]}; {trial.moment(running, 1, len(whole.runs) - 24)}")
    if how == "jump":
        file.write_text(f"{times[0]}\n")
        found.code = running.ended().code
        found.expect(found.code == 0, f"ended with {found.code}")
    else:
        running.process.send_signal(rng.choice((signal.SIGKILL, signal.SIGTERM)))
        found.code = running.ended().code
    kept = trial.kept()
    (trial.store / ".unfinished-0").write_bytes(b"of somebody who was killed")
    if how == "offset":
        trial.env = _faked(FAKETIME_=times[1])
    for file in trial.store.iterdir() if how == "files" else ():
        moved = file.stat().st_mtime + rng.uniform(-1e8, 1e8)
        os.utime(file, (moved, moved))
    resumed = trial.resumed()
    found.told(resumed[0].err, "runs to do")
    judge(found, trial, whole, names(kept), resumed)
    return found


def _faked(**settings: str) -> dict[str, str]:
    if not FAKETIME.exists():
        raise FileNotFoundError(f"{FAKETIME}: a clock of their own for some processes: apt-get install libfaketime")
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME_DONT_FAKE_MONOTONIC": "1"} | {
        name.rstrip("_"): value for name, value in settings.items()
    }
