"""All benchmarks: ``python -m benchmarks [PART ...] [--quick] [--peers PYTHON] [--out FOLDER]``, or ``make bench``.

Each part is kept as JSON in ``results/benchmarks``; then the figure is drawn, and the numbers in
``docs/performance.md`` and ``README.md`` are written.  ``--quick`` makes everything tiny, to see that it works.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import (
    answer_time,
    bandwidth,
    bare_day,
    frameworks,
    memory,
    peer_answers,
    performance_figure,
    performance_page,
    process_profile,
    readable_model,
    scaling,
    startup,
    throughput,
    vectorised,
)
from benchmarks.timing import FOLDER, is_kept, keep

Measure = Callable[[], dict[str, Any]]


def parts(quick: bool, peers: str) -> dict[str, Measure]:
    """Name -> what measures it, shortest first."""
    if quick:
        return {
            "bare": lambda: bare_day.measure("2013-08-31", 3),
            "vectorised": lambda: vectorised.measure(30, 3),
            "bound": lambda: bandwidth.measure("2013-08-31"),
            "processes": lambda: process_profile.measure(30),
            "reference": lambda: readable_model.measure(0.1),
            "peers": lambda: frameworks.measure(peers, ((400, 20, 10),), 1),
            "peer_answers": lambda: peer_answers.measure(peers, (400, 20, 10), 4, 1),
            "scaling": lambda: scaling.measure((7_000, 3_500), (0.5, 0.25), "2013-07-31", 1),
            "startup": lambda: startup.measure(1, compile_too=False),
            "memory": lambda: memory.measure(60),
            "answer": lambda: answer_time.measure(1, 3, "2013-08-31", 2, (2, 1), 2),
            "study": lambda: throughput.measure("quickstart", 4),
        }
    return {
        "bare": bare_day.measure,
        "vectorised": vectorised.measure,
        "bound": bandwidth.measure,
        "processes": process_profile.measure,
        "reference": lambda: readable_model.measure(2.0),
        "peers": lambda: frameworks.measure(peers),
        "peer_answers": lambda: peer_answers.measure(peers),
        "scaling": scaling.measure,
        "startup": startup.measure,
        "memory": memory.measure,
        "answer": answer_time.measure,
        "study": throughput.measure,
    }


def run(names: Sequence[str], measures: dict[str, Measure], folder: Path) -> None:
    """Measure, print and keep."""
    for name in names:
        began = time.perf_counter()
        print(f"== {name}", flush=True)
        found = measures[name]()
        print(text(found), flush=True)
        print(f"kept in {keep(name, found, folder)} after {time.perf_counter() - began:.0f} s", flush=True)


def text(found: dict[str, Any], indent: str = "") -> str:
    """Figures as lines; long tables are in the file."""
    lines = []
    for name, value in found.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}", text(value, indent + "  ")]
        elif not isinstance(value, list):
            number = f"{value:,.4g}" if isinstance(value, float) else f"{value}"
            lines.append(f"{indent}{name:28s} {number}")
    return "\n".join(lines)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    known = list(parts(quick=True, peers=""))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(known)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="tiny, kept in build/benchmarks")
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON", help="an interpreter that has the peers")
    parser.add_argument("--out", type=Path, help="where JSON and figure are kept (default: results/benchmarks)")
    asked = parser.parse_args(words)
    for name in asked.parts:
        if name not in known:
            parser.error(f"unknown part {name!r}; known: {', '.join(known)}")
    asked.parts = asked.parts or known
    return asked


def main(words: Sequence[str]) -> None:
    """Measure what was asked for, then draw and write what all of it says."""
    asked = arguments(words)
    folder = asked.out or (Path("build") / "benchmarks" if asked.quick else FOLDER)
    run(asked.parts, parts(asked.quick, asked.peers), folder)
    absent = [name for name in parts(quick=True, peers="") if not is_kept(name, folder)]
    if absent:
        print(f"no figure yet: {', '.join(absent)} not measured")
        return
    for path in performance_figure.draw(folder):
        print(f"drawn: {path}")
    if folder == FOLDER:
        performance_page.write()


if __name__ == "__main__":
    main(sys.argv[1:])
