"""A calibration that was finished, read from its folder without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim._util import Unreadable, read_json
from sim.calibration.conclusions import LAST_WAVES, Conclusion, concluded
from sim.calibration.evaluations import FILE, Database, Runs
from sim.calibration.space import Space
from sim.calibration.structures import STRUCTURES
from sim.calibration.waves import fitted_to
from sim.study import StoreError


def finished(path: Path) -> Conclusion:
    """What its waves and checks say.  StoreError where some of it is missing or belongs to other coordinates."""
    space = Space.packaged()
    database = Database.known(path)
    waves = closing_in(path)
    if not waves or waves[0].z.shape[1] != len(space.names):
        raise StoreError(f"{path}: no runs of this version's {len(space.names)} coordinates; run minusim calibrate")
    for k in range(2):
        for n in range(len(STRUCTURES)):
            _check(database, k, n, path)
    return concluded(fitted_to(space, waves), database)


def closing_in(path: Path) -> list[Runs]:
    """The waves that closed in on the record, in their order."""
    database, waves = Database.known(path), list[Runs]()
    while (wave := database.runs(len(waves))) is not None:
        waves.append(wave)
    return waves


def checking(path: Path) -> dict[str, Runs]:
    """Structure -> runs at draws of its posterior to 2020 under the emulator."""
    database = Database.known(path)
    return {structure.name: _check(database, 1, n, path) for n, structure in enumerate(STRUCTURES)}


def claim(path: Path) -> dict[str, Any]:
    """Which version of the model and which priors made it.  StoreError where it says neither."""
    try:
        return read_json(path / FILE)
    except Unreadable:
        raise StoreError(f"{path}: is not the folder of a calibration; minusim calibrate makes one") from None


def _check(database: Database, window: int, structure: int, path: Path) -> Runs:
    found = database.runs(LAST_WAVES + 10 * window + structure)
    if found is None:
        raise StoreError(f"{path}: this calibration is not finished; minusim calibrate --resume goes on with it")
    return found
