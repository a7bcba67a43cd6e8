"""Single processes in a country of three cells, with draws that are given, against numbers worked out by hand."""

import importlib
import math
from unittest import mock

import numpy as np
import pytest

from sim.model.code_generation import arguments_for, function_of
from sim.model.conflict import CAMPS, CIVILIANS, FORCES
from sim.model.recorder import (
    A_CONVOY,
    A_PATROL,
    E_ACTOR,
    E_CELL,
    E_CIVILIANS,
    E_CONTRACTORS,
    E_FOUND,
    E_KIND,
    E_MALIAN,
    E_PARTNER,
    E_TACTIC,
    E_UN_HIT,
    E_UN_KILLED,
    E_UNIT,
    EVENT_FIELDS,
    K_FIND,
    K_MISSION,
    K_ONE_SIDED,
    L_DETERRED,
    L_DISPLACED,
    L_LIAISON,
    L_MOVED,
    L_PERSONNEL,
    LEDGER_ITEMS,
    T_IED,
    T_IED_AMBUSH,
)
from sim.model.simulation import STREAMS
from sim.model.streams import entity_key
from sim.model.tables import (
    B_DEMOBILISED,
    B_DEPARTED,
    BALANCE,
    COLUMNS,
    ENGINEERS,
    INPUTS,
    KEY,
    NEVER,
    SIGNATORY,
    STATE,
    empty_state,
)
from sim.scenario.registry import PROCESSES
from tests.engine_support import NUMBER, plain
from tests.minusma import parameter_names
from tests.reference import draws

SIZES = {"cells": 3, "regions": 1, "bases": 3, "units": 2, "nationals": 2, "organisations": 3, "bands": 3,
         "communities": 3, "convoys": 2, "trips": 2, "route_cells": 3, "ring_cells": 2, "days": 40, "months": 2,
         "events": 8, "event_fields": len(EVENT_FIELDS), "ledger_items": len(LEDGER_ITEMS),
         "balance_items": len(BALANCE)}  # fmt: skip
NONE = ("cell_band", "cell_near_base", "cell_neighbour", "cell_owner", "band_next", "base_hub", "convoy_unit",
        "convoy_clearing_unit", "community_refuge", "trip_unit")  # fmt: skip
DAY = 10

Columns = dict[str, np.ndarray]


def country(**columns: object) -> Columns:
    """Three cells of one region; nobody and nothing is there but what is said, and every factor is 1."""
    found = empty_state(SIZES, (*INPUTS, *STATE))
    for name, column in found.items():
        if COLUMNS[name].dtype is KEY:
            column[:] = [entity_key(name, str(row)) for row in range(len(column))]
    usual = dict.fromkeys(NONE, -1) | {
        "organisation_ended": NEVER,
        "base_cell": [0, 1, 2],
        "band_weight": 1.0,
        "region_tempo": 1.0,
        "movement": 1.0,
        "national_activity": 1.0,
        "operations": 1.0,
        "base_open": 1,
    }
    for name, values in (usual | columns).items():
        found[name][...] = values
    return found


def happens(name: str, columns: Columns, u: float | tuple[float, ...] = 0.5, day: int = DAY, **values: float) -> None:
    """One process in plain Python: whatever is drawn is ``u``, or these four; parameters that are not said are 0."""
    four = u if isinstance(u, tuple) else (u, u, u, u)
    process = PROCESSES[NUMBER[name]]
    module = importlib.import_module(f"sim.model.processes.{name}")

    def first_of_all(*arguments: np.ndarray) -> None:
        arguments[-1][:] = four[0]

    given = {"uniforms": lambda *_: four, "uniform": lambda *_: four[0], "first_uniforms": first_of_all,
             "first_uniforms_of_trips": first_of_all}  # fmt: skip
    values = {parameter: float(values.pop(parameter, 0.0)) for parameter in parameter_names()} | values
    arguments = arguments_for(process, columns, values, np.uint64(1), STREAMS[NUMBER[name]], day)
    with mock.patch.dict(vars(module), {each: rule for each, rule in given.items() if hasattr(module, each)}):
        rule = plain(function_of(process))
        rule(*arguments)


def noted(columns: Columns, field: int) -> list[int]:
    """A field of all events."""
    return columns["events"][: columns["event_count"][0], field].tolist()


def booked(columns: Columns, item: int) -> float:
    return float(columns["ledger"][DAY, 0, item])


# Troops


@pytest.mark.parametrize(("day", "strength"), [(0, 20), (1, 0)])
def test_the_first_day_brings_contingents_whatever_its_date(day: int, strength: int) -> None:
    columns = country(day_of_month=2, unit_target=20, unit_rotation=5)
    happens("deployment", columns, day=day)
    assert columns["unit_strength"].tolist() == [strength] * 2


def test_troops_of_a_base_that_closed_are_gone_when_its_last_convoy_has_left() -> None:
    columns = country(day_of_month=15, unit_base=[0, 1], unit_strength=[10, 12], unit_escorting=[4, 0],
                      base_open=0, base_evacuated=[1, 0, 0], unit_target=30, unit_rotation=5)  # fmt: skip
    happens("deployment", columns)
    assert columns["unit_strength"].tolist() == [4, 12], "on the road, and waiting for the convoy"
    assert columns["balance"][B_DEPARTED] == 6


@pytest.mark.parametrize(("days", "drill"), [(0.5, 0.96), (0.1, 0.54)])
def test_drills_refresh_no_more_than_what_was_forgotten(days: float, drill: float) -> None:
    columns = country(unit_strength=[5, 0], unit_drill=0.4, unit_drill_days=days)
    happens("training", columns, drill_gain=3.0, drill_memory=10.0, equipment_delivery_days=1.0)
    assert columns["unit_drill"].tolist() == pytest.approx([drill, 0.4])


def test_a_base_without_tasks_has_all_its_effort_to_spare() -> None:
    columns = country(base_strength=[10, 0, 0], base_first=[0, 2, 2], base_last=2, unit_strength=[10, 0])
    happens("tasking", columns, low_stock_days=1.0, patrol_share_cap=1.0)
    assert columns["base_scale"].tolist() == [1.0, 0.0, 0.0]
    assert columns["unit_free"].tolist() == [10.0, 0.0]
    assert columns["unit_planned"].tolist() == [0.0, 0.0]


# With 10,000 people and a floor of as many, a settled cell appeals twice as much as an empty one.
@pytest.mark.parametrize(("u", "cell"), [(0.66666, 0), (0.66667, 1)])
def test_protection_of_civilians_weighs_people_by_ten_thousands(u: float, cell: int) -> None:
    columns = country(ring_last=2, ring_cell=[0, 1], cell_population=[10_000, 0, 0], unit_strength=[50, 0],
                      unit_planned=1.0, unit_free=10.0, lever_protection_of_civilians=1.0)  # fmt: skip
    happens("patrols", columns, u, presence_memory=1.0, patrol_range_decay=1.0, patrol_backlog=1.0, patrol_persons=5.0,
            persons_per_escort_vehicle=5.0, protection_floor=1.0, protection_fear_floor=1.0)  # fmt: skip
    assert (columns["trip_count"][0], columns["trip_cell"][0]) == (1, cell)
    assert columns["unit_patrols"].tolist() == [1, 0]


def test_liaison_officers_are_where_a_single_person_is() -> None:
    columns = country(lever_coordination=0.5)
    columns["ledger"][DAY, 0, L_PERSONNEL] = 1.0
    happens("tally", columns, liaison_officers=4.0)
    assert booked(columns, L_LIAISON) == 2.0


# Supply and convoys: bases 0 and 1 behind the root, which is base 2

SUPPLY = {"truck_person_days": 1.0, "most_trucks": 5.0, "dispatch_days": 1.0, "stock_days": 5.0, "least_trucks": 1.0,
          "persons_per_escort_vehicle": 1.0, "airlift_person_days": 1.0, "airlift_kmh": 1.0,
          "specialist_preference": 2.0}  # fmt: skip


def mission(**columns: object) -> Columns:
    """Base 1 calls for five trucks from the root."""
    usual = {"base_hub": [2, 2, -1], "base_strength": [0, 10, 0], "base_stock": [0.0, 20.0, 1e6], "route_last": 1,
             "unit_base": 2}  # fmt: skip
    return country(**(usual | columns))


@pytest.mark.parametrize(("u", "dispatched"), [(0.49, 1), (0.5, 1), (0.51, 0)])
def test_a_convoy_leaves_when_movement_is_allowed(u: float, dispatched: int) -> None:
    columns = mission(movement=0.5)
    happens("supply", columns, u, **SUPPLY)
    assert columns["convoy_active"].tolist() == [dispatched, 0]
    assert columns["base_in_transit"].tolist() == [0.0, 5.0 * dispatched, 0.0]
    assert columns["base_convoys"].tolist() == [0, dispatched, 0]


@pytest.mark.parametrize(("is_open", "dispatched"), [(0, 1), (1, 0)])
def test_behind_a_closed_hub_its_own_hub_supplies(is_open: int, dispatched: int) -> None:
    columns = mission(base_hub=[2, 0, -1], base_open=[is_open, 1, 1])
    happens("supply", columns, **SUPPLY)
    assert columns["convoy_active"].tolist() == [dispatched, 0], "base 0 has nothing in store"


def test_no_convoy_leaves_while_all_are_on_the_road() -> None:
    columns = mission(convoy_active=1, convoy_base=0)
    happens("supply", columns, **SUPPLY)
    assert columns["convoy_base"].tolist() == [0, 0]
    assert columns["base_convoys"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(("free", "team"), [(4.0, 4), (3.9, 0)])
def test_a_search_team_is_whole_or_does_not_go(free: float, team: int) -> None:
    columns = mission(lever_route_clearance=1.0, unit_kind=ENGINEERS, unit_free=[0.0, free])
    happens("supply", columns, search_persons=4.0, **SUPPLY)
    assert (columns["convoy_searchers"][0], columns["convoy_clearing_unit"][0]) == (team, 1 if team else -1)
    assert columns["unit_clearing"].tolist() == [0, team]
    assert columns["unit_free"].tolist() == [0.0, free - team]


@pytest.mark.parametrize(("days", "before"), [("1100110", 1), ("1111110", 0), ("1010100", 2), ("1010110", 2)])
def test_every_closing_of_a_base_has_a_convoy_of_its_own(days: str, before: int) -> None:
    columns = mission()
    columns["base_open"][: len(days), 1] = [int(each) for each in days]
    columns["base_open"][len(days) :, 1] = 0
    happens("supply", columns, day=6, **SUPPLY)
    expected = draws.child_key(int(columns["base_key"][1]), int(STREAMS[NUMBER["supply"]]), 1_000_000 + before)
    assert int(columns["convoy_key"][0]) == expected
    assert (columns["convoy_withdrawal"][0], columns["base_evacuated"][1]) == (1, 1)


HOME = {"convoy_active": [1, 0], "convoy_direction": -1, "convoy_km": 0.0, "route_km": 10.0, "route_last": 1,
        "route_paved": 1.0}  # fmt: skip
ROAD = {"paved_speed": 100.0, "track_speed": 100.0, "persons_per_escort_vehicle": 1.0}


def test_who_withdrew_with_a_convoy_is_free_and_who_escorts_another_is_not() -> None:
    waits = {"convoy_active": 1, "convoy_wait": [0, 2], "convoy_base": 0, "convoy_unit": [0, 0]}
    columns = country(**(HOME | waits), convoy_withdrawal=[1, 0], convoy_escort=[8, 4], unit_base=[0, 1],
                      unit_escorting=[12, 5])  # fmt: skip
    happens("convoys", columns, **ROAD)
    assert columns["convoy_active"].tolist() == [0, 1]
    assert columns["unit_escorting"].tolist() == [4, 5], "base 1 is another base"


def test_a_convoy_that_comes_home_sets_no_more_people_free_than_are_left() -> None:
    columns = country(**HOME, convoy_unit=0, convoy_clearing_unit=1, convoy_escort=6, convoy_searchers=5,
                      unit_escorting=[2, 0], unit_clearing=[0, 3])  # fmt: skip
    happens("convoys", columns, **ROAD)
    assert columns["convoy_active"].tolist() == [0, 0]
    assert columns["unit_escorting"].tolist() == columns["unit_clearing"].tolist() == [0, 0]


# National forces


@pytest.mark.parametrize(("day", "strength"), [(0, 50), (1, 7)])
def test_the_first_day_fills_garrisons_whatever_its_date(day: int, strength: int) -> None:
    columns = country(day_of_month=2, national_target=50, national_strength=7)
    happens("national_forces", columns, day=day)
    assert columns["national_strength"].tolist() == [strength] * 2
    assert columns["cell_national"].tolist() == [2 * strength, 0, 0]


@pytest.mark.parametrize(("u", "cell"), [(0.24, 0), (0.25, 1)])
def test_a_unit_goes_out_at_its_rate_into_any_neighbouring_cell(u: float, cell: int) -> None:
    columns = country(national_home=1, national_strength=[30, 0], cell_neighbour=[[-1] * 8, [0] * 8, [-1] * 8])
    happens("national_forces", columns, u, sortie_rate=0.25)
    assert columns["national_cell"].tolist() == [cell, 1]
    assert columns["cell_national"][cell] == 30


# One company raids a band in its cell with probability 1 - exp(-1) = 0.632.
@pytest.mark.parametrize(("u", "raids"), [(0.55, 1), (0.63, 1), (0.64, 0)])
def test_information_that_hinders_hinders_only_where_there_is_some(u: float, raids: int) -> None:
    columns = country(national_strength=[150, 0], cell_band=[0, -1, -1], band_strength=[30, 0, 0],
                      lever_coordination=1.0)  # fmt: skip
    happens("offensives", columns, u, raid_rate=1.0, raid_tip_gain=-0.5, raid_tips=1.0, raid_home_share=0.9)
    assert columns["event_count"][0] == raids


# Information


@pytest.mark.parametrize(("without_base", "trust", "told"), [(1.0, 1.0, 1), (0.0, 1.0, 0), (1.0, 0.0, 0)])
def test_far_from_bases_only_who_trusts_is_heard_and_as_far_as_reports_reach(
    without_base: float, trust: float, told: int
) -> None:
    columns = country(cell_devices=[1, 0, 0], cell_trust=trust, cell_presence=10.0, cell_population=100,
                      base_analysis=1.0)  # fmt: skip
    happens("information", columns, tip_rate=10.0, tip_contact=1.0, informed_memory=1.0, tip_people=1.0,
            analysis_without_base=without_base)  # fmt: skip
    assert columns["cell_tip"].tolist() == [told, 0, 0]
    assert columns["cell_informed"].tolist() == [told, 0.0, 0.0]


# Devices

LAYS = {"traffic_memory": 1.0, "device_life": 1.0, "device_rate": 2.0, "device_forces": 1.0, "device_people": 1.0,
        "device_civilian_appeal": 1.0, "device_civilian_limit": 1.0, "device_road_km": 1.0}  # fmt: skip


def test_devices_are_laid_in_reach_of_the_band_alone() -> None:
    west = [-1, -1, -1, 1, -1, -1, -1, -1]
    columns = country(band_strength=[30, 0, 0], band_skill=1.0, cell_neighbour=[west, [-1] * 8, [-1] * 8],
                      cell_population=1, cell_road_km=1.0)  # fmt: skip
    happens("emplacement", columns, 0.4, **LAYS)  # here and next to here are worth the same: the first half is there
    assert columns["cell_devices"].tolist() == [0, 1, 0]
    assert columns["cell_owner"].tolist() == [-1, 0, -1]


def test_no_device_is_laid_where_nothing_passes() -> None:
    columns = country(band_strength=[30, 0, 0], band_skill=1.0, cell_road_km=1.0)
    happens("emplacement", columns, 0.4, **LAYS)
    assert columns["cell_devices"].tolist() == [0, 0, 0]
    assert columns["cell_owner"].tolist() == [-1, -1, -1]


@pytest.mark.parametrize(("km", "found"), [(10.0, 1), (2.5, 0)])
def test_a_team_searches_a_road_no_more_than_once(km: float, found: int) -> None:
    """Half of two devices: none, one or both with 1/4, 1/2 and 1/4; a short way lets them meet three in four."""
    columns = country(trip_count=1, trip_cleared=1, trip_km=km, cell_devices=[2, 0, 0], cell_road_km=10.0)
    happens("clearance", columns, 0.3, find_probability=0.5, find_cap=1.0, search_reach=3.0, road_km_floor=1.0)
    assert columns["cell_devices"].tolist() == [2 - found, 0, 0]
    assert noted(columns, E_FOUND) == [found] * found


METS = {"trigger_rate": 100.0, "road_km_floor": 1.0, "notice_cap": 1.0, "truck_share_cap": 1.0, "device_scale": 1.0}


def patrol(**columns: object) -> Columns:
    """A patrol of twenty in cell 0."""
    usual = {"trip_count": 1, "trip_activity": A_PATROL, "trip_groups": 1, "trip_persons": 20, "trip_vehicles": 4.0,
             "trip_km": 10.0, "trip_unit": 0, "unit_strength": 100}  # fmt: skip
    return country(**(usual | columns))


@pytest.mark.parametrize(("u", "kind"), [(0.24, K_FIND), (0.25, K_MISSION)])
def test_a_quarter_of_the_devices_is_noticed(u: float, kind: int) -> None:
    columns = patrol(cell_devices=[1, 0, 0])
    happens("explosives", columns, u, notice_probability=0.25, **METS)
    assert noted(columns, E_KIND) == [kind]
    assert columns["cell_devices"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(("band", "tactic", "hits"), [(0, T_IED_AMBUSH, 3), (-1, T_IED, 1)])
def test_any_band_in_the_cell_follows_a_device_up_with_an_attack(band: int, tactic: int, hits: int) -> None:
    columns = patrol(cell_devices=[1, 0, 0], cell_band=[band, -1, -1], organisation_charge=1.0)
    happens("explosives", columns, 0.3, followup_probability=0.5, followup_scale=2.0, **METS)
    assert (noted(columns, E_TACTIC), noted(columns, E_UN_HIT)) == ([tactic], [hits])


def test_a_lone_soldier_can_set_off_a_device() -> None:
    columns = country(national_strength=[1, 0], cell_devices=[1, 0, 0])
    happens("explosives", columns, national_trigger_rate=1e4, national_device_scale=5.0, national_death_share=1.0)
    assert noted(columns, E_MALIAN) == [1]
    assert columns["national_strength"].tolist() == [0, 0]
    assert columns["cell_devices"].tolist() == [0, 0, 0]


# Attacks on the mission

AMBUSH = {"ambush_rate": 0.5, "ambush_scale": 2.0, "escort_trucks": 1.0, "truck_crew": 2.0,
          "contractor_death_share": 1.0, "escort_target_weight": 1.0}  # fmt: skip


@pytest.mark.parametrize(("joint", "u", "hits"), [(0, 0.39, [2]), (0, 0.4, []), (1, 0.63, [2]), (1, 0.64, [])])
def test_a_joint_patrol_is_attacked_at_a_rate_of_its_own(joint: int, u: float, hits: list[int]) -> None:
    """1 - exp(-0.5) = 0.393 of patrols, 1 - exp(-1) = 0.632 of those that national forces double the rate of."""
    columns = patrol(cell_band=[0, -1, -1], band_strength=[30, 0, 0], trip_joint=joint)
    happens("ambush", columns, u, joint_exposure=1.0, **AMBUSH)
    assert noted(columns, E_UN_HIT) == hits


@pytest.mark.parametrize(("u", "contractors", "troops"), [(0.49, 2, 0), (0.5, 0, 2)])
def test_trucks_and_their_escort_are_hit_by_their_numbers(u: float, contractors: int, troops: int) -> None:
    columns = patrol(trip_activity=A_CONVOY, trip_vehicles=1.0, trip_trucks=1, cell_band=[0, -1, -1],
                     band_strength=[30, 0, 0])  # fmt: skip
    happens("ambush", columns, (0.1, u, 0.5, 0.5), **AMBUSH)
    assert (noted(columns, E_CONTRACTORS), noted(columns, E_UN_HIT)) == ([contractors], [troops])


@pytest.mark.parametrize(("u", "organisation"), [(0.49, 1), (0.5, 1), (0.51, 2)])
def test_of_two_bands_alike_each_makes_half_of_the_ambushes(u: float, organisation: int) -> None:
    columns = patrol(cell_band=[1, -1, -1], band_next=[-1, 0, -1], band_strength=[30, 30, 0],
                     band_organisation=[2, 1, 0])  # fmt: skip
    happens("ambush", columns, (0.1, u, 0.5, 0.5), **AMBUSH)
    assert noted(columns, E_ACTOR) == [organisation]


def camp(**columns: object) -> Columns:
    """A band of thirty beside base 0."""
    usual = {"cell_near_base": [0, -1, -1], "band_strength": [30, 0, 0], "base_strength": [100, 0, 0],
             "unit_strength": [100, 0], "unit_base": [0, 1], "organisation_family": [0, SIGNATORY, 0]}  # fmt: skip
    return country(**(usual | columns))


@pytest.mark.parametrize(("u", "attacks"), [(0.52, 1), (0.53, 0)])
def test_closeness_that_calms_lowers_the_rate_of_shelling_by_its_share(u: float, attacks: int) -> None:
    columns = camp(lever_coordination=0.5)  # a quarter less: 1 - exp(-0.75) = 0.528
    happens("indirect_fire", columns, u, shelling_rate=1.0, impartiality_cost=-0.5)
    assert noted(columns, E_UNIT) == [0] * attacks


@pytest.mark.parametrize(("u", "attacks"), [(0.24, 0), (0.25, 1)])
def test_a_quarter_of_shellings_is_spoilt_by_a_warning(u: float, attacks: int) -> None:
    columns = camp(cell_tip=1)
    happens("indirect_fire", columns, u, shelling_rate=1.0, spoil_probability=0.25, learning_spoiled=3.0)
    assert columns["event_count"][0] == attacks
    assert columns["band_gain"][0, CAMPS] == (0.0 if attacks else -3.0)


@pytest.mark.parametrize(("u", "attacks"), [(0.74, 1), (0.75, 0)])
def test_checks_that_provoke_raise_the_rate_of_complex_attacks(u: float, attacks: int) -> None:
    columns = camp(base_checkpoints=1.0)  # 1 - exp(-0.5 * exp(1)) = 0.743
    happens("complex_attack", columns, u, complex_rate=0.5, checkpoint_effect=-1.0, reaction_persons=1.0,
            urban_people=1.0)  # fmt: skip
    assert columns["event_count"][0] == attacks


@pytest.mark.parametrize(("strength", "organisation"), [([60, 30, 0], 1), ([30, 60, 0], 2), ([30, 30, 0], 1)])
def test_an_attack_in_a_town_is_by_whose_band_is_strongest(strength: list[int], organisation: int) -> None:
    columns = country(band_strength=strength, band_organisation=[1, 2, 0], cell_town=[1.0, 0.0, 0.0])
    happens("complex_attack", columns, urban_rate=10.0, urban_people=1.0)
    assert noted(columns, E_ACTOR) == [organisation]


def test_every_unit_has_its_wounded_and_dead() -> None:
    columns = country(unit_strength=[10, 20], base_strength=[30, 0, 0], event_count=2)
    columns["events"][:2, E_UN_HIT], columns["events"][:2, E_UNIT] = (4, 3), (0, 1)
    happens("casualties", columns, deadly_share_ied=1.0, dead_at_once=1.0, dead_by_10=1.0, dead_last_minutes=180.0,
            helicopter_kmh=1.0, road_kmh=1.0, evacuation_seats=1.0, caution_memory=1.0, alert_minutes=1.0)  # fmt: skip
    assert noted(columns, E_UN_KILLED) == noted(columns, E_UN_HIT) == [4, 3]
    assert columns["unit_strength"].tolist() == [6, 17]
    assert columns["base_strength"].tolist() == [23, 0, 0]


# Armed groups


@pytest.mark.parametrize(("u", "cells"), [(0.1, [1]), (0.19, [1]), (0.21, [0, 1]), (0.3, [0, 1])])
def test_a_warning_spoils_attacks_on_forces_as_far_as_it_is_shared(u: float, cells: list[int]) -> None:
    """Two in five are spoilt where everything is shared; here half is, and only in cell 0 was there a warning."""
    columns = country(band_strength=[30, 30, 0], band_cell=[0, 1, 0], cell_national=[10, 10, 0],
                      national_strength=10, national_cell=[0, 1], cell_tip=[1, 0, 0],
                      lever_coordination=0.5)  # fmt: skip
    happens("battles", columns, u, battle_rate=10.0, garrison_full=1.0, battle_scale=1.0, spoil_probability=0.4,
            learning_spoiled=3.0)  # fmt: skip
    assert noted(columns, E_CELL) == cells
    assert columns["band_gain"][:, FORCES].tolist() == [1.0 if 0 in cells else -3.0, 1.0, 0.0]


@pytest.mark.parametrize(("u", "on_partner"), [(0.21, 0), (0.59, 0), (0.61, 1), (0.99, 1)])
def test_a_warning_spares_both_forces_alike(u: float, on_partner: int) -> None:
    """A fifth of the draws is spoilt; the upper half of the rest falls on the partners, who are half of all."""
    columns = country(band_strength=[30, 0, 0], cell_national=[10, 0, 0], cell_partner=[10, 0, 0], national_strength=10,
                      national_kind=[0, 1], national_cell=0, cell_tip=1, lever_coordination=0.5)  # fmt: skip
    happens("battles", columns, u, battle_rate=10.0, garrison_full=1.0, battle_scale=1.0, spoil_probability=0.4,
            partner_appeal=1.0)  # fmt: skip
    assert (noted(columns, E_MALIAN), noted(columns, E_PARTNER)) == ([1 - on_partner], [on_partner])


@pytest.mark.parametrize(("u", "struck"), [(0.5, E_MALIAN), (0.51, E_PARTNER)])
def test_a_last_fighter_strikes_half_of_the_time_at_the_partners_who_are_half(u: float, struck: int) -> None:
    columns = country(band_strength=[1, 0, 0], cell_national=[10, 0, 0], cell_partner=[10, 0, 0], national_strength=10,
                      national_kind=[0, 1], national_cell=0)  # fmt: skip
    happens("battles", columns, (0.0, u, 0.5, u), battle_rate=10.0, garrison_full=1.0, battle_scale=1000.0,
            partner_appeal=1.0)  # fmt: skip
    assert [bool(noted(columns, field)[0]) for field in (E_MALIAN, E_PARTNER)] == [
        struck == E_MALIAN,
        struck == E_PARTNER,
    ]


def test_rivals_clash_in_whatever_order_the_cell_lists_them() -> None:
    for first, following in ((0, [1, -1, -1]), (1, [-1, 0, -1])):
        columns = country(cell_band=[first, -1, -1], band_next=following, band_strength=[30, 30, 0],
                          band_organisation=[0, 1, 2], rivalry_start=NEVER)  # fmt: skip
        columns["rivalry_start"][[0, 1], [1, 0]], columns["rivalry_end"][[0, 1], [1, 0]] = DAY, DAY
        happens("rivalry", columns, clash_rate=10.0)
        assert columns["event_count"][0] == 1


# With 1,000 times the tempo and guards that take all but 1/e of it, 1 - exp(-1) = 0.6321 of the bands kill.
@pytest.mark.parametrize(("u", "killings"), [(0.632, 1), (0.6322, 0)])
def test_hundred_guards_secure_an_election_around_any_base(u: float, killings: int) -> None:
    columns = camp(cell_population=5, election=1, base_guards=[100.0, 0.0, 0.0])
    happens("one_sided", columns, u, killing_rate=1.0 / (1.0 + 1000.0 * math.exp(-1.0)), killing_will_jihadist=1.0,
            killing_people=1.0, election_tempo=1001.0, securing_effect=1.0)  # fmt: skip
    assert columns["event_count"][0] == killings


@pytest.mark.parametrize(("u", "killings"), [(0.56, 1), (0.57, 0)])
def test_patrols_that_provoke_raise_the_rate_of_killings(u: float, killings: int) -> None:
    columns = camp(cell_population=5, cell_presence=1.0)  # 1 - exp(-0.5 * exp(0.5)) = 0.562
    happens("one_sided", columns, u, killing_rate=0.5, killing_will_jihadist=1.0, killing_people=1.0,
            presence_deterrence=-0.5, presence_limit=1.0, learning_killing=2.0)  # fmt: skip
    assert noted(columns, E_KIND) == [K_ONE_SIDED] * killings
    assert columns["band_gain"][0, CIVILIANS] == 2.0 * killings


MOVES = {"displacement_share": 0.25, "killing_people": 1.0}


@pytest.mark.parametrize(("u", "killings"), [(0.24, 1), (0.25, 0)])
def test_a_quarter_of_deterred_attacks_falls_on_people_nearby(u: float, killings: int) -> None:
    columns = country(band_strength=[30, 0, 0], band_deterred=1, cell_population=[5, 0, 0], cell_last=[1, 1, 1],
                      cell_first=[0, 1, 1], community_population=[5, 0, 0])  # fmt: skip
    happens("displacement", columns, u, **MOVES)
    assert noted(columns, E_CIVILIANS) == [1] * killings
    assert (booked(columns, L_DETERRED), booked(columns, L_MOVED)) == (1.0, killings)


def test_a_deterred_attack_falls_on_nobody_where_nobody_lives() -> None:
    columns = country(band_strength=[30, 0, 0], band_deterred=1)
    happens("displacement", columns, 0.1, **MOVES)
    assert columns["event_count"][0] == 0
    assert (booked(columns, L_DETERRED), booked(columns, L_MOVED)) == (1.0, 0.0)


def test_bands_follow_the_draw_to_the_cell_in_which_it_falls() -> None:
    for u, cell in ((0.49, 1), (0.5, 1), (0.51, 0)):  # there and here are worth the same
        columns = country(band_strength=[30, 0, 0], cell_neighbour=[[1] + [-1] * 7, [-1] * 8, [-1] * 8])
        happens("roaming", columns, (0.1, u, 0.5, 0.5), roaming_rate=1.0, roaming_presence=1.0, crowd_people=1.0)
        assert columns["band_cell"].tolist() == [cell, 0, 0]


# People


def test_nobody_flees_where_nobody_lives() -> None:
    columns = country(event_count=1, community_population=50, community_home=2)
    columns["events"][0, [E_KIND, E_CIVILIANS]] = K_ONE_SIDED, 2
    happens("flight", columns, flight_per_death=10.0, flight_cap=1.0)
    assert columns["community_displaced"].tolist() == [0, 0, 0]
    assert booked(columns, L_DISPLACED) == 0.0


def test_a_band_in_an_empty_cell_neither_recruits_nor_loses_anybody() -> None:
    for rate in (0.0, 1.0):
        columns = country(day_of_month=1, band_strength=[5, 0, 0], cell_first=[1, 1, 1], cell_last=[1, 2, 2],
                          community_population=100, organisation_family=SIGNATORY, organisation_band=30.0)  # fmt: skip
        happens("recruitment", columns, recruit_rate=10.0, recruit_people_floor=1e6, crowding_size=1.0,
                desertion_rate=rate, people_per_fighter=1.0)  # fmt: skip
        assert columns["band_strength"].tolist() == [5, 0, 0]
        assert columns["community_population"].tolist() == [100, 100, 100]


@pytest.mark.parametrize(("places", "homes", "gone"), [(1.0, 1, 1), (0.0, 1, 0), (1.0, 0, 0)])
def test_a_single_place_disarms_one_of_two_where_there_is_a_home(places: float, homes: int, gone: int) -> None:
    columns = country(day_of_month=1, band_strength=[2, 0, 0], organisation_family=SIGNATORY, cell_last=homes,
                      community_population=[9, 9, 9], lever_disarmament=places)  # fmt: skip
    happens("disarmament", columns, disarmament_cap=1.0)
    assert columns["band_strength"][0] == 2 - gone
    assert columns["community_population"].tolist() == [9 + gone, 9, 9]
    assert columns["balance"][B_DEMOBILISED] == gone


# Organisations


def test_half_of_a_large_band_takes_the_first_row_that_no_founding_waits_for() -> None:
    columns = country(day_of_month=15, band_strength=[101, 0, 0], scheduled_strength=[0, 0, 7], band_born=[0, DAY, 30],
                      organisation_band=30.0)  # fmt: skip
    happens("organisations", columns, split_size=3.0)
    assert columns["band_strength"].tolist() == [51, 50, 0]


def test_two_small_bands_of_a_cell_join_under_the_smaller_key() -> None:
    for keys, strength in (([3, 7, 9], [11, 0, 0]), ([7, 3, 9], [0, 11, 0])):
        columns = country(day_of_month=15, band_strength=[5, 6, 0], band_key=keys, organisation_band=30.0)
        happens("organisations", columns, split_size=3.0, merge_size=1.0)
        assert columns["band_strength"].tolist() == strength


def test_the_end_of_an_organisation_changes_only_bands_that_are() -> None:
    columns = country(day_of_month=2, organisation_ended=DAY - 1, organisation_heir=1, band_strength=[0, 5, 0])
    happens("organisations", columns)
    assert columns["band_organisation"].tolist() == [0, 1, 0]
