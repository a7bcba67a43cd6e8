"""Runs the engine and the readable model side by side and prints what was compared, and where they part if they do.

Two years at the usual scale: ``python -m tests.reference --first 2016-01-01 --years 2``.  A decade at a small one:
``python -m tests.reference --first 2013-07-01 --years 10.5 --persons 1000000``.
"""

import argparse
import sys
import time
from datetime import date

from sim.model.plan import Plan
from sim.scenario import load
from tests.minusma import date_of, day_index
from tests.reference.agreement import Agreement, compare, varied
from tests.reference.model import WITHOUT_TWIN


def main() -> int:
    """0 if the two agree."""
    asked = _arguments()
    scenario = load(asked.scenario).with_values({"settings.persons_per_community": asked.persons})
    plan = Plan.build(scenario)
    if asked.vary is not None:
        plan = varied(plan, asked.vary)
    first = max(0, day_index(asked.first))
    last = min(plan.report[1], first + round(365.25 * asked.years) - 1)
    sys.stdout.write(f"{asked.scenario}, {plan.agents} agents, seed {asked.seed}\n")
    began = time.perf_counter()
    found = compare(plan, asked.seed, last, first, progress=_monthly)
    _report(found, first, time.perf_counter() - began)
    return int(found.parting is not None)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.reference", description=__doc__)
    parser.add_argument("--scenario", default="historical", help="name or path; its run-up is run too")
    parser.add_argument("--first", type=date.fromisoformat, default=date(2016, 1, 1), help="first day compared")
    parser.add_argument("--years", type=float, default=2.0, help="years compared")
    parser.add_argument("--persons", type=int, default=10_000, help="persons per community, 20 to 1,000,000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vary", type=int, help="draw every parameter across its range, by this seed")
    return parser.parse_args()


def _monthly(day: date) -> None:
    if day.day == 1 and day.month in (1, 4, 7, 10):
        sys.stderr.write(f"{day} equal\n")


def _report(found: Agreement, first: int, seconds: float) -> None:
    days = f"{date_of(first)} to {date_of(found.days - 1)}: {found.days - first} evenings compared in {seconds:.0f} s"
    lines = [days, "events compared, by tactic:"]
    lines += [f"  {tactic:16s} {number:6d}" for tactic, number in found.events.items()]
    lines.append(f"  {'all':16s} {found.events.total():6d}")
    if WITHOUT_TWIN:
        lines.append(f"switched off, since they have no readable twin: {', '.join(WITHOUT_TWIN)}")
    lines.append(f"they part on {found.parting}" if found.parting else "equal: every event, column and book")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
