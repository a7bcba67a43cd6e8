"""Mesa agents as windows on rows: attributes read and write the columns, which stay the only truth.

Windows are made when somebody asks for them; a batch run never pays for them.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import mesa
import numpy as np

from sim.model.tables import COLUMNS, FAMILIES, UNIT_KINDS


class Column:
    """A window's attribute: one entry of a column, read and written in place."""

    def __init__(self, name: str) -> None:
        self.name = name
        unit = f" ({COLUMNS[name].unit})" if COLUMNS[name].unit else ""
        self.__doc__ = COLUMNS[name].meaning + unit

    def __get__(self, window: "Window | None", owner: type) -> Any:
        if window is None:
            return self
        return window.columns[self.name][window.row].item()

    def __set__(self, window: "Window", value: Any) -> None:
        if COLUMNS[self.name].input:
            raise AttributeError(f"{self.name} is an input of the run and cannot be set")
        window.columns[self.name][window.row] = value


class Window(mesa.Agent):
    """A readable face of one row of a table.  ``row`` is storage; ``key`` is the identity."""

    table: ClassVar[str]

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.columns: Mapping[str, np.ndarray] = model.columns

    @property
    def key(self) -> int:
        """64-bit identity, the same in every run and variant."""
        return int(self.columns[f"{self.table}_key"][self.row])

    @property
    def gid(self) -> int:
        """PRIO-GRID id of the cell where it is."""
        return int(self.model.plan.names.gids[self.cell])

    @property
    def region(self) -> str:
        """Region where it is."""
        return str(self.model.plan.names.regions[self.model.plan.inputs["cell_region"][self.cell]])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key:016x} in {self.region}>"


class PatrolUnit(Window):
    """A company-size unit of the mission."""

    table = "unit"
    strength = Column("unit_strength")
    training = Column("unit_training")
    drill = Column("unit_drill")
    protection = Column("unit_protection")
    escorting = Column("unit_escorting")
    clearing = Column("unit_clearing")
    patrols = Column("unit_patrols")
    rotation = Column("unit_rotation")

    @property
    def base(self) -> str:
        """Home base."""
        return str(self.model.plan.names.bases[self.columns["unit_base"][self.row]])

    @property
    def kind(self) -> str:
        """Kind of unit."""
        return UNIT_KINDS[self.columns["unit_kind"][self.row]]

    @property
    def contributor(self) -> str:
        """Contributing country."""
        return str(self.model.plan.contributors[self.columns["unit_contributor"][self.row]])

    @property
    def cell(self) -> int:
        """Where its patrol is today, or its base."""
        if self.patrols > 0:
            return int(self.columns["unit_cell"][self.row])
        return int(self.columns["base_cell"][self.columns["unit_base"][self.row]])


class Convoy(Window):
    """Contractors' trucks on a corridor, with escort and search team if there were any to spare."""

    table = "convoy"
    cell = Column("convoy_cell")
    trucks = Column("convoy_trucks")
    escort = Column("convoy_escort")
    searchers = Column("convoy_searchers")
    cargo = Column("convoy_cargo")
    born = Column("convoy_born")
    direction = Column("convoy_direction")

    @property
    def base(self) -> str:
        """The base it serves."""
        return str(self.model.plan.names.bases[self.columns["convoy_base"][self.row]])


class ArmedGroup(Window):
    """A band of fighters of an organisation."""

    table = "band"
    strength = Column("band_strength")
    cell = Column("band_cell")
    home = Column("band_home")
    skill = Column("band_skill")
    born = Column("band_born")

    @property
    def organisation(self) -> str:
        """Organisation that it belongs to."""
        return str(self.model.plan.names.actors[self.columns["band_organisation"][self.row]])

    @property
    def family(self) -> str:
        """Family of that organisation."""
        return FAMILIES[self.columns["organisation_family"][self.columns["band_organisation"][self.row]]]

    @property
    def weights(self) -> np.ndarray:
        """Learned weights of the targets traffic, camps, forces, civilians: a view of four."""
        return np.asarray(self.columns["band_weight"][self.row])


class NationalUnit(Window):
    """A company of national, partner or contracted forces."""

    table = "national"
    strength = Column("national_strength")
    cell = Column("national_cell")
    home = Column("national_home")
    kind = Column("national_kind")


class Community(Window):
    """Some thousands of civilians with a home, and those of them who had to leave it."""

    table = "community"
    population = Column("community_population")
    displaced = Column("community_displaced")
    refuge = Column("community_refuge")
    home = Column("community_home")
    trust = Column("community_trust")
    state_trust = Column("community_state_trust")
    fear = Column("community_fear")
    losses = Column("community_losses")

    @property
    def cell(self) -> int:
        """Where most of its people are."""
        return int(self.refuge if 2 * self.displaced > self.population and self.refuge >= 0 else self.home)


WINDOWS: tuple[type[Window], ...] = (PatrolUnit, Convoy, ArmedGroup, NationalUnit, Community)
LIVING = {"unit": "unit_strength", "convoy": "convoy_active", "band": "band_strength", "national": "national_strength"}


def living_rows(window: type[Window], columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rows of a table that hold somebody now."""
    if window.table not in LIVING:
        return np.arange(len(columns["community_key"]))
    return np.flatnonzero(columns[LIVING[window.table]] > 0)
