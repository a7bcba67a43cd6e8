"""A study of 20,000 short runs: does memory stay flat, do files stay closed, does it stay as fast, how much is stored?

``python -m tools.soak`` writes soak.json and soak.png in results/reliability.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.memory import resident
from benchmarks.timing import keep, kept
from sim.present.figures.style import BLUE, GREY, PAGE, finish, house_style, new_figure, panel_title, save
from sim.scenario import Scenario, loads
from sim.study import Study
from sim.study.task import RunResult

RUNS = 20_000
POINTS = 200
WARM = 0.1  # share of the points before memory counts: caches fill
BLOCK = 10  # points that are drawn together: neighbours are alike
DRAWN = 2_000
BOUND = (
    4_000  # bytes a run of up to a month: its totals (800), 9 regions x 29 columns (2,100), cells, its share of files
)
FOLDER = Path("results/reliability")
TEXT = """
title: A week
period: {start: 2013-07-01, end: 2013-07-07}
seed: 1
baseline: as_is
variants:
  as_is: {}
  patrols: {measures: {patrols: {patrols_per_1000_per_day: 9, start: 2013-07-03}}}
"""

FloatArray = npt.NDArray[np.float64]


def scenario() -> Scenario:
    """A week under two policies, on the calibrated scale."""
    return loads(TEXT, "week")


def measure(runs: int = RUNS) -> dict[str, Any]:
    """Memory, open files and processor time along a study in one process, and what is stored at its end."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    points: list[tuple[float, ...]] = []
    each = max(1, runs // POINTS)

    def watched(results: Iterator[RunResult], total: int) -> Iterator[RunResult]:
        for number, run in enumerate(results, start=1):
            if number % each == 0:
                points.append((resident(), open_files(), time.process_time()))
            yield run
        assert total == runs

    try:
        frame = Study(scenario(), folder / "store", runs // 2, 1).run(watched)
        stored = sum(file.stat().st_size for file in (folder / "store").iterdir())
    finally:
        shutil.rmtree(folder)
    memory, files, seconds = np.array(points).T
    return figures(memory, files, np.diff(seconds, prepend=np.nan) / each, each) | {
        "runs": len(frame.runs),
        "failed": len(frame.failed),
        "stored_bytes_per_run": stored / runs,
        "stored_bound": BOUND,
    }


def figures(memory: FloatArray, files: FloatArray, seconds: FloatArray, each: int) -> dict[str, Any]:
    """What the points say; ``each`` runs lie between two of them."""
    warm = memory[int(WARM * len(memory)) :]
    grown, low, high = slope(warm)
    tenth = max(1, len(seconds) // 10)
    return {
        "resident_mb": (memory / 1e6).tolist(),
        "growth_bytes_per_run": grown / each,
        "growth_low": low / each,
        "growth_high": high / each,
        "open_files": files.astype(int).tolist(),
        "seconds_per_run": np.nan_to_num(seconds, nan=float(np.nanmedian(seconds))).tolist(),
        "last_tenth_to_first": float(np.median(seconds[-tenth:]) / np.nanmedian(seconds[1 : tenth + 1])),
    }


def slope(values: FloatArray) -> tuple[float, float, float]:
    """Least squares against the place, with a 95 % interval from residuals drawn in blocks."""
    place = np.arange(len(values), dtype=np.float64)
    line = np.polyfit(place, values, 1)
    fitted = np.polyval(line, place)
    left, rng = values - fitted, np.random.default_rng(0)
    starts = rng.integers(0, max(1, len(values) - BLOCK + 1), (DRAWN, -(-len(values) // BLOCK)))
    drawn = (starts[:, :, None] + np.arange(BLOCK)).reshape(DRAWN, -1)[:, : len(values)]
    slopes = [np.polyfit(place, fitted + left[np.minimum(row, len(values) - 1)], 1)[0] for row in drawn]
    low, high = np.quantile(slopes, [0.025, 0.975])
    return float(line[0]), float(low), float(high)


def open_files() -> int:
    """Files that this process holds open; 0 where the system does not say."""
    place = Path("/proc/self/fd")
    return len(os.listdir(place)) if place.is_dir() else 0  # noqa: PTH208  # the listing itself is one of them


def figure(found: dict[str, Any]) -> Figure:
    """Memory, open files and time along the study."""
    runs = np.linspace(0, found["runs"], len(found["resident_mb"]) + 1)[1:]
    with house_style():
        made = new_figure(PAGE, 52.0)
        grid = made.add_gridspec(1, 3)
        panels = (
            ("a", "Resident memory (MB)", found["resident_mb"]),
            ("b", "Open files", found["open_files"]),
            ("c", "Processor time of a run (ms)", [1e3 * value for value in found["seconds_per_run"]]),
        )
        for place, (letter, title, values) in zip(grid, panels, strict=True):
            _panel(made.add_subplot(place), letter, title, runs, values)
        machine = found["machine"]
        finish(made, f"{found['runs']:,} runs of a week in one study", f"{machine['processor']}; python -m tools.soak")
    return made


def _panel(axes: Axes, letter: str, title: str, runs: FloatArray, values: list[float]) -> None:
    panel_title(axes, letter, title)
    axes.plot(runs / 1e3, values, color=BLUE, linewidth=0.7)
    axes.axvspan(0, WARM * runs[-1] / 1e3, color=GREY, alpha=0.12, linewidth=0)
    axes.set_ylim(0, 1.15 * max(values))
    axes.set_xlabel("thousand runs")


def main() -> None:
    """Measure, keep, draw."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("runs", nargs="?", type=int, default=RUNS)
    asked.add_argument("--out", type=Path, default=FOLDER)
    given = asked.parse_args()
    keep("soak", measure(given.runs), given.out)
    found = kept("soak", given.out)
    save(figure(found), given.out / "soak", ("png",))
    print(
        f"{found['runs']:,} runs: memory {found['growth_bytes_per_run']:+.0f} bytes a run "
        f"({found['growth_low']:+.0f} to {found['growth_high']:+.0f}), open files "
        f"{min(found['open_files'])} to {max(found['open_files'])}, last tenth to first "
        f"{found['last_tenth_to_first']:.2f}, {found['stored_bytes_per_run']:.0f} bytes stored a run"
    )


if __name__ == "__main__":
    main()
