"""Write the numbers of ``docs/reliability.md`` from ``results/reliability``: ``python -m tools.reliability_page``.

The prose between the markers is written by hand; a test fails when page and files differ.
"""

import csv
from collections import Counter
from pathlib import Path

from benchmarks.timing import kept
from tools import pages

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reliability.md"
FOLDER = ROOT / "results" / "reliability"
GROUPS = {
    "the command is killed or interrupted": ("command ", "all processes", "twice"),
    "a worker is killed": ("worker SIG",),
    "the disk is full, a file too large": ("disk full", "file size"),
    "the store becomes read-only": ("read-only",),
    "a file is damaged while the study runs": ("under way",),
    "a file of a finished study is damaged": ("flipped", "truncated", "deleted", "emptied", "overwritten", "edited"),
    "two studies in one folder at once": ("at once", "claim one folder"),
    "a Dask worker or the scheduler is killed": ("Dask",),
    "scenario or version change in between": ("changed",),
    "the clock moves": ("clock",),
}


def faults() -> list[dict[str, str]]:
    """The rows of the recorded campaign."""
    with (FOLDER / "faults.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def group(name: str) -> str:
    """The line of the table in which a kind of fault is counted."""
    return next(line for line, words in GROUPS.items() if any(word in name for word in words))


def by_kind() -> str:
    """Tried, held, runs kept and runs done after the fault, for each group."""
    rows = faults()
    lines = ["| fault | tried | held | runs finished before | done after |", "| --- | ---: | ---: | ---: | ---: |"]
    for line in GROUPS:
        own = [row for row in rows if group(row["fault"]) == line]
        lines.append(f"| {line} | {_counts(own)} |")
    return "\n".join([*lines, f"| all | {_counts(rows)} |"])


def _counts(rows: list[dict[str, str]]) -> str:
    held = sum(row["verdict"] == "held" for row in rows)
    before, after = (sum(int(row[name]) for row in rows) for name in ("finished_before", "done_after"))
    return f"{len(rows)} | {held} | {before:,} | {after:,}"


def campaign() -> str:
    """What was recorded, in a sentence."""
    rows = faults()
    verdicts = Counter(row["verdict"] for row in rows)
    commands = Counter(row["command"] for row in rows)
    of = ", ".join(f"{number} of `{name}`" for name, number in commands.most_common())
    others = ", ".join(f"{number} {name}" for name, number in verdicts.items() if name != "held") or "none did not"
    commits = ", ".join(sorted({row["commit"] for row in rows}))
    minutes = sum(float(row["seconds"]) for row in rows) / 60
    return (
        f"{len(rows)} faults ({of}); {verdicts['held']} held, {others}; {minutes:.0f} minutes on a busy machine with\n"
        f"two cores; commit {commits}."
    )


def soak() -> str:
    """The soak as a table."""
    found = kept("soak", FOLDER)
    files = found["open_files"]
    growth = " to ".join(f"{found[name]:+.0f}" for name in ("growth_low", "growth_high"))
    rows = (
        ("runs, failed", f"{found['runs']:,}, {found['failed']}"),
        ("resident memory, begin and end (MB)", f"{found['resident_mb'][0]:.0f}, {found['resident_mb'][-1]:.0f}"),
        ("growth after the first tenth (bytes a run)", f"{found['growth_bytes_per_run']:+.0f} ({growth})"),
        ("open files, least and most", f"{min(files)}, {max(files)}"),
        ("processor time of a run, last tenth to first", f"{found['last_tenth_to_first']:.2f}"),
        ("stored (bytes a run; bound)", f"{found['stored_bytes_per_run']:.0f}; {found['stored_bound']:,}"),
    )
    return "\n".join(["| | |", "| --- | ---: |", *(f"| {what} | {value} |" for what, value in rows)])


BLOCKS = {"faults": by_kind, "campaign": campaign, "soak": soak}


if __name__ == "__main__":
    pages.rewrite(PAGE, lambda text: pages.with_blocks(text, BLOCKS))
