"""Communities: how many people live where at the start, and who is already displaced."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.missions import Mission
from sim.model.streams import entity_key
from sim.model.world import World

PARAMETERS = ("initial_displaced", "initial_trust", "initial_fear", "state_trust_base")  # that decide the first day


@dataclass(frozen=True)
class PeoplePlan:
    """Input columns and first state of communities."""

    inputs: dict[str, np.ndarray]
    start: dict[str, np.ndarray]


@dataclass(frozen=True)
class _Settled:
    """Communities as no parameter changes them: home cell, people, whether people of the region were displaced before
    the first day, and the input columns."""

    home: np.ndarray
    population: np.ndarray
    afflicted: np.ndarray
    inputs: dict[str, np.ndarray]


def build(persons_per_community: int, world: World, values: Mapping[str, float]) -> PeoplePlan:
    """Cells are cut into communities of about the asked size; every cell has at least one.  ``values``: PARAMETERS."""
    settled = _settled(persons_per_community, world)
    home, population, cells = settled.home, settled.population, len(world.cells.gid)
    displaced, refuge = _first_displaced(world, home, population, int(values["initial_displaced"]))
    start = {
        "community_population": population,
        "community_displaced": displaced,
        "community_refuge": refuge,
        "community_trust": np.full(len(home), values["initial_trust"]),
        "community_fear": np.where(settled.afflicted, values["initial_fear"], 0.0),
        "community_state_trust": np.full(len(home), values["state_trust_base"]),
        "community_losses": np.zeros(len(home), np.int64),
        "cell_population": np.bincount(home, population - displaced, cells).astype(np.int64),
        "cell_trust": np.full(cells, values["initial_trust"]),
        "cell_state_trust": np.full(cells, values["state_trust_base"]),
        "cell_fear": np.zeros(cells),
    }
    return PeoplePlan(dict(settled.inputs), start)


@lru_cache(maxsize=2)  # keys of 2,000 communities take longer than the rest of a plan, and every draw asks for them
def _settled(persons_per_community: int, world: World) -> _Settled:
    people = np.maximum(10, np.floor(world.cells.population + 0.5)).astype(np.int64)
    count = np.maximum(1, np.floor(people / persons_per_community + 0.5).astype(np.int64))
    home = np.repeat(np.arange(len(people)), count)
    last = np.cumsum(count)
    within = np.arange(len(home)) - (last - count)[home]
    gids = world.cells.gid[home]
    inputs = {
        "community_key": np.array([entity_key("community", f"{g}:{n}") for g, n in zip(gids, within, strict=True)]),
        "community_home": home,
        "cell_first": last - count,
        "cell_last": last,
        "region_growth": _growth(world.mission),
    }
    population = people[home] // count[home] + (within < people[home] % count[home])
    return _Settled(home, population, _displaced_share(world)[world.cells.region[home]] > 0.0, inputs)


def _growth(mission: Mission) -> np.ndarray:
    """Natural growth per month by region, between the base year and the census; never negative."""
    years = mission.facts.population
    people = {(row["region"], row["year"]): float(row["population"]) for row in mission.rows("population_region")}
    first, last = (
        np.array([people[name, str(year)] for name in mission.regions]) for year in (years.base_year, years.census_year)
    )
    return np.asarray(np.maximum(0.0, (last / first) ** (1.0 / (12 * (years.census_year - years.base_year))) - 1.0))


def _displaced_share(world: World) -> np.ndarray:
    """How strongly people of a region were displaced before the first day, relative to others, float64 [regions]."""
    return np.array([region.displaced_at_start for region in world.mission.facts.regions.values()])


def _first_displaced(
    world: World, home: np.ndarray, population: np.ndarray, total: int
) -> tuple[np.ndarray, np.ndarray]:
    """Spread the first displaced over communities of afflicted regions in proportion to people; shelters take turns."""
    weight = _displaced_share(world)[world.cells.region[home]] * population.astype(float)
    share = min(0.6, total / max(1.0, weight.sum()))
    displaced = np.floor(weight * share).astype(np.int64)
    shelters = np.array([world.towns[name] for name in world.mission.facts.shelters])
    refuge = np.where(displaced > 0, shelters[np.arange(len(home)) % len(shelters)], -1)
    return displaced, refuge
