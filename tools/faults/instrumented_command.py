"""``minusim`` as the trials run it: every run that is counted is written down, figures and the workbook are left out,
an analysis sweeps four quantities, and a calibration ends after its first wave.  The rest is the command as it is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.cli import workers
from sim.cli.main import main

LOG = "CHAOS_LOG"  # the file of counted runs
POINTS = "CHAOS_POINTS"  # of the wave of a calibration
MEETING = "CHAOS_MEETING"  # a folder where two commands wait for each other before they claim theirs
FEW = ("killing_rate", "device_rate", "desertion_rate", "measures.patrols")  # what a sensitivity analysis sweeps
FIGURES = {"writer": ("save_comparison_figures", "draw"), "sensitivity": ("save_figures",)}


def write_down(lines: Iterable[str]) -> None:
    """Append lines to the log in one write."""
    text = "".join(f"{line}\n" for line in lines).encode()
    handle = os.open(os.environ[LOG], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, text)
    os.close(handle)


@contextmanager
def watched(*arguments: Any, **named: Any) -> Iterator[Any]:
    """``working``, with whatever the batch writer takes over written down."""
    from sim.study.batch_writer import BatchWriter

    taken: Callable[..., None] = BatchWriter.add

    def add(writer: Any, items: Iterable[Any]) -> None:
        taken(writer, known := list(items))
        write_down(map(_name, known))

    BatchWriter.add = add  # type: ignore[method-assign]
    if "sim.inference.sensitivity.analysis" in sys.modules:
        sweep_few(sys.modules["sim.inference.sensitivity.analysis"])
    if MEETING in os.environ:
        meet(Path(os.environ[MEETING]))
    with plain_working(*arguments, **named) as executor:
        yield executor


def sweep_few(analysis: Any) -> None:
    """Sweep four quantities instead of three hundred, in the same steps."""
    every: Callable[..., tuple[Any, ...]] = analysis.quantities
    analysis.quantities = lambda *given: tuple(each for each in every(*given) if each.name in FEW)


def meet(place: Path) -> None:
    """Wait for the other process, at most a minute."""
    place.mkdir(exist_ok=True)
    (place / str(os.getpid())).touch()
    deadline = time.monotonic() + 60.0
    while len(list(place.iterdir())) < 2 and time.monotonic() < deadline:
        pass


def _name(item: Any) -> str:
    if isinstance(item, tuple):  # of a calibration
        return f"{item[0].point} {item[0].replication}"
    failed = "" if hasattr(item.kept, "totals") else " failed"
    return f"{item.variant} {item.replication}{failed}"


class Wave:
    """What a calibration says that ends after its first wave."""

    def __init__(self, runs: int) -> None:
        self.runs = runs

    def text(self) -> str:
        """The report as a line of text."""
        return f"{self.runs} runs"

    def document(self) -> Mapping[str, Any]:
        """The report as JSON."""
        return {"runs": self.runs}


def first_wave(folder: Path, _: Any, __: int, executor: Any, tell: Any) -> Wave:
    """The first wave of a calibration, by the functions that make all of them."""
    import numpy as np

    from sim.calibration.evaluations import RunStore, run_wave
    from sim.calibration.space import Space

    space = Space.packaged()
    points = 0.3 * np.random.default_rng(1).standard_normal((int(os.environ[POINTS]), len(space.names)))
    return Wave(len(run_wave(RunStore(folder, space), 0, points, 1, executor, partial(tell, "wave 1")).point))


def stand_in(module: str, functions: tuple[str, ...], does: Callable[..., Any]) -> None:
    """In place of a module, which is then not even imported."""
    stub = ModuleType(module)
    for function in functions:
        setattr(stub, function, does)
    sys.modules[module] = stub


def ready() -> None:
    """The command as trials run it, before its first import of anything heavy."""
    for module, functions in FIGURES.items():  # drawing takes most of a short study, and begins when all runs are kept
        stand_in(f"sim.present.figures.{module}", functions, lambda *_: [])
    stand_in("sim.present.report.workbook", ("save_workbook",), lambda *_: None)
    stand_in("sim.calibration.calibration_result", ("conclude",), first_wave)
    workers.working = watched  # type: ignore[assignment]


plain_working = workers.working

if __name__ == "__main__":
    ready()
    sys.exit(main())
