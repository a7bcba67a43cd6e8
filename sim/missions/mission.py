"""A mission pack as one object: what ``mission.yaml`` says and the tables beside it, read when they are asked for."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sim._util.suggestions import suggestion
from sim.missions.errors import MissionError
from sim.missions.facts import Facts
from sim.missions.mission_yaml import read_facts
from sim.missions.new_bases import NewBase, tables_with
from sim.missions.vocabulary import Vocabulary, read_vocabulary

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from sim._util.clock import Clock
    from sim.missions.parameters import Parameter
    from sim.missions.posterior import Posterior

DEFAULT = "minusma"
PACKS = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Mission:
    """The facts of one mission.  One object per folder and process; workers read their own."""

    folder: Path
    facts: Facts = field(repr=False)
    new_bases: tuple[NewBase, ...] = ()  # of a scenario's own

    @property
    def name(self) -> str:
        """The name that stands in ``mission.yaml``."""
        return self.facts.name

    @property
    def first_day(self) -> date:
        """Day 0."""
        return self.facts.first_day

    @property
    def last_day(self) -> date:
        """The last day that a dated input may have."""
        return self.facts.last_day

    @property
    def record_end(self) -> date:
        """The last day whose outcomes may be used; later ones are withheld.  Without a record, the last day."""
        return self.facts.record.last_day if self.facts.record is not None else self.facts.last_day

    @cached_property
    def clock(self) -> Clock:
        """Day and month numbers of this mission."""
        from sim._util.clock import Clock

        return Clock(self.facts.first_day)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Names in the order of ``mission.yaml``, which is that of region indices."""
        return tuple(self.facts.regions)

    @property
    def vocabulary(self) -> Vocabulary:
        """What a scenario may name."""
        return read_vocabulary(self)

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Every parameter by name, in the order of names (that of the vector ``p`` in a compiled day)."""
        from sim.missions.parameters import read_parameters

        return read_parameters(self)

    def parameter_rows(self) -> list[dict[str, str]]:
        """The rows of the table of parameters as text; own rows take the place of those of ``parameters_of``."""
        own = self.rows("parameters")
        if not self.facts.parameters_of:
            return own
        names = {row["name"]: row for row in own}
        return [names.get(row["name"], row) for row in load_mission(self.facts.parameters_of).parameter_rows()]

    def posterior(self, which: str = "posterior") -> Posterior:
        """The packaged posterior; ``posterior_training`` knows the record of the training window only.  MissionError
        where the pack has none."""
        from sim.missions.posterior import packaged

        return packaged(self, which)

    @property
    def has_posterior(self) -> bool:
        """Whether sets of calibrated values come with the pack."""
        return self.path("posterior").is_file()

    def path(self, table: str) -> Path:
        """The file of a table, which may be absent."""
        return self.folder / f"{table}.csv"

    def scenarios(self) -> tuple[str, ...]:
        """Names of the packaged scenarios, in alphabetical order."""
        return tuple(sorted(file.stem for file in self.scenario_folder.glob("*.yaml")))

    @property
    def scenario_folder(self) -> Path:
        """Where the packaged scenarios are."""
        return self.folder / "scenarios"

    def table(self, name: str) -> pd.DataFrame:
        """The caller's own copy of a table: dates are ISO text, absent text is "", absent numbers are NaN.

        A table that the pack leaves out has its columns and no rows.  KeyError for an unknown name.
        """
        from sim.missions.frames import read_frame

        return read_frame(self, name).copy()

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a table as text, without pandas; none where there is no file.  Do not change them."""
        return list(_rows(self, name))

    def with_bases(self, bases: tuple[NewBase, ...]) -> Mission:
        """The same mission with bases that it did not have.  MissionError for a place outside the country."""
        return _with_bases(self, bases) if bases else self

    def __reduce__(self) -> tuple[object, tuple[str, tuple[NewBase, ...]]]:
        return _restored, (self.name if self.folder.parent == PACKS else str(self.folder), self.new_bases)


@lru_cache(maxsize=256)
def _rows(mission: Mission, name: str) -> tuple[dict[str, str], ...]:
    if mission.new_bases:
        plain = _loaded(mission.folder)
        return (*_rows(plain, name), *tables_with(plain, mission.new_bases).get(name, ()))
    if not mission.path(name).is_file():
        return ()
    with mission.path(name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@lru_cache(maxsize=32)
def _with_bases(mission: Mission, bases: tuple[NewBase, ...]) -> Mission:
    made = Mission(mission.folder, mission.facts, bases)
    made.rows("bases")  # MissionError now, not in a run
    return made


def _restored(name_or_folder: str, bases: tuple[NewBase, ...]) -> Mission:
    return load_mission(name_or_folder).with_bases(bases)


def packaged_missions() -> tuple[str, ...]:
    """The names of the packs that ship with the package, the default one first."""
    found = sorted(file.parent.name for file in PACKS.glob("*/mission.yaml"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


def load_mission(name_or_folder: str | Path = DEFAULT) -> Mission:
    """The mission of a packaged name or of a folder, which is checked as a whole first.  MissionError."""
    folder = pack_folder(name_or_folder)
    return _loaded(folder) if folder.parent == PACKS else _checked(folder)


def pack_folder(name_or_folder: str | Path) -> Path:
    """The folder of a packaged name; anything with a dot or a slash is a folder.  MissionError for an unknown name."""
    text = str(name_or_folder)
    if isinstance(name_or_folder, Path) or set(text) & {"/", "\\", "."}:
        return Path(name_or_folder).resolve()
    if text not in packaged_missions():
        raise MissionError(
            f"{text!r} is no packaged mission; {suggestion(text, packaged_missions())}; a folder: ./{text}"
        )
    return PACKS / text


@cache
def _loaded(folder: Path) -> Mission:
    return Mission(folder, read_facts(folder))


@cache
def _checked(folder: Path) -> Mission:
    from sim.missions.check import problems

    found = problems(folder)
    if found:
        more = f" (and {len(found) - 1} more: minusim check --mission {folder})" if len(found) > 1 else ""
        raise MissionError(f"{found[0]}{more}")
    return _loaded(folder)
