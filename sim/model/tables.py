"""Every column of the model: name, shape, type, unit, meaning.  The columns are the only truth of a run.

Inputs are read-only during a run (the map, dated schedules, levers by day); state is what a run changes and what a
snapshot holds.  A process names the columns that it reads and writes as its arguments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.scenario.registry import MEASURES

FLOAT = np.float64
INT = np.int64
KEY = np.uint64


@dataclass(frozen=True)
class Column:
    """One column.  ``shape`` names dimensions; ``input`` columns are built by the plan and never written by a run."""

    name: str
    shape: tuple[str, ...]
    dtype: type
    unit: str
    meaning: str
    input: bool = False


def _inputs(*rows: tuple[str, tuple[str, ...], type, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*row, input=True) for row in rows)


def _state(*rows: tuple[str, tuple[str, ...], type, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


BASE_LEVERS = tuple(row.name for row in MEASURES.values() if row.scope == "base")
REGION_LEVERS = tuple(row.name for row in MEASURES.values() if row.scope == "region")

INPUTS = _inputs(
    ("cell_key", ("cells",), KEY, "", "identity of the cell"),
    ("cell_lat", ("cells",), FLOAT, "degrees", "latitude of the centre"),
    ("cell_lon", ("cells",), FLOAT, "degrees", "longitude of the centre"),
    ("cell_region", ("cells",), INT, "", "region index"),
    ("cell_road_km", ("cells",), FLOAT, "km", "corridor length inside the cell"),
    ("cell_neighbour", ("cells", "8"), INT, "", "adjacent cells, -1 where none"),
    ("cell_near_base", ("cells",), INT, "", "base in the cell or beside it, -1 where none"),
    ("cell_town", ("cells",), FLOAT, "persons", "people in towns of the cell"),
    ("cell_refuge", ("cells",), INT, "", "cell of the town to which people flee"),
    ("cell_first", ("cells",), INT, "", "first community whose home is the cell"),
    ("cell_last", ("cells",), INT, "", "one past the last community whose home is the cell"),
    ("region_key", ("regions",), KEY, "", "identity of the region"),
    ("region_growth", ("regions",), FLOAT, "1/month", "natural growth of the population"),
    ("base_key", ("bases",), KEY, "", "identity of the base"),
    ("base_cell", ("bases",), INT, "", "cell of the base"),
    ("base_region", ("bases",), INT, "", "region index"),
    ("base_hub", ("bases",), INT, "", "base that supplies it, -1 for the root"),
    ("base_rescue_km", ("bases",), FLOAT, "km", "distance to the nearest hospital base with helicopters"),
    ("base_first", ("bases",), INT, "", "first unit of the base; units are sorted by base"),
    ("base_last", ("bases",), INT, "", "one past its last unit"),
    ("route_first", ("bases",), INT, "", "first row of the base's supply route in route_cell"),
    ("route_last", ("bases",), INT, "", "one past the last row of the route"),
    ("route_cell", ("route_cells",), INT, "", "cells from hub to base, in order"),
    ("route_km", ("route_cells",), FLOAT, "km", "road length in the cell"),
    ("route_paved", ("route_cells",), FLOAT, "share", "paved share of that length"),
    ("ring_first", ("bases",), INT, "", "first row of the base's patrol area in ring_cell"),
    ("ring_last", ("bases",), INT, "", "one past the last row"),
    ("ring_cell", ("ring_cells",), INT, "", "cells in patrol range of the base"),
    ("ring_km", ("ring_cells",), FLOAT, "km", "distance from the base"),
    ("month_of_day", ("days",), INT, "", "months since that of the first day"),
    ("day_of_month", ("days",), INT, "", "1 to 31"),
    ("trend_days", ("days",), INT, "days", "days that trends without a cause have run; none is known after the record"),
    ("base_open", ("days", "bases"), INT, "", "1 while the base is open"),
    ("movement", ("days", "regions"), FLOAT, "share", "share of movement that consent and protests leave"),
    ("flights", ("days", "regions"), FLOAT, "share", "share of flights that consent leaves"),
    ("operations", ("days", "bases"), FLOAT, "share", "share of patrols, checks and projects that a pause leaves"),
    ("national_activity", ("days", "regions"), FLOAT, "share", "share of national operations that politics leave"),
    ("election", ("days", "regions"), INT, "", "1 in an election window"),
    ("threat_mean", ("days", "regions"), FLOAT, "log", "mean of the latent threat"),
    ("unit_key", ("units",), KEY, "", "identity of the unit"),
    ("unit_base", ("units",), INT, "", "home base"),
    ("unit_kind", ("units",), INT, "", "index into UNIT_KINDS"),
    ("unit_contributor", ("units",), INT, "", "index of the contributing country"),
    ("unit_rotation", ("units",), INT, "days", "offset of the yearly rotation"),
    ("unit_target", ("months", "units"), INT, "persons", "strength by schedule"),
    ("national_key", ("nationals",), KEY, "", "identity of the national or partner unit"),
    ("national_home", ("nationals",), INT, "", "cell of the garrison"),
    ("national_kind", ("nationals",), INT, "", "0 national forces, 1 partner forces, 2 contracted forces"),
    ("national_target", ("months", "nationals"), INT, "persons", "strength by schedule"),
    ("organisation_family", ("organisations",), INT, "", "index into FAMILIES"),
    ("organisation_founded", ("organisations",), INT, "day", "first day"),
    ("organisation_ended", ("organisations",), INT, "day", "last day; far future where open"),
    ("organisation_heir", ("organisations",), INT, "", "organisation that takes over its bands, -1 where none"),
    ("organisation_band", ("organisations",), FLOAT, "fighters", "typical size of a band"),
    ("organisation_against_state", ("organisations",), INT, "day", "last day at war with the state, -1 for never"),
    ("rivalry_start", ("organisations", "organisations"), INT, "day", "first day of a rivalry; far future for none"),
    ("rivalry_end", ("organisations", "organisations"), INT, "day", "last day of a rivalry"),
    ("scheduled_strength", ("bands",), INT, "fighters", "strength at founding of a scheduled band, 0 elsewhere"),
    ("community_key", ("communities",), KEY, "", "identity of the community"),
    ("community_home", ("communities",), INT, "", "home cell"),
    *((f"lever_{name}", ("days", "bases"), FLOAT, "", f"intensity of the measure {name}") for name in BASE_LEVERS),
    *((f"lever_{name}", ("days", "regions"), FLOAT, "", f"intensity of the measure {name}") for name in REGION_LEVERS),
)

STATE = _state(
    ("region_threat", ("regions",), FLOAT, "log", "latent threat"),
    ("region_deviation", ("regions",), FLOAT, "log", "latent threat less its mean"),
    ("region_tempo", ("regions",), FLOAT, "ratio", "operational tempo of armed groups, exp(threat)"),
    ("cell_population", ("cells",), INT, "persons", "people present: residents and people sheltering"),
    ("cell_presence", ("cells",), FLOAT, "patrols", "remembered patrol presence"),
    ("cell_police", ("cells",), FLOAT, "patrols", "remembered police patrol presence"),
    ("cell_traffic", ("cells",), FLOAT, "trips/day", "remembered mission traffic"),
    ("cell_crowd", ("cells",), FLOAT, "log", "scratch: log1p of cell_crowd_ratio, so that it is computed once"),
    ("cell_crowd_ratio", ("cells",), FLOAT, "ratio", "scratch: people over crowd_people, as last seen by a band"),
    ("cell_chance", ("cells",), FLOAT, "share", "scratch: the draw by which it is decided whether something happens"),
    ("cell_devices", ("cells",), INT, "devices", "explosive devices on roads"),
    ("cell_owner", ("cells",), INT, "", "band that last laid a device"),
    ("cell_owner_key", ("cells",), KEY, "", "identity of that band"),
    ("cell_owner_organisation", ("cells",), INT, "", "organisation of that band"),
    ("cell_tip", ("cells",), INT, "", "1 where a warning was passed on today"),
    ("cell_informed", ("cells",), FLOAT, "tips", "remembered tips, which armed groups punish"),
    ("cell_harm", ("cells",), FLOAT, "deaths", "remembered deaths"),
    ("cell_revenge", ("cells",), FLOAT, "deaths", "remembered deaths that call for revenge"),
    ("cell_abuse", ("cells",), FLOAT, "deaths", "remembered civilian deaths by national forces"),
    ("cell_trust", ("cells",), FLOAT, "share", "mean trust in the mission"),
    ("cell_state_trust", ("cells",), FLOAT, "share", "mean trust in the state"),
    ("cell_fear", ("cells",), FLOAT, "share", "mean fear"),
    ("cell_national", ("cells",), INT, "persons", "national forces here today"),
    ("cell_partner", ("cells",), INT, "persons", "partner forces here today"),
    ("cell_band", ("cells",), INT, "", "head of the list of bands here, -1 where none"),
    ("base_strength", ("bases",), INT, "persons", "strength of its units"),
    ("base_demand", ("bases",), FLOAT, "persons", "persons whom the base feeds, with the bases behind it"),
    ("base_stock", ("bases",), FLOAT, "person-days", "supplies in store"),
    ("base_in_transit", ("bases",), FLOAT, "person-days", "supplies on the road to it"),
    ("base_convoys", ("bases",), INT, "", "convoys ever dispatched to it"),
    ("base_evacuated", ("bases",), INT, "", "1 once the closing convoy has left, until the base opens again"),
    ("base_scale", ("bases",), FLOAT, "share", "share of today's tasks that fits the effort"),
    ("base_standby", ("bases",), FLOAT, "persons", "quick reaction on standby"),
    ("base_checkpoints", ("bases",), FLOAT, "1/day", "vehicle checks manned"),
    ("base_projects", ("bases",), FLOAT, "1/month", "civil projects under way"),
    ("base_analysis", ("bases",), FLOAT, "share", "reports analysed and mapped"),
    ("base_guards", ("bases",), FLOAT, "persons", "troops securing an election"),
    ("base_caution", ("bases",), FLOAT, "deaths", "remembered own losses"),
    ("unit_strength", ("units",), INT, "persons", "strength"),
    ("unit_training", ("units",), FLOAT, "share", "training level"),
    ("unit_drill", ("units",), FLOAT, "share", "drill currency"),
    ("unit_protection", ("units",), FLOAT, "share", "share of vehicles that are mine-protected"),
    ("unit_escorting", ("units",), INT, "persons", "on the road with convoys"),
    ("unit_clearing", ("units",), INT, "persons", "on the road searching for devices"),
    ("unit_free", ("units",), FLOAT, "persons", "not yet committed today"),
    ("unit_planned", ("units",), FLOAT, "patrols", "patrols planned for today"),
    ("unit_credit", ("units",), FLOAT, "patrols", "part of a patrol carried over"),
    ("unit_patrols", ("units",), INT, "patrols", "patrols out today"),
    ("unit_cell", ("units",), INT, "", "cell visited today"),
    ("unit_training_days", ("units",), FLOAT, "days", "training per person today"),
    ("unit_drill_days", ("units",), FLOAT, "days", "drill per person today"),
    ("ring_near", ("ring_cells",), FLOAT, "share", "scratch: how far distance lets patrols come there"),
    ("ring_reached", ("ring_cells",), FLOAT, "", "scratch: appeal of the base's patrol area up to this cell"),
    ("convoy_key", ("convoys",), KEY, "", "identity"),
    ("convoy_active", ("convoys",), INT, "", "1 while on the road"),
    ("convoy_base", ("convoys",), INT, "", "base it serves"),
    ("convoy_unit", ("convoys",), INT, "", "escorting unit, -1 for none"),
    ("convoy_clearing_unit", ("convoys",), INT, "", "unit of the search team, -1 for none"),
    ("convoy_born", ("convoys",), INT, "day", "day of dispatch"),
    ("convoy_position", ("convoys",), INT, "", "row in route_cell"),
    ("convoy_km", ("convoys",), FLOAT, "km", "distance done inside the cell"),
    ("convoy_direction", ("convoys",), INT, "", "1 out, -1 back"),
    ("convoy_wait", ("convoys",), INT, "days", "days left to unload"),
    ("convoy_trucks", ("convoys",), INT, "trucks", "contractors' trucks"),
    ("convoy_cargo", ("convoys",), FLOAT, "person-days", "supplies on board"),
    ("convoy_escort", ("convoys",), INT, "persons", "escort"),
    ("convoy_searchers", ("convoys",), INT, "persons", "search team"),
    ("convoy_withdrawal", ("convoys",), INT, "", "1 if it carries a closing base's troops"),
    ("convoy_cell", ("convoys",), INT, "", "cell where it is"),
    ("trip_count", ("1",), INT, "", "trips of today"),
    ("trip_activity", ("trips",), INT, "", "patrol or convoy"),
    ("trip_owner", ("trips",), INT, "", "unit row of a patrol, convoy row of a convoy"),
    ("trip_unit", ("trips",), INT, "", "unit at risk, -1 for none"),
    ("trip_cell", ("trips",), INT, "", "cell crossed"),
    ("trip_km", ("trips",), FLOAT, "km", "distance in the cell"),
    ("trip_groups", ("trips",), INT, "", "parties: patrols, or 1 for a convoy"),
    ("trip_persons", ("trips",), INT, "persons", "peacekeepers in a party"),
    ("trip_vehicles", ("trips",), FLOAT, "vehicles", "mission vehicles in a party"),
    ("trip_trucks", ("trips",), INT, "trucks", "contractors' trucks in the party"),
    ("trip_cleared", ("trips",), INT, "", "1 behind a search team"),
    ("trip_joint", ("trips",), INT, "", "1 with national forces"),
    ("trip_key", ("trips",), KEY, "", "identity for draws"),
    ("trip_clock", ("trips",), INT, "", "day coordinate for draws"),
    ("trip_chance", ("trips",), FLOAT, "share", "scratch: the draw by which it is decided whether it is attacked"),
    ("band_key", ("bands",), KEY, "", "identity"),
    ("band_organisation", ("bands",), INT, "", "organisation"),
    ("band_strength", ("bands",), INT, "fighters", "strength; 0 means the row is free"),
    ("band_cell", ("bands",), INT, "", "where it is"),
    ("band_home", ("bands",), INT, "", "centre of its area"),
    ("band_next", ("bands",), INT, "", "next band in the same cell, -1 at the end"),
    ("band_skill", ("bands",), FLOAT, "share", "competence with explosives"),
    ("band_weight", ("bands", "4"), FLOAT, "ratio", "learned weight of targets: traffic, camps, forces, civilians"),
    ("band_gain", ("bands", "4"), FLOAT, "", "successes less failures since it last learned, by target"),
    ("band_deterred", ("bands",), INT, "attacks", "attacks that were deterred today"),
    ("band_found", ("bands",), INT, "devices", "its devices found since it last laid any"),
    ("band_children", ("bands",), INT, "", "splits so far"),
    ("band_born", ("bands",), INT, "day", "first day"),
    ("band_chance", ("bands",), FLOAT, "share", "scratch: the draw by which a process decides whether the band acts"),
    ("step_utility", ("9",), FLOAT, "ratio", "scratch: appeal of the eight neighbours and of staying"),
    ("organisation_charge", ("organisations",), FLOAT, "ratio", "size of devices, which follows protection with a lag"),
    ("organisation_seen", ("organisations",), FLOAT, "share", "protected share of the vehicles it struck"),
    ("national_strength", ("nationals",), INT, "persons", "strength"),
    ("national_cell", ("nationals",), INT, "", "where it is"),
    ("community_population", ("communities",), INT, "persons", "living members, at home or displaced"),
    ("community_displaced", ("communities",), INT, "persons", "members away from home"),
    ("community_refuge", ("communities",), INT, "", "cell that shelters them, -1 for none"),
    ("community_trust", ("communities",), FLOAT, "share", "trust in the mission"),
    ("community_state_trust", ("communities",), FLOAT, "share", "trust in the state"),
    ("community_fear", ("communities",), FLOAT, "share", "fear of armed groups"),
    ("community_losses", ("communities",), INT, "persons", "members killed"),
    ("events", ("events", "event_fields"), INT, "", "one row per thing that happened"),
    ("event_count", ("1",), INT, "", "rows in use"),
    ("event_today", ("1",), INT, "", "first row of today"),
    ("ledger", ("days", "regions", "ledger_items"), FLOAT, "", "daily flows and stocks"),
    ("balance", ("balance_items",), INT, "persons", "cumulative flows of troops, fighters and population"),
)

COLUMNS: Mapping[str, Column] = {column.name: column for column in (*INPUTS, *STATE)}

UNIT_KINDS = (
    "infantry",
    "combat_convoy",
    "engineers",
    "formed_police",
    "reconnaissance",
    "quick_reaction",
    "support",
)
INFANTRY, COMBAT_CONVOY, ENGINEERS, POLICE, RECONNAISSANCE, REACTION, SUPPORT = range(len(UNIT_KINDS))
FAMILIES = ("jihadist", "islamic_state", "signatory", "platform", "self_defence")
JIHADIST, ISLAMIC_STATE, SIGNATORY, PLATFORM, SELF_DEFENCE = range(len(FAMILIES))
BALANCE = (
    "troops_arrived",
    "troops_departed",
    "troops_killed",
    "troops_died",
    "fighters_founded",
    "fighters_recruited",
    "fighters_from_abroad",
    "fighters_killed",
    "fighters_deserted",
    "fighters_demobilised",
    "people_born",
    "people_killed",
    "people_recruited",
    "people_rejoined",
)
(
    B_ARRIVED,
    B_DEPARTED,
    B_TROOPS_KILLED,
    B_TROOPS_DIED,
    B_FOUNDED,
    B_RECRUITED,
    B_ABROAD,
    B_FIGHTERS_KILLED,
    B_DESERTED,
    B_DEMOBILISED,
    B_BORN,
    B_PEOPLE_KILLED,
    B_PEOPLE_RECRUITED,
    B_REJOINED,
) = range(len(BALANCE))
NEVER = 1_000_000


def empty_state(sizes: Mapping[str, int], columns: Iterable[Column] = STATE) -> dict[str, np.ndarray]:
    """Zeroed state columns for dimension sizes such as ``{"cells": 496, ...}``.  Raises KeyError for a missing size."""
    return {column.name: np.zeros(_extent(column, sizes), column.dtype) for column in columns}


def _extent(column: Column, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else sizes[part] for part in column.shape)
