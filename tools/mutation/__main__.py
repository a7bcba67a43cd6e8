"""Mutation testing: ``python -m tools.mutation kernels``, then ``statistics``, then ``score``; or ``make mutation``.

Finished mutants are kept in results/reliability/mutation.csv: an interrupted campaign goes on where it was.
"""

import argparse
import os
import sys
from pathlib import Path


def main() -> None:
    """Run a part of the campaign, or write the score into docs/testing.md."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("part", choices=("kernels", "statistics", "score"))
    parser.add_argument("--only", default="", help="modules whose path holds this")
    parser.add_argument("--sample", type=int, help="mutants of a module")
    parser.add_argument("--again", action="store_true", help="try once more what was not noticed")
    parser.add_argument("--kept", type=Path, help="another file than results/reliability/mutation.csv")
    asked = parser.parse_args()
    if asked.part == "score":
        from tools.mutation.score import publish

        sys.stdout.write(publish())
        return
    os.environ["OMP_NUM_THREADS"] = "1"
    if asked.part == "kernels":
        os.environ["NUMBA_DISABLE_JIT"] = "1"  # before numba is imported: rules run as plain Python
        from tools.mutation import kernels as part
    else:
        from tools.mutation import statistics as part
    part.run(asked.only, asked.sample or part.SAMPLE, ("survived", "timeout") if asked.again else (), asked.kept)


if __name__ == "__main__":
    main()
