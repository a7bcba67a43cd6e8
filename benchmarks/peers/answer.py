"""Replications of the task in one framework: ``python -m benchmarks.peers.answer NAME AGENTS SIDE DAYS SEEDS``.

Prints mean and 95 % interval of the encounters of an agent a day, as a user of that framework would want them.
"""

import importlib
import sys
from math import sqrt
from statistics import NormalDist, fmean, stdev

from benchmarks.peers.task import installed

HEAD = ("framework", "version", "replications", "mean", "low", "high")
WIDE = NormalDist().inv_cdf(0.975)


def main(name: str, agents: int, side: int, days: int, replications: int) -> None:
    """Run and print."""
    replicate = importlib.import_module(f"benchmarks.peers.{name}_walk").replicate
    found = [met / (agents * days) for met in replicate(agents, side, days, range(1, 1 + replications))]
    mean, half = fmean(found), WIDE * stdev(found) / sqrt(len(found))
    row = (name, installed(name), str(len(found)), f"{mean:.6f}", f"{mean - half:.6f}", f"{mean + half:.6f}")
    for line in (HEAD, row):
        print("  ".join(f"{word:12s}" for word in line))


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:6]))
