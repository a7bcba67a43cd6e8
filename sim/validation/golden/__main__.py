"""Hold this machine against the kept numbers, or keep its own: see ``sim.validation.golden``."""

import argparse
import sys

from sim.validation import golden
from sim.validation.golden.machine import this_machine


def main() -> int:
    """0 where every event is as kept, or after renewing; 1 where one is not."""
    parser = argparse.ArgumentParser(prog="python -m sim.validation.golden", description=golden.__doc__)
    parser.add_argument("names", nargs="*", metavar="RUN", help="only these: " + ", ".join(r.name for r in golden.RUNS))
    parser.add_argument("--renew", action="store_true", help="print old -> new and keep the new numbers")
    asked = parser.parse_args()
    known, _ = golden.kept() if golden.FILE.exists() else ({}, {})
    unknown = set(asked.names) - {run.name for run in golden.RUNS}
    if unknown or (asked.renew and asked.names):
        parser.error(f"no run {min(unknown)!r}" if unknown else "--renew renews all runs; name none")
    found = golden.run(asked.names)
    verdict, differences = golden.compared(found, known)
    sys.stdout.write("".join(f"{difference}\n" for difference in differences))
    machine = this_machine()
    sys.stdout.write(f"{verdict.name.lower().replace('_', ' ')}: {machine}\n")
    if asked.renew:
        golden.keep(found, machine)
    return int(verdict == golden.Verdict.DIFFERENT and not asked.renew)


if __name__ == "__main__":
    sys.exit(main())
