"""Agent-days per second beside other frameworks on one small task (``benchmarks/peers``).

Each framework runs in a process of its own, all of them in turn, round after round, and the least processor time
counts.  ``--peers PYTHON`` names the interpreter of an environment that has the frameworks (``pip install
minusim[bench-peers]``); one that is not installed there is left out.
"""

import json
import subprocess
import sys
from math import sqrt
from pathlib import Path
from typing import Any

from benchmarks.peers.task import PACKAGES

ROOT = Path(__file__).parent.parent
SIZES = ((2_500, 50, 40), (102_400, 320, 4))  # agents, side of the torus, days: one agent a cell
ROUNDS = 3
OURS = ("mesa", "numpy", "minusim")  # run in this environment
SURE = 5.0  # standard errors by which encounters may differ from their expectation


def measure(
    peers: str = sys.executable, sizes: tuple[tuple[int, int, int], ...] = SIZES, rounds: int = ROUNDS
) -> dict[str, Any]:
    """A row per framework and size; frameworks that are missing, with the reason."""
    best: dict[tuple[str, int], dict[str, Any]] = {}
    missing: dict[str, str] = {}
    for number in range(rounds):
        for name in (name for name in PACKAGES if name not in missing):
            for agents, side, days in sizes:
                found = _run(sys.executable if name in OURS else peers, name, agents, side, days, number)
                if "missing" in found:
                    missing[name] = found["missing"]
                    print(f"{name} is left out: {found['missing']}")
                    break
                check(name, agents, side, days, found["encounters"])
                key = (name, agents)
                best[key] = min(best.get(key, found), found, key=lambda each: each["seconds"])
    days_of = {agents: days for agents, _, days in sizes}
    rows = [
        {"framework": name, "agents": agents, "version": row["version"], "seconds": row["seconds"],
         "agent_days_per_s": agents * days_of[agents] / row["seconds"]}
        for (name, agents), row in best.items()
    ]  # fmt: skip
    return {"rows": rows, "missing": missing, "rounds": rounds}


def _run(python: str, name: str, agents: int, side: int, days: int, seed: int) -> dict[str, Any]:
    command = [python, "-m", "benchmarks.peers.task", name, *map(str, (agents, side, days, seed))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        return {"missing": unfit(done.stderr)}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def unfit(errors: str) -> str:
    """Why a framework is left out, from what it said when it failed."""
    last = (errors.strip().splitlines() or ["no message"])[-1]
    return f"does not run with the version installed ({last})"


def check(name: str, agents: int, side: int, days: int, encounters: float, replications: int = 1) -> None:
    """SystemExit where a framework met too many or too few: it would be another task.

    Each of the pairs of a day shares its cell with chance 1 / side**2, and a walk of some days is not independent from
    day to day: the pairs of one day of each replication are counted as independent.
    """
    expected = (agents - 1) / side**2
    error = sqrt(2 * expected / (agents * replications))
    if abs(encounters - expected) > SURE * error:
        raise SystemExit(f"{name}: {encounters:.4f} encounters a day, expected {expected:.4f} in {days} days")
