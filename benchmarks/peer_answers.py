"""From Enter to a table of 50 replications of one small task (``benchmarks/peers``), in each framework.

Every framework runs in a process of its own, as many replications as asked, in the way that it offers for that.  Cold:
with empty folders for caches and settings, so that what is compiled, and what Matplotlib notes of fonts, is part of
it; warm: the same again.  The unit is ``import mesa`` in a process of its own, beside each pair.
"""

import sys
import tempfile
from statistics import median
from subprocess import CalledProcessError
from typing import Any

from benchmarks.answer_time import UNIT, Moment, waited
from benchmarks.frameworks import OURS, ROOT, check, unfit
from benchmarks.peers.task import PACKAGES

TASK = (900, 30, 20)  # agents, side of the torus, days: one agent a cell
REPLICATIONS = 50
CACHES = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "HOME")


def measure(
    peers: str = sys.executable,
    task: tuple[int, int, int] = TASK,
    replications: int = REPLICATIONS,
    warm: int = 1,
) -> dict[str, Any]:
    """A row per framework: units and seconds, cold and warm (median of so many); those missing, with the reason."""
    rows, missing = [], {}
    for name in PACKAGES:
        python = sys.executable if name in OURS else peers
        try:
            rows.append(_row(python, name, task, replications, warm))
        except CalledProcessError as problem:
            missing[name] = unfit(problem.stderr)
            print(f"{name} is left out: {missing[name]}")
    agents, side, days = task
    return {"agents": agents, "side": side, "days": days, "replications": replications, "rows": rows,
            "missing": missing}  # fmt: skip


def _row(python: str, name: str, task: tuple[int, int, int], replications: int, warm: int) -> dict[str, Any]:
    command = [python, "-m", "benchmarks.peers.answer", name, *map(str, (*task, replications))]
    with tempfile.TemporaryDirectory() as folder:
        caches = dict.fromkeys(CACHES, folder)
        unit = waited(UNIT, ROOT).end
        cold, *others = [waited(command, ROOT, **caches) for _ in range(1 + warm)]
    _, version, _, mean, low, high = cold.lines[-1].split()
    check(name, *task, float(mean), replications)
    times = {
        "cold": cold.answer,
        "warm": Moment(*(median(column) for column in zip(*(w.answer for w in others), strict=True))),
    }
    row: dict[str, Any] = {
        "framework": name,
        "version": version,
        "mean": float(mean),
        "low": float(low),
        "high": float(high),
    }
    for when, taken in times.items():
        for clock in Moment._fields:
            seconds = getattr(taken, clock)
            row |= {f"{when}_{clock}_s": seconds, f"{when}_{clock}_units": seconds / getattr(unit, clock)}
    return row
