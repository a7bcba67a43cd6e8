"""Runs of the model at points of the space, kept as they finish: what calibration learns from.

A run is a function of (version, space, wave, point, replication).  A calibration that was stopped goes on where it
was; a folder that another version or space made is refused.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sim.calibration.space import FloatArray, Space
from sim.engine import fingerprint
from sim.ensemble import processes
from sim.model import MissionModel
from sim.observation import observed, simulated
from sim.plan import Plan
from sim.scenario import load
from sim.study.draws import drawn_plan, told
from sim.study.store import Folder, StoreError, read

END = "2020-12-31"  # the record that may be used ends here
SEED = 2013
FILE = "calibration.json"
PART_RUNS = 200  # runs in a part: about a minute lost at worst
WAVE_STRIDE = 1_000_000  # replications of different waves never share random numbers


@dataclass(frozen=True)
class Job:
    """One run to do."""

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


class Database:
    """The folder of a calibration.  StoreError where it belongs to another version or space."""

    def __init__(self, path: Path, space: Space) -> None:
        self.folder = Folder(path)
        claim = {"engine": fingerprint(), "space": identity(space)}
        path.mkdir(parents=True, exist_ok=True)
        known = path / FILE
        if not known.exists():
            if any(path.glob("[!.]*")):
                raise StoreError(f"{path}: other files are there and are never overwritten; name another folder")
            self.folder.write_text(FILE, json.dumps(claim, indent=1))
        elif json.loads(known.read_text()) != claim:
            raise StoreError(f"{path}: was made by another version of the model or other priors; name another folder")

    @classmethod
    def known(cls, path: Path) -> Database:
        """A folder to read from only, whatever version of the engine filled it."""
        found = cls.__new__(cls)
        found.folder = Folder(path)
        return found

    def runs(self, wave: int) -> Runs | None:
        """What is done of a wave, in the order of points; None where nothing is."""
        parts = [read(file) for file in sorted(self.folder.path.glob(f"wave{wave}-*.parquet"))]
        if not parts:
            return None
        names = tuple(json.loads(parts[0].schema.metadata[b"names"]))
        table = pa.concat_tables(part.replace_schema_metadata() for part in parts)
        keys = np.column_stack([table["point"].to_numpy(), table["replication"].to_numpy()])
        order = np.unique(keys, axis=0, return_index=True)[1]
        z = np.stack(table["z"].to_numpy())[order]
        return Runs(keys[order, 0], keys[order, 1], z, np.stack(table["statistics"].to_numpy())[order], names)

    def add(self, wave: int, done: Sequence[tuple[Job, FloatArray]]) -> None:
        """Keep some runs."""
        table = pa.table(
            {
                "point": [job.point for job, _ in done],
                "replication": [job.replication for job, _ in done],
                "z": [job.z for job, _ in done],
                "statistics": [values for _, values in done],
            }
        )
        self.folder.put(f"wave{wave}", table.replace_schema_metadata({"names": json.dumps(statistics())}))


def identity(space: Space) -> str:
    """sha256 of coordinates and priors."""
    return sha256(repr((space.names, sorted(space.priors.items()))).encode()).hexdigest()


@cache
def statistics() -> tuple[str, ...]:
    """Names of what is computed from every run: those of the record and no other."""
    return tuple(observed())


def evaluate(job: Job) -> FloatArray:
    """The statistics of one run."""
    return run_once(historical(), Space.packaged().values(job.z), job.stream)


def run_once(plan: Plan, values: Mapping[str, float], stream: int) -> FloatArray:
    """The statistics of one run of a plan under some values, which may lie where no scenario may set them."""
    model = MissionModel(drawn_plan(plan, values), SEED, stream)
    try:
        found = simulated(told(model.run(), values), stream)
    finally:
        model.close()
        model.columns.clear()  # Mesa's models are cycles: their arrays would wait for the garbage collector
    return np.array([found[name] for name in statistics()])


@cache
def historical() -> Plan:
    """The history of the mission to the end of the record that may be used."""
    return Plan.build(load("historical").with_values({"period.end": END}))


def run_wave(
    database: Database,
    wave: int,
    points: FloatArray,
    replications: int,
    workers: int,
    progress: Callable[[int, int], None],
    executor: Executor | None = None,
) -> Runs:
    """All replications of all points of a wave: what is missing is run, and kept every few minutes of work.

    ``progress`` is told (runs done, runs asked for).  On Ctrl-C what is finished is kept first.
    """
    known = database.runs(wave)
    done = set() if known is None else set(zip(known.point.tolist(), known.replication.tolist(), strict=True))
    asked = [Job(wave, n, r, z) for n, z in enumerate(points) for r in range(replications)]
    missing = [job for job in asked if (job.point, job.replication) not in done]
    waiting: list[tuple[Job, FloatArray]] = []
    written = time.monotonic()
    try:
        for number, (job, values) in enumerate(_results(missing, workers, executor), len(asked) - len(missing) + 1):
            waiting.append((job, values))
            progress(number, len(asked))
            if len(waiting) >= PART_RUNS or time.monotonic() - written > 60:
                database.add(wave, waiting)
                waiting, written = [], time.monotonic()
    finally:
        if waiting:
            database.add(wave, waiting)
    found = database.runs(wave)
    assert found is not None  # noqa: S101  # there was at least one job
    return found


def _results(jobs: Sequence[Job], workers: int, executor: Executor | None) -> Iterator[tuple[Job, FloatArray]]:
    if executor is not None:
        yield from zip(jobs, executor.map(evaluate, jobs, chunksize=8), strict=True)
    elif workers == 1 or len(jobs) < 2:
        yield from ((job, evaluate(job)) for job in jobs)
    else:
        if jobs:  # compile here, so that not every worker does it for itself
            yield jobs[0], evaluate(jobs[0])
        with processes(workers) as pool:
            try:
                yield from zip(jobs[1:], pool.map(evaluate, jobs[1:], chunksize=8), strict=True)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
