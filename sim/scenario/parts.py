"""The typed parts of a scenario that has been read: all defaults filled in, everything validated."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sim._util.dated import Path
from sim._util.immutable import FrozenMap

UncertaintyKind = Literal["point", "prior", "posterior", "ranges"]
DeploymentKind = Literal["observed", "planned", "given"]


@dataclass(frozen=True, slots=True)
class Period:
    """The days reported, both ends inclusive."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolution of a run."""

    persons_per_community: int
    cell_size: float  # degrees


@dataclass(frozen=True, slots=True)
class Place:
    """Where something holds: whole regions, and every base in them or named alone."""

    regions: tuple[str, ...]
    bases: tuple[str, ...]

    def meets(self, other: "Place") -> bool:
        """Whether the two share a region or a base."""
        return bool({*self.regions} & {*other.regions} or {*self.bases} & {*other.bases})


@dataclass(frozen=True, slots=True)
class Episode:
    """A measure, or protests, denied consent or a pause, for a time at a place.

    ``level`` is a step path in the unit of the lever; its first date is ``start``.
    """

    start: date
    end: date
    place: Place
    level: Path


@dataclass(frozen=True, slots=True)
class Coup:
    """A coup: the share of national-force operations lost at its start, and the days until they are back."""

    start: date
    intensity: float
    recovery_days: int
    place: Place


@dataclass(frozen=True, slots=True)
class ContributorExit:
    """The day on which each contributor leaves, and the share of its contingent that does."""

    dates: FrozenMap[str, date]
    intensity: float


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The end of the mission: the day each base closes, the share of flights kept and of troops leaving.

    ``hand_over``: the share of a camp's garrison that national forces send to each closing base, 0 for none.
    """

    start: date
    end: date
    closures: FrozenMap[str, date]
    air_support: float
    intensity: float
    hand_over: FrozenMap[str, float]


@dataclass(frozen=True, slots=True)
class BaseDays:
    """When a base opens and closes in a scenario; None: as in the mission's table."""

    opened: date | None
    closed: date | None


@dataclass(frozen=True, slots=True)
class Move:
    """Troops of one base at another, in the months that begin from ``start`` to ``end``."""

    origin: str
    destination: str
    persons: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Shocks:
    """The dated political events; an empty tuple or None: it did not happen.

    ``strength`` (linear, uniformed persons) is the mission's path whatever was said about deployment.  That
    observed falls in the withdrawal of the mission pack: where it did not happen, that fall is not to be followed.
    """

    strength: Path
    deployment: DeploymentKind
    moves: tuple[Move, ...]
    coup: tuple[Coup, ...]
    contributor_exit: ContributorExit | None
    protests: tuple[Episode, ...]
    consent: tuple[Episode, ...]
    pause: tuple[Episode, ...]
    withdrawal: Withdrawal | None


@dataclass(frozen=True, slots=True)
class Election:
    """The days of a vote."""

    start: date
    end: date
    place: Place


@dataclass(frozen=True, slots=True)
class Organisation:
    """An armed organisation; ``fighters`` None: the packaged value or its draw."""

    present: bool
    founded: date
    ended: date | None
    fighters: float | None


@dataclass(frozen=True, slots=True)
class Uncertainties:
    """What is drawn: nothing (point), the prior, the posterior, or ranges by parameter or lever."""

    kind: UncertaintyKind
    ranges: FrozenMap[str, tuple[float, float]]
