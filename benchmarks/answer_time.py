"""From Enter to the answer: what a user of the command line and of the browser view waits.

Commands run as processes of their own, each round after an ``import mesa`` in a process of its own, which is the unit.
A command's answer is there with the last line that it prints before it names the files that it kept.  Times are those
of the whole tree of processes.  What is asked for the first time finds compiled code in its cache folder and nothing
else; a second question finds what the first has kept.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks import app_load
from benchmarks.peers import minusim_walk
from benchmarks.timing import Pairs, cpu_seconds
from sim.model.engine import cache_folder
from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.scenario import load

ROOT = Path(__file__).parent.parent
UNIT = (sys.executable, "-c", "import mesa")
FILES_KEPT = "Kept in"  # what a command prints after its answer
WALK_SIDE = 51  # a torus with one walker a cell, where there are as many as agents in a decade
WALK_BEFORE = 3.2  # a decade beside as much of the walk, before the day was made faster (commit 492a2ad)
WALK_BAR = 0.75 * WALK_BEFORE


class Moment(NamedTuple):
    """Seconds since a process began: processor time of it and its children, and on the clock."""

    cpu: float
    wall: float


class Waited(NamedTuple):
    """When the answer was printed, when the process had ended, and all lines that it printed."""

    answer: Moment
    end: Moment
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """A command of ``minusim``, asked for the ``first`` time or again; ``bar``: units of processor time, or seconds."""

    words: tuple[str, ...]
    first: bool = False
    bar: str = ""

    @property
    def name(self) -> str:
        """As it is typed."""
        return " ".join(("minusim", *self.words))


def commands(seeds: int, replications: int) -> list[Command]:
    """Those of the table; a range of so many seeds, a comparison of so many replications."""
    many = ("run", "quickstart", *(() if seeds == 50 else ("--seeds", str(seeds))))
    compare = ("compare", "quickstart", "--replications", str(replications))
    return [
        Command(("run", "quickstart", "--seeds", "1"), True, "answer 1.2, end 2.5"),
        Command(many, True, "answer 4"),
        Command((*many, "--set", "measures.convoy_escort.vehicles_per_escort=8"), bar="answer 2"),
        Command(compare, bar="answer 3"),
        Command(("explain", "quickstart"), bar="0.5 s"),
        Command(("check", "quickstart"), bar="0.5 s"),
        Command(("list", "measures"), bar="0.5 s"),
        Command(("new", "my.yaml"), bar="0.5 s"),
    ]


def waited(command: Sequence[str], folder: Path, **environment: str) -> Waited:
    """Run it in a folder to its end.  CalledProcessError where it fails."""
    import psutil  # comes with dask

    answer, answered, lines = None, False, []
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, text=True, stdout=subprocess.PIPE, stderr=errors
        )
        assert process.stdout is not None
        tree = psutil.Process(process.pid)
        with process.stdout as printed:
            for line in printed:
                lines.append(line.rstrip())
                answered |= line.startswith(FILES_KEPT)
                if not answered:
                    answer = Moment(_spent(tree), time.perf_counter() - began)
        _, status, used = os.wait4(process.pid, 0)
        end = Moment(used.ru_utime + used.ru_stime, time.perf_counter() - began)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            problem = subprocess.CalledProcessError(process.returncode, command, stderr=errors.read())
            problem.add_note(problem.stderr)
            raise problem
    return Waited(answer or end, end, tuple(lines))


def _spent(tree: Any) -> float:
    """Processor seconds of a process and of all that it began."""
    times = [process.cpu_times() for process in (tree, *tree.children(recursive=True))]
    return sum(each.user + each.system + each.children_user + each.children_system for each in times)


def cache_with_compiled_code(folder: Path) -> dict[str, str]:
    """Fill a cache folder with the compiled day alone; the environment in which commands use it."""
    compiled = cache_folder()
    shutil.copytree(compiled, folder / "minusim" / compiled.name)
    return {"XDG_CACHE_HOME": str(folder)}


def command_times(asked: Sequence[Command], rounds: int) -> dict[str, Any]:
    """Median units and seconds of each command by name, and seconds of the unit."""
    with tempfile.TemporaryDirectory() as name:
        used = cache_with_compiled_code(Path(name) / "used")
        for command in asked:
            if not command.first:
                _asked(command, used)
        units, found = [], []
        for number in range(rounds):
            units.append(waited(UNIT, Path(name)).end)
            fresh = [cache_with_compiled_code(Path(name) / f"{number}-{place}") for place in range(len(asked))]
            found.append(
                [_asked(command, fresh[place] if command.first else used) for place, command in enumerate(asked)]
            )
    return {
        "rounds": rounds,
        "unit_cpu_s": median(unit.cpu for unit in units),
        "unit_wall_s": median(unit.wall for unit in units),
        "commands": {command.name: _figures(units, [row[n] for row in found]) for n, command in enumerate(asked)},
    }


def _asked(command: Command, environment: Mapping[str, str]) -> Waited:
    """A command, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        return waited((sys.executable, "-m", "sim", *command.words), Path(folder), PYTHONPATH=str(ROOT), **environment)


def _figures(units: Sequence[Moment], times: Sequence[Waited]) -> dict[str, float]:
    found = {}
    for moment in ("answer", "end"):
        for clock in Moment._fields:
            seconds = [getattr(getattr(each, moment), clock) for each in times]
            unit = [getattr(each, clock) for each in units]
            found[f"{moment}_{clock}_units"] = median(a / b for a, b in zip(seconds, unit, strict=True))
            found[f"{moment}_{clock}_s"] = median(seconds)
    return found


def decade_ratios(end: str | None, pairs: int) -> dict[str, float]:
    """A decade (or to ``end``): its plan beside its run, and its run beside as many agent-days of the compiled walk."""
    scenario = load("historical")
    scenario = scenario.with_values({"period.end": end}) if end else scenario
    plan = Plan.build(scenario)
    days = plan.report[1] + 1
    walk, _ = minusim_walk.build(plan.agents, WALK_SIDE, 0)
    walk(1)
    Simulation(plan, 0).run()  # loads what is compiled

    def run(seed: int) -> float:
        return cpu_seconds(lambda: Simulation(plan, seed).run())

    building = Pairs.measured(lambda _: cpu_seconds(lambda: Plan.build(scenario)), run, pairs)
    walking = Pairs.measured(run, lambda _: cpu_seconds(lambda: walk(days)), pairs)
    return {"plan_of_run": median(building.ratios), "run_of_walk": median(walking.ratios), "decade_pairs": pairs}


def two_workers(replications: int, pairs: int) -> dict[str, float]:
    """How many times as fast two workers compare ``measures_2018``, from Enter to the answer, without kept run-ups."""
    question = ("compare", "measures_2018", "--no-figures", "--replications", str(replications), "--workers")

    def wall(workers: int) -> float:
        return _asked(Command((*question, str(workers))), {"MINUSIM_CACHE_MB": "off"}).answer.wall

    walls = Pairs.measured(lambda _: wall(1), lambda _: wall(2), pairs)
    return {"two_workers": median(walls.ratios), "worker_replications": replications, "worker_pairs": pairs}


def first_answers(sessions: int) -> dict[str, float]:
    """Median seconds from a slider to the first paired answer in the browser view: one session, and many."""
    found = {}
    for name, number in (("one_session_s", 1), ("sessions_s", sessions)):
        found[name] = median(wait for (wait,) in app_load.waits(number, pairs=(1,)))
    return {**found, "sessions": sessions}


def measure(
    rounds: int = 3,
    seeds: int = 50,
    end: str | None = None,
    pairs: int = 9,
    workers: tuple[int, int] = (20, 1),
    sessions: int = app_load.SESSIONS,
) -> dict[str, Any]:
    """All of it; ``workers``: replications and pairs of comparisons by one worker and two."""
    decade = decade_ratios(end, pairs)  # first, so that the day is compiled
    return {
        "seeds": seeds,
        **command_times(commands(seeds, seeds), rounds),
        **decade,
        **two_workers(*workers),
        **first_answers(sessions),
    }
