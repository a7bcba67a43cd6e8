"""What a run leaves behind: one immutable row per thing that happened, and a ledger of daily flows and stocks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.model.kernels import kernel
from sim.scenario.registry import LEDGER

if TYPE_CHECKING:
    from sim.scenario import Scenario

EVENT_FIELDS = (
    "day",
    "cell",
    "region",
    "base",
    "kind",
    "tactic",
    "activity",
    "actor",
    "unit",
    "escorted",
    "cleared",
    "drilled",
    "joint",
    "devices_found",
    "peacekeepers_killed",
    "peacekeepers_wounded",
    "peacekeepers_died_other",
    "contractors_killed",
    "civilians_killed",
    "civilians_wounded",
    "malian_forces_killed",
    "partner_forces_killed",
    "fighters_killed",
    "key",
    "peacekeepers_hit",
)
KINDS = ("mission", "state_based", "non_state", "one_sided", "find", "accident", "illness")
TACTICS = (
    "ied",
    "ied_then_ambush",
    "direct_fire",
    "indirect_fire",
    "complex_attack",
    "battle",
    "raid",
    "clash",
    "killing",
    "find",
    "accident",
    "illness",
)
ACTIVITIES = ("none", "patrol", "convoy", "camp", "garrison", "settlement", "road")
LEDGER_ITEMS = tuple(LEDGER)


def _constants(names: tuple[str, ...]) -> tuple[np.int64, ...]:
    """Positions as numpy integers: plain ones would make numba compile a kernel again for every constant."""
    return tuple(np.int64(i) for i in range(len(names)))


def ledger_item(name: str) -> np.int64:
    """The column of an item in the daily ledger, for kernels.  ValueError for an unknown one."""
    return np.int64(LEDGER_ITEMS.index(name))


# Column numbers for kernels: an event field E_X, a kind K_X, a tactic T_X, an activity A_X, a ledger item L_X.
(
    E_DAY,
    E_CELL,
    E_REGION,
    E_BASE,
    E_KIND,
    E_TACTIC,
    E_ACTIVITY,
    E_ACTOR,
    E_UNIT,
    E_ESCORTED,
    E_CLEARED,
    E_DRILLED,
    E_JOINT,
    E_FOUND,
    E_UN_KILLED,
    E_UN_WOUNDED,
    E_UN_OTHER,
    E_CONTRACTORS,
    E_CIVILIANS,
    E_CIVILIANS_WOUNDED,
    E_MALIAN,
    E_PARTNER,
    E_FIGHTERS,
    E_KEY,
    E_UN_HIT,
) = _constants(EVENT_FIELDS)
K_MISSION, K_STATE, K_NON_STATE, K_ONE_SIDED, K_FIND, K_ACCIDENT, K_ILLNESS = _constants(KINDS)
(
    T_IED,
    T_IED_AMBUSH,
    T_DIRECT,
    T_INDIRECT,
    T_COMPLEX,
    T_BATTLE,
    T_RAID,
    T_CLASH,
    T_KILLING,
    T_FIND,
    T_ACCIDENT,
    T_ILLNESS,
) = _constants(TACTICS)
A_NONE, A_PATROL, A_CONVOY, A_CAMP, A_GARRISON, A_SETTLEMENT, A_ROAD = _constants(ACTIVITIES)
L_DISPLACED = ledger_item("civilians_displaced")
L_RETURNED = ledger_item("civilians_returned")
L_IDP = ledger_item("internally_displaced")
L_CONVOYS = ledger_item("convoys_completed")
L_SUPPLY_SHORT = ledger_item("supply_shortfall")
L_PERSONNEL = ledger_item("personnel_days")
L_PATROLS = ledger_item("patrols")
L_PATROL_DAYS = ledger_item("patrol_days")
L_CONVOY_KM = ledger_item("convoy_km")
L_ESCORTS = ledger_item("escorts")
L_EFFORT = ledger_item("effort_person_days")
L_EFFORT_SHORT = ledger_item("effort_shortfall")
L_TRAINING = ledger_item("training_days")
L_STANDBY = ledger_item("standby_days")
L_FIGHTERS = ledger_item("fighters")
L_DEVICES = ledger_item("devices_standing")
L_VEHICLES = ledger_item("vehicle_days")
L_PROTECTED_VEHICLES = ledger_item("protected_vehicle_days")
L_FLIGHT_HOURS = ledger_item("flight_hours")
L_EVACUATION = ledger_item("evacuation_hours")
L_ALERT = ledger_item("alert_hours")
L_TREATMENT = ledger_item("treatment_minutes")
L_LIAISON = ledger_item("liaison_days")
L_DETERRED = ledger_item("attacks_deterred")
L_MOVED = ledger_item("attacks_displaced")

EVENTS_PER_DAY = 4096  # room that must be free before a day starts; a day with more is an error, never a loss


class Recorder(NamedTuple):
    """The columns in which processes write down what happens (see sim.model.tables)."""

    events: np.ndarray
    event_count: np.ndarray
    event_today: np.ndarray
    ledger: np.ndarray
    balance: np.ndarray


@kernel
def record(recorder, day, cell, region, kind, tactic, activity, actor, key):
    """Append a row and return its number; the caller fills in casualties and flags.

    What does not fit shares the last row, which is reached only then: the run ends in an error (see
    sim.model.mission_model).
    """
    row = recorder.event_count[0]
    if row < recorder.events.shape[0] - 1:
        recorder.event_count[0] = row + 1
    recorder.events[row, :] = 0
    recorder.events[row, E_DAY] = day
    recorder.events[row, E_CELL] = cell
    recorder.events[row, E_REGION] = region
    recorder.events[row, E_BASE] = -1
    recorder.events[row, E_KIND] = kind
    recorder.events[row, E_TACTIC] = tactic
    recorder.events[row, E_ACTIVITY] = activity
    recorder.events[row, E_ACTOR] = actor
    recorder.events[row, E_UNIT] = -1
    recorder.events[row, E_KEY] = np.int64(key)
    return row


@dataclass(frozen=True)
class Names:
    """What the numbers in a record stand for; positions are the indices used in events and ledger."""

    regions: tuple[str, ...]
    bases: tuple[str, ...]
    actors: tuple[str, ...]
    gids: np.ndarray
    lats: np.ndarray
    lons: np.ndarray


@dataclass(frozen=True)
class RunRecord:
    """One finished run, cut to the reported period.

    events: int64 [n, len(EVENT_FIELDS)], in order of day.  ledger: float64 [days, regions, len(LEDGER_ITEMS)].
    Both are simulated, never observed.
    """

    scenario: "Scenario"
    seed: int
    first_day: int
    last_day: int
    events: np.ndarray
    ledger: np.ndarray
    names: Names
    version: str
    fingerprint: str
