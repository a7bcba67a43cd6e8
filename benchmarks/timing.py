"""How speed is measured here: processor time, in alternating pairs in one process, and kept as small JSON files.

Other work on a machine moves seconds by tens of percent from one minute to the next, a ratio within a pair much less.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

FOLDER = Path(__file__).parent.parent / "results" / "benchmarks"
PACKAGES = ("mesa", "numba", "numpy")
Timed = Callable[[int], float]  # number of the pair -> seconds


@dataclass(frozen=True)
class Pairs:
    """Seconds of two ways of doing the same work, pair by pair."""

    first: tuple[float, ...]
    second: tuple[float, ...]

    @classmethod
    def measured(cls, first: Timed, second: Timed, pairs: int) -> "Pairs":
        """Each way once a pair; every other pair begins with the second."""
        rows = []
        for number in range(pairs):
            ways = (first, second) if number % 2 == 0 else (second, first)
            taken = [way(number) for way in ways]
            rows.append(taken if number % 2 == 0 else taken[::-1])
        return cls(*(tuple(column) for column in zip(*rows, strict=True)))

    @property
    def ratios(self) -> list[float]:
        """Seconds of the first over those of the second, least first."""
        return sorted(a / b for a, b in zip(self.first, self.second, strict=True))

    def figures(self, first: str, second: str) -> dict[str, Any]:
        """Least seconds of both, their ratio, and the median, least and most ratio of a pair."""
        ratios = self.ratios
        return {
            f"{first}_s": min(self.first),
            f"{second}_s": min(self.second),
            "ratio": median(ratios),
            "ratio_least": ratios[0],
            "ratio_most": ratios[-1],
            "ratio_of_least": min(self.first) / min(self.second),
            "pairs": len(ratios),
        }


def cpu_seconds(do: Callable[[], object]) -> float:
    """Processor time of this process."""
    began = time.process_time()
    do()
    return time.process_time() - began


def wall_seconds(do: Callable[[], object]) -> float:
    """What a user waits."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def machine() -> dict[str, Any]:
    """Where and under what load: ``load`` is the number of processes that wanted a core in the last minute."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def keep(name: str, figures: dict[str, Any], folder: Path = FOLDER) -> Path:
    """Write figures with the machine they are of, as ``name``.json."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **_short(figures)}, indent=2) + "\n", encoding="utf-8")
    return path


def kept(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """What ``keep`` wrote.  FileNotFoundError where it was never measured."""
    figures: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return figures


def is_kept(name: str, folder: Path = FOLDER) -> bool:
    """Whether it was measured."""
    return (folder / f"{name}.json").is_file()


def interpreter(module: str, *arguments: object) -> list[str]:
    """The command that runs a module of this project in a process of its own."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _short(value: Any) -> Any:
    """Numbers to five digits: more is noise."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
