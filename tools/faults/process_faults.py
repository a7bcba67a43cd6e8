"""A command that is ended at a random moment: by itself, with all that it started, or twice."""

from __future__ import annotations

import os
import signal
import time
from random import Random

from tools.faults.trial import Running, Trial
from tools.faults.workspace import TrialResult, Workspace, judge, names

KEPT = "the same command with --resume continues"
INTERRUPTED = 130
FRESH = 0.25  # of the commands are killed from the interpreter's start on


def kill(workspace: Workspace, trial: Trial, rng: Random, sign: str, whom: str) -> TrialResult:
    """``whom``: command, all (as a terminal or a batch system does), twice (the second in the final write)."""
    _, whole = workspace.whole(trial.ask[0])
    fresh = rng.random() < FRESH
    running = trial.start(workers=rng.choice((1, 1, 2)) if whom == "command" else 2, fresh=fresh)
    found = TrialResult(trial.moment(running, 0, len(whole.runs) - 8))
    send(running, getattr(signal, sign), whom, rng)
    said = running.ended()
    found.code = said.code
    found.expect(trial.all_end(), "processes outlived the command")
    kept = trial.kept()
    if sign != "SIGKILL":
        _interrupted(found, trial, running, kept.runs.total(), said.code, said.err)
    resumed = trial.resumed()
    if sign == "SIGKILL":
        found.told(resumed[0].err, r"runs to do|runs of the|wave 1|Running \d+ subsets")
    judge(found, trial, whole, names(kept), resumed)
    if sign == "SIGKILL" and whom == "all":  # nobody was left who could
        found.problems = [problem for problem in found.problems if not problem.startswith("temporary files")]
    return found


def send(running: Running, sign: signal.Signals, whom: str, rng: Random) -> None:
    """Send the signal, or two of them."""
    if whom == "all":
        os.killpg(running.process.pid, sign)
        return
    os.kill(running.process.pid, sign)
    if whom == "twice":
        time.sleep(rng.uniform(0.0, 0.3))
        if running.process.poll() is None:
            os.kill(running.process.pid, sign)


def _interrupted(found: TrialResult, trial: Trial, running: Running, kept: int, code: int, err: str) -> None:
    """Check that the command ends as documented, says how to go on, and keeps the runs that were counted."""
    if code < 0 and not trial.store.exists():  # the interpreter had not begun with the command
        found.message = f"ended by signal {-code} before anything was written"
        return
    found.expect(code == INTERRUPTED, f"ended with {code}")
    found.told(err, KEPT if trial.store.exists() else "Interrupted")
    found.expect(kept >= running.counted(), f"{running.counted() - kept} counted runs were lost")
