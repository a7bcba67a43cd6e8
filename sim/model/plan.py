"""From a scenario to arrays: what the run is given, day by day, before any chance enters.

Policy reaches the compiled day only through arrays indexed by day, without look-ahead; that makes variants comparable
and branching sound.  Before a scenario's period the packaged historical inputs hold (its run-up).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np

from sim._util.clock import Calendar, Clock
from sim.missions import Mission
from sim.model import forces_plan, mission_plan
from sim.model import population_plan as people_plan
from sim.model.recorder import EVENT_FIELDS, LEDGER_ITEMS, Names
from sim.model.streams import entity_key
from sim.model.tables import BALANCE, BASE_LEVERS, INPUTS, REGION_LEVERS, empty_state
from sim.model.world import World, build
from sim.scenario import MEASURES, Episode, Scenario
from sim.scenario.registry import PROCESSES

CONVOY_ROWS = 256
TRIP_ROWS = 4096
SPARE_BANDS = 260
FIRST_EVENTS = 24_000
NOBODY = "none"  # the actor of accidents and illness
PLAN_PARAMETERS = (*forces_plan.PARAMETERS, "initial_displaced", "initial_trust", "initial_fear")


@dataclass(frozen=True)
class Plan:
    """Inputs (read-only columns), the state at dawn of day 0, and the vectors that a run needs.

    ``start`` holds fresh state columns; a model copies them.  ``report`` is the reported period (first, last day).
    """

    scenario: Scenario
    world: World
    inputs: dict[str, np.ndarray]
    start: dict[str, np.ndarray]
    parameters: np.ndarray
    enabled: np.ndarray
    names: Names
    contributors: tuple[str, ...]
    report: tuple[int, int]

    @classmethod
    def build(cls, scenario: Scenario) -> "Plan":
        """Resolve a scenario.  Done once per variant and shared between seeds."""
        clock = scenario.mission.clock
        last_day = clock.day_index(scenario.period.end)
        calendar = clock.calendar(last_day + 1)
        world = build(scenario.mission, scenario.settings.cell_size)
        values = parameter_values(scenario)
        inputs = _map_inputs(world) | _politics(scenario, calendar) | _levers(scenario, calendar, world)
        inputs["operations"] = _operations(scenario, calendar, world)
        # who has stopped operating has nobody to talk to either
        inputs["lever_coordination"] = inputs["lever_coordination"] * inputs["national_activity"]
        mission = mission_plan.build(scenario, calendar, world)
        forces = forces_plan.build(scenario, calendar, world, values, SPARE_BANDS)
        people = people_plan.build(scenario.settings.persons_per_community, world, values)
        inputs |= mission.inputs | forces.inputs | people.inputs
        start = empty_state(_sizes(world, calendar, inputs))
        start |= mission.start | forces.start | people.start
        _set_initial_state(start)
        return cls(
            scenario=scenario,
            world=world,
            inputs={column.name: np.ascontiguousarray(inputs[column.name], column.dtype) for column in INPUTS},
            start=start,
            parameters=np.array([values[name] for name in scenario.mission.parameters]),
            enabled=np.array([int(scenario.processes[process.name]) for process in PROCESSES]),
            names=Names(
                regions=scenario.mission.regions,
                bases=world.bases,
                actors=actors_of(scenario.mission, forces.organisations),
                gids=world.cells.gid,
                lats=world.cells.lat,
                lons=world.cells.lon,
            ),
            contributors=mission.contributors,
            report=(clock.day_index(scenario.period.start), last_day),
        )

    @cached_property
    def agents(self) -> int:
        """Number of agents that can act: units, national units, communities, and the first bands."""
        garrisons = int((self.inputs["national_target"].max(axis=0) > 0).sum())
        rows = len(self.inputs["unit_key"]) + len(self.inputs["community_key"]) + garrisons
        return rows + int((self.inputs["scheduled_strength"] > 0).sum())


def actors_of(mission: Mission, organisations: tuple[str, ...]) -> tuple[str, ...]:
    """Names behind the numbers of actors in events."""
    return (*organisations, mission.facts.national_forces, mission.facts.partner_forces, NOBODY)


def parameter_values(scenario: Scenario) -> dict[str, float]:
    """Packaged values with those that the scenario sets."""
    return {name: scenario.parameters.get(name, row.value) for name, row in scenario.mission.parameters.items()}


def _sizes(world: World, calendar: Calendar, inputs: dict[str, np.ndarray]) -> dict[str, int]:
    return {
        "cells": len(world.cells.gid),
        "regions": len(world.mission.regions),
        "bases": len(world.bases),
        "days": calendar.days,
        "units": len(inputs["unit_key"]),
        "nationals": len(inputs["national_key"]),
        "organisations": len(inputs["organisation_family"]),
        "bands": len(inputs["scheduled_strength"]),
        "communities": len(inputs["community_key"]),
        "convoys": CONVOY_ROWS,
        "trips": TRIP_ROWS,
        "ring_cells": len(inputs["ring_cell"]),
        "events": FIRST_EVENTS,
        "event_fields": len(EVENT_FIELDS),
        "ledger_items": len(LEDGER_ITEMS),
        "balance_items": len(BALANCE),
    }


def _set_initial_state(start: dict[str, np.ndarray]) -> None:
    for name in ("cell_band", "cell_owner", "band_next", "unit_cell", "convoy_unit", "convoy_clearing_unit"):
        start[name][:] = -1
    start["region_tempo"][:] = 1.0
    start["organisation_charge"][:] = 1.0
    start["base_stock"][:] = 40_000.0


@lru_cache(maxsize=4)
def _map_inputs(world: World) -> dict[str, np.ndarray]:
    cells = world.cells
    return {
        "cell_key": np.array([entity_key("cell", str(gid)) for gid in cells.gid]),
        "cell_lat": cells.lat,
        "cell_lon": cells.lon,
        "cell_region": cells.region,
        "cell_road_km": cells.road_km,
        "cell_neighbour": cells.neighbour,
        "cell_near_base": world.near_base,
        "cell_town": cells.town,
        "cell_refuge": world.refuge,
        "region_key": np.array([entity_key("region", name) for name in world.mission.regions]),
        "base_key": np.array([entity_key("base", name) for name in world.bases]),
        "base_cell": world.base_cell,
        "base_region": world.base_region,
        "base_hub": world.base_hub,
        "base_rescue_km": world.rescue_km,
        "route_first": world.routes.first,
        "route_last": world.routes.last,
        "route_cell": world.routes.cell,
        "route_km": world.routes.km,
        "route_paved": world.routes.paved,
        "ring_first": world.rings.first,
        "ring_last": world.rings.last,
        "ring_cell": world.rings.cell,
        "ring_km": world.rings.km,
    }


def window(clock: Clock, start: date, end: date, days: int) -> slice:
    """The days of a dated window that fall into the run; empty where it lies outside."""
    first = max(0, clock.day_index(start))
    return slice(first, max(first, min(days, clock.day_index(end) + 1)))


def region_rows(mission: Mission, regions: tuple[str, ...]) -> list[int]:
    """Indices of named regions."""
    return [mission.regions.index(name) for name in regions]


def stages(scenario: Scenario) -> list[tuple[Scenario, int]]:
    """The scenarios whose inputs hold, each with its first day: the run-up before the period, then the scenario."""
    before = scenario.run_up()
    first = scenario.mission.clock.day_index(scenario.period.start)
    return [(before, 0), (scenario, first)] if before is not None else [(scenario, 0)]


def _politics(scenario: Scenario, calendar: Calendar) -> dict[str, np.ndarray]:
    shape = (calendar.days, len(scenario.mission.regions))
    arrays = {
        "movement": np.ones(shape),
        "flights": np.ones(shape),
        "national_activity": np.ones(shape),
        "election": np.zeros(shape, np.int64),
        "threat_mean": threat_mean(scenario.mission, calendar.days),
        "month_of_day": calendar.month,
        "day_of_month": calendar.day_of_month,
        "trend_days": trend_days(scenario.mission, calendar.days),
    }
    for stage, first in stages(scenario):
        fresh = {name: arrays[name].copy() for name in ("movement", "flights", "national_activity", "election")}
        fresh["movement"][:] = fresh["flights"][:] = fresh["national_activity"][:] = 1.0
        fresh["election"][:] = 0
        _shock_levels(stage, fresh, calendar.days)
        for name, array in fresh.items():
            arrays[name][first:] = array[first:]
    return arrays


def trend_days(mission: Mission, days: int) -> np.ndarray:
    """Days since trends without a cause began, held where the record ends; int64 per day."""
    start, end = (mission.clock.day_index(day) for day in (mission.facts.trend.start, mission.facts.trend.end))
    return np.clip(np.arange(days), start, end) - start


def _shock_levels(stage: Scenario, arrays: dict[str, np.ndarray], days: int) -> None:
    mission, clock = stage.mission, stage.mission.clock
    for episode in stage.shocks.protests:
        _multiply(arrays["movement"], episode, mission)
    for episode in stage.shocks.consent:
        _multiply(arrays["movement"], episode, mission)
        _multiply(arrays["flights"], episode, mission)
    for coup in stage.shocks.coup:
        rows = region_rows(mission, coup.place.regions)
        span = window(clock, coup.start, coup.start + timedelta(days=coup.recovery_days), days)
        lost = coup.intensity * (
            1.0 - (np.arange(span.start, span.stop) - clock.day_index(coup.start)) / coup.recovery_days
        )
        arrays["national_activity"][span, rows] *= 1.0 - lost[:, None]
    leaving = stage.shocks.withdrawal
    if leaving is not None:
        arrays["flights"][window(clock, leaving.start, leaving.end, days)] *= leaving.air_support
    for election in stage.elections:
        span = window(clock, election.start, election.end, days)
        arrays["election"][span, region_rows(mission, election.place.regions)] = 1


def _multiply(array: np.ndarray, episode: Episode, mission: Mission) -> None:
    span = window(mission.clock, episode.start, episode.end, len(array))
    if span.stop > span.start:
        level = levels(episode, span, mission.clock)
        array[span, region_rows(mission, episode.place.regions)] *= 1.0 - level[:, None]


def levels(episode: Episode, span: slice, clock: Clock) -> np.ndarray:
    """The level of an episode on each day of a window: ``episode.level.at(day)``, all days at once."""
    path = episode.level
    knots = np.array([clock.day_index(day) for day in path.dates])
    values = np.array(path.values, float)
    days = np.arange(span.start, span.stop)
    after = np.searchsorted(knots, days, side="right")
    low = np.maximum(after - 1, 0)
    if not path.linear:
        return values[low]
    high = np.minimum(after, len(knots) - 1)  # before the first knot and after the last one, low is high
    passed = (days - knots[low]) / np.maximum(1, knots[high] - knots[low])
    return np.asarray(values[low] + (values[high] - values[low]) * passed)


def threat_knot(region: str, year: int) -> str:
    """The name of one knot of the threat path among drawn values."""
    return f"threat.{region}.{year}"


def threat_mean(mission: Mission, days: int, drawn: Mapping[str, float] = MappingProxyType({})) -> np.ndarray:
    """Mean of the latent threat by day and region: straight lines between mid-years, held after the last.

    ``drawn`` knots take the place of packaged ones.
    """
    mean = np.zeros((days, len(mission.regions)))
    for r, (name, knots) in enumerate(_threat_knots(mission).items()):
        values = [drawn.get(threat_knot(name, year), value) for year, value in knots.items()]
        mean[:, r] = np.interp(np.arange(days), [mission.clock.day_index(date(year, 7, 1)) for year in knots], values)
    return mean


@lru_cache(maxsize=8)
def _threat_knots(mission: Mission) -> dict[str, dict[int, float]]:
    """Region -> year -> packaged value, regions in the order of their indices."""
    knots: dict[str, dict[int, float]] = {name: {} for name in mission.regions}
    for row in mission.rows("threat_path"):
        knots[row["region"]][int(row["year"])] = float(row["value"])
    return knots


def _levers(scenario: Scenario, calendar: Calendar, world: World) -> dict[str, np.ndarray]:
    arrays = {}
    for name in (*BASE_LEVERS, *REGION_LEVERS):
        places = world.mission.regions if name in REGION_LEVERS else world.bases
        lever = np.full((calendar.days, len(places)), MEASURES[name].reference, float)
        for stage, first in stages(scenario):
            lever[first:] = MEASURES[name].reference
            for episode in stage.measures[name]:
                _set_lever(lever, episode, places, first, world.mission)
        arrays[f"lever_{name}"] = lever
    return arrays


def _operations(scenario: Scenario, calendar: Calendar, world: World) -> np.ndarray:
    """Share of patrols, vehicle checks and projects that goes on, [days, bases]."""
    paused = np.zeros((calendar.days, len(world.bases)))
    for stage, first in stages(scenario):
        paused[first:] = 0.0
        for episode in stage.shocks.pause:
            _set_lever(paused, episode, world.bases, first, world.mission)
    return 1.0 - paused


def _set_lever(lever: np.ndarray, episode: Episode, places: tuple[str, ...], first: int, mission: Mission) -> None:
    span = window(mission.clock, episode.start, episode.end, len(lever))
    span = slice(max(first, span.start), max(first, span.stop))
    covered = episode.place.regions if places is mission.regions else episode.place.bases
    if span.stop > span.start and covered:
        lever[span, [places.index(name) for name in covered]] = levels(episode, span, mission.clock)[:, None]
