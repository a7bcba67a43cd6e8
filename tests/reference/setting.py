"""The first day begins: the plan's rows become places and agents."""

from typing import TYPE_CHECKING, Any

from sim.model.tables import FAMILIES, UNIT_KINDS
from tests.reference.agents import Base, Community, Leg, NationalUnit, PatrolUnit
from tests.reference.places import Cell, Organisation, Region
from tests.reference.processes.organisations import Founding, Row

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel

FORCES = ("malian", "partner", "wagner")


def regions(model: "ReferenceModel") -> list[Region]:
    """The regions."""
    rows = _rows(model, "region_key", "region_growth")
    return [Region(model, index, key, growth) for index, (key, growth) in enumerate(rows)]


def cells(model: "ReferenceModel") -> list[Cell]:
    """The lattice, with what is known of every cell at the start; bases and communities come later."""
    found = []
    names = ("cell_key", "cell_lat", "cell_lon", "cell_region", "cell_road_km", "cell_town")
    for index, (key, lat, lon, region, road_km, town) in enumerate(_rows(model, *names)):
        cell = Cell(model, index, key, lat, lon, model.regions[region])
        cell.road_km, cell.town = road_km, town
        found.append(cell)
    for cell, around, refuge in zip(
        found, _column(model, "cell_neighbour"), _column(model, "cell_refuge"), strict=True
    ):
        cell.neighbours = [found[n] if n >= 0 else None for n in around]
        cell.refuge = found[refuge]
    first = ("cell_population", "cell_trust", "cell_state_trust", "cell_fear")
    for cell, (population, trust, state_trust, fear) in zip(found, _rows(model, *first), strict=True):
        cell.population, cell.trust, cell.state_trust, cell.fear = population, trust, state_trust, fear
    return found


def bases(model: "ReferenceModel") -> list[Base]:
    """The bases, with their routes and patrol areas."""
    found = []
    rows = _rows(model, "base_key", "base_cell", "base_region", "base_rescue_km", "base_stock")
    for index, (key, cell, region, rescue_km, stock) in enumerate(rows):
        base = Base(model, key, index, model.cells[cell])
        base.region, base.rescue_km, base.stock = model.regions[region], rescue_km, stock
        base.route = [
            Leg(model.cells[at], km, paved)
            for at, km, paved in _stretch(model, "route", index, "route_cell", "route_km", "route_paved")
        ]
        base.ring = [(model.cells[at], km) for at, km in _stretch(model, "ring", index, "ring_cell", "ring_km")]
        found.append(base)
    for base, hub in zip(found, _column(model, "base_hub"), strict=True):
        base.hub = found[hub] if hub >= 0 else None
    for cell, near in zip(model.cells, _column(model, "cell_near_base"), strict=True):
        cell.near_base = found[near] if near >= 0 else None
    return found


def units(model: "ReferenceModel") -> list[PatrolUnit]:
    """Every unit that will ever be there, without people yet."""
    found = []
    names = ("unit_key", "unit_base", "unit_kind", "unit_rotation", "unit_training", "unit_drill", "unit_protection")
    for index, (key, base, kind, rotation, training, drill, protection) in enumerate(_rows(model, *names)):
        unit = PatrolUnit(model, key, index, model.bases[base], UNIT_KINDS[kind], rotation)
        unit.training, unit.drill, unit.protection = training, drill, protection
        unit.base.units.append(unit)
        found.append(unit)
    return found


def national_units(model: "ReferenceModel") -> list[NationalUnit]:
    """Malian, partner and Wagner units, without people yet."""
    rows = _rows(model, "national_key", "national_home", "national_kind")
    return [NationalUnit(model, key, n, model.cells[home], FORCES[kind]) for n, (key, home, kind) in enumerate(rows)]


def organisations(model: "ReferenceModel") -> list[Organisation]:
    """Armed organisations with heirs and feuds."""
    names = ("organisation_family", "organisation_band", "organisation_ended", "organisation_against_state")
    found = [
        Organisation(index, FAMILIES[family], band, ended, against_state)
        for index, (family, band, ended, against_state) in enumerate(_rows(model, *names))
    ]
    heirs, starts, ends = (_column(model, name) for name in ("organisation_heir", "rivalry_start", "rivalry_end"))
    for a in found:
        a.heir = found[heirs[a.index]] if heirs[a.index] >= 0 else None
        a.feuds = {b: (starts[a.index][b.index], ends[a.index][b.index]) for b in found}
    return found


def rows(model: "ReferenceModel") -> list[Row]:
    """Rows of bands: those that a schedule keeps, and spare ones."""
    names = ("scheduled_strength", "band_born", "band_key", "band_organisation", "band_cell")
    return [
        Row(Founding(born, key, model.organisations[organisation], strength, model.cells[cell]) if strength else None)
        for strength, born, key, organisation, cell in _rows(model, *names)
    ]


def communities(model: "ReferenceModel") -> list[Community]:
    """Communities at home in their cells, some of their members displaced."""
    found = []
    states = ("population", "displaced", "trust", "state_trust", "fear")
    names = ("community_key", "community_home", "community_refuge", *(f"community_{state}" for state in states))
    for index, (key, home, refuge, *values) in enumerate(_rows(model, *names)):
        community = Community(model, key, index, model.cells[home])
        community.refuge = model.cells[refuge] if refuge >= 0 else None
        for state, value in zip(states, values, strict=True):
            setattr(community, state, value)
        community.home.communities.append(community)
        found.append(community)
    return found


def _column(model: "ReferenceModel", name: str) -> list[Any]:
    """A column of the plan as plain numbers."""
    plan = model.plan
    column = plan.inputs[name] if name in plan.inputs else plan.start[name]
    return column.tolist()  # type: ignore[no-any-return]


def _rows(model: "ReferenceModel", *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(_column(model, name) for name in names), strict=True))


def _stretch(model: "ReferenceModel", name: str, base: int, *names: str) -> list[tuple[Any, ...]]:
    """A base's own part of the columns of routes or rings."""
    first, last = _column(model, f"{name}_first")[base], _column(model, f"{name}_last")[base]
    return _rows(model, *names)[first:last]
