"""Runs of the model at points of the parameter space, stored as they finish.

A run is a function of (version, space, wave, point, replication).  An interrupted calibration can be resumed; a folder
made by another version or parameter space is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sim._util.signals import defer_interrupts
from sim.calibration.mission import LAST_DAY, MISSION
from sim.calibration.observation import observed, simulated
from sim.calibration.space import FloatArray, Space
from sim.model.engine import fingerprint
from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.scenario import load
from sim.study.batch_writer import BatchWriter
from sim.study.draws import drawn_plan, told
from sim.study.executor import Executor, Failure, FunctionWork
from sim.study.first_compile import compile_model
from sim.study.manifest import NotAsWritten, is_empty, settle, unsealed, vouched
from sim.study.store import Folder, StoreError, is_whole, origin, read_numbers

SEED = MISSION.first_day.year
FILE = "calibration.json"
PART_RUNS, PART_EVERY = 200, 60.0  # runs in a part, s: what is lost at worst
KEYS, COORDINATE = ("point", "replication"), "z/"  # columns of a part; the others are statistics by name
WAVE_STRIDE = 1_000_000  # replications of different waves never share random numbers


@dataclass(frozen=True)
class Job:
    """A run to be made."""

    wave: int
    point: int
    replication: int
    z: FloatArray

    @property
    def stream(self) -> int:
        """The replication under which its random numbers are drawn."""
        return self.wave * WAVE_STRIDE + 10 * self.point + self.replication


@dataclass(frozen=True)
class Runs:
    """Runs done: ``point`` and ``replication`` of each, ``z`` (runs x coordinates), ``statistics`` (runs x names)."""

    point: npt.NDArray[np.int64]
    replication: npt.NDArray[np.int64]
    z: FloatArray
    statistics: FloatArray
    names: tuple[str, ...]

    def averaged(self) -> Runs:
        """One row per point: its replications averaged."""
        points, where = np.unique(self.point, return_inverse=True)
        number = np.bincount(where).astype(np.float64)
        mean = np.zeros((len(points), self.statistics.shape[1]))
        np.add.at(mean, where, self.statistics)
        first = np.unique(self.point, return_index=True)[1]
        return Runs(points, np.zeros(len(points), np.int64), self.z[first], mean / number[:, None], self.names)

    def columns(self, names: Sequence[str]) -> FloatArray:
        """Statistics by name, runs x names."""
        return self.statistics[:, [self.names.index(name) for name in names]]


class RunStore:
    """The folder of a calibration.  StoreError where it belongs to another version or space."""

    def __init__(self, path: Path, space: Space) -> None:
        claim = {"engine": fingerprint(MISSION), "space": identity(space)}
        self.folder = Folder(path, claim)
        self._check(claim)
        try:
            _warn(settle(self.folder, FILE, claim, {}))
        except FileExistsError:  # somebody else came at the same moment
            self._check(claim)

    def _check(self, claim: Mapping[str, str]) -> None:
        path = self.folder.path
        if is_empty(path, {}):
            return
        try:
            known = unsealed(path / FILE)
        except NotAsWritten:
            vouched(path, FILE, path.glob("wave*-*.parquet"), claim)
            return
        if known != claim:
            raise StoreError(f"{path}: was made by another version of the model or other priors; name another folder")

    @classmethod
    def read_only(cls, path: Path) -> RunStore:
        """A folder to read from only, whatever version of the engine filled it."""
        found = cls.__new__(cls)
        found.folder = Folder(path)
        return found

    def set_aside_damaged(self, wave: int) -> None:
        """Rename the parts of a wave that are not as they were written, and say so on stderr."""
        wrong = [file for file in self._files(wave) if not is_whole(file)]
        _warn(f"{file}: {self.folder.set_aside(file)}, and its runs are done again" for file in wrong)

    def runs(self, wave: int) -> Runs | None:
        """What is done of a wave, in the order of points; None where nothing is.  StoreError where it is damaged."""
        parts = [part for part in (read_numbers(file, KEYS) for file in self._files(wave)) if self._made_here(part)]
        if not parts:
            return None
        if len({tuple(part.column_names) for part in parts}) > 1:
            raise StoreError(f"{self.folder.path}: parts of wave {wave} hold other quantities than others")
        table = pa.concat_tables(part.replace_schema_metadata() for part in parts)
        keys = _stacked(table, KEYS).astype(np.int64)
        order = np.unique(keys, axis=0, return_index=True)[1]
        coordinates = [name for name in table.column_names if name.startswith(COORDINATE)]
        names = tuple(name for name in table.column_names if name not in {*KEYS, *coordinates})
        z, found = _stacked(table, coordinates)[order], _stacked(table, names)[order]
        return Runs(keys[order, 0], keys[order, 1], z, found, names)

    def _files(self, wave: int) -> list[Path]:
        return sorted(self.folder.path.glob(f"wave{wave}-*.parquet"))

    def _made_here(self, part: pa.Table) -> bool:
        return not self.folder.made_by or origin(part) in (None, self.folder.made_by)

    def add(self, wave: int, done: Sequence[tuple[Job, FloatArray]]) -> None:
        """Write some runs."""
        z, found = np.array([job.z for job, _ in done]), np.array([values for _, values in done])
        columns: dict[str, object] = {name: [getattr(job, name) for job, _ in done] for name in KEYS}
        columns |= {f"{COORDINATE}{number}": column for number, column in enumerate(z.T)}
        columns |= dict(zip(statistics(), found.T, strict=True))
        self.folder.put(f"wave{wave}", pa.table(columns))


def _stacked(table: pa.Table, names: Sequence[str]) -> FloatArray:
    """Columns side by side, rows x names."""
    return np.column_stack([table[name].to_numpy() for name in names])


def identity(space: Space) -> str:
    """sha256 of coordinates and priors."""
    return sha256(repr((space.names, sorted(space.priors.items()))).encode()).hexdigest()


@cache
def statistics() -> tuple[str, ...]:
    """Names of what is computed from every run: those of the record and no other."""
    return tuple(observed())


def evaluate(job: Job) -> FloatArray:
    """The statistics of one run."""
    return simulate_statistics(historical_plan(), Space.packaged().values(job.z), job.stream)


def simulate_statistics(plan: Plan, values: Mapping[str, float], stream: int) -> FloatArray:
    """The statistics of one run of a plan under some values, which may lie where no scenario may set them."""
    record = Simulation(drawn_plan(plan, values), SEED, stream).run()
    found = simulated(told(record, values), stream)
    return np.array([found[name] for name in statistics()])


@cache
def historical_plan() -> Plan:
    """The plan of the historical scenario to the end of the record."""
    return Plan.build(load(MISSION.facts.history).with_values({"period.end": LAST_DAY.isoformat()}))


def compile_once() -> None:
    """Compile the model unless it is compiled."""
    compile_model(historical_plan())


def run_wave(
    database: RunStore,
    wave: int,
    points: FloatArray,
    replications: int,
    executor: Executor,
    progress: Callable[[int, int], None],
) -> Runs:
    """All replications of all points of a wave; missing runs are done and stored every few minutes.

    ``progress`` is called with (runs done, runs requested).  On Ctrl-C finished runs are stored first.
    """
    asked = [Job(wave, n, r, z) for n, z in enumerate(points) for r in range(replications)]
    with defer_interrupts():
        database.set_aside_damaged(wave)
        known = database.runs(wave)
        done = set() if known is None else set(zip(known.point.tolist(), known.replication.tolist(), strict=True))
        missing = [job for job in asked if (job.point, job.replication) not in done]
        with (
            BatchWriter[tuple[Job, FloatArray]](partial(database.add, wave), PART_RUNS, PART_EVERY) as writer,
            closing(_completed_runs(missing, executor)) as ended,
        ):
            for number, found in enumerate(ended, len(asked) - len(missing) + 1):
                writer.add([found])
                progress(number, len(asked))
    kept = database.runs(wave)
    lost = len(asked) - (0 if kept is None else len(kept.point))
    if kept is None or lost > 0:
        raise StoreError(f"{database.folder.path}: {lost} finished runs were lost meanwhile; --resume does them again")
    return kept


def _warn(lines: Iterable[str]) -> None:
    sys.stderr.writelines(f"{line}\n" for line in lines)
    sys.stderr.flush()


def _completed_runs(jobs: Sequence[Job], executor: Executor) -> Generator[tuple[Job, FloatArray], None, None]:
    with closing(executor.results(FunctionWork(evaluate, compile_once), jobs)) as ended:
        for job, found in ended:
            if isinstance(found, Failure):
                raise StoreError(f"a run failed: {found.traceback.strip().splitlines()[-1]}; --resume goes on")
            yield job, found
