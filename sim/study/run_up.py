"""Run-ups, simulated once: a run's state on the first day of its period, kept between commands.

Scenarios of a later period begin with the days before it, mostly the packaged history.  Its state on the first day of
the period is kept under a key of everything that decides it: the code and the machine, the random key of the run, its
parameters, and its inputs as far as they reach earlier days.  Whoever asks another question about the same years goes
on from there, with results equal to the bit; whatever differs earlier has another key and is simulated.
"""

from __future__ import annotations

import hashlib
import os
import platform
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.model.engine import fingerprint
from sim.model.plan import Plan
from sim.model.simulation import GROWING, RECORDER, Simulation, Snapshot
from sim.model.tables import STATE
from sim.study.cache import RunUpFolder
from sim.study.plan_difference import inputs_before

FORMAT = b"minusim run-up 1\n"
KEY, CHECKSUM = 20, 32  # bytes
LEAST_DAYS = 90  # what is shorter is simulated in the time that it takes to read a file
FASTEST = 1  # zlib: at its best it saves a twentieth and takes four times as long

ON_THE_DAY = tuple(column.name for column in STATE if column.name not in RECORDER)
WITH_EVENTS = (*ON_THE_DAY, "event_count", "events")  # for those who count what happened before, too


@dataclass(frozen=True)
class RunUp:
    """The days of one run before ``day``; ``columns``: what is kept of its state, those in GROWING last."""

    key: bytes
    day: int
    columns: tuple[str, ...]
    folder: RunUpFolder

    def advance(self, model: Simulation) -> None:
        """Bring a run of the plan of the key, at its first day, to ``day``: from what is kept, or by simulating it."""
        state = self.read(model.plan)
        if state is None:
            self.simulate(model)
        else:
            model.restore(state)

    def simulate(self, model: Simulation) -> None:
        """Simulate a run up to ``day``, and keep its state."""
        model.advance_to(self.day - 1)
        self.folder.write(self.key, self._encoded(model.snapshot(self.columns)))

    def read(self, plan: Plan) -> Snapshot | None:
        """The state that is kept; None where there is none, or anything else than what was written under this key."""
        content = self.folder.read(self.key)
        return None if content is None else self._decoded(content, plan)

    def _encoded(self, state: Snapshot) -> bytes:
        body = zlib.compress(b"".join(state.columns[name].tobytes() for name in self.columns), FASTEST)
        return b"".join((FORMAT, self.key, self._checksum(body), body))

    def _decoded(self, content: bytes, plan: Plan) -> Snapshot | None:
        start = len(FORMAT) + KEY
        checksum, body = content[start : start + CHECKSUM], content[start + CHECKSUM :]
        if content[:start] != FORMAT + self.key or checksum != self._checksum(body):
            return None
        try:
            raw, columns = memoryview(zlib.decompress(body)), {}
            for name in self.columns:
                like = plan.start[name]
                size = len(raw) if name in GROWING else like.nbytes
                columns[name] = np.frombuffer(raw[:size], like.dtype).reshape(-1, *like.shape[1:])
                if name not in GROWING and columns[name].shape != like.shape:
                    return None
                raw = raw[size:]
        except (zlib.error, ValueError):
            return None
        return None if raw else Snapshot(self.day, columns)

    def _checksum(self, body: bytes) -> bytes:
        return hashlib.blake2b(FORMAT + self.key + body, digest_size=CHECKSUM).digest()


class RunUps:
    """Finds the run-up of any run of some plans, or of plans that share arrays with them.

    What the plans hold is hashed once.  It must not change meanwhile: make one where a question begins, and pass it on.
    """

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._plans = tuple(plans)
        arrays = (array for plan in self._plans for array in (*plan.inputs.values(), *plan.start.values()))
        self._shared = {id(array) for array in arrays}
        self._hashes: dict[tuple[int, int], bytes] = {}
        self._folder = RunUpFolder.opened()

    def __reduce__(self) -> tuple[type[RunUps], tuple[tuple[Plan, ...]]]:
        """On another machine, with the folder that there is there."""
        return RunUps, (self._plans,)

    def of(
        self, plan: Plan, key: np.uint64, day: int | None = None, columns: tuple[str, ...] = ON_THE_DAY
    ) -> RunUp | None:
        """The run-up of a run with this random key to the first day of its period, or to another day.

        None where it is too short to be kept, or where nothing can be.
        """
        first = plan.report[0] if day is None else day
        if self._folder is None or first < LEAST_DAYS:
            return None
        return RunUp(self._key(plan, key, first, columns), first, columns, self._folder)

    def advance(self, model: Simulation) -> None:
        """Bring a run at its first day to the first day of its period, where that saves time."""
        run_up = self.of(model.plan, model.key)
        if run_up is not None:
            run_up.advance(model)

    def _key(self, plan: Plan, key: np.uint64, day: int, columns: tuple[str, ...]) -> bytes:
        about = (FORMAT, fingerprint(plan.scenario.mission), _machine(), int(key), day, columns)
        digest = hashlib.blake2b(repr(about).encode(), digest_size=KEY)
        for array, rows in inputs_before(plan, day):
            digest.update(self._hash(array, rows))
        for column in STATE:
            if column.name not in GROWING:  # zeros, of a length that the end of the period decides
                digest.update(self._hash(plan.start[column.name]))
        digest.update(self._hash(plan.parameters))
        digest.update(self._hash(plan.enabled))
        return digest.digest()

    def _hash(self, array: npt.NDArray[np.generic], rows: int | None = None) -> bytes:
        known = self._hashes.get((id(array), -1 if rows is None else rows))
        if known is not None:
            return known
        part = np.ascontiguousarray(array[:rows])
        digest = hashlib.blake2b(f"{part.dtype.str}{part.shape}".encode(), digest_size=CHECKSUM)
        for piece in _changes(part) if part.ndim > 1 and len(part) > 1 else (part,):
            digest.update(piece.data)
        if id(array) in self._shared:
            self._hashes[id(array), -1 if rows is None else rows] = digest.digest()
        return digest.digest()


def _changes(array: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.generic], ...]:
    """The same in fewer bytes: the rows that differ from the one before, and where; most inputs change on few days."""
    bits = array.reshape(len(array), -1).view(np.uint64)
    rows = np.unique(np.flatnonzero(bits[1:] != bits[:-1]) // bits.shape[1]) + 1
    return bits[:1], rows, bits[rows]


@cache
def _machine() -> tuple[str, ...]:
    """What could change the last bit of a compiled result: the compiler, the processor, the mathematical functions."""
    from llvmlite import binding
    from numba import __version__, config

    known = "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", ())
    library = os.confstr("CS_GNU_LIBC_VERSION") if known else platform.version()
    jit = "plain" if getattr(config, "DISABLE_JIT") else "compiled"  # noqa: B009 - numba defines its settings at run time
    return __version__, platform.machine(), binding.get_host_cpu_name(), str(library), jit
