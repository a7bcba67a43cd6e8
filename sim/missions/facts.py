"""What ``mission.yaml`` of a pack says, as checked, frozen values."""

from datetime import date
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim._util.suggestions import suggestion

ForceKind = Literal["national", "partner", "contracted"]
Family = Literal["jihadist", "islamic_state", "signatory", "platform", "self_defence"]
Side = Literal[-1, 0, 1]
Share = Field(0.0, ge=0, le=1)


class Section(BaseModel):
    """A mapping whose keys are all known; nothing can be changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(Section):
    """Days from ``start`` to ``end``, inclusive."""

    start: date
    end: date

    @model_validator(mode="after")
    def _ordered(self) -> "Window":
        if self.end < self.start:
            raise ValueError(f"end {self.end} is before the start, {self.start}")
        return self


class Region(Section):
    """displaced_at_start: how strongly its people were displaced before the first day, relative to others (0: not).

    label_at: where its name stands on the map, longitude and latitude.
    """

    displaced_at_start: float = Share
    label_at: tuple[float, float] | None = None


class Population(Section):
    """Years of ``population_region.csv``: of the first populations, and of the census behind ``cells.csv``."""

    base_year: int
    census_year: int

    @model_validator(mode="after")
    def _ordered(self) -> "Population":
        if self.census_year <= self.base_year:
            raise ValueError(f"census_year {self.census_year} is not after base_year {self.base_year}")
        return self


class FamilyFacts(Section):
    """What holds for all organisations of a family; without a day the family is never in a declared war."""

    at_war_with_state_until: date | None = None


class Sector(Section):
    """A sector that was created on a day for a region."""

    name: str
    region: str
    created: date


class Experiments(Section):
    """Natural experiments of the record that nothing is fitted to."""

    contingent: str
    evacuation_decentralised: date
    sector: Sector
    closed_bases: tuple[str, ...]


class Record(Section):
    """Windows of the record: what may be used ends on ``last_day``.  credit: its sources, under figures."""

    last_day: date
    training_last_day: date
    press: Window
    attacked_regions: tuple[str, ...]
    war_regions: tuple[str, ...]
    views_country_id: int
    wounded_from: date
    credit: str
    experiments: Experiments


class MapFrame(Section):
    """The frame of the map in degrees, its scale bar, and the side of each base on which its name stands.

    named_in_view: bases whose names stand on the small map of the browser view.  credit: the sources under a map.
    """

    west: float = Field(ge=-180, le=180)
    east: float = Field(ge=-180, le=180)
    south: float = Field(ge=-90, le=90)
    north: float = Field(ge=-90, le=90)
    scale_km: int = Field(gt=0)
    base_names: dict[str, tuple[Side, Side]] = {}
    named_in_view: tuple[str, ...] = ()
    credit: str = ""

    @model_validator(mode="after")
    def _spread(self) -> "MapFrame":
        if self.east <= self.west or self.north <= self.south:
            raise ValueError("east must lie east of west, and north of south")
        return self


class Facts(Section):
    """The whole of ``mission.yaml``."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    title: str
    country: str
    invented: bool = False
    first_day: date
    mission_ends: date
    last_day: date
    history: str
    parameters_of: str = ""
    regions: dict[str, Region] = Field(min_length=1)
    region_note: str = ""
    shelters: tuple[str, ...] = Field(min_length=1)
    population: Population
    national_forces: str
    partner_forces: str
    forces: dict[str, ForceKind]
    families: dict[Family, FamilyFacts] = {}
    withdrawal: Window
    shares_held_from: int
    trend: Window
    record: Record | None = None
    map: MapFrame

    @model_validator(mode="after")
    def _consistent(self) -> "Facts":
        if not self.first_day < self.mission_ends <= self.last_day:
            raise ValueError("first_day, mission_ends and last_day must come in this order")
        if self.first_day.day != 1:
            raise ValueError(f"first_day {self.first_day} is not the first of a month; troops arrive by month")
        if list(self.forces.values()).count("national") != 1:
            raise ValueError("forces: exactly one of them is national")
        return self

    @staticmethod
    def family_names() -> tuple[str, ...]:
        """The families that the rules of the model know."""
        return get_args(Family)

    @property
    def state_side(self) -> tuple[str, str]:
        """The actors on the side of the state: national forces, partner forces."""
        return self.national_forces, self.partner_forces

    @property
    def national_force(self) -> str:
        """The name of the national force among ``forces``."""
        return next(name for name, kind in self.forces.items() if kind == "national")


def unknown_key(key: str, section: type[Section]) -> str:
    """What is wrong with a key that a section does not have."""
    return f"unknown key; {suggestion(key, section.model_fields)}"
